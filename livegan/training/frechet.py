"""The Frechet distance between two sets of features, each taken as a Gaussian.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule" (2017, arXiv 1706.08500), equation 6, with the trace of
the square root by eigenvalues of symmetric matrices, so that fewer pictures than features do no harm. All in float64.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    """mean [D] and covariance [D, D], float64."""

    mean: np.ndarray
    covariance: np.ndarray


class Moments:
    """Sums over features that come in parts."""

    def __init__(self) -> None:
        self.count = 0
        self._sum: np.ndarray | float = 0.0
        self._products: np.ndarray | float = 0.0

    def add(self, features: np.ndarray) -> None:
        """Some more features, [N, D]."""
        x = features.astype(np.float64)
        self.count += len(x)
        self._sum = self._sum + x.sum(0)
        self._products = self._products + x.T @ x

    def gaussian(self) -> Gaussian:
        """Of all that came, at least one."""
        mean = self._sum / self.count
        scatter = self._products - self.count * np.outer(mean, mean)
        return Gaussian(mean, scatter / max(1, self.count - 1))


def distance(one: Gaussian, other: Gaussian) -> float:
    """The squared Frechet distance: 0 for the same, otherwise larger."""
    root = _root(one.covariance)
    both = np.linalg.eigvalsh(root @ other.covariance @ root)
    shared = np.sqrt(both.clip(min=0)).sum()
    apart = one.mean - other.mean
    found = apart @ apart + np.trace(one.covariance) + np.trace(other.covariance) - 2 * shared
    return max(0.0, float(found))


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric square root; what rounding left below zero counts as zero."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(values.clip(min=0)) @ vectors.T
