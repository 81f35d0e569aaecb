"""When pictures are due, and how many a second there can be.

One class knows the slots, one decides on the rate; both are told what happened and never look at a clock.
"""

from collections import deque


class Pace:
    """The slots in which pictures are shown, `period` apart.

    locked: the stage waits for the display, so each slot is counted from the last presentation; otherwise slots
    stay on a fixed grid. Times are seconds on the show's clock.
    """

    def __init__(self, start: float, period: float, locked: bool = False) -> None:
        self.base = period
        self.locked = locked
        self.divisor = 1
        self.due = start + period

    @property
    def period(self) -> float:
        """Seconds from slot to slot."""
        return self.base * self.divisor

    def advance(self, now: float) -> None:
        """Go to the next slot after one has passed at `now`; slots that were missed altogether are skipped."""
        if self.locked:
            self.due = now + self.period
        else:
            missed = max(0, int((now - self.due) / self.period - 0.5))
            self.due += (1 + missed) * self.period


class Rate:
    """Steps the rate to the next whole divisor after steady overload, and back only with room to spare.

    Overload: more than a fifth of the last two seconds' slots were late. Room: over ten seconds nothing was late
    and pictures took at most 70 % of the shorter period.
    """

    def __init__(self, fps: float, most: int = 4) -> None:
        self._fps = fps
        self._most = most
        self._recent: deque[tuple[bool, float]] = deque(maxlen=round(10 * fps))

    def judge(self, late: bool, took: float, pace: Pace) -> int:
        """The divisor to use from now on; `took`: seconds the last picture needed."""
        self._recent.append((late, took))
        fps = self._fps / pace.divisor
        slots = list(self._recent)
        last = slots[-round(2 * fps) :]
        if len(last) == round(2 * fps) and sum(late for late, _ in last) > len(last) / 5:
            return self._step(min(self._most, pace.divisor + 1), pace.divisor)
        shorter = pace.base * (pace.divisor - 1)
        full = len(slots) >= round(10 * fps)
        if full and shorter > 0 and all(not late and took <= 0.7 * shorter for late, took in slots):
            return self._step(pace.divisor - 1, pace.divisor)
        return pace.divisor

    def _step(self, divisor: int, before: int) -> int:
        if divisor != before:
            self._recent.clear()
        return divisor
