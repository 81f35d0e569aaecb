"""Whole shows for tests, soaks and benches: opened from a patch's text, played on the offscreen stage.

Real processes, rings and OpenGL; nothing of livegan is replaced here.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from livegan import files, patch
from livegan.clock import SystemClock
from livegan.show.opening import Opened, opened
from livegan.show.show import Tick
from livegan.stage.base import Event, Scene, Stage, StageSettings
from livegan.stage.offscreen import Offscreen

STEADY = """
latency = "100 ms"
[input.body]
kind = "steady"
rate = 60
[generator]
kind = "pattern"
size = 64
[stage.main]
kind = "offscreen"
size = [64, 64]
"""
"""A show with no device and no weights."""

SHARED = Path("/dev/shm")
PATIENCE = 60.0


class Kept(Stage):
    """The offscreen stage, with what it showed: (seconds when it was presented, what `keep` made of its pixels)."""

    def __init__(self, keep: Callable[[np.ndarray], object] = np.copy) -> None:
        self._inner, self._keep, self._clock = Offscreen(), keep, SystemClock()
        self.shown: list[tuple[float, object]] = []

    def open(self, settings: StageSettings, title: str = "livegan") -> None:
        self._inner.open(settings, title)

    def show(self, scene: Scene) -> None:
        self._inner.show(scene)
        at = self._clock.now()
        self.shown.append((at, self._keep(self._inner.read())))

    def events(self) -> list[Event]:
        return []

    def read(self) -> np.ndarray:
        return self._inner.read()

    def close(self) -> None:
        self._inner.close()


@contextlib.contextmanager
def show_of(
    path: Path, stage: Stage | None = None, observe: Callable[[Tick], None] | None = None, fps: float | None = None
) -> Iterator[Opened]:
    """The show of the patch in `path`, open, on `stage` (closed at the end) or offscreen in 64 x 64 pixels."""
    plan, stage = patch.read(path), stage or Offscreen()
    main = plan.stages.get("main")
    small = patch.part("stage", "offscreen", {"size": (64, 64)}, "test")
    with contextlib.closing(stage):
        stage.open((main if main and main.kind == "offscreen" else small).settings)
        with opened(plan, SystemClock(), stage, observe=observe, fps=fps) as one:
            yield one


def play(one: Opened, *steps: Callable[[], object], patience: float = PATIENCE) -> None:
    """Play until every step has said yes, asked one after the other, before each picture.

    Raises AssertionError when one says no for `patience` seconds.
    """
    waiting, since = list(steps), time.monotonic()

    def go_on(_: object) -> bool:
        nonlocal since
        while waiting and waiting[0]():
            waiting.pop(0)
            since = time.monotonic()
        assert time.monotonic() - since < patience, f"step {len(steps) - len(waiting) + 1} did not come"
        return bool(waiting)

    one.show.run(go_on)


def wait_for(happened: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return when it has happened; raises AssertionError when it did not within `patience` seconds."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def livegan(*words: object, cwd: Path, **environment: str | None) -> subprocess.Popen:
    """The command line in a process of its own; a variable that is None is taken away."""
    given = {**os.environ, **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "livegan", *map(str, words)],
        cwd=cwd,
        env={name: value for name, value in given.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rewritten(name: str, folder: Path, changes: dict[str, str]) -> Path:
    """A bundled patch in `folder`, with some of its text replaced, each of which must be there."""
    text = files.find("patches", name, suffix=".toml").read_text("utf-8")
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def free_port() -> int:
    """A UDP port that nobody listens on now."""
    with contextlib.closing(socket.socket(type=socket.SOCK_DGRAM)) as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def shared_memory() -> set[str]:
    """The names of the shared memory that Python made on this machine."""
    return {path.name for path in SHARED.glob("psm_*")}
