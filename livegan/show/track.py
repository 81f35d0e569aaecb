"""The last frames of one input, read at any moment of the recent past.

Everything here is a pure function of the frames that came and the moment asked for, so that a show gives the
same values at any frame rate, live or offline. Nothing here waits.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature, Frame, groups

EASE = 0.8
"""Seconds over which values move from where they were held to where they are again."""

FADE = 1.0
"""Seconds over which an input that has gone gives way to rest, and comes back."""

REACH = 6.0
"""Seconds of the past that can be asked for; a little more than the longest latency."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What an input had to say at a moment.

    values: float32 [features], NaN for what was never seen. weight: 1 while somebody is there, easing to 0 when
    not. held: the moment lies after the newest frame of an input that should have had one. newest: when that
    frame was seen (-inf before the first).
    """

    values: np.ndarray
    weight: float
    held: bool
    newest: float


@dataclass(frozen=True, slots=True)
class _Known:
    """A frame with its absent groups filled by what they were last, and the history that presence needs."""

    values: np.ndarray
    events: np.ndarray
    seen: float
    present: np.ndarray
    cut: bool
    here: float
    back: float
    weight: float


class Track:
    """The recent frames of one input; the first group of features speaks for the whole input's presence.

    stale_after: as the input's; None means that silence is rest, not loss. after: seconds to hold when nobody is
    there before easing to rest.
    """

    def __init__(self, features: list[Feature], stale_after: float | None = 0.5, after: float = 2.0) -> None:
        names = groups(features)
        self._group = np.array([names.index(feature.group) for feature in features], int)
        self._kinds = {k: np.array([f.kind == k for f in features], bool) for k in ("linear", "angle", "event")}
        self._smooth = self._kinds["linear"] | self._kinds["angle"]
        self._gap = np.array([feature.max_gap for feature in features], float)
        self._group_gap = np.full(len(names), np.inf)
        np.minimum.at(self._group_gap, self._group, self._gap)
        self._resting = stale_after is None
        self._after = after
        self._frames: deque[_Known] = deque()
        self._last = np.full(len(names), -np.inf)
        self._return = np.full(len(names), -np.inf)
        self._before = np.full(len(features), np.nan, np.float32)
        self._heard = -np.inf

    @property
    def newest(self) -> float:
        """When the newest frame was seen; -inf before the first."""
        return self._frames[-1].seen if self._frames else -np.inf

    def push(self, frame: Frame) -> bool:
        """Add a frame; one that is not newer than the last is refused (False)."""
        if frame.seen <= self.newest:
            return False
        last = self._frames[-1] if self._frames else None
        here = frame.present[self._group]
        before = last.values if last else self._before
        values = np.where(here & ~self._kinds["event"], frame.data, before).astype(np.float32)
        events = np.where(here & self._kinds["event"], frame.data, 0).astype(np.float32)
        self._note_returns(frame, before)
        self._last[frame.present] = frame.seen
        arrival = self._arrival(frame, last)
        self._frames.append(_Known(values, events, frame.seen, frame.present, frame.cut, *arrival))
        while len(self._frames) > 1 and self._frames[1].seen < frame.seen - REACH:
            self._frames.popleft()
        return True

    def _note_returns(self, frame: Frame, before: np.ndarray) -> None:
        """Remember where the groups that come back after a gap were held, to ease from there."""
        returned = frame.present & (frame.seen - self._last > self._group_gap)
        if returned.any() and not self._resting:
            eased = self._eased(before, frame.seen)
            self._before = np.where(returned[self._group], eased, self._before)
            self._return[returned] = frame.seen

    def _arrival(self, frame: Frame, last: _Known | None) -> tuple[float, float, float]:
        """When the input was last here, when it came back, and the weight it came back with."""
        here = frame.seen if frame.present[:1].all() else (last.here if last else -np.inf)
        if last is None:
            return here, frame.seen, 0.0
        weight = float(self._weight(last, frame.seen))
        if here == frame.seen and frame.seen - last.here > self._after and weight < 1.0:
            return here, frame.seen, weight
        return here, last.back, last.weight

    def _weight(self, known: _Known, moment: float) -> float:
        if known.here == -np.inf:
            return 0.0
        resting = self._resting and known.here == known.seen
        gone = 0.0 if resting else moment - known.here - self._after
        back = known.weight + (1.0 - known.weight) * _smoothstep((moment - known.back) / FADE)
        return min(1.0 - _smoothstep(gone / FADE), back)

    def at(self, moment: float) -> Sample:
        """What the world did at `moment` (seconds), as far as it is known.

        Events are those between the last moment asked for and this one: each is delivered once.
        """
        a, b = self._around(moment)
        if a is None:
            return Sample(np.full(len(self._gap), np.nan, np.float32), 0.0, False, self.newest)
        values = self._eased(self._between(a, b, moment), moment)
        values = np.where(self._kinds["event"], self._events(moment), values)
        weight = float(self._weight(a, moment))
        held = b is None and moment > a.seen and not self._resting and weight > 0.0
        return Sample(values, weight, held, self.newest)

    def _around(self, moment: float) -> tuple[_Known | None, _Known | None]:
        """The frames at or before, and after, a moment."""
        after = None
        for known in reversed(self._frames):
            if known.seen <= moment:
                return known, after
            after = known
        return None, after

    def _between(self, a: _Known, b: _Known | None, moment: float) -> np.ndarray:
        if b is None or b.cut:
            return a.values
        both = (a.present & b.present)[self._group] & (b.seen - a.seen <= self._gap) & self._smooth
        share = np.float32((moment - a.seen) / (b.seen - a.seen))
        return np.where(both, self._mixed(a.values, b.values, share), a.values)

    def _eased(self, values: np.ndarray, moment: float) -> np.ndarray:
        passed = (moment - self._return)[self._group]
        easing = (passed >= 0) & (passed < EASE) & np.isfinite(self._before) & self._smooth
        if not easing.any():
            return values
        share = _smoothstep(passed / EASE).astype(np.float32)
        return np.where(easing, self._mixed(self._before, values, share), values)

    def _mixed(self, a: np.ndarray, b: np.ndarray, share: np.ndarray | np.float32) -> np.ndarray:
        step = b - a
        around = (step + np.float32(np.pi)) % np.float32(2 * np.pi) - np.float32(np.pi)
        return a + np.where(self._kinds["angle"], around, step) * share

    def _events(self, moment: float) -> np.ndarray:
        found = np.zeros(len(self._gap), np.float32)
        if self._kinds["event"].any():
            for known in self._frames:
                if self._heard < known.seen <= moment:
                    found = np.where(known.events != 0, known.events, found)
        self._heard = max(self._heard, moment)
        return found


def _smoothstep(x: np.ndarray | float) -> np.ndarray | float:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
