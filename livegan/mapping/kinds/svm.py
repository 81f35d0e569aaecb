"""Support vectors: a smooth function within a tube around the examples, or the widest gap between each two classes.

scikit-learn (libsvm) fits; for classes the settings and the votes are those of Weka's SMO.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal, Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts
from livegan.mapping.scaling import Ranges

TYPES = ("number", "class")
TOGETHER = False
SEES = "values"
SLOW = True
_KERNELS = ("linear", "rbf", "poly")


class Settings(base.Settings):
    """kernel: left out, rbf for numbers and poly for classes. c: how much a missed example costs.

    gamma: how narrow rbf is; 0: by the spread of the inputs. degree and lower (also lower powers): of poly.
    tube: how far a number may be missed, in spreads.
    """

    kernel: Literal["linear", "rbf", "poly"] | None = None
    c: float = Field(1.0, gt=0, le=1e6)
    gamma: float = Field(0.0, ge=0, le=1e6)
    degree: int = Field(2, ge=1, le=10)
    lower: bool = False
    tube: float = Field(0.02, ge=0, le=10)


@dataclass(frozen=True)
class Runs:
    """The vectors [M, F], scaled to 0..1, their weights [M, R] and offsets [R], float64.

    classes: K + 1 places of those that R decisions are made between, two by two; none for a number.
    """

    ranges: Ranges
    vectors: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    classes: np.ndarray
    size: int
    kernel: int
    gamma: float
    degree: float
    lower: float

    @property
    def inputs(self) -> int:
        return len(self.ranges.low)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The number [1], or shares of the votes [K + 1], of a row [F]."""
        scaled = self.ranges.scaled(x)
        decided = self.offsets + self._kernel(scaled) @ self.weights
        return self._votes(decided) if len(self.classes) else decided

    def _kernel(self, x: np.ndarray) -> np.ndarray:
        if _KERNELS[self.kernel] == "rbf":
            apart = self.vectors - x
            return np.exp(-self.gamma * (apart * apart).sum(axis=1))
        product = self.vectors @ x
        return product if _KERNELS[self.kernel] == "linear" else (product + self.lower) ** self.degree

    def _votes(self, decided: np.ndarray) -> np.ndarray:
        shares = np.zeros(self.size)
        for (one, other), value in zip(combinations(self.classes, 2), decided, strict=False):
            shares[one if value > 0 else other] += 1
        return shares / max(shares.sum(), 1) if len(self.classes) > 1 else np.eye(self.size)[self.classes[0]]

    def arrays(self) -> dict[str, np.ndarray]:
        own = {"vectors": self.vectors, "weights": self.weights, "offsets": self.offsets}
        classes = {"classes": self.classes.astype(np.float64)} if len(self.classes) else {}
        return self.ranges.arrays() | own | classes

    def settings(self) -> dict[str, float]:
        own = {"size": self.size, "kernel": self.kernel, "gamma": self.gamma}
        return own | {"degree": self.degree, "lower": self.lower}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        ranges, size = Ranges.taken(parts), int(parts.number("size"))
        vectors, offsets = parts.doubles("vectors", -1, len(ranges.low)), parts.doubles("offsets", -1)
        weights = parts.doubles("weights", len(vectors), len(offsets))
        none = np.zeros(0, np.int64)
        classes = parts.whole("classes", -1, high=size - 1) if "classes" in arrays else none
        if len(offsets) != (max(len(classes) * (len(classes) - 1) // 2, 1)) or (not len(classes) and size != 1):
            raise ValueError("its decisions are not those between its classes")
        kernel = settings.get("kernel")
        if kernel not in (0, 1, 2) or settings.get("lower") not in (0, 1) or not 0 <= settings.get("gamma", -1) < 1e9:
            raise ValueError("its kernel is not known")
        parts.refuse_more("svm")
        numbers = settings["gamma"], parts.number("degree"), settings["lower"]
        return cls(ranges, vectors, weights, offsets, classes, size, int(kernel), *numbers)


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, 1], a number or a class."""
    ranges = Ranges.of(x)
    scaled = ranges.scaled(x)
    name = settings.kernel or ("poly" if classes else "rbf")
    lower, degree = float(settings.lower), float(settings.degree)
    gamma = settings.gamma or 1 / (x.shape[1] * (scaled.var() or 1))
    told = {"kernel": name, "C": settings.c, "degree": settings.degree, "coef0": lower}
    told["gamma"] = gamma if name == "rbf" else 1.0
    solved = _classes(scaled, y[:, 0], told) if classes else _number(scaled, y[:, 0], told, settings.tube)
    return Runs(ranges, *solved, classes + 1 if classes else 1, _KERNELS.index(name), gamma, degree, lower)


def _number(x: np.ndarray, y: np.ndarray, told: dict, tube: float) -> tuple[np.ndarray, ...]:
    from sklearn.svm import SVR

    mean, spread = y.mean(), y.std() or 1.0
    found = SVR(epsilon=tube, **told).fit(x, (y - mean) / spread)
    vectors, weights = found.support_vectors_, found.dual_coef_.T
    if not len(vectors):
        vectors, weights = x[:1], np.zeros((1, 1))
    return vectors, weights * spread, found.intercept_ * spread + mean, np.zeros(0, np.int64)


def _classes(x: np.ndarray, y: np.ndarray, told: dict) -> tuple[np.ndarray, ...]:
    from sklearn.svm import SVC

    classes = np.unique(y).astype(np.int64)
    if len(classes) == 1:
        return x[:1], np.zeros((1, 1)), np.zeros(1), classes
    found = SVC(**told).fit(x, y)
    ends = np.concatenate(([0], np.cumsum(found.n_support_)))
    pairs = list(combinations(range(len(classes)), 2))
    weights = np.zeros((len(found.support_), len(pairs)))
    for column, (one, other) in enumerate(pairs):
        # Between two classes libsvm keeps the weights of the one's vectors in the row of the other, less itself.
        weights[ends[one] : ends[one + 1], column] = found.dual_coef_[other - 1, ends[one] : ends[one + 1]]
        weights[ends[other] : ends[other + 1], column] = found.dual_coef_[one, ends[other] : ends[other + 1]]
    # With two classes alone it counts from the second.
    sign = 1 if len(classes) > 2 else -1
    return found.support_vectors_, sign * weights, sign * found.intercept_, classes
