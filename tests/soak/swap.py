"""Another model on stage, again and again, while the bundled dancer plays; what that does to the pictures.

    .venv/bin/python -m tests.soak.swap [--swaps 50] [--model FILE] [--no-large]

`skies` and another model (a copy of it, unless a file is given) take turns. Late pictures are counted from the command
until a second after the model came on stage, beside as long a time without one before it. About seven seconds a swap.
Last comes a full-size net of 1024 px with random weights, which is written here (120 MB; 1.5 GB of memory): of it only
what its loading does to the small one on stage counts. Prints a table, ends with status 1 when a row failed.
"""

import argparse
import contextlib
import gc
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from livegan import files
from livegan.clock import SystemClock
from livegan.generators import weights
from livegan.rehearsal.opening import rehearsing
from livegan.rehearsal.rehearsal import Rehearsal
from livegan.show.report import Meters
from livegan.training.config import Config
from livegan.training.generator import Generator
from tests.shows import rewritten, show_of
from tests.soak import Row, status

WARM = 8.0
AFTER = 1.0
REST = 1.0
MOST = 3
GROWN = 8 << 20
"""Bytes by which resident memory may grow over all swaps but the first few."""


@dataclass(frozen=True)
class Swap:
    """One swap: seconds until the model was on stage, pictures late until then, late in all, in as many seconds before
    without, and what is held."""

    took: float
    loading: int
    late: int
    calm: int
    memory: int
    threads: int
    files: int


class Swapping:
    """Asks for one model after the other and watches the show; `found` grows."""

    def __init__(self, rehearsal: Rehearsal, names: Sequence[str]) -> None:
        self._rehearsal, self._names, self._clock = rehearsal, names, SystemClock()
        self._me = psutil.Process()
        self._next = self._clock.now() + WARM
        self._asked: float | None = None
        self._staged: float | None = None
        self._lates: list[tuple[float, int]] = []
        self.found: list[Swap] = []

    def go_on(self, meters: Meters) -> bool:
        now = self._clock.now()
        self._lates.append((now, meters.late))
        if self._asked is None and now >= self._next:
            self._asked, self._before = now, self._rehearsal.show.generator
            self._rehearsal.changing.ask(self._names[len(self.found)])
        elif self._asked is not None and self._staged is None:
            self._staged = now if self._rehearsal.show.generator is not self._before else None
        elif self._staged is not None and now >= self._staged + AFTER:
            self._note(now)
        return len(self.found) < len(self._names)

    def _note(self, now: float) -> None:
        lasted = now - self._asked
        loading, late = self._late(self._asked, self._staged), self._late(self._asked, now)
        calm = self._late(self._asked - lasted, self._asked)
        held = self._me.memory_info().rss, self._me.num_threads(), self._me.num_fds()
        self.found.append(Swap(self._staged - self._asked, loading, late, calm, *held))
        sys.stdout.write(f"{len(self.found):3}  {self.found[-1]}\n")
        sys.stdout.flush()
        self._asked = self._staged = self._before = None
        self._next = now + lasted + REST

    def _late(self, begun: float, ended: float) -> int:
        counts = [count for at, count in self._lates if begun <= at <= ended]
        return counts[-1] - counts[0] if counts else 0


def run(folder: Path, other: Path, names: Sequence[str]) -> list[Swap]:
    """Play and swap in this folder, to the models of these names."""
    (folder / "models").mkdir()
    shutil.copy(other, folder / "models" / "other.safetensors")
    if "large" in names:
        write_large(folder / "models" / "large.safetensors")
    path = rewritten("dancer", folder, {'kind = "window"': 'kind = "offscreen"\nsize = [256, 256]'})
    with contextlib.chdir(folder), show_of(path, fps=30) as one, rehearsing(one, SystemClock()) as rehearsal:
        one.show.observe = rehearsal.step
        swapping = Swapping(rehearsal, names)
        gc.collect()
        gc.freeze()
        one.show.run(swapping.go_on)
        assert one.show.meters.faults == 0, one.show.fault
    return swapping.found


def write_large(path: Path) -> None:
    """A net of 1024 px with as many channels as the published ones, that nobody has trained."""
    config = Config(size=1024, channel_base=32768, channel_max=512, mapping_layers=8)
    tensors = {name: tensor.numpy() for name, tensor in Generator(config, 1024).state_dict().items()}
    weights.dump(path, weights.Model(path.stem, "stylegan2", config.of_model(1024), tensors, ""))


def of_large(one: Swap) -> Row:
    """What making the large model ready did to the small one."""
    told = f"{one.loading} in {one.took:.1f} s"
    return f"late pictures while 1024 px are made ready, at most {MOST}", told, one.loading <= MOST


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--swaps", type=int, default=50)
    asked.add_argument("--model", type=Path, default=files.bundled("models") / "skies.safetensors")
    asked.add_argument("--no-large", action="store_true")
    wanted = asked.parse_args()
    names = [("other", "skies")[turn % 2] for turn in range(wanted.swaps)] + ["large"] * (not wanted.no_large)
    with tempfile.TemporaryDirectory() as name:
        found = run(Path(name), wanted.model.resolve(), names)
    large, found = found[wanted.swaps :], found[: wanted.swaps]
    late, calm = [one.late for one in found], [one.calm for one in found]
    first, last = found[min(4, len(found) - 1)], found[-1]
    grown = last.memory - first.memory
    more = last.threads - first.threads, last.files - first.files
    told = f"{max(late)}, median {np.median(late):g}; as long without: {max(calm)}, median {np.median(calm):g}"
    rows: list[Row] = [
        (f"late pictures in a swap, at most {MOST}, median 0", told, max(late) <= MOST and np.median(late) == 0),
        ("seconds until it is on stage", f"median {np.median([one.took for one in found]):.2f}", True),
        ("memory after the fifth swap and after the last", f"{grown / 2**20:+.1f} MB", grown <= GROWN),
        ("threads and files after the fifth and the last", f"{more[0]:+} and {more[1]:+}", max(more) <= 0),
        *map(of_large, large),
    ]
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
