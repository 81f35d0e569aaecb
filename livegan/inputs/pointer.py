"""The pointer over the stage's window: where it is, and whether its button is held.

It must never wait: it lives in the show's process, and the show feeds it what the window saw.
"""

from collections import deque

import numpy as np

from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source

_MOST_WAITING = 1_024


class Pointer(Input):
    """`x` and `y` in 0..1 from the top left, and `button` (1 while held); present while over the stage."""

    class Settings(InputSettings):
        """Nothing beyond what every input has."""

    where = "show"
    stale_after = None

    def __init__(self) -> None:
        self._inside = False
        self._waiting: deque[Frame] = deque(maxlen=_MOST_WAITING)

    @staticmethod
    def features(settings: "Pointer.Settings") -> list[Feature]:
        return [
            Feature("x", group="pointer", unit=0.25),
            Feature("y", group="pointer", unit=0.25),
            Feature("button", "step", group="pointer"),
        ]

    def open(self, settings: "Pointer.Settings", source: Source | None = None) -> None:
        self._waiting.clear()
        self._inside = False

    def feed(self, x: float, y: float, down: bool, inside: bool, at: float) -> None:
        """Queue what the window saw at `at` seconds: the place in 0..1, the button, and whether it is inside.

        A place outside is moved to the edge. Coming back in is a cut. Where nobody reads, the oldest is lost.
        """
        data = np.array([np.clip(x, 0, 1), np.clip(y, 0, 1), down], np.float32)
        entered = inside and not self._inside
        self._waiting.append(Frame(data, at, np.array([inside]), cut=entered))
        self._inside = inside

    def read(self, timeout: float) -> Frame | None:
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        self._waiting.clear()
