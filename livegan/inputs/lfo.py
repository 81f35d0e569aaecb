"""Slow waves for performers: numbers that move by themselves, in seconds, in Hz or in tempo.

What a frame says depends on when it was seen and on nothing else: not on when it was opened, read or killed.
"""

import math
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from livegan.clock import Clock, SystemClock
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.waves import Shape
from livegan.settings import Seconds


class Cycle(Shape):
    """A wave whose length is said in one of three ways: seconds of `period`, `hz`, or `beats` of the tempo."""

    period: Seconds | None = Field(None, ge=0.001)
    hz: float | None = Field(None, gt=0, le=100)
    beats: float | None = Field(None, ge=0.001)

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(length is not None for length in (self.period, self.hz, self.beats)) != 1:
            raise ValueError("say how long a cycle is, in one way: period, hz or beats")
        return self

    def at(self, seen: float, tempo: float) -> float:
        """The value at `seen` seconds on the clock, at so many beats a minute."""
        if self.beats:
            return self.after(seen * tempo / 60 / self.beats)
        return self.after(seen * self.hz if self.hz else seen / self.period)


class Lfo(Input):
    """A frame at every whole multiple of `1 / rate` seconds on the clock; a square is a step, the others are linear."""

    class Settings(InputSettings):
        """waves: the features by name. tempo: beats a minute. rate: frames per second."""

        waves: dict[str, Cycle] = Field(min_length=1)
        tempo: float = Field(120.0, ge=1, le=1000)
        rate: float = Field(60.0, ge=1, le=1000)

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    @staticmethod
    def features(settings: "Lfo.Settings") -> list[Feature]:
        gap = max(0.25, 4 / settings.rate)
        return [
            Feature(name, "step" if one.wave == "square" else "linear", "", gap, abs(one.high - one.low) / 2 or 1.0)
            for name, one in settings.waves.items()
        ]

    def open(self, settings: "Lfo.Settings", source: Source | None = None) -> None:
        self._waves, self._tempo, self._rate = [*settings.waves.values()], settings.tempo, settings.rate
        self._number = math.ceil(self._clock.now() * self._rate)

    def read(self, timeout: float) -> Frame | None:
        now = self._clock.now()
        if self._number / self._rate > now + timeout:
            self._clock.sleep_until(now + timeout)
            return None
        self._number = max(self._number, math.floor(now * self._rate))  # of what was slept through, only the newest
        seen = self._number / self._rate
        self._number += 1
        self._clock.sleep_until(seen)
        return Frame(np.array([wave.at(seen, self._tempo) for wave in self._waves], np.float32), seen, np.ones(1, bool))
