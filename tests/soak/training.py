"""From an empty folder to a model on stage, by the commands of docs/training.md, with a kill -9 on the way.

    .venv/bin/python -m tests.soak.training [--count 2000] [--steps 2500] [--every 250]

Paints skies, trains `tiny` on this processor, kills it after its first checkpoint, goes on, and plays what came of it;
then trains 40 steps unbroken and 40 killed after 20, on one thread, and two processes one of which is killed. Prints a
table, ends with status 1 when a row failed. Ten minutes on two cores that have nothing else to do.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from livegan.clock import SystemClock
from livegan.training.checkpoint import newest, numbered
from livegan.training.logbook import read
from tests.shows import wait_for
from tests.soak import Row, status

PATIENCE = 1800.0
GROWN = 64 << 20
"""Bytes by which a training may grow from its first third to its end."""
EXACT = ["--precision", "float32", "--device", "cpu", "--steps", "40", "--every", "20"]
TORCHRUN = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--max-restarts", "1", "-m", "livegan"]


def started(folder: Path, *words: str, module: tuple[str, ...] = ("livegan",), threads: str = "") -> subprocess.Popen:
    """A command in `folder`, on so many threads."""
    environment = os.environ | ({"OMP_NUM_THREADS": threads} if threads else {})
    sys.stdout.write(f"      {module[-1]} {' '.join(words)}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", *module, *words]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen) -> str:
    """What it said; it must end well."""
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return said


def killed(process: subprocess.Popen, checkpoints: Path, step: int) -> None:
    """End it with -9 when the checkpoint of a step is there."""
    wait_for(lambda: process.poll() is not None or step in numbered(checkpoints), PATIENCE)
    process.kill()
    process.communicate()


def watched(process: subprocess.Popen) -> list[int]:
    """Its resident bytes, now and then until it ends."""
    me, clock, found = psutil.Process(process.pid), SystemClock(), []
    with contextlib.suppress(psutil.Error):
        while process.poll() is None:
            found.append(me.memory_info().rss)
            clock.sleep_until(clock.now() + 1)
    return found


def from_nothing(folder: Path, wanted: argparse.Namespace) -> Iterator[Row]:
    """Dataset, training, kill, going on, playing."""
    ended(started(folder, "dataset", "skies", "set", "--count", str(wanted.count), "--size", "64"))
    words = ("train", "set", "mine", "--preset", "tiny", "--steps", str(wanted.steps), "--every", str(wanted.every))
    killed(started(folder, *words), folder / "mine/checkpoints", wanted.every)
    again = started(folder, *words)
    memory = watched(again)
    said = ended(again)
    yield "after kill -9 it goes on from a checkpoint", said.splitlines()[0], said.startswith("Going on from step ")
    lines = read(folder / "mine/log.csv")
    steps = [line.step for line in lines]
    once = steps == sorted(set(steps)) and steps[-1] == wanted.steps
    yield "the log has each step once", f"{len(steps)} lines", once
    figures = [line.quality for line in lines if line.quality is not None]
    share = figures[-1] / figures[0]
    told = f"{share:.0%} of {figures[0]:.0f}; on the way {' '.join(f'{x / figures[0]:.0%}' for x in figures[1:-1])}"
    yield "the distance is at most half of step 0's", told, share <= 0.5
    third = memory[len(memory) // 3]
    grown = max(memory) - third
    yield "memory stays", f"{grown / 1e6:+.0f} MB of {third / 1e6:.0f} MB", grown < GROWN
    yield "it takes minutes", f"{lines[-1].seconds / 60:.1f} min, {lines[-1].speed:.0f} pictures a second", True
    ended(started(folder, "play", "mine/play.toml", "--stage", "offscreen", "--seconds", "5", "--report", "r.json"))
    played = json.loads((folder / "r.json").read_text())
    told = f"{played['frames']} pictures, {played['distinct']} of them new"
    yield "the model plays", told, played["distinct"] > 10


def exact(folder: Path) -> Row:
    """40 steps unbroken, and 40 killed after 20."""
    ended(started(folder, "train", "set", "whole", *EXACT, threads="1"))
    killed(started(folder, "train", "set", "broken", *EXACT, threads="1"), folder / "broken/checkpoints", 20)
    ended(started(folder, "train", "set", "broken", *EXACT, threads="1"))
    one, two = (newest(folder / name / "checkpoints")[0] for name in ("whole", "broken"))
    apart = max(float((tensor - two.tensors[name]).abs().max()) for name, tensor in one.tensors.items())
    return "a resumed training is the unbroken one", f"{apart:.1e} in the worst weight", apart <= 1e-4


def spread(folder: Path) -> Row:
    """Two processes, one of which is killed: torchrun starts both again."""
    words = ("train", "set", "two", *EXACT, "--steps", "100")
    both = started(folder, *words, module=tuple(TORCHRUN), threads="1")
    wait_for(lambda: both.poll() is not None or 20 in numbered(folder / "two/checkpoints"), PATIENCE)
    psutil.Process(both.pid).children()[-1].kill()
    said = ended(both)
    steps = [line.step for line in read(folder / "two/log.csv")]
    return "two processes, one killed, end well", f"{len(steps)} lines", "Going on" in said and steps == [*range(101)]


def rows(folder: Path, wanted: argparse.Namespace) -> Iterator[Row]:
    """All of them, each made when it is asked for."""
    yield from from_nothing(folder, wanted)
    yield exact(folder)
    yield spread(folder)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=2000)
    asked.add_argument("--steps", type=int, default=2500)
    asked.add_argument("--every", type=int, default=250)
    with tempfile.TemporaryDirectory() as name:
        sys.exit(status(rows(Path(name), asked.parse_args())))


if __name__ == "__main__":
    main()
