"""Films as what a detector reads, without a camera's process."""

from pathlib import Path

import numpy as np

from livegan.frame import Frame
from livegan.inputs.base import Input, InputSettings
from livegan.inputs.camera import Camera
from tests.fakes import FakeClock


class Pictures:
    """A camera's ring that holds these pictures, one for each call; some may begin with a cut."""

    def __init__(self, pictures: list[np.ndarray], cuts: tuple[int, ...] = ()) -> None:
        self.pictures, self.cuts, self.count = pictures, cuts, 0

    def newer(self, count: int, timeout: float) -> Frame | None:
        if self.count >= len(self.pictures):
            return None
        n, self.count = self.count, self.count + 1
        return Frame(self.pictures[n], 10 + n / 30, np.empty(0, bool), self.count, n in self.cuts)


def film(path: Path, step: int) -> list[np.ndarray]:
    camera = Camera(FakeClock())
    camera.open(Camera.Settings(kind="camera", source=f"clip:{path}", loop=False))
    frames = []
    while frame := camera.read(0.1):
        frames.append(frame.data)
    return frames[::step]


def watched(one: Input, settings: InputSettings, pictures: list[np.ndarray], cuts: tuple[int, ...] = ()) -> list[Frame]:
    """What a detector says about these pictures, thirty of which are a second."""
    one.open(settings, Pictures(pictures, cuts))
    found = []
    while frame := one.read(0.1):
        found.append(frame)
    one.close()
    return found
