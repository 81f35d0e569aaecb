"""What a mapping gives for the values of a show."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Maps(Protocol):
    """A mapping bound to the show's features, which it finds at `places`."""

    places: np.ndarray

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Outputs for the show's feature values; raises ValueError when they are not finite."""

    def confidence(self, values: np.ndarray) -> float:
        """How well these values are known from what was taught, 0..1."""


@dataclass(frozen=True)
class Played:
    """What a mapping gives: outputs float32 [O], and how well it knows the values, 0..1."""

    outputs: np.ndarray
    known: float


def played(mapping: Maps, values: np.ndarray) -> Played:
    """What a mapping gives for these values; raises ValueError when it is not finite, or nothing was seen."""
    if np.isnan(values[mapping.places]).all():
        raise ValueError("nothing was seen yet")
    return Played(mapping(values), mapping.confidence(values))
