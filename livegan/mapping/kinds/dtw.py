"""Gestures by dynamic time warping: how far what was just done is from each example of each gesture.

As Wekinator does it: Euclidean, unscaled, every stretch of the last rows against every example, thinned out when long.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("gesture",)
TOGETHER = False
SEES = "values"
SLOW = False


class Settings(base.Settings):
    """threshold: the distance below which a gesture counts as done.

    every: each so many rows are kept; 0: about `length` rows of the longest example. shortest: the shortest stretch
    that is compared, in rows that were kept, if no example is shorter. width and hop only go back to Wekinator: it
    looks at some of the ways to warp, and at each so many stretches; here all are looked at.
    """

    threshold: float = Field(5.0, ge=0, le=1e9)
    every: int = Field(0, ge=0, le=10_000)
    length: int = Field(10, ge=1, le=10_000)
    shortest: int = Field(5, ge=1, le=10_000)
    width: int = Field(5, ge=0, le=10_000)
    hop: int = Field(1, ge=1, le=10_000)


@dataclass(frozen=True)
class Heard:
    """What a row changed. distances: float64 [G], infinite where nothing can be said yet.

    gesture: 1..G, or 0 for none within the threshold. changed: whether it was another before. phase: 0..1, how far
    through the nearest gesture.
    """

    distances: np.ndarray
    gesture: int
    changed: bool
    phase: float


@dataclass(frozen=True)
class Runs:
    """Examples, thinned out, end to end float64 [R, F], how long each is [E], and the gesture 1..G of each [E].

    memory: how many of a performer's rows, thinned out too, are looked back on.
    """

    rows: np.ndarray
    lengths: np.ndarray
    gestures: np.ndarray
    count: int
    every: int
    least: int
    threshold: float
    memory: int
    _series: tuple[np.ndarray, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_series", tuple(np.split(self.rows, np.cumsum(self.lengths)[:-1])))

    @property
    def inputs(self) -> int:
        return self.rows.shape[1]

    @property
    def size(self) -> int:
        return self.count

    def begin(self) -> "Following":
        """Follow a performer from now on."""
        return Following(self)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Distances float64 [G] of the one row [F] alone; `begin` follows rows over time."""
        return self.distances(x[None], 1)

    def distances(self, last: np.ndarray, least: int) -> np.ndarray:
        """Distances float64 [G] of the nearest of the stretches, of `least` rows or more, that end the rows [T, F]."""
        found = np.full(self.count, np.inf)
        if len(last) < least:
            return found
        for series, gesture in zip(self._series, self.gestures, strict=True):
            # Backwards, so that one table holds every stretch that ends now.
            ends = _warped(last[::-1], series[::-1])[least - 1 :, -1]
            found[gesture - 1] = min(found[gesture - 1], ends.min())
        return found

    def phase(self, last: np.ndarray, gesture: int) -> float:
        """How far, 0..1, the last rows [T, F] have come through the examples of a gesture."""
        return min(_through(last, s) for s, g in zip(self._series, self.gestures, strict=True) if g == gesture)[1]

    def arrays(self) -> dict[str, np.ndarray]:
        lengths, gestures = (whole.astype(np.float64) for whole in (self.lengths, self.gestures))
        return {"rows": self.rows, "lengths": lengths, "gestures": gestures}

    def settings(self) -> dict[str, float]:
        told = {"count": self.count, "every": self.every, "least": self.least}
        return told | {"threshold": self.threshold, "memory": self.memory}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        rows, count = parts.doubles("rows", -1, -1), int(parts.number("count"))
        lengths = parts.whole("lengths", -1, low=1, high=len(rows))
        gestures = parts.whole("gestures", len(lengths), low=1, high=count)
        every, least, memory = (int(parts.number(name)) for name in ("every", "least", "memory"))
        threshold = settings.get("threshold", -1)
        if lengths.sum() != len(rows) or not 0 <= threshold < 1e30 or min(every, least) < 1:
            raise ValueError("its examples do not have the rows that they say")
        parts.refuse_more("dtw")
        return cls(rows, lengths, gestures, count, every, least, threshold, memory)


@dataclass
class Following:
    """The last rows of a performer; belongs to one thread. Each `every`-th row is listened to."""

    runs: Runs
    heard: int = 0
    gesture: int = 0
    phase: float = 0.0

    def __post_init__(self) -> None:
        self.last = np.empty((0, self.runs.inputs))

    def hear(self, x: np.ndarray) -> Heard | None:
        """Take in the next row [F]; None when it is one of those in between."""
        self.heard += 1
        if (self.heard - 1) % self.runs.every:
            return None
        self.last = np.concatenate((self.last, x[None]))[-self.runs.memory :]
        distances = self.runs.distances(self.last, self.runs.least)
        nearest = int(distances.argmin()) + 1
        found = nearest if distances[nearest - 1] < self.runs.threshold else 0
        changed, self.gesture = found != self.gesture, found
        if np.isfinite(distances[nearest - 1]):
            self.phase = self.runs.phase(self.last, nearest)
        return Heard(distances, found, changed, self.phase)


def fit(x: list[np.ndarray], y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: series float64 [T, F]. y: the gesture 1..G of each."""
    sizes = [len(series) for series in x]
    every = _every(sizes, settings)
    kept = [series[::every] for series in x]
    least = min(settings.shortest, *(len(series) for series in kept))
    lengths = np.array([len(series) for series in kept])
    memory = max(_longest(sizes[:known], settings) for known in range(1, len(x) + 1))
    return Runs(np.concatenate(kept), lengths, y.astype(np.int64), classes, every, least, settings.threshold, memory)


def _every(sizes: list[int], settings: Settings) -> int:
    """How much examples of these sizes are thinned out."""
    return settings.every or max(max(sizes) // settings.length, 1)


def _longest(sizes: list[int], settings: Settings) -> int:
    """The longest, thinned out as it was when these were all there were: Wekinator looks back so far ever after."""
    return -(-max(sizes) // _every(sizes, settings))


def _warped(a: np.ndarray, b: np.ndarray, anywhere: bool = False) -> np.ndarray:
    """The least sums of distances [A, B] that lead through both from their beginnings to each pair of rows.

    anywhere: it may begin at any row of a.
    """
    apart = np.linalg.norm(a[:, None] - b, axis=2)
    # Along a row, summed up: the minimum over where it was entered needs no loop then.
    summed = np.cumsum(apart, axis=1)
    before = summed - apart
    table = np.empty_like(apart)
    table[0] = summed[0]
    for row in range(1, len(a)):
        above = table[row - 1]
        entered = np.minimum(above, np.concatenate(([0.0 if anywhere else above[0]], above[:-1])))
        table[row] = summed[row] + np.minimum.accumulate(entered - before[row])
    return table


def _through(last: np.ndarray, series: np.ndarray) -> tuple[float, float]:
    """How far, for each row of the way, the last rows are from the best beginning of an example, and its share."""
    sums = _warped(last, series, anywhere=True)[-1]
    steps = np.arange(1, len(series) + 1)
    # A short beginning fits by chance: until half of it is there, what is missing counts too.
    each = sums / np.minimum(steps, len(last)) + np.linalg.norm(np.ptp(series, axis=0)) / (4 * steps)
    best = int(each.argmin())
    return float(each[best]), best / max(len(series) - 1, 1)
