"""A decision tree for classes, as Weka's J48 grows it; of depth 1, its decision stump."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping import c45
from livegan.mapping.parts import Parts
from livegan.mapping.trees import Trees

TYPES = ("class",)
TOGETHER = False
SEES = "values"
SLOW = False


class Settings(base.Settings):
    """depth: 1 for a single question, 0 for as many as are worth asking."""

    depth: int = Field(0, ge=0, le=1)


@dataclass(frozen=True)
class Runs:
    """One tree; its leaves give K + 1 shares."""

    trees: Trees

    @property
    def inputs(self) -> int:
        return self.trees.features

    @property
    def size(self) -> int:
        return self.trees.values.shape[1]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities float64 [K + 1] of a row [F]."""
        return self.trees.leaves(x)[0]

    def arrays(self) -> dict[str, np.ndarray]:
        return self.trees.arrays()

    def settings(self) -> dict[str, float]:
        return {"features": self.trees.features}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        runs = cls(Trees.taken(parts))
        parts.refuse_more("tree")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, 1], classes."""
    examples = c45.Examples(x, y[:, 0].astype(int), np.ones(len(x)), classes + 1)
    grown = c45.stump(examples) if settings.depth == 1 else c45.grown(examples)
    return Runs(c45.as_trees(grown, x.shape[1]))
