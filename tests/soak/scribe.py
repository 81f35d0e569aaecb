"""What the scribe says is on disk: killed at random, watched by strace, on a full disk and where it may not write.

    .venv/bin/python -m tests.soak.scribe [--kills 200]

Tells rows at 60 Hz and chunks of a take while the scribe is killed with -9 again and again, then counts. Reads off
the system calls that every answer comes after what it tells of was synced. Fills a small disk (mounted in memory
where that is allowed, else a limit on the size of files), makes it read-only, and makes room again. About a second
for each kill; prints a table, ends with status 1 when a row failed.
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from livegan.clock import SystemClock
from livegan.inputs.take import load_take
from livegan.letters import Letter
from livegan.mapping import tables
from livegan.mapping.examples import FILE
from livegan.rehearsal import scribe
from livegan.rehearsal.scribe import Scribe
from livegan.show.clerk import Clerk
from tests.shows import wait_for
from tests.soak import Row, status
from tests.soak.disks import ROOM, may_not_write, mounted, small_disk
from tests.soak.telling import (
    FEATURES,
    IN_CHUNK,
    IN_ROUND,
    TAKE,
    Telling,
    all_of,
    beginnings,
    chunk,
    each,
    letter,
    row,
    told,
    whole,
)

LONGEST = 0.8
"""Seconds of a scribe's life, at most, once it has started."""


def killed(kills: int) -> list[Row]:
    """Nothing that was acknowledged is missing, nothing is there twice."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        folder, clerk = Path(place) / "own", Clerk("scribe", scribe.work, SystemClock())
        telling = Telling(clerk, folder)
        for asked in beginnings(folder):
            telling.ask(asked)
        for kill in range(kills):
            # Every fifth dies while it starts.
            wanted = ("opening", "open") if kill % 5 == 4 else ("open",)
            telling.until(lambda seen=kill, wanted=wanted: _back(clerk, seen) and clerk.health().state in wanted)
            end = time.monotonic() + chance.uniform(0.0, LONGEST)
            telling.until(lambda end=end: time.monotonic() >= end)
            os.kill(clerk.pid(), signal.SIGKILL)
        telling.until(lambda: telling.count % IN_CHUNK == 0)
        telling.ask(letter("take", folder, path=TAKE, features=FEATURES))
        clerk.close(patience=60)
        return _counted(folder, telling, clerk.health().restarts, kills)


def _back(clerk: Clerk, deaths: int) -> bool:
    """Whether the child after so many deaths is there."""
    return clerk.health().restarts == deaths and clerk.pid() is not None


def _counted(folder: Path, telling: Telling, restarts: int, kills: int) -> list[Row]:
    found, acknowledged = told(folder), set(telling.acknowledged)
    missing, twice = len(acknowledged - {*found}), len(found) - len({*found})
    _, frames = load_take(folder / TAKE)
    heard = len(telling.acknowledged) == len(acknowledged) == telling.count and not telling.errors
    return [
        (f"killed {kills} times, brought back each time", f"{restarts} restarts", restarts == kills),
        ("every acknowledged example is there", f"{len(acknowledged)} acknowledged, {missing} missing", not missing),
        ("none is there twice, or in the wrong place", f"{twice} twice", found == sorted({*found})),
        ("every row was answered once, without an error", f"{telling.count} told, {telling.errors[:1]}", heard),
        ("the file is whole", whole(folder / FILE), whole(folder / FILE) == "ok"),
        ("so is the take", f"{len(frames)} frames", [int(f.data[0]) for f in frames] == [*range(telling.count)]),
        (
            "nothing else is left beside it",
            "",
            [one.name for one in (folder / TAKE).parent.iterdir()] == [Path(TAKE).name],
        ),
    ]


def synced() -> list[Row]:
    """The disk is waited for, by SQLite's own word and by the system calls."""
    with tempfile.TemporaryDirectory() as place, contextlib.closing(Scribe()) as inline:
        folder = Path(place) / "own"
        inline.carry_out(beginnings(folder))
        held, _ = inline._held[folder]
        found = tables.number(held._db, "synchronous")
    return [("PRAGMA synchronous is FULL", str(found), found == 2), *_traced()]


def _traced() -> list[Row]:
    if shutil.which("strace") is None:
        return [("write, sync, answer", "not looked at: there is no strace here (apt install strace)", True)]
    with tempfile.TemporaryDirectory() as place:
        folder, trace = Path(place) / "own", Path(place) / "trace"
        with contextlib.closing(Clerk("scribe", scribe.work, SystemClock())) as clerk:
            each(clerk, beginnings(folder))
            calls = "trace=write,pwrite64,writev,sendto,fsync,fdatasync,rename,renameat,renameat2"
            words = ["strace", "-f", "-y", "-s", "16", "-e", calls, "-o", trace, "-p", str(clerk.pid())]
            with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tracer:
                if "attached" not in (said := tracer.stderr.readline()):
                    return [("write, sync, answer", f"not looked at: {said.strip()}", True)]
                each(clerk, [row(folder, number) for number in range(20)])
                each(clerk, [chunk(folder, number * IN_CHUNK) for number in range(20)])
                data = {"data": np.arange(100, dtype=np.uint8)}
                each(clerk, [letter("file", folder, data, path="fit.safetensors") for _ in range(20)])
                tracer.send_signal(signal.SIGINT)
        answers = list(_answers(trace.read_text()))
    wanted = [("rows", "-wal", 20), ("chunks of a take", ".journal", 20), ("files", ".fit", 20)]
    rows = []
    for what, name, count in wanted:
        mine = [order for order in answers if any(name in file for _, file in order)]
        good = [order for order in mine if _in_order(order, name)]
        rows.append((f"{what}: write, sync, answer", f"{len(good)} of {len(mine)}", len(good) == len(mine) == count))
    return rows


def _answers(trace: str) -> Iterator[list[tuple[str, str]]]:
    """For each answer, the calls since the one before, as (name, file), ending with the answer's own."""
    calls: list[tuple[str, str]] = []
    for name, file in re.findall(r"^\d+ +(\w+)\((?:\d+<([^>]*)>|.*)", trace, re.MULTILINE):
        calls.append((name, file))
        if file.startswith("socket:"):
            yield calls
            calls = []


def _in_order(calls: list[tuple[str, str]], name: str) -> bool:
    """Whether the last write to the file is followed by a sync of the same file, that by the answer."""
    written = max(at for at, (call, file) in enumerate(calls) if name in file and "write" in call)
    syncs = [
        at for at, (call, file) in enumerate(calls) if call in ("fsync", "fdatasync") and file == calls[written][1]
    ]
    return bool(syncs) and max(syncs) > written


def full() -> list[Row]:
    """A full disk is told, costs nothing that was there, and is forgotten when there is room."""
    with small_disk() as (disk, work, make_room, kind):
        folder = disk / "own"
        with contextlib.closing(Clerk("scribe", work, SystemClock())) as clerk:
            telling = Telling(clerk, folder)
            small, large = ({"data": np.full(size, size & 255, np.uint8)} for size in (1000, 2 * ROOM))
            each(clerk, [*beginnings(folder), letter("file", folder, small, path="fit"), chunk(folder, 0)])
            while not telling.errors and telling.count < 10_000:
                telling.ask(row(folder, telling.count), telling.count)
                telling.count += 1
                if telling.count % IN_ROUND == 0:
                    telling.ask(letter("round", folder, round=telling.count // IN_ROUND + 1, look="sky"))
                wait_for(lambda: telling.open == 0)
            before = told(folder)
            intact = before == telling.acknowledged and whole(folder / FILE) == "ok"
            file_error = each(clerk, [letter("file", folder, large, path="fit")])
            kept = (folder / "fit").read_bytes() == small["data"].tobytes()
            make_room(clerk.pid())
            again = each(clerk, [*all_of(folder, telling.count + 100), chunk(folder, IN_CHUNK)])
            after, alive = told(folder), clerk.health().restarts == 0
        take = _errors_inline(letter("take", folder, path=TAKE, features=FEATURES))
    return [
        (f"{kind}: one sentence", (telling.errors or [""])[0], len(telling.errors) > 0),
        ("what was acknowledged is there, the file is whole", f"{len(before)} examples", intact),
        ("a file that does not fit leaves the old one", (file_error or [""])[0], len(file_error) == 1 and kept),
        ("with room again all goes on", f"{len(after)} examples {again[:1]}", not again + take and alive),
        ("and nothing is there twice", "", after == [*range(telling.count + 100)]),
    ]


def _errors_inline(*letters: Letter) -> list[str]:
    with contextlib.closing(Scribe()) as inline:
        return [error for answer in inline.carry_out(letters) if (error := answer.words["error"])]


def read_only() -> list[Row]:
    """A folder that may not be written to is told, left as it was, and taught again when it may."""
    with tempfile.TemporaryDirectory() as place:
        folder, own_disk = Path(place) / "own", mounted("-t", "tmpfs", "own", place)
        try:
            _errors_inline(*all_of(folder, 50))
            with may_not_write(folder, own_disk) as allow:
                if os.access(folder, os.W_OK):
                    return [("read-only", "not looked at: this user writes everywhere, and may not mount", True)]
                return _denied(folder, allow)
        finally:
            if own_disk:
                subprocess.run(["umount", place], check=True)


def _denied(folder: Path, allow: Callable[[], object]) -> list[Row]:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with contextlib.closing(Clerk("scribe", scribe.work, SystemClock())) as clerk:
        errors = each(clerk, all_of(folder, 60))
        same = {path.name: path.read_bytes() for path in folder.iterdir()} == before
        allow()
        again, count = each(clerk, all_of(folder, 60)), len(told(folder))
    return [
        ("read-only: one sentence", (errors or [""])[-1], bool(errors)),
        ("nothing was changed there", ", ".join(before), same),
        ("with leave to write all goes on", f"{count} examples {again[:1]}", not again and count == 60),
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--kills", type=int, default=200)
    kills = asked.parse_args().kills
    sys.exit(status([*synced(), *full(), *read_only(), *killed(kills)]))


if __name__ == "__main__":
    main()
