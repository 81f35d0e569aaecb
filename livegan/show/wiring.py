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
        self._last: Look | None = None
        self._from: Look | None = None
        self._since: float | None = None

    def swap(self, route: Route) -> None:
        """From the next look on, go over to `route`, beginning at the look that was last given."""
        self._route, self._from, self._since = route, self._last, None

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, moment: float) -> Look:
        """The look for the picture at `moment`; raises ValueError when the mapping's outputs are not finite."""
        look = self._route.look(values, weights, base)
        if self._from is not None:
            self._since = moment if self._since is None else self._since
            share = (moment - self._since) / MORPH
            self._from, look = (None, look) if share >= 1.0 else (self._from, mix(self._from, look, share))
        self._last = look
        return look
