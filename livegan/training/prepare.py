"""From a folder, a zip or videos, or from the painter of skies, to a dataset: read, check, cut, copy, write, report.

Holds a few pictures at a time. What is in the set depends on the source and the seed alone.
"""

import os
import signal
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread
from typing import TypeVar

import cv2
import numpy as np

from livegan.errors import BadRequest, Failure
from livegan.training import sources
from livegan.training.dataset import Dataset, Making
from livegan.training.duplicates import Duplicates
from livegan.training.pictures import Cut, Picture, Unfit, picture
from livegan.training.skies.drawing import drawn
from livegan.training.skies.palettes import TIMES
from livegan.training.skies.scene import scene
from livegan.training.sources import LeftOut, Offered, told
from livegan.training.videos import Moments

MOST = 25_000
"""Pictures, unless more are asked for by --limit."""

_READERS, _AHEAD, _PAINTERS = 2, 4, 16

Watch = Callable[[float, int, int], None]
"""Told now and then: how much of the source is done, of how much, and how many pictures there are."""

T = TypeVar("T")
Read = tuple[Offered, Picture] | LeftOut


@dataclass(frozen=True)
class Wanted:
    """A set of pictures from files. limit: pictures before copies; None takes them in order up to MOST.

    mirror, rotate: add mirrored copies and quarter turns. labels: from subfolders. hold_out: a share, 0 to 0.5.
    """

    source: Path
    cut: Cut
    moments: Moments
    mirror: bool = False
    rotate: bool = False
    labels: bool = False
    hold_out: float = 0.05
    limit: int | None = None


@dataclass(frozen=True)
class Told:
    """What became of a source. used: its pictures; left: what was left out; notes: (name, what was odd)."""

    dataset: Dataset
    used: int
    left: list[LeftOut]
    notes: list[tuple[str, str]]
    full: bool

    def counts(self) -> list[tuple[str, int]]:
        """How many were left out for each kind of reason, most first."""
        return Counter(one.kind for one in self.left).most_common()


def prepare(wanted: Wanted, path: Path, watch: Watch) -> Told:
    """Make the dataset `path` from files. Raises BadRequest or Failure in one sentence; there is then no `path`."""
    shuffled = None if wanted.limit is None else wanted.cut.seed
    total, offered = sources.opened(wanted.source, wanted.moments, shuffled)
    left: list[LeftOut] = []
    notes: list[tuple[str, str]] = []
    known, used, most = Duplicates(), 0, wanted.limit or MOST
    with Making(path, wanted.cut.size) as making, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, which the checks of a picture answer
        for one in _read(offered(), wanted):
            if isinstance(one, LeftOut):
                left.append(one)
                continue
            source, found = one
            if wanted.labels and not source.label:
                left.append(LeftOut(source.name, "without label", "it is in no subfolder, which would be its label"))
            elif same := known.same(found.pixels, source.name):
                left.append(LeftOut(source.name, "duplicate", f"it is the same picture as {same}"))
            else:
                making.add(_copies(found.pixels, wanted), source.label if wanted.labels else "")
                used += 1
                notes += [(source.name, note) for note in found.notes]
            watch(source.at + 1, total, used)
            if used == most:
                break
        _refuse_none(used, left, wanted.source)
        report = _report(wanted, used, left, notes)
        dataset = making.finish(_settings(wanted), wanted.hold_out, wanted.cut.seed, report)
    return Told(dataset, used, left, notes, used == most)


def _read(offered: Iterable[Offered | LeftOut], wanted: Wanted) -> Iterator[Read]:
    """The pictures in their order, a few of them decoded ahead."""
    with ThreadPoolExecutor(_READERS) as readers:
        begun = ((one, None if isinstance(one, LeftOut) else readers.submit(_one, one, wanted.cut)) for one in offered)
        try:
            for one, future in _later(begun, _AHEAD):
                yield _result(one, future)
        finally:
            readers.shutdown(cancel_futures=True)


def _later(begun: Iterable[T], most: int) -> Iterator[T]:
    """The same in the same order, each when `most` more were begun."""
    waiting: deque[T] = deque()
    for one in begun:
        waiting.append(one)
        if len(waiting) > most:
            yield waiting.popleft()
    yield from waiting


def _one(one: Offered, cut: Cut) -> Picture | LeftOut:
    try:
        return picture(one.read(), one.name, cut)
    except Unfit as error:
        return LeftOut(one.name, error.kind, str(error))
    except MemoryError:
        return LeftOut(one.name, "too large", "there is not enough memory for it")


def _result(one: Offered | LeftOut, future: Future | None) -> Read:
    if future is None:
        return one
    found = future.result()
    return found if isinstance(found, LeftOut) else (one, found)


def _copies(pixels: np.ndarray, wanted: Wanted) -> Iterator[np.ndarray]:
    for turns in range(4 if wanted.rotate else 1):
        yield np.rot90(pixels, turns)
        if wanted.mirror:
            yield np.rot90(pixels, turns)[:, ::-1]


def _refuse_none(used: int, left: list[LeftOut], source: Path) -> None:
    if not used:
        counts = ", ".join(f"{count} {kind}" for kind, count in Counter(one.kind for one in left).most_common())
        first = f", the first being {left[0].name}: {left[0].why}" if left else ""
        raise BadRequest(f"no picture in {source} can be used ({counts or 'it is empty'}){first}")


def _settings(wanted: Wanted) -> dict:
    """What the set was made with; the source by its name alone, since sets travel."""
    return {**asdict(wanted), "source": told(wanted.source.name)}


def _report(wanted: Wanted, used: int, left: list[LeftOut], notes: list[tuple[str, str]]) -> str:
    lines = [f"Used: {used} pictures. Left out: {len(left)}."]
    if left:
        lines += ["", "Left out:", *(f"{one.name}: {one.why} [{one.kind}]" for one in left)]
    if notes:
        lines += ["", "Used, though odd:", *(f"{name}: {note}" for name, note in notes)]
    return "\n".join(lines) + "\n"


def paint(count: int, size: int, seed: int, labels: bool, hold_out: float, path: Path, watch: Watch) -> Dataset:
    """Make a dataset of painted skies; with labels, the time of day is the class. Raises BadRequest or Failure."""
    with Making(path, size) as making, closing(_skies(count, size, seed)) as skies:
        for done, (pixels, label) in enumerate(skies, 1):
            making.add([pixels], TIMES[label] if labels else "")
            watch(done, count, done)
        made = {"source": "skies", "count": count, "size": size, "seed": seed, "hold_out": hold_out}
        return making.finish(made, hold_out, seed, f"{count} skies painted with seed {seed}; nothing was left out.\n")


def _skies(count: int, size: int, seed: int) -> Iterator[tuple[np.ndarray, int]]:
    """The skies in their order, painted by processes that end with this. Raises Failure where one of them is lost."""
    workers, context = min(os.cpu_count() or 1, _PAINTERS, count), get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    try:
        # Ours is closed before the pool, which would else wait for what is being painted.
        with theirs, ProcessPoolExecutor(workers, context, _painter, (theirs,)) as pool, ours:
            begun = (pool.submit(_painted, seed, number, size) for number in range(count))
            for future in _later(begun, _AHEAD * workers):
                yield future.result()
    except (BrokenProcessPool, MemoryError) as error:
        raise Failure("a painter was killed or had no memory left; nothing is kept: free some and try again") from error


def _painter(theirs: Connection) -> None:
    # Ctrl-C reaches the whole group; the one who started it answers for all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    Thread(target=_end_with, args=(theirs,), daemon=True).start()


def _end_with(theirs: Connection) -> None:
    # Nothing is ever sent: the other end is closed, or went with its process.
    wait([theirs])
    os._exit(1)


def _painted(seed: int, number: int, size: int) -> tuple[np.ndarray, int]:
    one = scene(seed, number)
    return drawn(one, size), one.label
