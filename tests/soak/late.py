"""What faults of inputs cost the picture: late pictures in the time after each, beside as long a time without.

    .venv/bin/python -m tests.soak.late [--rounds 2]

The bundled dancer, offscreen, with OSC beside its body. In each round, half a minute apart: the pose process is killed
with -9, it is stopped until it counts as hung, its camera is killed, the pose is replaced as if it had grown too large,
OSC is killed; between two faults nothing happens for as long as is counted after one. Prints a table, ends with status
1 when there was more than one late picture for each fault beyond those between them, when a replacement took longer
than a second, or when the body was not live again.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livegan.show.host import Child
from livegan.show.opening import Opened
from livegan.show.report import Meters
from tests.shows import free_port, rewritten, show_of
from tests.soak import Row, status

BETWEEN, SETTLING, GAP = 15.0, 10.0, 1.0
REPLACED = "pose replaced"
OSC = '[input.desk]\nkind = "osc"\nport = {port}\naddresses = {{ "/fader" = "fader" }}\n\n[input.body]'


def _killed(child: Child) -> None:
    os.kill(child.pid(), signal.SIGKILL)


def _stopped(child: Child) -> None:
    os.kill(child.pid(), signal.SIGSTOP)


def _grown(child: Child) -> None:
    child._life._growth = -(1 << 40)  # as if it had grown beyond what it may


FAULTS: list[tuple[str, str, Callable[[Child], None]]] = [
    ("pose killed", "body", _killed),
    ("pose hangs", "body", _stopped),
    ("camera killed", "clip:", _killed),
    (REPLACED, "body", _grown),
    ("osc killed", "desk", _killed),
]


NOTHING = "nothing", "body", lambda child: None


@dataclass
class Fault:
    """One of them, or none. late: pictures, until the next. state: of the body then. gap: its longest, in seconds."""

    what: str
    late: int = 0
    gap: float = 0.0
    state: str = ""


class Faults:
    """Has faults happen to a show by the clock, each after as long without one."""

    def __init__(self, one: Opened, rounds: int) -> None:
        self._one, self._clock = one, one.show.clock
        self._body = next(feed for feed in one.show.feeds if feed.name == "body")
        self._due, self._late = self._clock.now() + SETTLING, 0
        self._frames, self._came = 0, self._clock.now()
        self._waiting = [each for fault in FAULTS for each in (NOTHING, fault)] * rounds
        self.found = [Fault("at the start")]

    def go_on(self, meters: Meters) -> bool:
        """Asked before each picture."""
        now = self._clock.now()
        self._measure(self.found[-1], meters, now)
        if now < self._due:
            return True
        self._due, self._late = now + BETWEEN, meters.late
        if self._waiting:
            self._fault(*self._waiting.pop(0))
            return True
        return False

    def of(self, calm: bool) -> list[Fault]:
        """What was found without a fault, or after one."""
        return [one for one in self.found[1:] if (one.what == NOTHING[0]) == calm]

    def _measure(self, fault: Fault, meters: Meters, now: float) -> None:
        fault.late, fault.state = meters.late - self._late, self._body.state(self._clock).state
        if self._body.frames > self._frames:
            fault.gap = max(fault.gap, now - self._came)
            self._frames, self._came = self._body.frames, now

    def _fault(self, what: str, name: str, do: Callable[[Child], None]) -> None:
        self.found.append(Fault(what))
        do(next(child for child in self._one.world.children if child.name.startswith(name)))


def run(rounds: int) -> Faults:
    """Play."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as opened:
        changes = {'kind = "window"': 'kind = "offscreen"', "[input.body]": OSC.format(port=free_port())}
        one = opened.enter_context(show_of(rewritten("dancer", Path(folder), changes)))
        faults = Faults(one, rounds)
        one.show.run(faults.go_on)
    return faults


def _row(fault: Fault) -> Row:
    good = fault.state == "live" and (fault.what != REPLACED or fault.gap <= GAP)
    return f"{fault.what}, live again", f"{fault.state}, {fault.late} late, no frame for {fault.gap:.2f} s", good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    faults = run(parser.parse_args().rounds)
    found, calm = ([one.late for one in faults.of(quiet)] for quiet in (False, True))
    rows: list[Row] = [_row(fault) for fault in faults.of(calm=False)]
    told = f"{sum(found)}; without {sum(calm)}: {' '.join(map(str, calm))}"
    rows.append((f"late pictures, at most {len(found)} more", told, sum(found) <= sum(calm) + len(found)))
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
