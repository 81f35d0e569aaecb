"""How features enter a model: in units of clearly visible movement, around the centre of the examples.

Never divides by the spread of the examples: five poses say nothing about how far a body can move.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature

# Beyond this many times the extent of the examples only the direction counts: float32 has no digits for more.
FAR = 100.0
# So much of what the examples show counts as one clearly visible movement, where nobody said what does.
_VISIBLE = 0.25
_HUGE = np.float32(1e15)


@dataclass(frozen=True)
class Encoding:
    """Turns raw features [..., F] into a point float32 [..., D], in units; angles become a cosine and a sine.

    centre: float32 [F], what stands in for a feature that is not seen (NaN); the point of all centres is 0.
    scale: float32 [F], 1 / unit, or 0 for a feature that no example has seen.
    angles: bool [F]. radius: the largest length that a point from `encode` can have.
    """

    centre: np.ndarray
    scale: np.ndarray
    angles: np.ndarray
    radius: float

    @property
    def size(self) -> int:
        """D: one number for each plain feature, two for each angle."""
        return len(self.angles) + int(self.angles.sum())

    def points(self, values: np.ndarray) -> np.ndarray:
        """Points [..., D] of raw features [..., F], however far; never NaN, also for infinite values."""
        seen = np.where(np.isnan(values), self.centre, np.clip(values, -_HUGE, _HUGE)).astype(np.float32)
        plain, angles = ~self.angles, self.angles
        straight = (seen[..., plain] - self.centre[plain]) * self.scale[plain]
        if not angles.any():
            return np.clip(straight, -_HUGE, _HUGE)
        turned = self._around(seen[..., angles])
        return np.concatenate((np.clip(straight, -_HUGE, _HUGE), turned), axis=-1)

    def _around(self, values: np.ndarray) -> np.ndarray:
        """Cosines, then sines, of angles [..., A], less those of the centre."""
        centre, scale = self.centre[self.angles], self.scale[self.angles]
        cosines = (np.cos(values) - np.cos(centre)) * scale
        return np.concatenate((cosines, (np.sin(values) - np.sin(centre)) * scale), axis=-1)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """The point [D] of one row [F], drawn back to `radius` when it lies beyond."""
        point = self.points(values)
        length = float(np.sqrt(point @ point))
        return point if length <= self.radius else point * np.float32(self.radius / length)


def units_shown(rows: np.ndarray) -> np.ndarray:
    """Units [F] of features of which nobody said any: a part of what the examples float32 [N, F] show."""
    seen = np.where(np.isfinite(rows), rows, np.nan)
    low, high = np.nanmin(seen, axis=0, initial=np.inf), np.nanmax(seen, axis=0, initial=-np.inf)
    return np.where(high > low, np.clip((high - low) * _VISIBLE, 1e-8, 1e8), 1.0)


def encoding_of(features: Sequence[Feature], rows: np.ndarray) -> Encoding:
    """The encoding for examples `rows` float32 [N, F]; NaN is a part that was not seen. They show units of 0."""
    angles = np.array([feature.kind == "angle" for feature in features], bool)
    seen = ~np.isnan(rows)
    ever = seen.any(axis=0)
    units = np.array([feature.unit for feature in features])
    units = np.where(units > 0, units, units_shown(rows)).astype(np.float32)
    scale = np.where(ever, 1 / units, 0).astype(np.float32)
    centre = np.where(angles, _circular_mean(rows, seen), _mean(rows, seen)).astype(np.float32)
    near = Encoding(centre, scale, angles, radius=0.0)
    extent = float(np.linalg.norm(near.points(rows), axis=1).max())
    return Encoding(centre, scale, angles, radius=FAR * (extent + 1))


def _mean(rows: np.ndarray, seen: np.ndarray) -> np.ndarray:
    total = np.where(seen, rows, 0).sum(axis=0, dtype=np.float64)
    return total / np.maximum(seen.sum(axis=0), 1)


def _circular_mean(rows: np.ndarray, seen: np.ndarray) -> np.ndarray:
    angles = np.where(seen, rows, 0).astype(np.float64)
    return np.arctan2((np.sin(angles) * seen).sum(axis=0), (np.cos(angles) * seen).sum(axis=0))
