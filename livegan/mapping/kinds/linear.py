"""Linear regression, or a polynomial in each input alone; goes on and on beyond the examples.

As Weka and Wekinator do it: powers 1 to `exponent` of each input, no products, the inputs scaled by their spread.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("number",)
TOGETHER = True
SEES = "values"
SLOW = False


class Settings(base.Settings):
    """exponent: the highest power of each input. ridge: what holds inputs that tell the same apart."""

    exponent: int = Field(1, ge=1, le=10)
    ridge: float = Field(1e-8, gt=0, le=1e6)


@dataclass(frozen=True)
class Runs:
    """offset [O] and slopes [exponent, F, O], float64."""

    offset: np.ndarray
    slopes: np.ndarray

    @property
    def inputs(self) -> int:
        return self.slopes.shape[1]

    @property
    def size(self) -> int:
        return len(self.offset)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Numbers float64 [O] of a row [F]."""
        return self.offset + np.tensordot(_powers(x, len(self.slopes)), self.slopes)

    def arrays(self) -> dict[str, np.ndarray]:
        return {"offset": self.offset, "slopes": self.slopes}

    def settings(self) -> dict[str, float]:
        return {}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays`; raises ValueError."""
        parts = Parts(arrays, settings)
        offset = parts.doubles("offset", -1)
        runs = cls(offset, parts.doubles("slopes", -1, -1, len(offset)))
        parts.refuse_more("linear")
        return runs


def _powers(x: np.ndarray, exponent: int) -> np.ndarray:
    """[exponent, ..., F]."""
    return np.stack([x**power for power in range(1, exponent + 1)])


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, O]. Ridge regression around the means (Weka's LinearRegression without selection)."""
    powers = np.concatenate(list(_powers(x, settings.exponent)), axis=1)
    mean, spread = powers.mean(axis=0), powers.std(axis=0)
    # Nothing is learned of an input that never moves.
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)
    scaled = (powers - mean) * scale
    # With the root of the ridge as more examples, so that no digits are lost in squares.
    ridge = np.sqrt(settings.ridge) * np.eye(len(mean))
    wanted = np.concatenate((y - y.mean(axis=0), np.zeros((len(mean), y.shape[1]))))
    slopes = np.linalg.lstsq(np.concatenate((scaled, ridge)), wanted, rcond=None)[0] * scale[:, None]
    return Runs(y.mean(axis=0) - mean @ slopes, slopes.reshape(settings.exponent, x.shape[1], y.shape[1]))
