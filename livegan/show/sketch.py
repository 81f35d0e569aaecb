"""Small pictures of looks, drawn beside the show for those who choose: on its worker, when that has time.

Never makes a picture of the show late where the worker has time to spare; where it has none, one a second.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
from PIL import Image

from livegan.generators.base import Generator
from livegan.latent.look import Look

SIDE = 160
"""Pixels of a sketch's longer side, at most."""

_WAITING = 256


@dataclass(frozen=True)
class _Asked:
    look: Look
    hear: Callable[[np.ndarray], None]


class Sketches:
    """The looks that wait to be sketched; everything is called from the show's thread."""

    def __init__(self, generator: Generator, worker: Executor) -> None:
        self._generator, self._worker = generator, worker
        self._asked: deque[_Asked] = deque(maxlen=_WAITING)
        self._drawing: tuple[_Asked, Future[np.ndarray]] | None = None
        self._spare = 0.0

    @property
    def wanted(self) -> bool:
        """Whether anything waits to be drawn or handed out."""
        return bool(self._asked or self._drawing)

    def ask(self, look: Look, hear: Callable[[np.ndarray], None]) -> None:
        """Have `look` drawn; `hear` gets uint8 [h, w, 3], at most SIDE x SIDE, from the show's thread."""
        self._asked.append(_Asked(look, hear))

    def renew(self, generator: Generator) -> None:
        """Draw with this one from now on, and nothing of what was asked of the one before."""
        self._generator, self._drawing = generator, None
        self._asked.clear()

    def forget(self) -> None:
        """Draw none of those that wait."""
        self._asked.clear()

    def step(self, period: float, took: float) -> None:
        """Once a picture: hand out what is drawn, begin the next. took: seconds that a picture of the show takes."""
        if self._drawing is not None:
            asked, future = self._drawing
            if not future.done():
                return
            self._drawing = None
            asked.hear(future.result())
        self._spare = min(self._spare + max(period - took, took * period), max(took, period))
        if self._asked and self._spare >= took:
            self._spare -= took
            asked = self._asked.popleft()
            self._drawing = asked, self._worker.submit(_drawn, self._generator, asked.look)


def _drawn(generator: Generator, look: Look) -> np.ndarray:
    picture = generator.start(look)
    picture.wait()
    return thumbnail(picture.pixels)


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """A small copy of a picture, uint8 [h, w, 3], its longer side at most SIDE."""
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image)
