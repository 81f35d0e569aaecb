"""A body plays: the same pose gives the same look, a walker is followed and left, half a body is enough.

    .venv/bin/python -m tests.soak.body [again] [park] [chest]

`again`: the bundled dancer, three loops; w at each phase of the clip in loop 2 against loop 3, beside the median
distance of w between phases chosen at random. `park`: tests/media/park.mp4, with people and without. `chest`: the
dancer cut off below the chest. All in real time, offscreen, with the bundled mapping and model; each takes about
half a minute. Prints a table; ends with status 1 when a row failed.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from livegan import files
from livegan.frame import Frame
from livegan.show.show import Tick
from tests.shows import rewritten, show_of
from tests.soak import Row, status

PARK = Path(__file__).parents[1] / "media" / "park.mp4"
LOOP = 200 / 30
CLIP = 'source = "clip:dancer.mp4"'
LOOKS_APART = 75.0
"""About the distance in w between two of the five looks that were taught."""

CHEST = 0.42
"""The share of the dancer's picture above the chest's lower end."""


class Played:
    """A show of the dancer's patch, played for some seconds, with what it found on every tick.

    weights: how far the mapping's input was there, 0..1 [ticks]. w: float32 [ticks, num_ws * w_dim]. rest: the w of
    the walk at the same moments. frames: those of the body.
    """

    def __init__(self, seconds: float, changes: dict[str, str]) -> None:
        self.ticks: list[Tick] = []
        self._weights: list[float] = []
        with tempfile.TemporaryDirectory() as folder:
            path = rewritten("dancer", Path(folder), {'kind = "window"': 'kind = "offscreen"', **changes})
            with show_of(path, observe=self._hear) as one:
                self._track = one.show.feeds[0].track
                one.show.feeds[0].kept = []
                clock = one.show.clock
                end = clock.now() + seconds
                one.show.run(lambda meters: clock.now() < end)
                started = one.show.meters.started
                self.rest = np.array([one.show.rest(tick.due - started).w.ravel() for tick in self.ticks])
                self.frames: list[Frame] = one.show.feeds[0].kept
        self.weights = np.array(self._weights)
        self.w = np.array([tick.look.w.ravel() for tick in self.ticks])
        self.moments = np.array([tick.moment for tick in self.ticks])

    def _hear(self, tick: Tick) -> None:
        """A tick whose moment is its own time is one to which no input had anything to say."""
        self.ticks.append(tick)
        there = tick.moment < tick.due
        self._weights.append(float(self._track.at(tick.moment).weight) if there else 0.0)

    @property
    def moved(self) -> np.ndarray:
        """How far w went from each tick to the next, [ticks - 1]."""
        return np.linalg.norm(np.diff(self.w, axis=0), axis=1)


def again() -> list[Row]:
    """The same phase, the same look."""
    played = Played(5 + 3.5 * LOOP, {})
    start = _loop_start(played.frames)
    lap, phase = np.divmod(played.moments - start, LOOP)
    full = [n for n in np.unique(lap) if np.ptp(phase[lap == n]) > LOOP - 0.2 and (played.weights[lap == n] == 1).all()]
    grid = np.linspace(0.2, LOOP - 0.2, 190)
    second, third = (_at(grid, phase[lap == n], played.w[lap == n]) for n in full[:2])
    apart = np.linalg.norm(second - third, axis=1)
    random = np.random.default_rng(0).integers(0, len(grid), (2, 4000))
    usual = float(np.median(np.linalg.norm(second[random[0]] - second[random[1]], axis=1)))
    p50, p95, worst = np.percentile(apart, (50, 95, 100)) / usual
    told = f"p50 {p50:.3f}  p95 {p95:.3f}  worst {worst:.3f} of the usual distance {usual:.2f}"
    return [("same phase, loop 2 against 3, at most 0.25", told, bool(worst <= 0.25))]


def _loop_start(frames: list[Frame]) -> float:
    """When a loop of the clip began: at a cut that the next one follows after one loop."""
    cuts = [frame.seen for frame in frames if frame.cut]
    return next(a for a in cuts for b in cuts if abs(b - a - LOOP) < 0.01)


def _at(grid: np.ndarray, phase: np.ndarray, w: np.ndarray) -> np.ndarray:
    """w at the phases of the grid, between the ticks around each."""
    after = np.clip(np.searchsorted(phase, grid), 1, len(phase) - 1)
    share = ((grid - phase[after - 1]) / (phase[after] - phase[after - 1]))[:, None]
    return (1 - share) * w[after - 1] + share * w[after]


def park() -> list[Row]:
    """People come, are followed, and go."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "park.mp4"
        _filmed(clip, [*_frames(PARK), *_frames(PARK)[-1:] * 150])
        played = Played(5 + 2 * (230 + 150) / 30, {CLIP: f'source = "clip:{clip}"'})
    here, gone = played.weights == 1, played.weights == 0
    gone[: int(np.argmax(played.weights > 0))] = False  # before the first body there was nothing to rest from
    seen = np.mean([frame.present[0] for frame in played.frames])
    resting = bool(gone.any()) and np.array_equal(played.w[gone], played.rest[gone])
    return [
        ("park: somebody is found and followed", f"{here.mean():.0%} of ticks, {seen:.0%} of frames", bool(here.any())),
        _moving("park: looks move with the people", played, here),
        ("park: nobody there, the walk alone", f"{gone.mean():.0%} of ticks, equal: {resting}", resting),
    ]


def _moving(what: str, played: Played, which: np.ndarray) -> Row:
    """How the look moves in these ticks: on most of them, and over a tenth of what the taught looks are apart."""
    moved = played.moved[which[1:] & which[:-1]]
    w = played.w[which]
    spread = float(np.median(np.linalg.norm(w - w.mean(axis=0), axis=1))) if len(w) else 0.0
    share = float((moved > 1e-3).mean()) if len(moved) else 0.0
    told = f"in {share:.0%} of ticks, {spread:.1f} around its middle (looks are {LOOKS_APART:g} apart)"
    return what, told, share > 0.5 and spread > LOOKS_APART / 10


def chest() -> list[Row]:
    """Half a body is enough."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "chest.mp4"
        _filmed(clip, [upper[: int(len(upper) * CHEST)] for upper in _frames(files.bundled("media") / "dancer.mp4")])
        played = Played(5 + 2 * LOOP, {CLIP: f'source = "clip:{clip}"'})
    after = np.arange(len(played.weights)) >= np.argmax(played.weights > 0)
    playing = float((played.weights[after] > 0).mean())
    seen = np.mean([frame.present[0] for frame in played.frames])
    return [
        ("chest: the mapping plays", f"{playing:.0%} of ticks, body in {seen:.0%} of frames", playing > 0.5),
        _moving("chest: looks move", played, after),
    ]


def _frames(path: Path) -> list[np.ndarray]:
    """Every picture of a film, uint8 [height, width, 3] RGB."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def _filmed(path: Path, pictures: list[np.ndarray]) -> None:
    """A film of these pictures, 30 a second; an odd row at the bottom is left out."""
    with av.open(str(path), "w") as film:
        out = film.add_stream("libx264", rate=30)
        out.height, out.width = (side // 2 * 2 for side in pictures[0].shape[:2])
        out.pix_fmt, out.options = "yuv420p", {"crf": "18"}
        for picture in pictures:
            even = np.ascontiguousarray(picture[: out.height, : out.width])
            film.mux(out.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        film.mux(out.encode())


def main() -> None:
    parts: dict[str, Callable[[], list[Row]]] = {"again": again, "park": park, "chest": chest}
    rows = [row for name in sys.argv[1:] or parts for row in parts[name]()]
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
