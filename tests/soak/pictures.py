"""Two thousand pictures, none of a look like the one before, by the fast path: what the process holds stays level.

    .venv/bin/python -m tests.soak.pictures [MODEL] [--count 2000]

No show, one thread. Prints a table, ends with status 1 when a row failed.
"""

import argparse
import gc
import sys
from collections.abc import Iterator
from zlib import crc32

import psutil

from livegan import files, patch
from livegan.generators.base import Generator
from livegan.importers.convert import cached
from livegan.latent.look import Look, seeded_z
from tests.soak import Row, status

FIRST, EVERY = 200, 300
"""Pictures before memory is compared, and between two rows."""

GROWN = 8 << 20
"""Bytes by which resident memory may grow after the first pictures."""


def rows(generator: Generator, count: int) -> Iterator[Row]:
    """Draw so many pictures; what is held in between, beside what was held after the first."""
    me, seen = psutil.Process(), set()
    for turn in range(1, count + 1):
        picture = generator.start(look(generator, turn))
        picture.wait()
        seen.add(crc32(picture.pixels))
        if turn == FIRST:
            gc.collect()
            before = me.memory_info().rss
        elif turn > FIRST and (turn % EVERY == 0 or turn == count):
            grown = me.memory_info().rss - before
            yield f"memory after picture {turn:,} beside {FIRST}", f"{grown / 2**20:+.1f} MB", grown < GROWN
    yield "pictures that differ from all others", f"{len(seen):,} of {count:,}", len(seen) == count


def look(generator: Generator, turn: int) -> Look:
    """Another w, psi and noise for each turn."""
    w = generator.w(seeded_z(turn, generator.info.z_dim)[None])[0]
    noise = ("const", "random", "none")[turn % 3]
    return Look(w, psi=0.4 + turn % 7 / 10, noise=noise, noise_seed=turn, noise_strength=1 + turn % 5 / 5)


def opened(name: str) -> Generator:
    """A bundled model or a file, on one thread."""
    path = cached(files.find("models", name, suffix=".safetensors"))
    kind = patch.load_class("generators", patch.architecture(path))
    return kind(kind.Settings(threads=1), path)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("model", nargs="?", default="skies")
    asked.add_argument("--count", type=int, default=2000)
    wanted = asked.parse_args()
    sys.exit(status(rows(opened(wanted.model), wanted.count)))


if __name__ == "__main__":
    main()
