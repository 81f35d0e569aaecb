"""The reference input: numbers that are known for every moment, with the faults of a real device on request.

It must never depend on when it is read: what a frame says is a function of when it was seen, and what is late
or dropped is a function of the seed.
"""

import numpy as np
from pydantic import Field, model_validator

from livegan.clock import Clock, SystemClock
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.waves import Wave
from livegan.settings import Seconds


class Steady(Input):
    """A frame every `1 / rate` seconds, in the order in which they were seen."""

    class Settings(InputSettings):
        """What the frames hold, and what happens to them on their way.

        rate: frames per second. features: a constant or a wave by name. clock: adds the feature "clock",
        seconds since the first frame. jitter: every frame is late by 0 to `jitter` seconds, while its `seen`
        stays exact. drop: the share of frames that never come.
        """

        rate: float = Field(30.0, gt=0, le=1000)
        features: dict[str, float | Wave] = Field(default_factory=lambda: {"x": Wave()})
        clock: bool = False
        jitter: Seconds = Field(0.0, ge=0)
        drop: float = Field(0.0, ge=0, le=1)
        seed: int = Field(0, ge=0)

        @model_validator(mode="after")
        def _one_clock(self) -> "Steady.Settings":
            if self.clock and "clock" in self.features:
                raise ValueError('clock = true adds the feature "clock", found another of that name; rename it')
            return self

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    @staticmethod
    def features(settings: "Steady.Settings") -> list[Feature]:
        names = [*settings.features, "clock"] if settings.clock else [*settings.features]
        return [Feature(name, max_gap=max(0.25, 4 / settings.rate)) for name in names]

    def open(self, settings: "Steady.Settings", source: Source | None = None) -> None:
        self._settings = settings
        self._chance = np.random.default_rng(settings.seed)
        self._first = self._clock.now()
        self._number = -1
        self._next()

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        while self._due <= until:
            due, seen, dropped = self._due, self._seen, self._dropped
            self._next()
            if not dropped:
                self._clock.sleep_until(due)
                return self._frame(seen)
        self._clock.sleep_until(until)
        return None

    def _next(self) -> None:
        """Decide the fate of the next frame; a late one holds up those behind it, none overtakes."""
        late, lost = self._chance.random(2)
        self._number += 1
        self._seen = self._first + self._number / self._settings.rate
        self._dropped = lost < self._settings.drop
        self._due = self._seen + (0 if self._dropped else late * self._settings.jitter)

    def _frame(self, seen: float) -> Frame:
        values = [x.at(seen) if isinstance(x, Wave) else x for x in self._settings.features.values()]
        if self._settings.clock:
            values.append(seen - self._first)
        present = np.ones(min(1, len(values)), bool)
        return Frame(np.array(values, np.float32), seen, present)
