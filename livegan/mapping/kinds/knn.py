"""The nearest examples decide: by vote for a class, by their middle for numbers.

As Weka's IBk does it for classes: distances over the ranges of the inputs, and all that are as near as the k-th vote.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts
from livegan.mapping.scaling import Ranges

TYPES = ("number", "class")
TOGETHER = True
SEES = "values"
SLOW = False


class Settings(base.Settings):
    """k: how many. weighted: the nearer, the more.

    smoothed: probabilities are never 0 or 1, and inputs beyond their ranges widen those, both as in Wekinator.
    """

    k: int = Field(1, ge=1, le=10_000)
    weighted: bool = False
    smoothed: bool = False


@dataclass(frozen=True)
class Runs:
    """Examples float64 [N, F] with their ranges, and what each votes for: numbers, or a one among K + 1, [N, O]."""

    ranges: Ranges
    examples: np.ndarray
    votes: np.ndarray
    k: int
    weighted: bool
    smoothed: bool
    _widened: list[Ranges] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_widened", [self.ranges])

    @property
    def inputs(self) -> int:
        return self.examples.shape[1]

    @property
    def size(self) -> int:
        return self.votes.shape[1]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Numbers, or probabilities, float64 [O] of a row [F]."""
        if self.smoothed:
            self._widen(x)
        ranges = self._widened[0]
        apart = ranges.scaled(self.examples) - ranges.scaled(x)
        squared = (apart * apart).sum(axis=1)
        k = min(self.k, len(squared))
        near = np.flatnonzero(squared <= np.partition(squared, k - 1)[k - 1])
        # The largest float is far from the root of the smallest distance.
        shares = 1 / np.sqrt(squared[near] + 1e-12) if self.weighted else np.ones(len(near))
        counted = shares @ self.votes[near]
        if not self.smoothed:
            return counted / shares.sum()
        least = 1 / len(self.examples)
        return (counted + least) / (shares.sum() + self.size * least)

    def _widen(self, x: np.ndarray) -> None:
        """Weka measures by the ranges of all that it was ever asked, too, until it is trained again."""
        ranges = self._widened[0]
        if (x < ranges.low).any() or (x > ranges.high).any():
            self._widened[0] = Ranges(np.minimum(ranges.low, x), np.maximum(ranges.high, x))

    def arrays(self) -> dict[str, np.ndarray]:
        return self.ranges.arrays() | {"examples": self.examples, "votes": self.votes}

    def settings(self) -> dict[str, float]:
        return {"k": self.k, "weighted": self.weighted, "smoothed": self.smoothed}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        ranges = Ranges.taken(parts)
        examples = parts.doubles("examples", -1, len(ranges.low))
        votes = parts.doubles("votes", len(examples), -1)
        switches = bool(settings.get("weighted")), bool(settings.get("smoothed"))
        runs = cls(ranges, examples, votes, int(parts.number("k")), *switches)
        parts.refuse_more("knn")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, O], numbers, or [N, 1], classes."""
    votes = np.eye(classes + 1)[y[:, 0].astype(int)] if classes else y
    smoothed = settings.smoothed and classes > 0
    return Runs(Ranges.of(x), x, votes, settings.k, settings.weighted, smoothed)
