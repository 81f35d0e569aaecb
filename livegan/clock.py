"""The one clock: monotonic seconds, the same in every process of a machine.

Nothing else in livegan asks the system for the time, so that tests and offline rendering bring their own.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds that only go forward, and a way to wait for one of them."""

    def now(self) -> float:
        """Seconds since an arbitrary start; never set back."""

    def sleep_until(self, moment: float) -> None:
        """Return at `moment` (seconds on this clock), or at once when it has passed."""


class SystemClock:
    """The machine's monotonic clock; `time.perf_counter` counts the same in all processes of a machine."""

    def now(self) -> float:
        return time.perf_counter()

    def sleep_until(self, moment: float) -> None:
        wait = moment - self.now()
        if wait > 0:
            time.sleep(wait)
