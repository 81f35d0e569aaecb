"""A random forest: many trees, each grown from a draw of the examples, and their middle (Breiman 2001).

scikit-learn grows them; it never leaves the range of what was taught, and moves in small steps.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts
from livegan.mapping.trees import Trees

TYPES = ("number",)
TOGETHER = True
SEES = "points"
SLOW = True


class Settings(base.Settings):
    """trees: how many. least: examples in a leaf."""

    trees: int = Field(100, ge=1, le=1000)
    least: int = Field(1, ge=1, le=1000)


@dataclass(frozen=True)
class Runs:
    """Trees whose leaves give numbers [O]."""

    trees: Trees

    @property
    def inputs(self) -> int:
        return self.trees.features

    @property
    def size(self) -> int:
        return self.trees.values.shape[1]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Numbers float64 [O] of a point [D]."""
        # scikit-learn finds its thresholds between float32 numbers.
        return self.trees.leaves(x.astype(np.float32)).mean(axis=0)

    def arrays(self) -> dict[str, np.ndarray]:
        return self.trees.arrays()

    def settings(self) -> dict[str, float]:
        return {"features": self.trees.features}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        runs = cls(Trees.taken(parts))
        parts.refuse_more("forest")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: points [N, D]. y: [N, O]."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(settings.trees, min_samples_leaf=settings.least, random_state=seed)
    forest.fit(x, y if y.shape[1] > 1 else y[:, 0])
    trees = []
    for grown in forest.estimators_:
        found = grown.tree_
        feature = np.where(found.children_left >= 0, found.feature, -1)
        low, high = np.maximum(found.children_left, 0), np.maximum(found.children_right, 0)
        values = found.value[:, :, 0]
        trees.append(Trees(np.zeros(1, int), feature, found.threshold, low, high, values, x.shape[1]))
    return Runs(Trees.joined(trees))
