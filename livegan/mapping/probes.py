"""Probes of a mapping at play: which looks it reaches, what each feature does, how it trembles, what it was not taught.

Pure numbers; review.py judges them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature
from livegan.mapping.encoding import Encoding
from livegan.mapping.measures import apart, frames_in, smoothed

NEW = 1.0
"""Units from everything taught from which a pose is worth teaching."""

_MOVED = 0.5  # units between which a feature must go to and fro to have moved
_ASKED = 64  # moments at which influence is asked for
_SLOW = 0.35  # seconds; what changes more slowly is no jitter

Predict = Callable[[np.ndarray], np.ndarray]
"""One row of features [F] to outputs [O]."""


@dataclass(frozen=True)
class Unknown:
    """A pose unlike all that were taught. row: which; distance: units to the nearest; differs: from that, in words."""

    row: int
    distance: float
    differs: tuple[str, ...]


def reached(outputs: np.ndarray, targets: np.ndarray | None) -> list[float]:
    """The largest share of each look: its weight, or how near the outputs came, over the way to the next look."""
    if targets is None:
        return outputs.max(axis=0).tolist()
    nearest, ways = apart(targets, outputs).min(axis=1), apart(targets, targets)
    way = np.where(ways > 0, ways, np.inf).min(axis=1)
    return np.clip(1 - nearest / np.where(np.isfinite(way), way, 1.0), 0, 1).tolist()


def influence(values: np.ndarray, predict: Predict) -> np.ndarray:
    """How much the outputs change, float64 [F], when one feature alone is taken from another moment (Breiman 2001)."""
    rows = values[np.linspace(0, len(values) - 1, min(_ASKED, len(values))).astype(int)]
    before = np.array([predict(row) for row in rows])
    others = np.random.default_rng(0).permutation(len(rows))
    found = np.empty(values.shape[1])
    for feature in range(values.shape[1]):
        changed = rows.copy()
        changed[:, feature] = rows[others, feature]
        after = np.array([predict(row) for row in changed])
        found[feature] = np.sqrt(((after - before) ** 2).sum(axis=1).mean())
    return found


def moved(feature: Feature, column: np.ndarray) -> bool:
    """Whether a feature [T] went to and fro by more than noise does."""
    there = column[~np.isnan(column)]
    if not len(there):
        return False
    if feature.kind == "angle":
        middle = np.arctan2(np.sin(there).mean(), np.cos(there).mean())
        there = (there - middle + np.pi) % (2 * np.pi) - np.pi
    low, high = np.percentile(there, [2, 98])
    return bool(high - low > _MOVED * feature.unit)


def jitter(times: np.ndarray, outputs: np.ndarray, calm: np.ndarray, distance: float) -> float | None:
    """How far outputs are from their own means over a moment, while the body is at rest; root mean square."""
    around = frames_in(times, _SLOW)
    if calm.sum() < 2 * around:
        return None
    quick = outputs - smoothed(outputs, around)
    return float(np.sqrt((quick[calm] ** 2).sum(axis=1).mean()) / distance)


def unknown(
    values: np.ndarray, asked: np.ndarray, taught: np.ndarray, features: Sequence[Feature], encoding: Encoding
) -> Unknown | None:
    """Of the poses [T, F] at the moments `asked` (bool [T]), that farthest from all taught ones [N, F].

    One of which a part is hidden is taken only when there is no other.
    """
    distances = apart(encoding.points(values), encoding.points(taught))
    whole = asked & ~np.isnan(values[:, ~np.isnan(values).all(axis=0)]).any(axis=1)
    far = np.where(whole if whole.any() else asked, distances.min(axis=1), -1.0)
    at = int(far.argmax())
    if far[at] < NEW:
        return None
    nearest = taught[int(distances[at].argmin())]
    return Unknown(at, float(far[at]), _differs(features, values[at], nearest))


def _differs(features: Sequence[Feature], pose: np.ndarray, nearest: np.ndarray, most: int = 3) -> tuple[str, ...]:
    """In words, what most tells a pose from the nearest that was taught."""
    change = np.nan_to_num(pose - nearest)
    turns = np.array([feature.kind == "angle" for feature in features])
    change = np.where(turns, (change + np.pi) % (2 * np.pi) - np.pi, change)
    units = change / np.array([feature.unit for feature in features])
    order = np.argsort(-np.abs(units))[:most]
    least = 0.5 * np.abs(units).max()
    return tuple(
        _word(features[place], float(change[place])) for place in order if abs(units[place]) >= max(least, 0.1)
    )


def _word(feature: Feature, change: float) -> str:
    part, axis = _part(feature.name)
    if feature.kind == "angle":
        return f"{part} turned by {abs(np.degrees(change)):.0f} degrees"
    # A landmark that is a group of its own is told as in the picture, where y grows downwards.
    raw = feature.name.endswith(f"{feature.group}.{axis}") and feature.group != ""
    ways = {"x": ("further left", "further right"), "y": ("higher", "lower") if raw else ("lower", "higher")}
    less, more = ways.get(axis, ("less", "more"))
    return f"{part} {more if change > 0 else less}"


def _part(name: str) -> tuple[str, str]:
    """INPUT.left_wrist.y is the "left wrist", and "y"."""
    words = name.split(".")
    words = words[1:] if len(words) > 1 else words
    axis = words.pop() if len(words) > 1 and words[-1] in ("x", "y", "z") else ""
    return " ".join(words).replace("_", " "), axis
