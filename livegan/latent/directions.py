"""Principal directions of a model's w: the few ways in which its pictures differ most. Plain numpy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SAMPLES = 4096
"""Looks of the prior from which the directions are worked out."""

_PCA = "pca:"
# Directions in which w spreads less than this part of the widest are rounding.
_LEAST = 1e-4


@dataclass(frozen=True)
class Directions:
    """The average w, float32 [w_dim], and the step of one standard deviation along each direction, widest first.

    steps: float32 [K, w_dim], at right angles to each other.
    """

    mean: np.ndarray
    steps: np.ndarray

    def first(self, count: int) -> "Directions":
        """The widest `count` of them."""
        return Directions(self.mean, self.steps[:count])

    def along(self, w: np.ndarray) -> np.ndarray:
        """How far w [num_ws, w_dim] lies along each, by the mean of its layers; standard deviations, float32 [K]."""
        off = np.mean(w, axis=0, dtype=np.float64) - self.mean
        return (self.steps @ off / np.sum(self.steps**2, axis=1, dtype=np.float64)).astype(np.float32)


def principal(w_of: Callable[[np.ndarray], np.ndarray], z_dim: int) -> Directions:
    """The directions of z [N, z_dim] to w [N, num_ws, w_dim]: principal components over seeded z, always the same.

    A direction points to where its largest number is positive (Härkönen et al. 2020, GANSpace).
    """
    z = np.random.RandomState(0).randn(SAMPLES, z_dim).astype(np.float32)
    # A few at a time: all layers of all of them would be 100 MB and more.
    w = np.concatenate([np.asarray(w_of(some))[:, 0] for some in np.split(z, 16)]).astype(np.float64)
    mean = w.mean(axis=0)
    spread, across = np.linalg.eigh(np.cov(w, rowvar=False).reshape(len(mean), -1))
    deviation = np.sqrt(np.maximum(spread[::-1], 0))
    used = deviation > _LEAST * deviation[0]
    across = across.T[::-1][used]
    largest = across[np.arange(len(across)), np.abs(across).argmax(axis=1)]
    steps = across * (np.sign(largest) * deviation[used])[:, None]
    return Directions(mean.astype(np.float32), steps.astype(np.float32))


def pca_count(outputs: object) -> int | None:
    """16 for the outputs "pca:16"; None for outputs that are no principal components."""
    return int(outputs[len(_PCA) :]) if isinstance(outputs, str) and outputs.startswith(_PCA) else None
