"""Waves: numbers that are known for every moment.

A pure function of the time, so that live, offline and replayed they are the same at any frame rate.
"""

import math
from typing import Annotated, Literal

from pydantic import Field

from livegan.settings import Seconds, Settings

Form = Literal["sine", "triangle", "saw", "square", "noise"]
Bounded = Annotated[float, Field(ge=-1e9, le=1e9)]


class Shape(Settings):
    """What a wave is like, however long it is: between `low` and `high`, and `phase` periods ahead.

    At its beginning sine and triangle are in the middle and rising, saw begins to rise, square begins its upper half.
    noise wanders smoothly, to a new height in every period, the same for the same `seed`.
    """

    wave: Form = "sine"
    low: Bounded = 0.0
    high: Bounded = 1.0
    phase: Bounded = 0.0
    seed: int = Field(0, ge=0, le=2**32 - 1)

    def after(self, periods: float) -> float:
        """The value after so many periods."""
        return self.low + (self.high - self.low) * _height(self.wave, periods + self.phase, self.seed)


class Wave(Shape):
    """A wave that begins when the clock is at 0. period: seconds."""

    period: Seconds = Field(2.0, ge=0.001)

    def at(self, seen: float) -> float:
        """The value at `seen` seconds on the clock."""
        return self.after(seen / self.period)


def _height(form: Form, turns: float, seed: int) -> float:
    """0 to 1, after so many periods."""
    if form == "sine":
        return 0.5 + 0.5 * math.sin(2 * math.pi * turns)
    if form == "triangle":
        return 1 - abs(2 * ((turns + 0.25) % 1) - 1)
    if form == "saw":
        return turns % 1
    if form == "square":
        return float(turns % 1 < 0.5)
    return _noise(turns, seed)


def _noise(turns: float, seed: int) -> float:
    """Value noise: a drawn height at every whole number, and between them a curve without corners."""
    before = math.floor(turns)
    share = turns - before
    share *= share * (3 - 2 * share)
    return _drawn(before, seed) * (1 - share) + _drawn(before + 1, seed) * share


def _drawn(number: int, seed: int) -> float:
    """0 to 1 for a whole number, by SplitMix64's mixing (Steele, Lea and Flood 2014); no state, no order."""
    mixed = (number + (seed << 32)) * 0x9E3779B97F4A7C15 & _LOW
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _LOW
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _LOW
    return (mixed ^ mixed >> 31) / _LOW


_LOW = 2**64 - 1
