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

    def confidence(self, values: np.ndarray) -> float:
        """How well these values are known from what was taught, 0..1."""


@dataclass(frozen=True)
class Route:
    """From the show's features to a look. inputs: positions of the inputs whose presence counts."""

    mapping: Maps
    space: Space
    inputs: tuple[int, ...]

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look) -> tuple[Look, float | None]:
        """`base` moved towards what the mapping wants, and how well the mapping knows the values, 0..1.

        It moves as far as the inputs are there and the values are known: far from everything taught is as nobody.
        None: they were never seen, or nobody is there.
        """
        weight = float(min(weights[i] for i in self.inputs))
        if weight <= 0.0 or np.isnan(values[self.mapping.places]).all():
            return base, None
        known = self.mapping.confidence(values)
        return mix(base, self.space.look(self.mapping(values), base), weight * known), known


class Wire:
    """A place for one mapping in a show; a new one is swapped in between ticks and takes over by a morph.

    route: the mapping at work, None while nothing was taught. known: how well it knew the last values, 0..1 or None.
    """

    def __init__(self, route: Route | None) -> None:
        self.route = route
        self.known: float | None = None
        self._last: Look | None = None
        self._from: Look | None = None
        self._since: float | None = None

    def swap(self, route: Route | None) -> None:
        """From the next look on, go over to `route`, beginning at the look that was last given."""
        self.route, self._from, self._since = route, self._last, None

    def renew(self, route: Route | None) -> None:
        """From the next look on give those of `route`, which are of another model: nothing of before can be mixed in."""
        self.route, self._last, self._from = route, None, None

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, moment: float) -> Look:
        """The look for the picture at `moment`; raises ValueError when the mapping's outputs are not finite."""
        look, self.known = self.route.look(values, weights, base) if self.route else (base, None)
        if self._from is not None:
            self._since = moment if self._since is None else self._since
            share = (moment - self._since) / MORPH
            self._from, look = (None, look) if share >= 1.0 else (self._from, mix(self._from, look, share))
        self._last = look
        return look
