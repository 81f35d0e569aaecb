"""Fits models to examples: pure numbers in, a model out; deterministic, and no settings of its own to tune.

Nothing here reads or writes files, or says anything to people.
"""

from dataclasses import replace

import numpy as np

from livegan.mapping.encoding import Encoding
from livegan.mapping.models import Bells, Centres, NormalisedRBF, Points, Ridge, bell

# At most so many examples are kept for play, so that one prediction takes well under 0.2 ms.
MOST_ANCHORS = 256
MOST_BELLS = 512
# A look's own weight at its taught poses is driven to OWN; where that needs a bell narrower than NARROWEST
# (units^2), the poses are too alike to be told apart and the fit says so.
OWN = 0.95
PROMISED = 0.9
NARROWEST = 0.01**2
# Examples that ask for several looks come from a movement, and contradict their neighbours a little: narrower
# bells than this would turn the movement into steps.
NARROWEST_MIXED = 0.5**2
# Kernel ridge: large enough to bear contradicting examples, small enough to hit a pose taught once.
SMOOTH = 1e-3
# Its bells are as wide as keeps to what was taught but for this part of it; in middle squared distances.
WIDTHS = (12.0, 6.0, 3.0)
KEPT = 0.1
# In it a feature counts the less the further the examples move it: by this power of their spread in units. Not by all
# of it, for five poses say little about how far a body can move; and what is smaller than STILL stays small.
EVEN = 0.75
STILL = 0.25


def thinned(points: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most `most` points [N, D] that cover all: each is the farthest from those before."""
    if len(points) <= most:
        return np.arange(len(points))
    kept = [int(squared_between(points, points.mean(axis=0, keepdims=True))[:, 0].argmin())]
    far = squared_between(points, points[kept])[:, 0]
    far[kept] = 0
    # What is left may only repeat what is kept.
    while len(kept) < most and far.max() > 0:
        kept.append(int(far.argmax()))
        np.minimum(far, squared_between(points, points[kept[-1:]])[:, 0], out=far)
        far[kept[-1]] = 0
    return np.sort(kept)


def squared_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances float64 [N, M] between points [N, D] and [M, D]; 0 between equal points."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)
    return np.maximum(lengths - 2 * (a @ b.T), 0)


def reach(points: np.ndarray, groups: np.ndarray) -> float:
    """How far from an example, in units, a pose may lie and still count as taught; at least 1.

    points: [N, D]. groups: int [N], the same for examples that ask for the same. Half of the examples have another
    one that asks for something else so near; where all ask for the same, it is twice the largest distance.
    """
    kept = thinned(points, MOST_BELLS)
    squared, other = squared_between(points[kept], points[kept]), groups[kept][:, None] != groups[kept]
    if not other.any():
        return max(1.0, 2 * float(np.sqrt(squared.max())))
    return max(1.0, float(np.sqrt(np.median(np.where(other, squared, np.inf).min(axis=1)))))


def anchors(encoding: Encoding, rows: np.ndarray, wanted: np.ndarray) -> NormalisedRBF:
    """Weights over K looks, from examples float32 [N, F] and the weights [N, K] that each asks for, of sum 1."""
    points = encoding.points(rows)
    kept = _kept_of(points, wanted)
    floor = np.where(is_mixed(wanted[kept]), NARROWEST_MIXED, NARROWEST).astype(np.float32)
    width, mass = _bells(squared_between(points[kept], points[kept]), alike(wanted[kept]), floor)
    model = NormalisedRBF(Centres(encoding, Points(points[kept])), width, mass, wanted[kept].astype(np.float32))
    return _narrowed(model, floor, rows, wanted)


def is_mixed(wanted: np.ndarray) -> np.ndarray:
    """Which rows [N] of wanted weights [N, K] ask for more than one look."""
    return wanted.max(axis=1) < 1


def alike(wanted: np.ndarray) -> np.ndarray:
    """The part that any two of the weights [N, K] have in common, float64 [N, N]: 0 for other looks, 1 for equal."""
    shares = np.zeros((len(wanted), len(wanted)))
    for column in wanted.T.astype(np.float64):
        shares += np.minimum(column[:, None], column)
    return shares


def _kept_of(points: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Indices of the examples to keep: as many of each look, and of each mostly asked for in a mixture."""
    group = 2 * wanted.argmax(axis=1) + is_mixed(wanted)
    groups = np.unique(group)
    most = max(1, MOST_ANCHORS // len(groups))
    each = [np.flatnonzero(group == one) for one in groups]
    return np.concatenate([own[thinned(points[own], most)] for own in each])


def _bells(squared: np.ndarray, same: np.ndarray, floor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared width and mass float32 [M] of each bell, so that what it asks for has the weight OWN at its centre.

    squared, same: [M, M], how far and how alike any two are. floor: [M], the narrowest widths.
    """
    width = np.maximum(_widest(squared, same), floor)
    mass = 1 / (same * np.exp(-squared / (2 * width[:, None]))).sum(axis=1)
    for _ in range(60):
        bells = np.exp(-squared / (2 * width[:, None])) * mass
        own = (same * bells).sum(axis=1) / bells.sum(axis=1)
        if not (wide := (own < OWN) & (width > floor)).any():
            break
        width = np.maximum(np.where(wide, 0.8 * width, width), floor)
    return width.astype(np.float32), mass.astype(np.float32)


def _widest(squared: np.ndarray, same: np.ndarray) -> np.ndarray:
    """The widest squared width [M] that can be right: with each other alone, two examples would give OWN."""
    odds = (OWN - same) / (1 - OWN)
    apart = odds > 1
    if not apart.any():
        return np.ones(len(same))
    width = np.where(apart, squared / (2 * np.log(np.where(apart, odds, np.e))), np.inf).min(axis=1)
    return np.minimum(width, width[np.isfinite(width)].max())


def _narrowed(model: NormalisedRBF, floor: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> NormalisedRBF:
    """The model, narrowed until it keeps its promise to each look also at examples not kept, if it can."""
    promised = ~is_mixed(wanted)
    rows, wanted = rows[promised], wanted[promised]
    while len(rows) and own_weights(model, rows, wanted).min() <= PROMISED and (model.width > floor).any():
        model = replace(model, width=np.maximum(model.width * 0.6, floor).astype(np.float32))
    return model


def own_weights(model: NormalisedRBF, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How much [N] of the weights [N, K] that each example asks for it is given."""
    given = np.array([model.predict(row) for row in rows])
    return np.minimum(given, wanted).sum(axis=1)


def ridge(encoding: Encoding, rows: np.ndarray, outputs: np.ndarray) -> Ridge:
    """Outputs float32 [N, O] as a function of examples float32 [N, F]; NaN where nothing is asked."""
    return Ridge(encoding, bells(encoding.points(rows), outputs))


def bells(points: np.ndarray, outputs: np.ndarray) -> Bells:
    """Outputs float32 [N, O] as a function of points float32 [N, D], in units; NaN where nothing is asked."""
    scale = (np.maximum(points.std(axis=0), STILL) ** -EVEN).astype(np.float32)
    points = points * scale
    kept = thinned(points, MOST_BELLS)
    squared = squared_between(points, points[kept])
    mean = np.nanmean(outputs, axis=0, dtype=np.float64)
    targets, which = distinct(outputs)
    repeated = len(targets) < outputs.shape[1] and not np.isnan(outputs).any()
    wanted = np.eye(len(targets))[which] if repeated else outputs - mean
    few = (targets - mean).astype(np.float32) if repeated else None
    low, high = bounds(outputs)
    width, heights = _widest_kept(squared, kept, wanted)
    return Bells(scale, Points(points[kept]), width, heights, few, mean.astype(np.float32), low, high)


def _widest_kept(squared: np.ndarray, kept: np.ndarray, wanted: np.ndarray) -> tuple[float, np.ndarray]:
    """Squared width, and heights [M, U], of the widest bells at the kept ones that keep to wanted [N, U]."""
    middle = _spread(squared[kept])
    most = KEPT**2 * np.nanmean((wanted - np.nanmean(wanted, axis=0)) ** 2)
    for width in WIDTHS:
        kernel = bell(squared, width * middle)
        heights = _solved_each(kernel, kept, wanted)
        if np.nanmean((kernel @ heights - wanted) ** 2) <= most:
            break
    return width * middle, heights


def distinct(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows [U, O] of outputs [N, O], and for each row which it is."""
    rows, which = np.unique(outputs, axis=0, return_inverse=True)
    return rows, which.reshape(-1)


def _spread(squared: np.ndarray) -> float:
    """The squared width of a bell: the middle of the squared distances between different examples."""
    apart = squared[squared > NARROWEST]
    return float(np.median(apart)) if apart.size else 1.0


def _solved_each(kernel: np.ndarray, kept: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Heights float32 [M, U] of the bells for wanted [N, U], solving together the columns that ask alike."""
    bells = np.zeros((len(kept), wanted.shape[1]), np.float32)
    patterns, which = distinct(~np.isnan(wanted).T)
    for index, asked in enumerate(patterns):
        rows, columns = np.flatnonzero(asked), np.flatnonzero(which == index)
        among = np.isin(kept, rows)
        bells[np.ix_(among, columns)] = _solved(
            kernel[np.ix_(rows, among)], kernel[np.ix_(kept[among], among)], wanted[np.ix_(rows, columns)]
        )
    return bells


def _solved(kernel: np.ndarray, among: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Heights [M, U] by kernel ridge on all examples [N], with bells at the kept ones only.

    kernel: [N, M]. among: [M, M], the bells at each other. With M = N it is (K + SMOOTH)^-1 wanted.
    """
    if len(kernel) == len(among):
        return np.linalg.solve(among + SMOOTH * np.eye(len(among)), wanted)
    normal = kernel.T @ kernel + SMOOTH * among
    normal[np.diag_indices_from(normal)] += 1e-9 * np.trace(normal)
    return np.linalg.solve(normal, kernel.T @ wanted)


def bounds(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range of the outputs, half as much again to either side."""
    low, high = np.nanmin(outputs, axis=0), np.nanmax(outputs, axis=0)
    return low - (high - low) / 2, high + (high - low) / 2
