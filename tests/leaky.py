"""Inputs whose memory grows and grows, as what the host must replace before it fills the machine."""

import os
from pathlib import Path

import numpy as np

from livegan.clock import SystemClock
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.show import child
from livegan.show.child import Task

CAP = 24 * 2**20


class Leaky(Input):
    """Tells a hundred times a second which process it is, and for how long it is open."""

    class Settings(InputSettings):
        """alone: a file that only one of them can have."""

        alone: Path | None = None

    growth = CAP

    def __init__(self) -> None:
        self._clock, self._hoard = SystemClock(), []
        self._alone: Path | None = None

    @staticmethod
    def features(settings: InputSettings) -> list[Feature]:
        return [Feature("pid", "step"), Feature("age")]

    def open(self, settings: "Leaky.Settings", source: Source | None = None) -> None:
        if settings.alone:
            settings.alone.touch(exist_ok=False)
        self._opened = self._clock.now()

    def read(self, timeout: float) -> Frame | None:
        self._clock.sleep_until(self._clock.now() + 0.01)
        if len(self._hoard) < 100:
            self._hoard.append(np.ones(2**20, np.uint8))
        now = self._clock.now()
        return Frame(np.array([os.getpid(), now - self._opened], np.float32), now, np.ones(1, bool))


class LeakyDetector(Leaky):
    """One that can be open twice."""

    detector = True


def main(task: Task) -> None:
    """The first function of its child."""
    child.main(task, {"leaky": Leaky, "leaky_detector": LeakyDetector}[task.kind])
