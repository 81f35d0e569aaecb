"""Knobs: controls that drive numbers of the look by themselves, after the mappings.

The picture never jumps: a knob takes hold when its control moves, beginning where the number is, and eases back to
the mappings when it is taken away. Nothing here waits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livegan.latent.look import Look
from livegan.latent.space import Numbers

EASE = 0.05
"""Seconds in which a number comes most of its way (63 %) to where its control is: the 128 steps of MIDI flow."""

MORPH = 0.5
"""Seconds in which a number goes over to a control that takes hold of it, and back to the mappings."""

MOVED = 0.03
"""Of a control's way, what it must move to take hold: more than a stick trembles."""

_FAR = 50.0  # shares of a range beyond which no picture differs


@dataclass(frozen=True)
class Range:
    """What a number of the look is driven over. rest: what it is when nobody says. octaves: in equal ratios."""

    low: float
    high: float
    rest: float = 0.0
    octaves: bool = False

    def at(self, share: float) -> float:
        """The number for a share 0..1 of the way, or beyond."""
        if self.octaves:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def share(self, number: float) -> float:
        """Which share of the way a number is."""
        if self.octaves:
            found = math.log(max(number, 1e-6) / self.low) / math.log(self.high / self.low)
        else:
            found = (number - self.low) / (self.high - self.low)
        return min(max(found, -_FAR), _FAR)


RANGES: Mapping[str, Range] = {
    "psi": Range(0.0, 1.0),
    "noise_strength": Range(0.0, 2.0),
    "translate_x": Range(-1.0, 1.0),
    "translate_y": Range(-1.0, 1.0),
    "rotate": Range(-math.pi, math.pi),
    "zoom": Range(0.5, 2.0, rest=1.0, octaves=True),
}
"""Over which each number of the look makes sense.

psi: from the average picture to what was trained; more than 1 leaves the data (Karras et al., "A Style-Based Generator
Architecture", 2019, section B). noise_strength: from none over 1, as trained, to twice that (the same, section 3.2).
translate in widths of the picture, rotate in radians, zoom: one picture to every side, a half turn to both, an octave
in and out, where a StyleGAN3 still draws (Karras et al., "Alias-Free Generative Adversarial Networks", 2021).
"""


class Knob:
    """A control at place `at` of the show's features that drives one number.

    low, high: the ends of its way, as far as they were seen; 0 to 1 at least.
    """

    def __init__(self, name: str, at: int, low: float = 0.0, high: float = 1.0) -> None:
        self._name, self._at, self.low, self.high = name, at, low, high
        self._range, self._space = RANGES[name], Numbers((name,))
        self._from: float | None = None
        self._share = self._shown = self._moment = 0.0
        self._offset, self._since = 0.0, -math.inf
        self._holds = self._leaves = False

    @property
    def gone(self) -> bool:
        """Whether the number is given back."""
        return self._leaves and not (self._holds and self._moment - self._since < MORPH)

    def leave(self) -> None:
        """Give the number back, by and by."""
        self._leaves, self._since = True, math.inf  # from the next look on, whose moment is not known yet

    def look(self, values: np.ndarray, base: Look, moment: float) -> Look:
        """The base with the number as the control has it, for the picture at `moment`."""
        value, own = float(values[self._at]), self._range.share(self._number(base))
        if not self._holds:
            if self._leaves or not self._moved(value):
                return base
            self._holds, self._share, self._moment = True, self._aim(value), moment
            self._offset, self._since = own - self._share, moment
        if self._since == math.inf:
            self._offset, self._since = self._shown - own, moment
        left = max(0.0, 1.0 - (moment - self._since) / MORPH)
        self._shown = (own if self._leaves else self._followed(value, moment)) + left * self._offset
        self._moment = moment
        return self._space.look(np.array([self._range.at(self._shown)]), base)

    def _number(self, base: Look) -> float:
        if self._name in ("psi", "noise_strength"):
            return float(getattr(base, self._name))
        return base.numbers.get(self._name, self._range.rest)

    def _moved(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        self._from = value if self._from is None else self._from
        return abs(value - self._from) > MOVED * (self.high - self.low)

    def _followed(self, value: float, moment: float) -> float:
        """The share of its way at which the control is, without its steps."""
        if math.isfinite(value):
            self._share += (self._aim(value) - self._share) * (1.0 - math.exp((self._moment - moment) / EASE))
        return self._share

    def _aim(self, value: float) -> float:
        """The share of its way at which the control is; it learns how far that goes."""
        self.low, self.high = min(self.low, value), max(self.high, value)
        return (value - self.low) / (self.high - self.low)


class Knobs:
    """All knobs of a show, by the number that each of them drives."""

    def __init__(self) -> None:
        self.held: dict[str, Knob] = {}
        self._leaving: list[Knob] = []

    def put(self, name: str, knob: Knob | None) -> None:
        """Have a number driven by this knob, or by none, from the next look on."""
        if old := self.held.pop(name, None):
            old.leave()
            self._leaving.append(old)
        if knob:
            self.held[name] = knob

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, moment: float) -> Look:
        """The base with the numbers of all knobs, for the show's features at `moment`."""
        for knob in (*self._leaving, *self.held.values()):
            base = knob.look(values, base, moment)
        self._leaving = [knob for knob in self._leaving if not knob.gone]
        return base
