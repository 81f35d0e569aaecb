"""The latency law, read from pixels: every picture shows the world as it was one declared latency ago.

    .venv/bin/python -m bench.law [--pictures 2000] [--latency auto 0.2]

A steady input (30 a second, late by up to 40 ms, one in ten lost) tells the seconds since its first frame; the
pattern paints them as black and white cells; they are read back from the stage each time a picture was presented.
When the input's clock began is seen from its frames: `seen` less the number that the frame carries, for all of
them (seen in the input's process, on the clock that all processes of a machine share). Counted are the pictures
of settled ticks. Ends with status 1 when fewer than 99 % are within half a period of the law.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livegan.generators.pattern import read_bits
from livegan.show.show import Tick
from tests.shows import Kept, show_of

FPS = 30.0
HEADS = ("declared", " needed", " held", " late", "clock us")
WANTED = 0.99
PATCH = """
latency = {latency}
fps = 30
[input.world]
kind = "steady"
rate = 30
clock = true
jitter = 0.04
drop = 0.1
[mapping.clock]
features = "world.clock"
outputs = ["clock"]
[generator]
kind = "pattern"
bits = true
[stage.main]
kind = "offscreen"
size = [256, 256]
"""


@dataclass(frozen=True)
class Found:
    """What one run gave. off: shown - told - declared, seconds [pictures]; began: spread of the input's beginning."""

    off: np.ndarray
    declared: float
    needed: float
    held: int
    late: int
    began: float

    @property
    def kept(self) -> float:
        """The share of pictures within half a period."""
        return float((np.abs(self.off) <= 0.5 / FPS).mean())


def run(latency: str, pictures: int) -> Found:
    """Play until so many pictures of settled ticks were shown."""
    stage, ticks = Kept(read_bits), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "law.toml"
        path.write_text(PATCH.format(latency='"auto"' if latency == "auto" else float(latency)))
        with show_of(path, stage, ticks.append) as one:
            feed = one.show.feeds[0]
            feed.kept = []
            one.show.run(lambda meters: len(meters.latency) < pictures)
            place = [feature.name for feature in feed.features].index("world.clock")
            began = np.array([frame.seen - float(frame.data[place]) for frame in feed.kept])
            declared, needed = one.show.latency()
            meters = one.show.meters
    off = _off(stage.shown, ticks, float(np.median(began)), declared)
    return Found(off, declared, needed, meters.held, meters.late, float(np.ptp(began)))


def _off(shown: list[tuple[float, float]], ticks: list[Tick], began: float, declared: float) -> np.ndarray:
    """shown - told - declared of each picture of a settled tick; an offscreen stage shows each tick once."""
    pairs = zip(shown, ticks, strict=False)
    return np.array([at - (began + told) - declared for (at, told), tick in pairs if tick.settled])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--pictures", type=int, default=2000)
    asked.add_argument("--latency", nargs="+", default=["auto", "0.2"], help='"auto" or seconds')
    wanted = asked.parse_args()
    print(f"{'latency':8} {'pictures':>8} {'kept':>7} {'p50 ms':>7} {'p1 ms':>7} {'p99 ms':>7} {'worst':>7}", *HEADS)
    kept = []
    for latency in wanted.latency:
        found = run(latency, wanted.pictures)
        low, middle, high = 1e3 * np.percentile(found.off, (1, 50, 99))
        worst = 1e3 * float(found.off[np.abs(found.off).argmax()])
        times = f"{1e3 * found.declared:8.0f} {1e3 * found.needed:7.0f} {found.held:5} {found.late:5}"
        print(
            f"{latency:8} {len(found.off):8} {found.kept:7.2%} {middle:7.2f} {low:7.2f} {high:7.2f} {worst:7.1f}",
            end="",
        )
        print(f" {times} {1e6 * found.began:8.1f}")
        kept.append(found.kept)
    sys.exit(min(kept) < WANTED)


if __name__ == "__main__":
    main()
