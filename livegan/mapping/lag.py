"""How far a performer moved behind, or before, a path of looks that was played to them.

At the right lag a pose tells where on the path its performer is; at a wrong one the same pose asks for one place
on the way there and for another on the way back. So a quick regression from poses to places is fitted at every
lag and judged on moments that it was not shown. Pure numbers; never changes what was recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature
from livegan.mapping.encoding import encoding_of
from livegan.mapping.measures import apart, course, frames_in, smoothed

STEP = 0.02
"""Seconds between two lags that are tried; between them a parabola is believed."""

SURE = 0.05
"""Seconds of standard error up to which a lag is believed."""

EXPLAINED = 0.5
"""Share of the path's variance that held-out poses must tell, or the performer did not follow it."""

_LEAST = 120  # rows; fewer say nothing that could be held out
_BELLS, _RIDGE = 100, 1e-4
_FOLDS, _BLOCK = 10, (0.6, 1.4)
_EVEN = 0.3  # seconds of a performer's noise that are evened out, to both sides alike
_ROOM = 1e-9


@dataclass(frozen=True)
class LagFound:
    """A performer's lag, and how sure it is.

    seconds: above 0 behind the path, below 0 before it; 0 unless `clear`. doubt: its standard error. error and
    error_without: what a mapping from poses to the path misses of it on held-out moments with and without the
    correction, over the path's spread: 0 nothing, 1 all. lags, curve: float64 [L], that error at each lag tried.
    """

    seconds: float
    clear: bool
    doubt: float
    error: float
    error_without: float
    lags: np.ndarray
    curve: np.ndarray


def estimate(
    times: np.ndarray,
    values: np.ndarray,
    features: Sequence[Feature],
    wanted: Callable[[np.ndarray], np.ndarray],
    low: float = -0.5,
    high: float = 0.5,
) -> LagFound:
    """The lag between `low` and `high` seconds at which poses tell best where on the path they belong.

    times: float64 [T], rising. values: float32 [T, F], NaN where nothing was seen. wanted: times [T] to weights
    over looks float32 [T, K]; also asked for times before the first and after the last.
    """
    lags = np.arange(low - STEP, high + 1.5 * STEP, STEP)
    seen = ~np.isnan(values).all(axis=1)
    times, values = times[seen], values[seen]
    if len(times) < _LEAST or (spread := _spread(wanted(times))) < _ROOM:
        return LagFound(0.0, False, np.inf, 1.0, 1.0, lags, np.ones(len(lags)))
    missed = _held_out(times, _design(times, values, features), wanted, lags)
    curve = np.sqrt(missed.sum(axis=0) / spread)
    seconds, doubt = _lowest(lags, missed.sum(axis=0)), _doubt(lags, missed)
    inside = 0 < int(curve.argmin()) < len(lags) - 1
    clear = bool(inside and doubt < SURE and curve.min() ** 2 < 1 - EXPLAINED)
    seconds = float(np.clip(seconds, low, high)) if clear else 0.0
    error, without = (float(np.interp(lag, lags, curve)) for lag in (seconds, 0.0))
    return LagFound(seconds, clear, doubt, error, without, lags, curve)


def _spread(wanted: np.ndarray) -> float:
    return float(((wanted - wanted.mean(axis=0)) ** 2).sum())


def _design(times: np.ndarray, values: np.ndarray, features: Sequence[Feature]) -> np.ndarray:
    """What the regression sees of each pose, [T, B]: bells at some of the poses, the pose itself, and 1."""
    points = course(times, values, encoding_of(features, values))
    points = smoothed(points, frames_in(times, _EVEN))
    centres = points[np.linspace(0, len(points) - 1, _BELLS).astype(int)]
    squared = apart(points, centres) ** 2
    width = max(float(np.median(squared)), _ROOM)
    bells = np.exp(-squared / (2 * width))
    return np.concatenate((bells, points / np.sqrt(width), np.ones((len(points), 1))), axis=1)


def _held_out(
    times: np.ndarray, design: np.ndarray, wanted: Callable[[np.ndarray], np.ndarray], lags: np.ndarray
) -> np.ndarray:
    """Squares missed in each fold at each lag, [folds, L], by the fit to all other folds."""
    fold = _folds(times)
    parts = [design[fold == number] for number in range(_FOLDS)]
    grams = [part.T @ part for part in parts]
    calm = _RIDGE * len(times) * np.eye(design.shape[1])
    solvers = [np.linalg.inv(sum(grams) - gram + calm) for gram in grams]
    missed = np.empty((_FOLDS, len(lags)))
    for column, lag in enumerate(lags):
        places = wanted(times - lag).astype(np.float64)
        asked = [places[fold == number] for number in range(_FOLDS)]
        moments = [part.T @ one for part, one in zip(parts, asked, strict=True)]
        for number, (part, one) in enumerate(zip(parts, asked, strict=True)):
            told = part @ (solvers[number] @ (sum(moments) - moments[number]))
            missed[number, column] = ((told - one) ** 2).sum()
    return missed


def _folds(times: np.ndarray) -> np.ndarray:
    """Which fold each moment belongs to, int [T]: blocks of uneven length, so that no rhythm of a path falls in
    with theirs."""
    dice = np.random.default_rng(0)
    most = int((times[-1] - times[0]) / _BLOCK[0]) + 1
    ends = times[0] + np.cumsum(dice.uniform(*_BLOCK, most))
    turns = np.concatenate([dice.permutation(_FOLDS) for _ in range(most // _FOLDS + 1)])
    return turns[np.searchsorted(ends, times)]


def _lowest(lags: np.ndarray, curve: np.ndarray) -> float:
    """Where a curve is lowest, by the parabola through its lowest value and the two beside it."""
    least = int(curve.argmin())
    if not 0 < least < len(curve) - 1:
        return float(lags[least])
    before, at, after = curve[least - 1 : least + 2]
    bend = before - 2 * at + after
    return float(lags[least] + (STEP * (before - after) / (2 * bend) if bend > 0 else 0.0))


def _doubt(lags: np.ndarray, missed: np.ndarray) -> float:
    """The lag's standard error in seconds, by leaving out one fold after the other (jackknife; Tukey 1958)."""
    found = np.array([_lowest(lags, missed.sum(axis=0) - own) for own in missed])
    return float(np.sqrt((len(found) - 1) * found.var()))
