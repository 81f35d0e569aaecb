"""Ranges of inputs: from those that were seen to 0..1, as Weka does it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from livegan.mapping.parts import Parts


@dataclass(frozen=True)
class Ranges:
    """Smallest and largest value of each input, float64 [F]."""

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> Self:
        """The ranges of rows [N, F]."""
        return cls(x.min(axis=0), x.max(axis=0))

    @classmethod
    def taken(cls, parts: Parts) -> Self:
        """From what `arrays` gave; raises ValueError."""
        low = parts.doubles("low", -1)
        return cls(low, parts.doubles("high", len(low)))

    def arrays(self) -> dict[str, np.ndarray]:
        return {"low": self.low, "high": self.high}

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Rows [..., F] to 0..1, and beyond it where they are; an input that never moved to 0."""
        wide = self.high - self.low
        return np.where(wide > 0, (x - self.low) / np.where(wide > 0, wide, 1), 0)
