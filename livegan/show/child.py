"""The life of an input in its own process: open, read, write to the ring, and die with the parent.

Runs in a spawned child. It knows one kind of input and its settings, and imports neither torch nor the show.
"""

import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass, replace

import numpy as np
import psutil

from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Frame
from livegan.inputs.base import Input, Source
from livegan.patch import load_class
from livegan.ring import Arrival, Ring
from livegan.senses.onward import Onward

POLL = 0.002
"""Seconds between two looks at a ring while waiting for a picture."""

BEAT = 0.1
"""Seconds between two signs of life."""

COMPLAINT = 2.0
"""Seconds for which a complaint is told, so that somebody sees it."""

STATUS_SIZE = 2048
"""Bytes of a sign of life, at most."""

RETRY = 0.5
"""Seconds before a lost device is tried again."""


@dataclass(frozen=True)
class Task:
    """What a child is told: the input's kind, its settings as JSON, and its rings by name.

    source: of the camera that it reads. masks: for the masks that come with its frames. after: the number of the
    process that it follows, which must be gone before anything is written.
    """

    kind: str
    settings: str
    frames: str
    status: str
    source: str | None = None
    masks: str | None = None
    after: int | None = None


@dataclass(frozen=True)
class Status:
    """A child's sign of life. state: "opening", "ready" (to follow another), "open", "lost" or "failed".

    at: seconds. lost: times it was lost; last: why it was so last, or "".
    """

    state: str
    reason: str
    lost: int
    at: float
    last: str = ""

    def frame(self) -> Frame:
        """As the content of a ring."""
        reason, last = (text.encode()[:400].decode(errors="ignore") for text in (self.reason, self.last))
        text = json.dumps([self.state, reason, self.lost, last], ensure_ascii=False).encode()
        return Frame(np.frombuffer(text, np.uint8), self.at, np.empty(0, bool))

    @staticmethod
    def of(frame: Frame) -> "Status":
        """From the content of a ring."""
        state, reason, lost, last = json.loads(frame.data.tobytes())
        return Status(state, reason, lost, frame.seen, last)


class RingSource(Source):
    """The newest picture of a camera, or everything that the parent says, out of a ring."""

    def __init__(self, ring: Ring, clock: Clock) -> None:
        self._ring = ring
        self._clock = clock

    def newer(self, count: int, timeout: float) -> Frame | None:
        """The newest frame above `count`, with the cuts of those it skips; None after `timeout` seconds."""
        end = self._clock.now() + timeout
        while self._ring.count <= count:
            if self._clock.now() >= end:
                return None
            self._clock.sleep_until(self._clock.now() + POLL)
        frames = self.since(count)
        return replace(frames[-1], cut=any(frame.cut for frame in frames)) if frames else None

    def since(self, count: int) -> list[Frame]:
        """All frames above `count` that are still there, oldest first; never waits."""
        return [arrival.frame for arrival in self._ring.since(count)]


class Runner:
    """Keeps one input open and its ring filled."""

    def __init__(self, task: Task, kind: type[Input], clock: Clock) -> None:
        self._clock = clock
        self._ring = Ring.attach(task.frames)
        self._status = Ring.attach(task.status)
        self._source = RingSource(Ring.attach(task.source), clock) if task.source else None
        self._masks = Ring.attach(task.masks) if task.masks else None
        self._settings = kind.Settings.model_validate_json(task.settings)
        self._kind, self._input = kind, kind()  # one for all openings: a camera remembers at what it hung
        self._before = _running(task.after) if task.after else None
        self._lost, self._last = 0, ""
        self._beaten = self._complained = -np.inf
        self._complaint = ""

    def run(self) -> None:
        """Open and read for ever; a lost device is told and tried again, a fault is told before the end."""
        while True:
            try:
                self._play()
            except Lost as lost:
                self._lost, self._last = self._lost + 1, str(lost)
                self._say("lost", self._last)
                self._clock.sleep_until(self._clock.now() + RETRY)
            except Exception as error:
                self._say("failed", f"{type(error).__name__}: {error}")
                sys.exit(1)

    def _play(self) -> None:
        self._say("opening", self._last)
        onward = Onward(self._kind.derived(self._settings), self._kind.stale_after is None)
        if not self._kind.detector:  # a device can be opened only once
            self._take_over()
        with contextlib.closing(self._input) as source:
            source.open(self._settings, self._source)
            self._take_over()
            self._say("open")
            while True:
                moment = self._clock.now()
                frame = source.read(min(BEAT, onward.patience(moment)))
                for arrival in onward.step(frame, moment, self._clock):
                    self._write(arrival, source.mask)
                if self._clock.now() - self._beaten >= BEAT:
                    self._say("open", self._complaint_of(source))

    def _take_over(self) -> None:
        """Wait until the process before this one has gone."""
        while self._before is not None and self._before.is_running():
            self._say("ready")
            self._clock.sleep_until(self._clock.now() + POLL)
        self._before = None

    def _complaint_of(self, source: Input) -> str:
        """What is wrong with what comes, or was a moment ago."""
        now = self._clock.now()
        if source.complaint:
            self._complaint, self._complained = source.complaint, now
            source.complaint = ""
        return self._complaint if now - self._complained < COMPLAINT else ""

    def _write(self, arrival: Arrival, mask: np.ndarray | None) -> None:
        """The mask first: whoever has the frame finds its mask."""
        if self._masks is not None and mask is not None:
            self._masks.write(replace(arrival.frame, data=mask), arrival.written)
        self._ring.write(arrival.frame, arrival.written)

    def _say(self, state: str, reason: str = "") -> None:
        self._beaten = self._clock.now()
        status = Status(state, reason, self._lost, self._beaten, self._last)
        self._status.write(status.frame(), self._beaten)


def main(task: Task, kind: type[Input] | None = None) -> None:
    """The child's first function; `kind` is given for what is no file in inputs/."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Runner(task, kind or load_class("inputs", task.kind), SystemClock()).run()


def _running(pid: int) -> psutil.Process | None:
    """The process of this number, told apart from a later one; None when it has gone already."""
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _die_with_parent() -> None:
    """Leave at once when the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if parent is None or (sys.platform == "linux" and os.getppid() != parent.pid):
        os._exit(1)

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent").start()
