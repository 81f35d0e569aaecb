"""Arrays and numbers of a fitted model, checked one by one as they are taken; nothing from a file is believed."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike


@dataclass(frozen=True)
class Parts:
    """What a model's `arrays` and `settings` gave; every method raises ValueError in a few words."""

    arrays: Dict[str, np.ndarray]
    numbers: Dict[str, float]
    taken: set[str] = field(default_factory=set)

    def array(self, name: str, *shape: int, dtype: DTypeLike = np.float32) -> np.ndarray:
        """The finite array `name` of `shape`, where -1 is any length above 0."""
        array = self.arrays.get(name)
        self.taken.add(name)
        if array is None:
            raise ValueError(f"{name} is missing")
        if array.dtype != dtype or array.ndim != len(shape) or not array.size:
            raise ValueError(f"{name} has the wrong shape or type")
        if any(want not in (-1, have) for want, have in zip(shape, array.shape, strict=True)):
            raise ValueError(f"{name} has the shape {array.shape}, {shape} was wanted")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
        return np.ascontiguousarray(array)

    def doubles(self, name: str, *shape: int) -> np.ndarray:
        """As `array`, float64."""
        return self.array(name, *shape, dtype=np.float64)

    def positive(self, name: str, *shape: int, dtype: DTypeLike = np.float32) -> np.ndarray:
        """As `array`, and every number above 0."""
        array = self.array(name, *shape, dtype=dtype)
        if array.min() <= 0:
            raise ValueError(f"{name} must be above 0")
        return array

    def whole(self, name: str, *shape: int, low: int = 0, high: int) -> np.ndarray:
        """Whole numbers from `low` to `high`, int64, of an array that holds float64."""
        array = self.doubles(name, *shape)
        if array.min() < low or array.max() > high or (array != np.round(array)).any():
            raise ValueError(f"{name} must be whole numbers from {low} to {high}")
        return array.astype(np.int64)

    def number(self, name: str) -> float:
        """A number above 0."""
        value = self.numbers.get(name)
        if value is None or not 0 < value < 1e30:
            raise ValueError(f"{name} must be a number above 0, found {value}")
        return value

    def refuse_more(self, kind: str) -> None:
        """Nothing that was not asked for may be there."""
        if unknown := set(self.arrays) - self.taken:
            raise ValueError(f"it holds {min(unknown)}, which a {kind} has not")
