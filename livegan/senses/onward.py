"""Time goes on for formulas that remember, also while an input at rest (a fader, a pad) gives no frames.

Between what an input tells come frames of the same numbers without its events, until nothing that is remembered can
change any more. Must never speak for an input that told nothing yet, or where nobody is there.
"""

import math
from dataclasses import replace

from livegan.clock import Clock
from livegan.frame import Frame
from livegan.ring import Arrival
from livegan.senses.derived import Derived

PAUSE = 0.04
"""Seconds without a frame after which the input counts as at rest; what flows faster than this is left as it is."""

PERIOD = 0.016
"""Seconds between two frames at rest, at least."""

_MARGIN = 0.002  # a driver's thread may be slow to hand over what it has stamped already
_EDGE = 1e-6  # seconds that no clock can wait for


class Onward:
    """The frames of one input as they are written, from when it was opened. resting: its silence is rest, not loss."""

    def __init__(self, derived: Derived, resting: bool) -> None:
        self._derived = derived
        self._reach = derived.reach + PERIOD if resting and derived.reach else 0.0
        self._last: Frame | None = None
        self._spoke = -math.inf

    def patience(self, now: float) -> float:
        """Seconds for which a frame may be waited for before `step` should be called again; inf where it need not."""
        return max(0.0, self._due() + _MARGIN - now)

    def step(self, frame: Frame | None, moment: float, clock: Clock) -> list[Arrival]:
        """What is to be written now, oldest first, with all features; often nothing.

        frame: what reading gave, None for silence. moment: seconds, before it was read: what is older has been told.
        """
        frames = self._silent(moment - _MARGIN) if frame is None else self._told(frame)
        # A frame of the moment before is as late as what it goes before: it says nothing of latency.
        return [Arrival(one, clock.now() - (frames[-1].seen - one.seen)) for one in frames]

    def _silent(self, seen: float) -> list[Frame]:
        return [self._again(seen)] if seen >= self._due() - _EDGE else []

    def _due(self) -> float:
        if self._last is None or self._spoke >= self._last.seen + self._reach:
            return math.inf
        return self._spoke + (PERIOD if self._spoke > self._last.seen else PAUSE)

    def _told(self, frame: Frame) -> list[Frame]:
        """The frame, after one of the moment before: what was at rest has been so until then."""
        if not self._reach:
            return [self._derived.step(frame)]
        last, before = self._last, []
        if last is not None and last.seen < self._spoke and frame.seen <= self._spoke:
            frame = replace(frame, seen=self._spoke + _MARGIN / 2)  # not newer than the last, a track would refuse it
        elif last is not None and not frame.cut and frame.seen - self._spoke > PAUSE:
            before = [self._again(frame.seen - PERIOD)]
        self._last = frame if frame.present.any() else None
        self._spoke = frame.seen
        return [*before, self._derived.step(frame)]

    def _again(self, seen: float) -> Frame:
        self._spoke = seen
        return self._derived.again(self._last, seen)
