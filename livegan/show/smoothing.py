"""Smoothing of what a mapping gives: calm when it hardly moves, quick when it does. It costs a delay, which is told.

The filter goes on by the frames of the inputs and never by pictures: what a picture shows is where the filter would
be at its moment. So looks are the same at any frame rate, and offline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livegan.generators.base import Info
from livegan.mapping.each import Each
from livegan.mapping.mapping import Mapping
from livegan.senses import oneeuro
from livegan.show.feed import Feed
from livegan.show.passing import Passing
from livegan.show.played import Maps, Played, played
from livegan.show.report import numbers, recent


@dataclass(frozen=True)
class State:
    """Where a filter is: when, its last input, the smoothed numbers, how fast they go, and what delays them."""

    at: float
    raw: np.ndarray
    smooth: np.ndarray
    speed: np.ndarray
    delays: np.ndarray

    @property
    def played(self) -> Played:
        """The smoothed numbers as what a mapping gives."""
        return Played(self.smooth[:-1].astype(np.float32), float(self.smooth[-1]))


@dataclass(frozen=True)
class OneEuro:
    """The one-euro filter (Casiez, Roussel and Vogel 2012) over numbers [N], told by the delay that it costs.

    delays: seconds at rest, half as much at a speed of 1 and so on; 0 passes a number as it is. scales: how far a
    number goes in a second at a speed of 1. groups: numbers of one group share their speed, so that their sum and
    the way between two looks stay straight.
    """

    delays: np.ndarray
    scales: np.ndarray
    groups: np.ndarray

    def step(self, last: State | None, at: float, raw: np.ndarray) -> State:
        """The state at a later time, float64 [N] there; None begins anew."""
        if last is None:
            return State(at, raw, raw, np.zeros(len(raw)), self.delays)
        passed = max(at - last.at, 0.0)
        speed = oneeuro.speed(last.speed, raw - last.raw, passed)
        delays = self.delays / (1 + self._shared(speed))
        share = np.where(delays > 0, passed / np.maximum(passed + delays, 1e-12), 1.0)
        return State(at, raw, last.smooth + share * (raw - last.smooth), speed, delays)

    def _shared(self, speed: np.ndarray) -> np.ndarray:
        """For each number the root mean square over its group."""
        squares = np.bincount(self.groups, (speed / self.scales) ** 2) / np.bincount(self.groups)
        return np.sqrt(squares)[self.groups]


def vector(raw: Played) -> np.ndarray:
    """What a mapping gives as numbers to be smoothed, float64 [O + 1]: its outputs, then how well it knows."""
    return np.append(raw.outputs.astype(np.float64), raw.known)


class Smoothing:
    """What a mapping gives, smoothed. delays: seconds that it lately cost, one for each frame of the `inputs`.

    A mapping that remembers rows hears each frame once, and gives between two frames what it gave to the last one.
    """

    def __init__(self, mapping: Maps, feeds: Sequence[Feed], inputs: Sequence[int], filtered: OneEuro) -> None:
        self._mapping, self.filtered = mapping, filtered
        self._feeds = {place: feeds[place] for place in inputs}
        self._passing = Passing(feeds, inputs, before=True)
        self._state: State | None = None
        self._raw: np.ndarray | None = None
        self._remembers = remembers(mapping)
        self.asked = float(filtered.delays.max())
        self.delays = numbers()

    @property
    def adds(self) -> float:
        """Seconds that it cost lately, as a rule; what was asked while nothing came yet."""
        return float(np.median(recent(self.delays) or [self.asked]))

    def follow(self) -> None:
        """Take in the frames until the moments that were sampled last."""
        for instant in self._passing.until({place: feed.moment for place, feed in self._feeds.items()}):
            try:
                raw = vector(played(self._mapping, instant.values))
            except ValueError:
                continue
            self._raw = raw
            self._state = self.filtered.step(None if instant.cut else self._state, instant.at, raw)
            self.delays.append(float(self._state.delays[:-1].max()))

    def at(self, values: np.ndarray) -> Played:
        """What is given for the values sampled last; raises ValueError when it would not be finite."""
        moment = next(iter(self._feeds.values())).moment
        raw = self._raw if self._remembers else vector(played(self._mapping, values))
        if raw is None:
            raise ValueError("nothing was seen yet")
        return self.filtered.step(self._state, moment, raw).played


def remembers(mapping: Maps) -> bool:
    """Whether what a mapping gives depends on the rows that it was given before: on gestures."""
    model = getattr(mapping, "model", None)
    return isinstance(model, Each) and any(one.type == "gesture" for one in model.table.values())


def one_euro(mapping: Mapping, asked: float, info: Info) -> OneEuro | None:
    """The filter for a mapping's outputs and, last, for how well it knows the values; None when none is wanted.

    asked: seconds for all outputs whose settings do not say otherwise. At a speed of 1 a latent goes from one look to
    another in a second, and a number through its range.
    """
    if isinstance(mapping.outputs, str):
        scale = _scale(mapping, info)
        delays, scales, groups = ([one] * mapping.model.size for one in (asked, scale, 0))
    else:
        table = mapping.model.table if isinstance(mapping.model, Each) else {}
        told = [table.get(name) for name in mapping.outputs]
        delays = [asked if one is None else (one.smooth or asked) * one.flows for one in told]
        scales = [one.max - one.min if one and one.max > one.min else 1.0 for one in told]
        groups = [*range(len(told))]
    if not any(delays) and not remembers(mapping):
        return None
    last = groups[-1] + 1
    return OneEuro(np.array([*delays, max(delays)]), np.array([*scales, 1.0]), np.array([*groups, last]))


def _scale(mapping: Mapping, info: Info) -> float:
    """The root mean square of what changes between two looks."""
    if mapping.outputs == "anchors":
        return float(np.sqrt(2 / mapping.model.size))
    spread = 1.0
    if mapping.outputs == "w":
        spread = float(np.sqrt(np.mean(info.w_std**2))) or 1.0
    elif mapping.outputs == "z" and mapping.shape == "uniform":
        spread = float(np.sqrt(1 / 12))
    return float(np.sqrt(2)) * spread
