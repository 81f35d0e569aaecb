"""AdaBoost for classes: trees that each look at what those before got wrong, and vote (Freund and Schapire 1996).

As Weka's AdaBoostM1 does it, by weights, on its J48 or its decision stump.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping import c45
from livegan.mapping.parts import Parts
from livegan.mapping.trees import Trees

TYPES = ("class",)
TOGETHER = False
SEES = "values"
SLOW = True


class Settings(base.Settings):
    """rounds: how many trees at most. base: "tree", or a "stump" with one question."""

    rounds: int = Field(100, ge=1, le=10_000)
    base: Literal["tree", "stump"] = "tree"


@dataclass(frozen=True)
class Runs:
    """Trees with the votes of each, [T], or a single tree without."""

    trees: Trees
    votes: np.ndarray

    @property
    def inputs(self) -> int:
        return self.trees.features

    @property
    def size(self) -> int:
        return self.trees.values.shape[1]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities float64 [K + 1] of a row [F]."""
        leaves = self.trees.leaves(x)
        if len(leaves) == 1:
            return leaves[0]
        sums = np.bincount(leaves.argmax(axis=1), self.votes, self.size)
        shares = np.exp(sums - sums.max())
        return shares / shares.sum()

    def arrays(self) -> dict[str, np.ndarray]:
        return self.trees.arrays() | {"votes": self.votes}

    def settings(self) -> dict[str, float]:
        return {"features": self.trees.features}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        trees = Trees.taken(parts)
        runs = cls(trees, parts.doubles("votes", len(trees.roots)))
        parts.refuse_more("boost")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, 1], classes."""
    grow = c45.stump if settings.base == "stump" else c45.grown
    examples = c45.Examples(x, y[:, 0].astype(int), np.ones(len(x)), classes + 1)
    trees, votes = [], []
    for _ in range(settings.rounds):
        tree = c45.as_trees(grow(examples), x.shape[1])
        wrong = np.array([tree.leaves(row)[0].argmax() for row in x]) != examples.y
        error = examples.weights[wrong].sum() / examples.weights.sum()
        last = error >= 0.5 or error < 1e-6
        if not last or not trees:
            trees.append(tree)
            votes.append(1.0 if last else np.log((1 - error) / error))
        if last:
            break
        weights = np.where(wrong, examples.weights * (1 - error) / error, examples.weights)
        examples = replace(examples, weights=weights * len(x) / weights.sum())
    return Runs(Trees.joined(trees), np.array(votes))
