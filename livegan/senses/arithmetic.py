"""The functions of formulas that look at one frame alone; None where there is no answer."""

import math
import operator

import numpy as np

from livegan.senses.memory import around

NEARLY = 1e-9
"""What is smaller divides nothing, and has no direction."""


def turn(angle: float, by: float) -> float:
    """An angle turned by another, -pi to pi."""
    return around(angle, -by)


def quotient(x: float, y: float) -> float | None:
    """x / y; None for a y of nearly 0."""
    return x / y if abs(y) > NEARLY else None


def root(x: float) -> float:
    """The square root, 0 of what is below 0."""
    return math.sqrt(max(x, 0.0))


def clipped(x: float, low: float, high: float) -> float:
    """x, but at least `low` and at most `high`."""
    return min(max(x, low), high)


def scaled(x: float, low: float, high: float) -> float | None:
    """How far x is on the way from `low` to `high`, 0 to 1; None where these are the same."""
    share = quotient(x - low, high - low)
    return None if share is None else clipped(share, 0.0, 1.0)


def far(*places: float) -> float:
    """From one point to another; places: the axes of the first, then of the second."""
    half = len(places) // 2
    return math.dist(places[:half], places[half:])


def direction(*places: float) -> float | None:
    """Which way the second point lies from the first: 0 along x, pi / 2 along y; None where they are one."""
    half = len(places) // 2
    x, y = places[half] - places[0], places[half + 1] - places[1]
    return math.atan2(y, x) if math.hypot(x, y) > NEARLY else None


def bend(*places: float) -> float | None:
    """The angle at the second of three points, 0 to pi; None where two are one."""
    third = len(places) // 3
    a, b, c = (places[third * n : third * (n + 1)] for n in range(3))
    u, v = [p - q for p, q in zip(a, b, strict=True)], [p - q for p, q in zip(c, b, strict=True)]
    lengths = math.hypot(*u) * math.hypot(*v)
    if lengths <= NEARLY**2:
        return None
    return math.acos(clipped(sum(map(operator.mul, u, v)) / lengths, -1.0, 1.0))


def circular_mean(angles: np.ndarray) -> float:
    """Where angles [N] point together, -pi to pi."""
    return math.atan2(np.sin(angles).mean(), np.cos(angles).mean())


def circular_deviation(angles: np.ndarray) -> float:
    """How far angles [N] are from where they point together, as a root mean square."""
    off = angles - circular_mean(angles)
    return math.sqrt(np.mean((off - math.tau * np.round(off / math.tau)) ** 2))
