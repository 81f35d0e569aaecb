"""Yardsticks for what was recorded: poses as points without gaps, how fast they move, how far looks lie apart.

Pure numbers; nothing here fits or judges.
"""

import numpy as np

from livegan.mapping.encoding import Encoding

AROUND = 0.4
"""Seconds before and after a moment whose means tell how fast a body moves; noise of single frames is evened out."""


def course(times: np.ndarray, values: np.ndarray, encoding: Encoding) -> np.ndarray:
    """Points float64 [T, D] of rows [T, F], in units; what was not seen (NaN) is bridged between what was.

    times: float64 [T], rising.
    """
    points, seen = encoding.points(values).astype(np.float64), ~np.isnan(values)
    plain, angles = seen[:, ~encoding.angles], seen[:, encoding.angles]
    for column, there in enumerate(np.concatenate((plain, angles, angles), axis=1).T):
        if there.any() and not there.all():
            points[:, column] = np.interp(times, times[there], points[there, column])
    return points


def smoothed(rows: np.ndarray, count: int) -> np.ndarray:
    """Means of each row [T, D] and those around it, `count` (odd) in all; the ends count as held."""
    padded = np.pad(rows, ((count // 2 + 1, count // 2), (0, 0)), mode="edge").astype(np.float64)
    sums = np.cumsum(padded, axis=0)
    return (sums[count:] - sums[:-count]) / count


def frames_in(times: np.ndarray, seconds: float) -> int:
    """How many frames, an odd number, last about `seconds`."""
    usual = float(np.median(np.diff(times))) if len(times) > 1 else seconds
    return 2 * int(seconds / max(usual, 1e-6) / 2) + 1


def speed(times: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How fast points [T, D] move, in units a second, float64 [T]; a tracker's noise counts little."""
    count = min(frames_in(times, AROUND), 2 * (len(points) // 4) + 1)
    means, half, last = smoothed(points, count), (count + 1) // 2, len(points) - 1
    before, after = (np.clip(np.arange(len(points)) + way, 0, last) for way in (-half, half))
    passed = np.maximum(times[after] - times[before], 1e-6)
    return np.linalg.norm(means[after] - means[before], axis=1) / passed


def between(looks: np.ndarray) -> float:
    """The median distance between any two looks [K, D]; 1 when there are no two different ones."""
    pairs = apart(looks, looks)[np.triu_indices(len(looks), 1)]
    return float(np.median(pairs)) if pairs.any() else 1.0


def apart(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances float64 [N, M] between rows [N, D] and [M, D]; 0 for those too near to be told apart."""
    some, others = some.astype(np.float64), others.astype(np.float64)
    lengths = (some * some).sum(axis=1)[:, None] + (others * others).sum(axis=1)
    squared = lengths - 2 * (some @ others.T)
    return np.sqrt(np.where(squared > 1e-12 * lengths, squared, 0.0))
