"""One process of a child, from its start to its end: its signs of life, and what it takes of memory.

Nothing here decides what follows on an end. Whoever reads the signs of life must not wait for the one who writes them.
"""

import multiprocessing
from collections.abc import Callable

import psutil

from livegan.clock import Clock
from livegan.ring import Ring
from livegan.show.child import Status, Task

WARM = 10.0
"""Seconds since it was open after which a process has the memory that it needs."""

WEIGH = 1.0
"""Seconds between two looks at the memory of a process."""

SILENCE = {"opening": 30.0, "ready": 3.0, "open": 3.0, "lost": 3.0, "failed": 3.0}
"""Seconds without a sign of life, by state, after which a process counts as hung and is killed."""

_MB = 2**20


class Life:
    """A running process of its own.

    main: what it does. ring: of its signs of life; older ones of other processes in it count as none.
    daemon: it has no children. growth: bytes by which its memory may grow once it is warm, None for any.
    """

    def __init__(
        self, main: Callable[[Task], None], task: Task, ring: Ring, daemon: bool, growth: int | None, clock: Clock
    ) -> None:
        self.ring, self._growth, self._clock = ring, growth, clock
        self._warm: int | None = None
        self._weighed, self._opened = float("-inf"), float("inf")
        self.started = clock.now()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=main, args=(task,), daemon=daemon)
        self._process.start()
        self.pid = self._process.pid

    def status(self) -> Status | None:
        """Its last sign of life; None before the first."""
        arrival = self.ring.newest()
        status = Status.of(arrival.frame) if arrival else None
        return status if status and status.at >= self.started else None

    def over(self) -> str:
        """Why it has ended, or "" while it lives; one that hangs is ended now."""
        if not self._process.is_alive():
            status = self.status()
            failed = status is not None and status.state == "failed"
            return status.reason if failed else f"its process ended with status {self._process.exitcode}"
        return "it gave no sign of life and was stopped" if self._hung() and self.kill() else ""

    def grown(self) -> str:
        """How far its memory has grown beyond what it may, or ""."""
        now, status = self._clock.now(), self.status()
        if self._growth is None or status is None or status.state != "open":
            return ""
        self._opened = min(self._opened, now)
        if now - self._opened < WARM or now - self._weighed < WEIGH:
            return ""
        self._weighed, taken = now, _resident(self.pid)
        self._warm = self._warm or taken
        if taken - self._warm <= self._growth:
            return ""
        return f"its memory grew from {self._warm // _MB} to {taken // _MB} MB"

    def ask_to_go(self) -> None:
        """It may still give back what it holds."""
        self._process.terminate()

    def kill(self) -> bool:
        """End it now; whether it is gone, for the kernel can hold it longer."""
        self._process.kill()
        self._process.join(1.0)
        return not self._process.is_alive()

    def close(self) -> None:
        """Have it gone, and give back what was needed to watch it."""
        self._process.join(1.0)
        if not self._process.is_alive() or self.kill():
            self._process.close()

    def _hung(self) -> bool:
        status = self.status()
        heard, state = (status.at, status.state) if status else (self.started, "opening")
        return self._clock.now() - heard > SILENCE[state]


def _resident(pid: int) -> int:
    """Bytes of memory that a process takes; 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0
