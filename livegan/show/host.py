"""The host of a show's children: starts them, hears their signs of life, and brings them back.

What can hang, leak or be attacked lives in these children; the show itself only reads their rings.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from livegan.clock import Clock
from livegan.patch import Part
from livegan.ring import Ring
from livegan.show import child
from livegan.show.child import STATUS_SIZE, Status, Task

WATCH = 0.05
"""Seconds between two looks at the children."""

FORGIVEN = 8.0
"""Seconds of life after which a child's past deaths no longer count."""

SILENCE = {"opening": 30.0, "open": 3.0, "lost": 3.0, "failed": 3.0}
"""Seconds without a sign of life, by state, after which a child counts as hung and is killed."""


def backoff(deaths: int) -> float:
    """Seconds to wait before the start after the `deaths`-th death in a row: at once, then 0.5 s doubling to 30."""
    return 0.0 if deaths <= 1 else min(30.0, 0.5 * 2.0 ** (deaths - 2))


@dataclass(frozen=True)
class Health:
    """How a child is. state: "opening", "open", "lost" or "dead".

    reason: what is wrong now, or "". died: why its process ended last, or "". restarts: how often it was started again.
    """

    state: str
    reason: str = ""
    lost: int = 0
    restarts: int = 0
    died: str = ""


class Child:
    """One child process and its ring of frames; touched by the host's thread only, but for `health` and `pid`.

    main: what the process does, a function that `import` finds. has_children: it starts processes of its own.
    """

    def __init__(
        self,
        name: str,
        part: Part,
        ring: Ring,
        source: Ring | None,
        clock: Clock,
        main: Callable[[Task], None] = child.main,
        has_children: bool = False,
        masks: Ring | None = None,
    ) -> None:
        self.name = name
        self._main, self._has_children = main, has_children
        self.ring = ring
        self._status = Ring.create(8, STATUS_SIZE)
        settings = part.settings.model_dump_json()
        others = (other.name if other else None for other in (source, masks))
        self._task = Task(part.kind, settings, ring.name, self._status.name, *others)
        self._clock = clock
        self._process: multiprocessing.process.BaseProcess | None = None
        self._started = self._due = clock.now()
        self._deaths = 0
        self._restarts = -1
        self._died = ""

    def watch(self) -> None:
        """Start the process when it is due, and notice its death or its silence."""
        now = self._clock.now()
        if self._process is None:
            if now >= self._due:
                self._start(now)
        elif not self._process.is_alive():
            self._mourn(now, f"its process ended with status {self._process.exitcode}")
        elif self._hung(now):
            self._process.kill()
            self._process.join(1.0)
            if not self._process.is_alive():  # else the kernel still holds it: look again at the next watch
                self._mourn(now, "it gave no sign of life and was stopped")

    def failed(self, why: str) -> None:
        """It could not even be started: wait before the next try."""
        self._process = None
        self._count_death(self._clock.now(), why)

    def health(self) -> Health:
        """How it is, by its last sign of life."""
        status, restarts = self._last(), max(0, self._restarts)
        if self._process is None or status is None or status.at < self._started:
            dead = self._process is None and self._died
            return Health("dead" if dead else "opening", self._died if dead else "", 0, restarts, self._died)
        return Health(status.state, status.reason, status.lost, restarts, self._died)

    def pid(self) -> int | None:
        """The process's number while it runs."""
        process = self._process
        return process.pid if process else None

    def stop(self) -> None:
        """Ask it to go."""
        if self._process is not None:
            self._process.terminate()

    def close(self) -> None:
        """Make it go; the ring of its frames is its maker's to close."""
        if self._process is not None:
            self._process.join(1.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(1.0)
            if not self._process.is_alive():
                self._process.close()
            self._process = None
        self._status.close()

    def _start(self, now: float) -> None:
        context = multiprocessing.get_context("spawn")
        lone = not self._has_children
        self._process = context.Process(target=self._main, args=(self._task,), name=self.name, daemon=lone)
        self._process.start()
        self._started = now
        self._restarts += 1

    def _mourn(self, now: float, why: str) -> None:
        self._process.close()
        self._process = None
        status = self._last()
        told = status.reason if status and status.at >= self._started and status.state == "failed" else ""
        self._count_death(now, told or why)

    def _count_death(self, now: float, why: str) -> None:
        healthy = now - self._started >= FORGIVEN
        self._deaths = 1 if healthy else self._deaths + 1
        self._due = now + backoff(self._deaths)
        self._died = f"{self.name}: {why}"

    def _hung(self, now: float) -> bool:
        status = self._last()
        fresh = status if status and status.at >= self._started else None
        heard, state = (fresh.at, fresh.state) if fresh else (self._started, "opening")
        return now - heard > SILENCE[state]

    def _last(self) -> Status | None:
        arrival = self._status.newest()
        return Status.of(arrival.frame) if arrival else None


class Host:
    """All children of a show, watched from one thread of its own, so that starting one never delays a picture."""

    def __init__(self, children: list[Child], clock: Clock) -> None:
        self._children = children
        self._clock = clock
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="host", daemon=True)

    def start(self) -> None:
        """Start every child and go on watching."""
        self._thread.start()

    def close(self) -> None:
        """Let every child go; none is left when this returns."""
        self._closing.set()
        if self._thread.ident is None:
            self._let_go()
        else:
            self._thread.join()

    def _watch(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Inherited by the children: Ctrl-C is for the show, which then tells them.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while not self._closing.is_set():
            for one in self._children:
                self._care(one)
            self._closing.wait(WATCH)
        self._let_go()

    def _care(self, one: Child) -> None:
        """Whatever happens to one child, the others are looked after."""
        try:
            one.watch()
        except Exception as error:
            one.failed(f"could not be started ({error})")

    def _let_go(self) -> None:
        """In the thread that started them: they die with it, and should be asked first."""
        for one in self._children:
            one.stop()
        for one in self._children:
            one.close()
