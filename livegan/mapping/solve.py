"""Fits models to examples: pure numbers in, a model out; deterministic, and no settings of its own to tune.

Nothing here reads or writes files, or says anything to people.
"""

import numpy as np

from livegan.mapping.encoding import Encoding
from livegan.mapping.models import Centres, NormalisedRBF, Ridge

# At most so many examples are kept for play, so that one prediction takes well under 0.2 ms.
MOST_ANCHORS = 256
MOST_BELLS = 512
# A look's own weight at its taught poses is driven to OWN; where that needs a bell narrower than NARROWEST
# (units^2), the poses are too alike to be told apart and the fit says so.
OWN = 0.95
PROMISED = 0.9
NARROWEST = 0.01**2
# Kernel ridge: large enough to bear contradicting examples, small enough to hit a pose taught once.
SMOOTH = 3e-3


def thinned(points: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most `most` points [N, D] that cover all: each is the farthest from those before."""
    if len(points) <= most:
        return np.arange(len(points))
    kept = [int(_squared(points, points.mean(axis=0, keepdims=True))[:, 0].argmin())]
    far = _squared(points, points[kept])[:, 0]
    far[kept] = 0
    # What is left may only repeat what is kept.
    while len(kept) < most and far.max() > 0:
        kept.append(int(far.argmax()))
        np.minimum(far, _squared(points, points[kept[-1:]])[:, 0], out=far)
        far[kept[-1]] = 0
    return np.sort(kept)


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances float64 [N, M] between points [N, D] and [M, D]; 0 between equal points."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)
    return np.maximum(lengths - 2 * (a @ b.T), 0)


def anchors(encoding: Encoding, rows: np.ndarray, owner: np.ndarray, looks: int) -> NormalisedRBF:
    """Weights over `looks` looks, from examples float32 [N, F] of the looks `owner` int [N]."""
    points = encoding.points(rows)
    kept = np.concatenate([_kept_of(points, owner, look, looks) for look in range(looks)])
    squared = _squared(points[kept], points[kept])
    width, mass = _bells(squared, owner[kept])
    centres = Centres(encoding, points[kept])
    return _narrowed(centres, width, mass, owner[kept].astype(np.int32), rows, owner, looks)


def _kept_of(points: np.ndarray, owner: np.ndarray, look: int, looks: int) -> np.ndarray:
    own = np.flatnonzero(owner == look)
    return own[thinned(points[own], max(1, MOST_ANCHORS // looks))]


def _bells(squared: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared width and mass [M] of each bell, so that its own look has the weight OWN at its centre."""
    same = owner[:, None] == owner
    if same.all():
        return np.ones(len(owner)), np.ones(len(owner))
    # Two poses a distance d apart give each other 1 - OWN at this width: the widest that can be right.
    widest = np.where(same, np.inf, squared).min(axis=1) / (2 * np.log(OWN / (1 - OWN)))
    width = np.maximum(widest, NARROWEST)
    mass = 1 / np.where(same, np.exp(-squared / (2 * width[:, None])), 0).sum(axis=1)
    for _ in range(60):
        bells = np.exp(-squared / (2 * width[:, None])) * mass
        own = np.where(same, bells, 0).sum(axis=1) / bells.sum(axis=1)
        if not (wide := (own < OWN) & (width > NARROWEST)).any():
            break
        width = np.maximum(np.where(wide, 0.8 * width, width), NARROWEST)
    return width, mass


def _narrowed(
    centres: Centres,
    width: np.ndarray,
    mass: np.ndarray,
    kept_owner: np.ndarray,
    rows: np.ndarray,
    owner: np.ndarray,
    looks: int,
) -> NormalisedRBF:
    """The model, narrowed until it keeps its promise also at examples that were not kept, if it can."""
    while True:
        model = NormalisedRBF(centres, width.astype(np.float32), mass.astype(np.float32), kept_owner, looks)
        if own_weights(model, rows, owner).min() > PROMISED or width.max() <= NARROWEST:
            return model
        width = np.maximum(width * 0.6, NARROWEST)


def own_weights(model: NormalisedRBF, rows: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """The weight [N] that each example's own look has at it."""
    return np.array([model.predict(row)[look] for row, look in zip(rows, owner, strict=True)])


def ridge(encoding: Encoding, rows: np.ndarray, outputs: np.ndarray) -> Ridge:
    """Outputs float32 [N, O] as a function of examples float32 [N, F]; NaN where nothing is asked."""
    points = encoding.points(rows)
    kept = thinned(points, MOST_BELLS)
    squared = _squared(points, points[kept])
    width = _spread(squared[kept])
    kernel = np.exp(-squared / (2 * width))
    mean = np.nanmean(outputs, axis=0, dtype=np.float64)
    targets, which = _distinct(outputs)
    repeated = len(targets) < outputs.shape[1] and not np.isnan(outputs).any()
    wanted = np.eye(len(targets))[which] if repeated else outputs - mean
    few = (targets - mean).astype(np.float32) if repeated else None
    low, high = _bounds(outputs)
    bells = _solved_each(kernel, kept, wanted)
    return Ridge(Centres(encoding, points[kept]), width, bells, few, mean.astype(np.float32), low, high)


def _distinct(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
    patterns, which = _distinct(~np.isnan(wanted).T)
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


def _bounds(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range of the outputs, half as much again to either side."""
    low, high = np.nanmin(outputs, axis=0), np.nanmax(outputs, axis=0)
    return low - (high - low) / 2, high + (high - low) / 2
