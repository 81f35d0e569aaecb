"""A slow closed walk through looks: what the picture does when nobody is there.

Where it is depends on the show's time alone, so that a show played again, or offline, walks the same way.
"""

from collections.abc import Callable

import numpy as np

from livegan.latent.look import seeded_z

_STEPS = 32  # per stretch between two looks, for measuring the way


class Walk:
    """A smooth closed way through points in w, walked at an even speed.

    Between the points it is a centripetal Catmull-Rom curve (Barry and Goldman 1988; Yuksel et al. 2011): no
    corners, cusps or loops. w_points: float32 [K, num_ws, w_dim]. rate: loops in a second.
    """

    def __init__(self, w_points: np.ndarray, rate: float) -> None:
        """Measure the way. Raises ValueError without points, or for anything not finite."""
        points = np.asarray(w_points, np.float32)
        if not len(points) or not np.isfinite(points).all() or not 0 <= rate < np.inf:
            raise ValueError("a walk needs points that are finite, and a rate of 0 or more loops in a second")
        self.rate = rate
        self._points = points
        self._knots = _knots(points)
        self._slopes = _slopes(points, self._knots)
        self._places, self._lengths, self._paces = self._measured()

    def at(self, t: float) -> np.ndarray:
        """w float32 [num_ws, w_dim] at `t` seconds; one loop takes 1 / rate seconds."""
        return self._curve(self._place((t * self.rate) % 1.0))

    def _place(self, share: float) -> float:
        """The knot parameter after this share (0..1) of the whole way."""
        length = share * self._lengths[-1]
        step = min(int(np.searchsorted(self._lengths, length, side="right")) - 1, len(self._lengths) - 2)
        width = self._lengths[step + 1] - self._lengths[step]
        return float(
            _hermite(
                (length - self._lengths[step]) / width,
                self._places[step],
                self._places[step + 1],
                self._paces[step] * width,
                self._paces[step + 1] * width,
            )
        )

    def _curve(self, place: float) -> np.ndarray:
        step = min(int(np.searchsorted(self._knots, place, side="right")) - 1, len(self._points) - 1)
        width = self._knots[step + 1] - self._knots[step]
        after = (step + 1) % len(self._points)
        share = (place - self._knots[step]) / width
        return _hermite(
            share,
            self._points[step],
            self._points[after],
            self._slopes[step] * np.float32(width),
            self._slopes[after] * np.float32(width),
        ).astype(np.float32, copy=False)

    def _measured(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places on the way, the length up to each, and how much place one unit of length takes there."""
        shares = np.linspace(self._knots[:-1], self._knots[1:], _STEPS, endpoint=False, axis=1)
        places = np.append(shares.reshape(-1), self._knots[-1])
        way = np.array([self._curve(place).reshape(-1) for place in places], np.float64)
        steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
        # One point, or points in one place: no way to measure, so the place stands for the length.
        steps = np.maximum(steps, 1e-6 * np.diff(places))
        lengths = np.concatenate(([0.0], np.cumsum(steps)))
        return places, lengths, _paces(places, steps)


def _paces(places: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Harmonic means of the paces of the neighbours: too small for the way to turn back."""
    around = np.diff(places) / steps
    before = np.roll(around, 1)
    inner = 2 * around * before / (around + before)
    return np.append(inner, inner[0])


def _knots(points: np.ndarray) -> np.ndarray:
    """Knots [K + 1] at the square root of the distances: the centripetal choice."""
    flat = points.reshape(len(points), -1).astype(np.float64)
    apart = np.linalg.norm(np.roll(flat, -1, axis=0) - flat, axis=1)
    least = max(float(apart.max()), 1.0) * 1e-6
    return np.concatenate(([0.0], np.cumsum(np.sqrt(np.maximum(apart, least)))))


def _slopes(points: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """How the curve passes each point, float32 [K, ...] per knot: as the parabola through three of them."""
    after = np.diff(knots).reshape(-1, *[1] * (points.ndim - 1))
    before = np.roll(after, 1, axis=0)
    ahead = (np.roll(points, -1, axis=0) - points) / after
    behind = np.roll(ahead, 1, axis=0)
    return ((ahead * before + behind * after) / (before + after)).astype(np.float32)


def _hermite(share: float, a: np.ndarray, b: np.ndarray, leaving: np.ndarray, arriving: np.ndarray) -> np.ndarray:
    """The cubic from `a` (share 0) to `b` (share 1) with these slopes per share."""
    rest = 1.0 - share
    blend = share * share * (3.0 - 2.0 * share)
    return a + (b - a) * blend + leaving * (share * rest * rest) - arriving * (share * share * rest)


def walk_points(seed: int, count: int, w_of: Callable[[np.ndarray], np.ndarray], z_dim: int) -> np.ndarray:
    """w float32 [count, num_ws, w_dim] of the seeds `seed`, `seed` + 1, ...; the looks that a walk passes."""
    z = np.stack([seeded_z(seed + index, z_dim) for index in range(count)])
    return np.asarray(w_of(z), np.float32)
