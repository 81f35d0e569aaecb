"""The latency law: what is on screen at `t` is what the world did at `t - latency`, for every picture.

One law per input. It measures how late frames arrive and how early a picture must be begun, then stays constant.
"""

import math
from collections import deque

import numpy as np

PROVISIONAL = 0.25
"""Seconds of latency while it is being measured."""

SETTLING = 30
"""Frames to let pass first, while processes and caches warm up."""

MEASURE = 60
"""Frames to hear then, before the latency is set."""

SLEW = 0.1
"""How fast time may be stretched to go from the provisional latency to the measured one."""


class Law:
    """The latency of one input.

    asked: seconds from the patch, kept whatever is measured; None measures. bracketed: the input's values are
    interpolated, so the frame after the moment must have arrived as well.
    """

    def __init__(self, asked: float | None, bracketed: bool) -> None:
        self._bracketed = bracketed
        self._waits: deque[float] = deque(maxlen=300)
        self._passing = SETTLING if bracketed else 0
        self._measured = asked is not None
        self.declared = PROVISIONAL if asked is None else asked
        self._now = self.declared
        self.settled = self._measured

    def heard(self, seen: float, written: float, before: float) -> None:
        """A frame seen at `seen` arrived at `written`; the one before it was seen at `before` (-inf: none)."""
        if self._passing > 0:
            self._passing -= 1
            return
        since = before if self._bracketed and seen - before < PROVISIONAL else seen
        self._waits.append(written - since)

    def needed(self, lead: float) -> float:
        """Latency in seconds that 99 % of the recent frames would have needed, in steps of 10 ms."""
        waits = float(np.percentile(self._waits, 99)) if self._waits else 0.0
        return math.ceil((waits + lead) * 100 - 1e-6) / 100

    def tick(self, lead: float, elapsed: float) -> float:
        """The latency for the next picture; `lead`: seconds from sampling to showing; `elapsed` since the last."""
        if not self._measured and len(self._waits) >= (MEASURE if self._bracketed else 1):
            self._measured, self.declared = True, self.needed(lead)
        step = min(abs(self.declared - self._now), SLEW * elapsed)
        self._now += math.copysign(step, self.declared - self._now)
        arrived = abs(self._now - self.declared) < 1e-9
        self.settled = arrived and self._measured
        return self.declared if arrived else self._now
