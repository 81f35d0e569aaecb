"""A mapping wired into a show: which features it reads, which look its outputs make, and how it is replaced."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from livegan.latent.look import Look, mix
from livegan.patch import WireSettings
from livegan.show.played import Maps, Played, played
from livegan.show.smoothing import Smoothing

MORPH = 0.5
"""Seconds over which a new mapping takes over from the one before."""


class Space(Protocol):
    """Turns a mapping's outputs into a look."""

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for `outputs`, with everything else as in `base`."""


@dataclass(frozen=True)
class Route:
    """From the show's features to a look. inputs: positions of the inputs whose presence counts. wire: what made it."""

    mapping: Maps
    space: Space
    inputs: tuple[int, ...]
    wire: WireSettings = field(default_factory=WireSettings)
    smoothing: Smoothing | None = None

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look) -> tuple[Look, Played | None]:
        """`base` moved towards what the mapping wants, and what that is.

        It moves as far as the inputs are there and the values are known: far from everything taught is as nobody.
        None: they were never seen, or nobody is there.
        """
        if self.smoothing:
            self.smoothing.follow()
        weight = float(min(weights[i] for i in self.inputs))
        if weight <= 0.0 or np.isnan(values[self.mapping.places]).all():
            return base, None
        found = self.smoothing.at(values) if self.smoothing else played(self.mapping, values)
        return mix(base, self.space.look(found.outputs, base), weight * found.known), found


@dataclass(frozen=True)
class ByHand:
    """Outputs that stand in for those of a mapping, float32 [O], and what makes looks of them."""

    space: Space
    outputs: np.ndarray


class Wire:
    """A place for one mapping in a show; a new one is swapped in between ticks and takes over by a morph.

    route: the mapping at work, None while nothing was taught. played: what it gave last, None when nobody was there.
    by_hand: what is given instead, None to let the mapping play.
    """

    def __init__(self, route: Route | None) -> None:
        self.route = route
        self.by_hand: ByHand | None = None
        self.played: Played | None = None
        self._last: Look | None = None
        self._from: Look | None = None
        self._since: float | None = None

    @property
    def known(self) -> float | None:
        """How well the mapping knew the last values, 0..1; None when nobody was there."""
        return self.played.known if self.played and not self.by_hand else None

    def swap(self, route: Route | None) -> None:
        """From the next look on, go over to `route`, beginning at the look that was last given."""
        self.route, self._from, self._since = route, self._last, None

    def renew(self, route: Route | None) -> None:
        """From the next look on give those of `route`, which are of another model: nothing of before is mixed in."""
        self.route, self._last, self._from = route, None, None

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, moment: float) -> Look:
        """The look for the picture at `moment`; raises ValueError when the mapping's outputs are not finite."""
        self.played = None
        if self.by_hand:
            self.played = Played(self.by_hand.outputs, 1.0)
            look = self.by_hand.space.look(self.by_hand.outputs, base)
        elif self.route:
            look, self.played = self.route.look(values, weights, base)
        else:
            look = base
        if self._from is not None:
            self._since = moment if self._since is None else self._since
            share = (moment - self._since) / MORPH
            self._from, look = (None, look) if share >= 1.0 else (self._from, mix(self._from, look, share))
        self._last = look
        return look
