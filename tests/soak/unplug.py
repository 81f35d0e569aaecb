"""Devices are unplugged and plugged in again, two hundred times, in real processes: it is noticed, and nothing is left.

    .venv/bin/python -m tests.soak.unplug [--cycles 200] [--detectors pose motion]

A camera, a sound card, a MIDI port and a gamepad that are there while a file is, read by the inputs' own code;
detectors on the camera; an input that leaks and is replaced meanwhile. Prints a table; ends with status 1 when a row
failed. About a second and a half a cycle.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from livegan import patch
from livegan.clock import SystemClock
from livegan.patch import Part
from livegan.ring import Ring
from livegan.show import life
from livegan.show.host import Child, Health, Host, seeing
from livegan.show.local import Local
from tests import leaky
from tests.plugs import PLUGGED, main, table
from tests.shows import PATIENCE, shared_memory
from tests.soak import Row, status

NOTICED, BACK = 0.5, 2.0
SETTLED = 5
"""Cycles after which everything has been loaded once."""

MORE = 0.05
"""Seconds in which this script may miss something on a machine that is busy."""


@dataclass
class Watched:
    """An input under test. pid: of its process, if it has one; times in seconds, of each cycle."""

    health: Callable[[], Health]
    count: Callable[[], int]
    pid: Callable[[], int | None] | None = None
    noticed: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)

    def held(self) -> tuple[int | None, int, int]:
        """The process, and its file handles and threads."""
        one = psutil.Process(self.pid())
        return one.pid, one.num_fds(), one.num_threads()


@contextlib.contextmanager
def plugged(path: Path, detectors: list[str]) -> Iterator[tuple[dict[str, Watched], Child]]:
    """Everything that can be unplugged, by name; and the child that leaks."""
    clock, watched = SystemClock(), {}
    with contextlib.ExitStack() as stack:

        def ring(size: int) -> Ring:
            made = Ring.create(8, size)
            stack.callback(made.close)
            return made

        children: dict[str, Child] = {}
        for kind, one in PLUGGED.items():
            part = Part(kind, one, one.Settings.model_validate({"kind": kind, **table(kind, path)}))
            if one.where == "process":
                made = ring(3 * 640 * 640 if one.pixels else 4096)
                children[kind] = Child(kind, part, made, None, clock, main)
            else:
                watched[kind] = _local(part, ring(4096), clock)
        camera = children["camera"]
        for kind in detectors:
            part = patch.part("inputs", kind, {"source": f"camera:{path}"}, kind)
            children[kind] = Child(kind, part, ring(65_536), camera.ring, clock)
        part = Part("leaky_detector", leaky.LeakyDetector, leaky.Leaky.Settings(kind="leaky_detector"))
        leaks = Child("leaky", part, ring(64), None, clock, leaky.main)
        for kind, child in children.items():
            watched[kind] = Watched(_health(child, camera, kind in detectors), _count(child.ring), child.pid)
        host = Host([*children.values(), leaks], clock)
        stack.callback(host.close)
        host.start()
        yield watched, leaks


def _local(part: Part, ring: Ring, clock: SystemClock) -> Watched:
    local = Local(part.type(), part.settings, part.type.derived(part.settings), ring, clock)

    def health() -> Health:
        local.arrivals(ring.count)
        return local.health()

    return Watched(health, _count(ring))


def _health(child: Child, camera: Child, sees: bool) -> Callable[[], Health]:
    return lambda: seeing(child.health(), camera.health()) if sees else child.health()


def _count(ring: Ring) -> Callable[[], int]:
    return lambda: ring.count


def until(watched: dict[str, Watched], found: Callable[[Watched], bool]) -> dict[str, float]:
    """Seconds until each input was found so; infinite where it took all patience."""
    began, took = time.monotonic(), {}
    while len(took) < len(watched) and time.monotonic() < began + PATIENCE:
        took |= {name: time.monotonic() - began for name, one in watched.items() if name not in took and found(one)}
        time.sleep(0.005)
    return {name: took.get(name, np.inf) for name in watched}


def cycle(path: Path, watched: dict[str, Watched]) -> None:
    """Unplug and plug in again."""
    path.unlink()
    for name, took in until(watched, lambda one: one.health().state != "open").items():
        watched[name].noticed.append(took)
    counts = {id(one): one.count() for one in watched.values()}
    path.touch()
    playing = lambda one: one.health().state == "open" and one.count() > counts[id(one)]  # noqa: E731
    for name, took in until(watched, playing).items():
        watched[name].back.append(took)


def run(path: Path, cycles: int, detectors: list[str]) -> list[Row]:
    """Unplug so many times."""
    rows: list[Row] = []
    path.touch()
    with plugged(path, detectors) as (watched, leaks):
        until(watched, lambda one: one.health().state == "open" and one.count() > 0)
        for number in range(cycles):
            cycle(path, watched)
            if number == min(SETTLED, cycles - 1):
                held = {name: one.held() for name, one in watched.items() if one.pid}
        for name, one in watched.items():
            rows += _times(name, one)
        for name, first in held.items():
            last = watched[name].held()
            stays = first[0] == last[0] and last[1] <= first[1] and last[2] <= first[2]
            rows.append((f"{name}: process, files and threads stay", f"{first} then {last}", stays))
        replaced = leaks.health().replaced
        rows.append(("leaky: replaced meanwhile", f"{replaced} times", replaced > 0))
    return rows


def _times(name: str, one: Watched) -> list[Row]:
    return [
        _timed(f"{name}: noticed within {NOTICED:g} s", one.noticed, NOTICED),
        _timed(f"{name}: plays within {BACK:g} s of the device", one.back, BACK),
    ]


def _timed(what: str, seconds: list[float], most: float) -> Row:
    worst = max(seconds)
    return what, f"median {np.median(seconds):.2f}, worst {worst:.2f} s of {len(seconds)}", worst <= most + MORE


def play() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--detectors", nargs="*", default=["pose", "motion"])
    wanted = parser.parse_args()
    life.WARM = 0.5
    me = psutil.Process()

    def mine() -> tuple[int, int, int, int]:
        return me.num_fds(), me.num_threads(), len(me.children(recursive=True)), len(shared_memory())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "device"
        run(path, 1, [])  # what Python itself needs comes once, and stays
        before = mine()
        rows = run(path, wanted.cycles, wanted.detectors)
        after = mine()
    good = all(b <= a for a, b in zip(before, after, strict=True))
    rows.append(("files, threads, children, shared memory here", f"{before} then {after}", good))
    sys.exit(status(rows))


if __name__ == "__main__":
    play()
