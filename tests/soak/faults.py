"""What breaks on stage: the pose process dies again and again, then the whole show; the picture must not notice.

    .venv/bin/python -m tests.soak.faults

Plays the bundled dancer offscreen, two and a half loops undisturbed, then kills the pose process with -9 five times,
ten seconds apart. Then kills a whole `livegan play` with -9, starts it again at once with the same OSC port, and
looks for what the first one left behind. About two minutes of real time; prints a table, ends with status 1 when a
row failed.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from pythonosc.udp_client import SimpleUDPClient

from livegan.show.host import Child
from livegan.show.opening import Opened
from livegan.show.report import Meters
from livegan.show.show import Tick
from tests.shows import Kept, free_port, livegan, rewritten, shared_memory, show_of
from tests.soak import Row, status

KILLS = 5
BETWEEN = 10.0
UNDISTURBED = 17.0
SETTLING = 8.0
LIVE_WITHIN = 4.0
PERIOD = 1 / 30
OFFSCREEN = {'kind = "window"': 'kind = "offscreen"'}


@dataclass
class Kill:
    """One death of the pose process; times in seconds. frames: that the show had heard. back: when it was live."""

    at: float
    pid: int
    frames: int
    back: float | None = None
    state: str = ""


class Killing:
    """Kills the pose process of a running show by the clock, and sees when it is back."""

    def __init__(self, one: Opened) -> None:
        self._one, self._clock = one, one.show.clock
        self._child: Child = next(child for child in one.world.children if child.name == "body")
        self._due = self._clock.now() + SETTLING + UNDISTURBED
        self.kills: list[Kill] = []

    def go_on(self, meters: Meters) -> bool:
        """Asked before each picture."""
        now, feed = self._clock.now(), self._one.show.feeds[0]
        if self.kills and self.kills[-1].back is None:
            last, alive = self.kills[-1], self._child.health().state == "open"
            if self._child.pid() not in (None, last.pid) and alive and feed.frames > last.frames + 1:
                last.back = now
        if now >= self._due:
            if self.kills:
                self.kills[-1].state = feed.state(self._clock).state
            if len(self.kills) == KILLS:
                return False
            self.kills.append(Kill(now, self._child.pid(), feed.frames))
            os.kill(self._child.pid(), signal.SIGKILL)
            self._due = now + BETWEEN
        return True


def pose_dies() -> list[Row]:
    """Live again soon, no gap between pictures, no jump in the look."""
    ticks: list[Tick] = []
    stage = Kept(lambda pixels: None)
    with contextlib.ExitStack() as opened:
        path = rewritten("dancer", Path(opened.enter_context(tempfile.TemporaryDirectory())), OFFSCREEN)
        one = opened.enter_context(show_of(path, stage, ticks.append))
        began, killing = one.show.clock.now(), Killing(one)
        one.show.run(killing.go_on)
    first = killing.kills[0].at
    took = [f"{kill.back - kill.at:.2f}" if kill.back else "never" for kill in killing.kills]
    states = sorted({kill.state for kill in killing.kills})
    shown = np.array([at for at, _ in stage.shown])
    gaps = np.diff(shown)
    calm, after = gaps[shown[1:] < first], gaps[shown[1:] >= first]
    good = all(kill.back and kill.back - kill.at <= LIVE_WITHIN for kill in killing.kills)
    told = f"longest {1e3 * after.max():.0f} ms, undisturbed {1e3 * calm.max():.0f} ms"
    return [
        (f"frames again within {LIVE_WITHIN:g} s of each kill", " ".join(took) + " s", good),
        ("the input is called live ten seconds later", ", ".join(states), states == ["live"]),
        ("no more than three periods between pictures", told, bool(after.max() <= 3 * PERIOD)),
        *_movement(ticks, began + SETTLING, killing.kills),
    ]


def _movement(ticks: list[Tick], start: float, kills: list[Kill]) -> list[Row]:
    """How far w goes in one tick, undisturbed and after the kills."""
    due = np.array([tick.due for tick in ticks[1:]])
    moved = np.linalg.norm(np.diff([tick.look.w.ravel() for tick in ticks], axis=0), axis=1)
    most = moved[(due >= start) & (due < kills[0].at)].max()
    found = moved[due >= kills[0].at].max()
    told = f"{found:.1f} in a tick, undisturbed {most:.1f}"
    return [("w never goes twice as far in a tick", told, bool(found <= 2 * most))]


def show_dies() -> list[Row]:
    """Nothing of a killed show is left, and it can be started again at once."""
    port, before = free_port(), shared_memory()
    with tempfile.TemporaryDirectory() as folder:
        osc = f'[input.desk]\nkind = "osc"\nport = {port}\naddresses = {{ "/fader" = "fader" }}\n\n[input.body]'
        path = rewritten("dancer", Path(folder), {**OFFSCREEN, "[input.body]": osc})
        first = livegan("play", path, cwd=Path(folder))
        time.sleep(6.0)
        family = psutil.Process(first.pid).children(recursive=True)
        made = shared_memory() - before
        first.kill()
        first.wait()
        killed = time.monotonic()
        again = livegan("play", path, "--seconds", 8, "--report", "again.json", cwd=Path(folder))
        left = _seconds_until(lambda: not _running(family), killed, 10)
        memory = _seconds_until(lambda: not made & shared_memory(), killed, 10)
        client, done = SimpleUDPClient("127.0.0.1", port), None
        while (done := again.poll()) is None and time.monotonic() < killed + 60:
            client.send_message("/fader", 0.5)
            time.sleep(0.1)
        said = (again.stderr.read() or again.stdout.read()).strip().splitlines()[-1:]
        report = Path(folder) / "again.json"
        inputs = _states(report)
        last = _seconds_until(lambda: not shared_memory() - before, killed, 60)
    return [
        (f"{len(family)} children gone within 2 s", f"{left:.2f} s", left <= 2.0),
        (f"{len(made)} pieces of shared memory gone within 5 s", f"{memory:.2f} s", bool(made) and memory <= 5.0),
        ("starts again at once, same OSC port", f"status {done}, {inputs}; {' '.join(said)}", done == 0),
        ("both inputs are live there", inputs, inputs == "desk live, body live"),
        ("no shared memory left at the end", "" if np.isfinite(last) else "left", bool(np.isfinite(last))),
    ]


def _states(report: Path) -> str:
    if not report.is_file():
        return "no report"
    return ", ".join(f"{name} {found['state']}" for name, found in json.loads(report.read_text())["inputs"].items())


def _running(family: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _seconds_until(happened: Callable[[], object], since: float, most: float) -> float:
    """Seconds from `since` until it happened; infinite when it did not within `most`."""
    while time.monotonic() - since < most:
        if happened():
            return time.monotonic() - since
        time.sleep(0.02)
    return np.inf


def main() -> None:
    rows = [*pose_dies(), *show_dies()]
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
