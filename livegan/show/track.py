"""The last frames of one input, read at any moment of the recent past.

Everything here is a pure function of the frames that came and the moment asked for, so that a show gives the
same values at any frame rate, live or offline. Nothing here waits.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature, Frame, groups

EASE = 0.8
"""Seconds over which values move, at most, from where they were held to where they are again."""

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
    """A frame with its absent groups filled by what they were last, and the history that presence needs.

    happened: the values of its events, 0 elsewhere.
    """

    values: np.ndarray
    happened: np.ndarray
    seen: float
    present: np.ndarray
    cut: bool
    here: float
    back: float
    weight: float
    returned: np.ndarray
    over: np.ndarray
    start: np.ndarray


class Track:
    """The recent frames of one input; the first group of features speaks for its presence, any group for faders'.

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
        self._events: deque[tuple[float, np.ndarray]] = deque()

    @property
    def newest(self) -> float:
        """When the newest frame was seen; -inf before the first."""
        return self._frames[-1].seen if self._frames else -np.inf

    def push(self, frame: Frame) -> bool:
        """Add a frame; one that is not newer than the last is refused (False)."""
        if frame.seen <= self.newest:
            return False
        last = self._frames[-1] if self._frames else None
        here, event = frame.present[self._group], self._kinds["event"]
        before = last.values if last else np.full(len(self._gap), np.nan, np.float32)
        values = np.where(here & ~event, frame.data, before).astype(np.float32)
        if (happened := np.where(here & event, frame.data, 0)).any():
            self._events.append((frame.seen, happened))
        ease = self._ease(frame, last, before)
        self._last[frame.present] = frame.seen
        arrival = self._arrival(frame, last)
        self._frames.append(_Known(values, happened, frame.seen, frame.present, frame.cut, *arrival, *ease))
        while len(self._frames) > 1 and self._frames[1].seen < frame.seen - REACH:
            self._frames.popleft()
        return True

    def _ease(self, frame: Frame, last: _Known | None, before: np.ndarray) -> tuple[np.ndarray, ...]:
        """When each group last came back, over how long it eases, and the values it was held at meanwhile.

        A limb that was hidden for a moment eases quickly, a body that was gone for seconds takes its time.
        """
        if last is None:
            return np.full(len(self._last), -np.inf), np.full(len(self._last), EASE), before
        gap = frame.seen - self._last
        back = frame.present & np.isfinite(gap) & (~last.present | (gap > self._group_gap))
        if self._resting or not back.any():
            return last.returned, last.over, last.start
        start = np.where(back[self._group], self._eased(last, before, frame.seen), last.start)
        over = np.where(back, np.minimum(EASE, 3 * gap), last.over)
        return np.where(back, frame.seen, last.returned), over, start

    def _arrival(self, frame: Frame, last: _Known | None) -> tuple[float, float, float]:
        """When the input was last here, when it came back, and the weight it came back with."""
        # Faders say nothing of the others: whichever of them was moved, the input is there.
        present = frame.present.any() if self._resting else frame.present[:1].all()
        here = frame.seen if present else (last.here if last else -np.inf)
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
        values = self._eased(a, self._between(a, b, moment), moment)
        values = np.where(self._kinds["event"], self._happened(moment), values)
        weight = float(self._weight(a, moment))
        held = b is None and moment > a.seen and not self._resting and weight > 0.0
        return Sample(values, weight, held, self.newest)

    def frames(self, after: float, until: float) -> list[tuple[float, bool]]:
        """When frames were seen after one moment and until another, oldest first, and whether each was a cut."""
        found = []
        for known in reversed(self._frames):
            if known.seen <= after:
                break
            if known.seen <= until:
                found.append((known.seen, known.cut))
        return found[::-1]

    def told(self, moment: float) -> np.ndarray:
        """Values as `at` gives them, but of events those of a frame seen right then; may be asked again and again."""
        a, b = self._around(moment)
        if a is None:
            return np.full(len(self._gap), np.nan, np.float32)
        values = self._eased(a, self._between(a, b, moment), moment)
        happened = a.happened if a.seen == moment else np.float32(0)
        return np.where(self._kinds["event"], happened, values)

    def unseen(self, moment: float) -> np.ndarray:
        """Seconds since each feature was told last, float [features]; 0 for what may rest, inf for what never came."""
        found, resting = np.full(len(self._last), np.inf), self._resting
        for known in reversed(self._frames):
            if known.seen > moment:
                continue
            found = np.where(known.present & np.isinf(found), 0.0 if resting else moment - known.seen, found)
            resting = False
            if np.isfinite(found).all():
                break
        return found[self._group]

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

    def _eased(self, known: _Known, values: np.ndarray, moment: float) -> np.ndarray:
        share = ((moment - known.returned) / known.over)[self._group]
        easing = (share < 1) & np.isfinite(known.start) & self._smooth
        if not easing.any():
            return values
        share = _smoothstep(share).astype(np.float32)
        return np.where(easing, self._mixed(known.start, values, share), values)

    def _mixed(self, a: np.ndarray, b: np.ndarray, share: np.ndarray | np.float32) -> np.ndarray:
        step = b - a
        around = (step + np.float32(np.pi)) % np.float32(2 * np.pi) - np.float32(np.pi)
        return a + np.where(self._kinds["angle"], around, step) * share

    def _happened(self, moment: float) -> np.ndarray:
        """What happened up to `moment` and was not told yet, however late its frame came."""
        found = np.zeros(len(self._gap), np.float32)
        while self._events and self._events[0][0] <= moment:
            _, events = self._events.popleft()
            found = np.where(events != 0, events, found)
        return found


def _smoothstep(x: np.ndarray | float) -> np.ndarray | float:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
