"""The functions of formulas that remember: filters, windows, the past, thresholds.

Each goes on by the frames it is given and by when they were seen, never by a clock; all are bounded in what they keep.
"""

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

import numpy as np

from livegan.senses import oneeuro

Difference = Callable[[float, float], float]
"""How far it is from the second number to the first: straight, or the shorter way around the circle."""

STILL = 0.25
"""Seconds without a change after which a step stands still."""

_A_FRAME = 0.1  # the reach of what looks back by a frame or two, with room to spare
_SETTLED = 10.0  # delays after which a filter is there, but for less than a ten-thousandth
_EDGE = 1e-6  # a frame that is just leaving has left, whatever the last digit of its time


def straight(a: float, b: float) -> float:
    """a - b."""
    return a - b


def around(a: float, b: float) -> float:
    """From angle b to a, -pi to pi."""
    return math.remainder(a - b, math.tau)


class Memory(ABC):
    """Gives a number for each frame.

    patience: seconds without a frame after which it begins anew. reach: seconds of frames with the same numbers after
    which it gives the same for ever; 0 where it does so at once.
    """

    def __init__(self, patience: float, reach: float = 0.0) -> None:
        self._patience, self.reach = patience, reach
        self._at = -math.inf

    def __call__(self, at: float, *numbers: float) -> float:
        passed, self._at = at - self._at, at
        return self.begin(*numbers) if passed > self._patience or passed == math.inf else self.go_on(passed, *numbers)

    def forget(self) -> None:
        """What comes next has nothing to do with what came."""
        self._at = -math.inf

    @abstractmethod
    def begin(self, *numbers: float) -> float:
        """At the first frame."""

    @abstractmethod
    def go_on(self, passed: float, *numbers: float) -> float:
        """At each later one, `passed` seconds after the one before."""


class Holding(Memory):
    """A function of this frame alone, that gives None where it has no answer: what it last gave holds, 0 at first."""

    def __init__(self, answer: Callable[..., float | None]) -> None:
        super().__init__(math.inf)
        self._answer = answer

    def begin(self, *numbers: float) -> float:
        self._last = 0.0
        return self.go_on(0.0, *numbers)

    def go_on(self, passed: float, *numbers: float) -> float:
        found = self._answer(*numbers)
        self._last = self._last if found is None else found
        return self._last


class Smooth(Memory):
    """The one-euro filter. seconds: its delay at rest. unit: what a number goes in a second at a speed of 1."""

    def __init__(self, patience: float, difference: Difference, seconds: float, unit: float) -> None:
        super().__init__(patience, _SETTLED * seconds)
        self._difference, self._seconds, self._unit = difference, seconds, unit

    def begin(self, x: float) -> float:
        self._raw = self._smooth = x
        self._speed = 0.0
        return x

    def go_on(self, passed: float, x: float) -> float:
        self._speed = oneeuro.speed(self._speed, self._difference(x, self._raw), passed)
        self._raw = x
        delay = self._seconds / (1 + abs(self._speed) / self._unit)
        # Around the circle from 0: the smoothed angle stays within -pi to pi.
        step = passed / (passed + delay) * self._difference(x, self._smooth)
        self._smooth = self._difference(self._smooth + step, 0.0)
        return self._smooth


class Speed(Memory):
    """How much it changed a second since the frame before; 0 at first."""

    def __init__(self, patience: float, difference: Difference) -> None:
        super().__init__(patience, _A_FRAME)
        self._difference = difference

    def begin(self, x: float) -> float:
        self._last = x
        return 0.0

    def go_on(self, passed: float, x: float) -> float:
        moved, self._last = self._difference(x, self._last), x
        return moved / passed


class StepSpeed(Memory):
    """How fast a step goes: a change a second since the one before, and less the longer none comes.

    It changes between frames that repeat it: from one of these to the next it would stand still, then jump.
    """

    def __init__(self) -> None:
        super().__init__(math.inf, STILL)

    def begin(self, x: float) -> float:
        self._last, self._moved, self._over, self._ago = x, 0.0, STILL, STILL
        return 0.0

    def go_on(self, passed: float, x: float) -> float:
        self._ago = min(self._ago + passed, STILL)
        if x != self._last:
            self._moved, self._over, self._ago = x - self._last, self._ago, 0.0
            self._last = x
        return self._moved / max(self._over, self._ago) if self._ago < STILL else 0.0


class Acceleration(Memory):
    """How much its speed changes a second, over two intervals between frames; 0 before there are two."""

    def __init__(self, patience: float, difference: Difference) -> None:
        super().__init__(patience, _A_FRAME)
        self._difference = difference

    def begin(self, x: float) -> float:
        self._last, self._before = x, None
        return 0.0

    def go_on(self, passed: float, x: float) -> float:
        speed, self._last = self._difference(x, self._last) / passed, x
        before, self._before = self._before, (speed, passed)
        return 0.0 if before is None else (speed - before[0]) / ((passed + before[1]) / 2)


class Window(Memory):
    """Something of what the frames of the last `seconds` gave. of: makes it of their numbers, float64 [N], N >= 1."""

    def __init__(self, patience: float, seconds: float, of: Callable[[np.ndarray], float]) -> None:
        super().__init__(patience, seconds)
        self._seconds, self._of = seconds - _EDGE, of
        self._times: deque[float] = deque()
        self._numbers, self._end = np.empty(64), 0

    def begin(self, x: float) -> float:
        self._times.clear()
        self._end = 0
        return self.go_on(0.0, x)

    def go_on(self, passed: float, x: float) -> float:
        self._times.append(self._at)
        while self._at - self._times[0] >= self._seconds and len(self._times) > 1:
            self._times.popleft()
        if self._end == len(self._numbers):
            self._make_room()
        self._numbers[self._end] = x
        self._end += 1
        return float(self._of(self._numbers[self._end - len(self._times) : self._end]))

    def _make_room(self) -> None:
        kept = self._numbers[self._end + 1 - len(self._times) : self._end]
        self._numbers, self._end = np.concatenate((kept, np.empty(len(kept) + 64))), len(kept)


class Before(Memory):
    """What a number was `seconds` ago, between two frames of then; at first the oldest there is.

    gap: seconds between two frames across which nothing lies between: the earlier one holds.
    """

    def __init__(self, patience: float, difference: Difference, seconds: float, gap: float) -> None:
        super().__init__(patience, seconds)
        self._difference, self._seconds, self._gap = difference, seconds, gap
        self._kept: deque[tuple[float, float]] = deque()

    def begin(self, x: float) -> float:
        self._kept.clear()
        return self.go_on(0.0, x)

    def go_on(self, passed: float, x: float) -> float:
        self._kept.append((self._at, x))
        moment = self._at - self._seconds
        while len(self._kept) > 1 and self._kept[1][0] <= moment + _EDGE:
            self._kept.popleft()
        (start, first), (end, then) = self._kept[0], self._kept[min(1, len(self._kept) - 1)]
        if moment <= start or end - start > self._gap:
            return first
        share = (moment - start) / (end - start)
        return self._difference(first + share * self._difference(then, first), 0.0)


class Change(Before):
    """How much a number is more than it was `seconds` ago."""

    def go_on(self, passed: float, x: float) -> float:
        return self._difference(x, super().go_on(passed, x))


class Above(Memory):
    """1 from where a number reaches `on` until it is below `off`, then 0."""

    def __init__(self) -> None:
        super().__init__(math.inf)

    def begin(self, x: float, on: float, off: float) -> float:
        self._is_on = x >= on
        return float(self._is_on)

    def go_on(self, passed: float, x: float, on: float, off: float) -> float:
        self._is_on = x >= on or (self._is_on and x >= off)
        return float(self._is_on)


class Rises(Memory):
    """1 in the frame in which a number reaches a level that it was below a frame ago, else 0.

    sign: -1 for one that falls to the level.
    """

    def __init__(self, patience: float, sign: float) -> None:
        super().__init__(patience, _A_FRAME)
        self._sign = sign

    def begin(self, x: float, level: float) -> float:
        self._was_below = self._sign * x < self._sign * level
        return 0.0

    def go_on(self, passed: float, x: float, level: float) -> float:
        was_below = self._was_below
        self.begin(x, level)
        return float(was_below and not self._was_below)


class Fade(Memory):
    """What an event was, going to 0 in `seconds`; the next one begins again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(math.inf, seconds)
        self._seconds = seconds

    def begin(self, event: float) -> float:
        self._last, self._ago = event, 0.0
        return event

    def go_on(self, passed: float, event: float) -> float:
        self._last, self._ago = (event, 0.0) if event else (self._last, self._ago + passed)
        return self._last * max(0.0, 1 - self._ago / self._seconds)
