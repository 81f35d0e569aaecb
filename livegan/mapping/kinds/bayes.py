"""Naive Bayes for classes: of each class a bell for each input, as if these knew nothing of each other.

As Weka's NaiveBayes does it: values rounded to the precision of the examples, and no class impossible.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import log_ndtr, logsumexp

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("class",)
TOGETHER = False
SEES = "values"
SLOW = False


class Settings(base.Settings):
    """None."""


@dataclass(frozen=True)
class Runs:
    """Middle and spread of each input in each class, [K + 1, F]; the precision of each input, [F]; chances [K + 1]."""

    middle: np.ndarray
    spread: np.ndarray
    precision: np.ndarray
    chances: np.ndarray

    @property
    def inputs(self) -> int:
        return len(self.precision)

    @property
    def size(self) -> int:
        return len(self.chances)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities float64 [K + 1] of a row [F]."""
        rounded = np.rint(x / self.precision) * self.precision
        low = (rounded - self.precision / 2 - self.middle) / self.spread
        high = (rounded + self.precision / 2 - self.middle) / self.spread
        logs = np.log(self.chances) + np.maximum(_between(low, high), _LEAST).sum(axis=1)
        return np.exp(logs - logsumexp(logs))

    def arrays(self) -> dict[str, np.ndarray]:
        own = {"middle": self.middle, "spread": self.spread}
        return own | {"precision": self.precision, "chances": self.chances}

    def settings(self) -> dict[str, float]:
        return {}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays`; raises ValueError."""
        parts = Parts(arrays, settings)
        precision = parts.positive("precision", -1, dtype=np.float64)
        chances = parts.positive("chances", -1, dtype=np.float64)
        middle = parts.doubles("middle", len(chances), len(precision))
        spread = parts.positive("spread", len(chances), len(precision), dtype=np.float64)
        parts.refuse_more("bayes")
        return cls(middle, spread, precision, chances)


# Weka takes no probability for less than 1e-75.
_LEAST = np.log(1e-75)


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The logarithm of the part of a bell between two places, on the side where digits are left."""
    mirrored = low > 0
    low, high = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    below, above = log_ndtr(low), log_ndtr(high)
    return above + np.log(-np.expm1(np.minimum(below - above, -1e-300)))


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, 1], classes."""
    owner = y[:, 0].astype(int)
    precision = np.array([_precision(column) for column in x.T])
    rounded = np.rint(x / precision) * precision
    counts = np.bincount(owner, minlength=classes + 1)
    middle, spread = np.zeros((2, classes + 1, x.shape[1]))
    for one in np.flatnonzero(counts):
        middle[one], spread[one] = rounded[owner == one].mean(axis=0), rounded[owner == one].std(axis=0)
    # A bell is never narrower than a value can be told.
    spread = np.maximum(spread, precision / 6)
    return Runs(middle, spread, precision, (counts + 1) / (len(x) + classes + 1))


def _precision(column: np.ndarray) -> float:
    """The mean step between neighbouring values that differ."""
    steps = np.diff(np.unique(column))
    return float(max(steps.mean(), 1e-9)) if len(steps) else 0.01
