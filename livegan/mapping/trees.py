"""Decision trees at work: what several kinds of model share; plain numbers, never fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from livegan.mapping.parts import Parts


@dataclass(frozen=True)
class Trees:
    """Trees whose nodes [M] lie one after the other, each before those it leads to.

    roots: int [T]. feature: int [M], asked for, or -1 in a leaf. threshold: float64 [M], those up to it go to `low`,
    the others to `high`, int [M]. values: float64 [M, O], what a leaf gives.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    low: np.ndarray
    high: np.ndarray
    values: np.ndarray
    features: int

    @classmethod
    def joined(cls, trees: Sequence[Self]) -> Self:
        """All of them as one."""
        sizes = [len(tree.feature) for tree in trees]
        starts = np.cumsum([0, *sizes[:-1]])
        return cls(
            np.concatenate([tree.roots + start for tree, start in zip(trees, starts, strict=True)]),
            np.concatenate([tree.feature for tree in trees]),
            np.concatenate([tree.threshold for tree in trees]),
            np.concatenate([tree.low + start for tree, start in zip(trees, starts, strict=True)]),
            np.concatenate([tree.high + start for tree, start in zip(trees, starts, strict=True)]),
            np.concatenate([tree.values for tree in trees]),
            trees[0].features,
        )

    def leaves(self, x: np.ndarray) -> np.ndarray:
        """What each tree gives for a row [F]: float64 [T, O]."""
        at = self.roots
        while (asked := self.feature[at]).max() >= 0:
            goes = np.where(x[asked] <= self.threshold[at], self.low[at], self.high[at])
            at = np.where(asked >= 0, goes, at)
        return self.values[at]

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, float64."""
        wholes = {"roots": self.roots, "feature": self.feature, "low": self.low, "high": self.high}
        numbers = {"threshold": self.threshold, "values": self.values}
        return {name: whole.astype(np.float64) for name, whole in wholes.items()} | numbers

    @classmethod
    def taken(cls, parts: Parts) -> Self:
        """From what `arrays` gave, for so many "features". Raises ValueError, also when a way would not end."""
        features, threshold = int(parts.number("features")), parts.doubles("threshold", -1)
        nodes = len(threshold)
        feature = parts.whole("feature", nodes, low=-1, high=features - 1)
        low, high = (parts.whole(name, nodes, high=nodes - 1) for name in ("low", "high"))
        own = np.arange(nodes)
        if ((feature >= 0) & ((low <= own) | (high <= own))).any():
            raise ValueError("a tree leads back to where it came from")
        roots = parts.whole("roots", -1, high=nodes - 1)
        return cls(roots, feature, threshold, low, high, parts.doubles("values", nodes, -1), features)
