"""The whole show killed with -9 while it records: every example that it called written is on disk.

    .venv/bin/python -m tests.soak.killed [--kills 5]

A show of 60 pictures a second records for a look and tells after each picture how many examples its scribe has
acknowledged; it is killed at a random moment, and the examples are counted. All kills go into the same folder.
Prints a table, ends with status 1 when a row failed.
"""

import argparse
import contextlib
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from livegan.clock import SystemClock
from livegan.mapping.examples import FILE, Examples
from livegan.rehearsal.opening import rehearsing
from livegan.show.show import Tick
from tests.shows import STEADY, show_of
from tests.soak import Row, status

BODY = "rate = 60\nfeatures = { x = 0.0, y = 0.0 }"
PATCH = STEADY.replace("rate = 60", BODY) + "[mapping.own]\n"


def record(folder: Path) -> None:
    """Play and record until killed; each line says round and examples written."""
    (folder / "show.toml").write_text(PATCH)
    with contextlib.chdir(folder), show_of(folder / "show.toml", fps=60) as one, rehearsing(one, one.show.clock) as on:

        def observe(tick: Tick) -> None:
            on.step(tick)
            if not on.teaching.busy and not on.lectern.nobody(tick):
                on.choosing.seed(7)
                on.record(True)
            for made in on.lectern.rounds.all.values():
                sys.stdout.write(f"{made.id} {made.written}\n")
            sys.stdout.flush()

        one.show.observe = observe
        one.show.run(lambda meters: True)


def killed(folder: Path, dice: random.Random, before: dict[int, int]) -> dict[int, int]:
    """What a show said was written before it was killed: examples by round, those of earlier shows `before`."""
    command = [sys.executable, "-m", "tests.soak.killed", "--show", str(folder)]
    told: dict[int, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as show:
        end, clock = None, SystemClock()
        for line in show.stdout:
            if not line.endswith("\n"):
                break
            number, written = map(int, line.split())
            if end is None and written and number not in before:
                end = clock.now() + dice.uniform(0.2, 3.0)
            told[number] = written
            if end is not None and clock.now() > end:
                break
        show.send_signal(signal.SIGKILL)
    return told


def counted(folder: Path) -> dict[int, int]:
    """What is on disk: examples by round."""
    with Examples.read_only(folder / "mappings" / "own" / FILE) as examples:
        return {one.id: one.count for one in examples.rounds()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--show", type=Path)
    wanted = parser.parse_args()
    if wanted.show:
        record(wanted.show)
        return
    dice = random.Random(0)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder, told = Path(name), {}
        for kill in range(1, wanted.kills + 1):
            told |= killed(folder, dice, told)
            found = counted(folder)
            lost = {number: count for number, count in told.items() if found.get(number, 0) < count}
            sentence = f"{sum(told.values())} acknowledged, {sum(found.values())} on disk"
            rows.append((f"kill {kill}, nothing acknowledged is lost", sentence, not lost and bool(told)))
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
