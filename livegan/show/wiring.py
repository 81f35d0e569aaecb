"""A mapping wired into a show: which features it reads, which look its outputs make, and how it is replaced."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livegan.latent.look import Look, mix

MORPH = 0.5
"""Seconds over which a new mapping takes over from the one before."""


class Space(Protocol):
    """Turns a mapping's outputs into a look."""

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for `outputs`, with everything else as in `base`."""


class Maps(Protocol):
    """A mapping bound to the show's features, which it finds at `places`."""

    places: np.ndarray

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Outputs for the show's feature values; raises ValueError when they are not finite."""


@dataclass(frozen=True)
class Route:
    """From the show's features to a look. inputs: positions of the inputs whose presence counts."""

    mapping: Maps
    space: Space
    inputs: tuple[int, ...]

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look) -> Look:
        """`base` moved towards what the mapping wants, as far as its inputs are there and were ever seen."""
        weight = float(min(weights[i] for i in self.inputs))
        if weight <= 0.0 or np.isnan(values[self.mapping.places]).all():
            return base
        return mix(base, self.space.look(self.mapping(values), base), weight)


class Wire:
    """A place for one mapping in a show; a new one is swapped in between ticks and takes over by a morph."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._before: Route | None = None
        self._since = -np.inf

    def swap(self, route: Route, now: float) -> None:
        """From `now` on, go over to `route`."""
        self._before, self._route, self._since = self._route, route, now

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, now: float) -> Look:
        """The look at show time `now`; raises ValueError when a mapping's outputs are not finite."""
        look = self._route.look(values, weights, base)
        share = (now - self._since) / MORPH
        if self._before is None or share >= 1.0:
            self._before = None
            return look
        return mix(self._before.look(values, weights, base), look, max(0.0, share))
