"""Keys of the computer as switches: 1 while held.

It must never wait: it lives in the show's process, and the show feeds it what its windows heard. A key that also asks
for a command goes on asking for it.
"""

import re
from collections import deque

import numpy as np
from pydantic import Field, field_validator

from livegan.clock import Clock, SystemClock
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source

_MOST_WAITING = 1_024
_NAME = re.compile(r"[a-z0-9_]{2,}|\S")


class KeySwitches(Input):
    """A `step` for each key, named as the stage names it; none is held at the start."""

    class Settings(InputSettings):
        """keys: such as ["a", "space", "f5", "page_down"]."""

        keys: tuple[str, ...] = Field(min_length=1)

        @field_validator("keys")
        @classmethod
        def _named(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
            for key in keys:
                if not _NAME.fullmatch(key) or key != key.lower():
                    raise ValueError(f'keys are named as in "a", "space" or "page_down", found "{key}"')
            if len(set(keys)) < len(keys):
                raise ValueError("every key needs to be named once only")
            return keys

    where = "show"
    stale_after = None

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._waiting: deque[Frame] = deque(maxlen=_MOST_WAITING)
        self._keys: tuple[str, ...] = ()

    @staticmethod
    def features(settings: "KeySwitches.Settings") -> list[Feature]:
        return [Feature(key, "step", "keys") for key in settings.keys]

    def open(self, settings: "KeySwitches.Settings", source: Source | None = None) -> None:
        self._keys = settings.keys
        self._data = np.zeros(len(self._keys), np.float32)
        self._waiting.clear()
        self._tell(self._clock.now())

    def feed(self, key: str, down: bool, at: float) -> None:
        """Queue what a window heard at `at` seconds; other keys are none of ours. Unread, the oldest is lost."""
        if key in self._keys:
            self._data[self._keys.index(key)] = down
            self._tell(at)

    def read(self, timeout: float) -> Frame | None:
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        self._waiting.clear()

    def _tell(self, at: float) -> None:
        self._waiting.append(Frame(self._data.copy(), at, np.ones(1, bool)))
