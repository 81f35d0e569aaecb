"""The host of a show's children: starts them, hears their signs of life, and brings them back.

What can hang, leak or be attacked lives in these children; the show itself only reads their rings.
"""

import math
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from livegan.clock import Clock
from livegan.patch import Part
from livegan.ring import Ring
from livegan.show import child
from livegan.show.child import STATUS_SIZE, Status, Task
from livegan.show.life import Life

WATCH = 0.05
"""Seconds between two looks at the children."""

FORGIVEN = 8.0
"""Seconds of life after which a child's past deaths no longer count."""

QUIET = 0.5
"""Seconds without a sign of life after which an open child is told to hang; it may still come to itself."""

POSTPONED = 30.0
"""Seconds before a successor is tried again that died before it could take over."""


def backoff(deaths: int) -> float:
    """Seconds to wait before the start after the `deaths`-th death in a row: at once, then 0.5 s doubling to 30."""
    return 0.0 if deaths <= 1 else min(30.0, 0.5 * 2.0 ** (deaths - 2))


@dataclass(frozen=True)
class Health:
    """How a child is. state: "opening", "open", "hung", "lost" or "dead".

    reason: what is wrong now, or "". lost: how often it was, and was tried again. restarts: how often its process was
    started again. died: why its process ended last, or "". replaced: how often it had grown too large. last: what was
    wrong last, also when that is over. at: seconds, when this was so.
    """

    state: str
    reason: str = ""
    lost: int = 0
    restarts: int = 0
    died: str = ""
    replaced: int = 0
    last: str = ""
    at: float = -math.inf


def told(status: Status, before: Health) -> Health:
    """How a child is by its process's last sign of life; `before`: the moment, and the counts of earlier processes."""
    hung = status.state == "open" and before.at - status.at > QUIET
    # Who is ready to take over opens nothing any more: a gap of a moment is no absence.
    state = "hung" if hung else "open" if status.state == "ready" else status.state
    reason = f"it gave no sign of life for {QUIET:g} s" if hung else status.reason
    return replace(before, state=state, reason=reason, lost=before.lost + status.lost, last=status.last or before.last)


def seeing(own: Health, camera: Health) -> Health:
    """How a detector is: as well as the camera that it reads, of whose faults nobody else tells."""
    return replace(
        own if camera.state == "open" else camera,
        lost=own.lost + camera.lost,
        restarts=own.restarts + camera.restarts,
        replaced=own.replaced + camera.replaced,
        last="; ".join(filter(None, (camera.last, own.last))),
    )


class Child:
    """One child and its ring of frames; touched by the host's thread only, but for `health` and `pid`.

    main: what the process does, a function that `import` finds. has_children: it starts processes of its own.
    A process that grows by more than its input's `growth` is replaced by one that gets ready first.
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
        self._growth = None if has_children else part.type.growth
        # Two, for a process and its successor: each ring has one writer.
        self._statuses = [Ring.create(8, STATUS_SIZE) for _ in range(2)]
        settings = part.settings.model_dump_json()
        others = (other.name if other else None for other in (source, masks))
        self._task = Task(part.kind, settings, ring.name, "", *others)
        self._clock = clock
        self._life: Life | None = None
        self._heir: Life | None = None
        self._due, self._heir_due = clock.now(), float("-inf")
        self._why_heir = ""
        self._deaths = 0
        self._before = Health("opening")

    def watch(self) -> None:
        """Start the process when it is due; notice its death, its silence, or that it has grown too large."""
        now = self._clock.now()
        if self._life is None:
            if now >= self._due:
                self._life = self._started()
                self._before = replace(self._before, restarts=self._before.restarts + bool(self._before.died))
        elif why := self._life.over():
            self._mourn(now, why)
        elif self._heir is not None:
            self._await(self._heir, now)
        elif now >= self._heir_due and (why := self._life.grown()):
            self._why_heir = why
            self._heir = self._started(after=self._life.pid)

    def failed(self, why: str) -> None:
        """A process could not even be started: wait before the next try."""
        now = self._clock.now()
        if self._life is None:
            self._count_death(now, why)
        else:
            self._heir_due = now + POSTPONED

    def health(self) -> Health:
        """How it is, by its last sign of life."""
        life, before = self._life, replace(self._before, at=self._clock.now())
        status = life.status() if life else None
        if status is not None:
            return told(status, before)
        return replace(before, state="dead", reason=before.died) if life is None and before.died else before

    def pid(self) -> int | None:
        """The process's number while it runs."""
        life = self._life
        return life.pid if life else None

    def stop(self) -> None:
        """Ask it to go."""
        for life in (self._life, self._heir):
            if life is not None:
                life.ask_to_go()

    def close(self) -> None:
        """Make it go; the ring of its frames is its maker's to close."""
        for life in (self._life, self._heir):
            if life is not None:
                life.close()
        self._life = self._heir = None
        for status in self._statuses:
            status.close()

    def _started(self, after: int | None = None) -> Life:
        """A new process; it writes nothing while the process of number `after` lives."""
        status = next(ring for ring in self._statuses if self._life is None or ring is not self._life.ring)
        task = replace(self._task, status=status.name, after=after)
        return Life(self._main, task, status, not self._has_children, self._growth, self._clock)

    def _await(self, heir: Life, now: float) -> None:
        """End the old process when the new one is ready."""
        status = heir.status()
        if heir.over():
            heir.close()
            self._heir, self._heir_due = None, now + POSTPONED
        elif status and status.state == "ready" and self._life.kill():
            self._before = replace(self._before, replaced=self._before.replaced + 1)
            self._part_with(self._life, f"{self._why_heir}, so it was replaced")

    def _mourn(self, now: float, why: str) -> None:
        if self._heir is None:
            self._count_death(now, why)
        else:
            self._before = replace(self._before, restarts=self._before.restarts + 1)
            self._part_with(self._life, why)

    def _count_death(self, now: float, why: str) -> None:
        healthy = self._life is not None and now - self._life.started >= FORGIVEN
        self._deaths = 1 if healthy else self._deaths + 1
        self._due = now + backoff(self._deaths)
        self._part_with(self._life, why)

    def _part_with(self, ended: Life | None, why: str) -> None:
        """Remember what an ended process told, and go on with its successor, if there is one."""
        status, why = ended.status() if ended else None, f"{self.name}: {why}"
        lost = self._before.lost + (status.lost if status else 0)
        self._before = replace(self._before, lost=lost, died=why, last=why)
        self._life, self._heir = self._heir, None
        if ended is not None:
            ended.close()


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
