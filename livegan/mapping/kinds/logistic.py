"""Logistic regression for classes: flat borders between them, and probabilities that mean something."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("class",)
TOGETHER = False
SEES = "points"
SLOW = False


class Settings(base.Settings):
    """c: how much a missed example costs; the larger, the harder the borders."""

    c: float = Field(1.0, gt=0, le=1e6)


@dataclass(frozen=True)
class Runs:
    """slopes [D, R] and offsets [R] of the classes [R] that were taught, of so many."""

    slopes: np.ndarray
    offsets: np.ndarray
    classes: np.ndarray
    size: int

    @property
    def inputs(self) -> int:
        return len(self.slopes)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities float64 [K + 1] of a point [D]."""
        logs = self.offsets + x @ self.slopes
        found = np.zeros(self.size)
        found[self.classes] = np.exp(logs - logs.max())
        return found / found.sum()

    def arrays(self) -> dict[str, np.ndarray]:
        return {"slopes": self.slopes, "offsets": self.offsets, "classes": self.classes.astype(np.float64)}

    def settings(self) -> dict[str, float]:
        return {"size": self.size}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        size, offsets = int(parts.number("size")), parts.doubles("offsets", -1)
        classes = parts.whole("classes", len(offsets), high=size - 1)
        runs = cls(parts.doubles("slopes", -1, len(offsets)), offsets, classes, size)
        parts.refuse_more("logistic")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: points [N, D]. y: [N, 1], classes."""
    from sklearn.linear_model import LogisticRegression

    taught = np.unique(y).astype(int)
    if len(taught) == 1:
        return Runs(np.zeros((x.shape[1], 1)), np.zeros(1), taught, classes + 1)
    found = LogisticRegression(C=settings.c, max_iter=1000).fit(x, y[:, 0])
    slopes, offsets = found.coef_.T, found.intercept_
    if len(taught) == 2:
        slopes, offsets = np.concatenate((0 * slopes, slopes), axis=1), np.concatenate(([0.0], offsets))
    return Runs(slopes, offsets, taught, classes + 1)
