"""MediaPipe's trackers: started without a word, asked for one picture at a time, and lost in one sentence.

Their model files come with the package; nothing here may reach for the network.
"""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from livegan.errors import Lost

NOTHING = np.zeros((64, 64, 3), np.uint8)
"""A picture in which there is nothing."""


class Tracker:
    """One of MediaPipe's solutions, warmed up. build: imports and makes it. Raises Lost."""

    def __init__(self, build: Callable[[], Any]) -> None:
        warnings.filterwarnings("ignore", "SymbolDatabase", UserWarning)
        try:
            with quiet():
                self._solution = build()
                self._solution.process(NOTHING)
        except (ImportError, RuntimeError, ValueError, OSError) as error:
            raise Lost(f"MediaPipe does not start ({error}): install livegan's dependencies again") from error

    def process(self, picture: np.ndarray) -> Any:
        """What it finds in a picture, uint8 [height, width, 3] RGB. Raises Lost."""
        try:
            return self._solution.process(np.ascontiguousarray(picture))
        except (RuntimeError, ValueError) as error:
            raise Lost(f"MediaPipe failed on a picture ({error}): it is started again") from error

    def forget(self) -> None:
        """What was tracked before is somewhere else now; and a clip's loops are then all alike."""
        with quiet():
            self._solution.reset()
            self._solution.process(NOTHING)

    def close(self) -> None:
        """Give its memory back."""
        self._solution.close()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what the libraries say while loading off this process's stderr; no setting of theirs does."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
