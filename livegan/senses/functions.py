"""The functions of formulas: what they take, and of which kind, unit and making their number is."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from livegan.frame import Kind
from livegan.senses.arithmetic import (
    NEARLY,
    bend,
    circular_deviation,
    circular_mean,
    clipped,
    direction,
    far,
    quotient,
    root,
    scaled,
    turn,
)
from livegan.senses.memory import (
    Above,
    Acceleration,
    Before,
    Change,
    Difference,
    Fade,
    Holding,
    Memory,
    Rises,
    Smooth,
    Speed,
    StepSpeed,
    Window,
    around,
    straight,
)

TURN = 0.3
"""Radians that are one clearly visible movement."""


@dataclass(frozen=True)
class Term:
    """A number in a formula: as a feature's kind, unit and max_gap; constant: what it always is, else None."""

    kind: Kind
    unit: float
    gap: float
    constant: float | None = None

    @property
    def difference(self) -> Difference:
        """How far it is from one of its numbers to another."""
        return around if self.kind == "angle" else straight

    def patience(self, seconds: float = 0.0) -> float:
        """After how long an absence what was remembered for `seconds` is of no use; what holds is never absent."""
        return math.inf if self.kind == "step" else max(seconds, self.gap)


@dataclass(frozen=True)
class Made:
    """What a function makes, its kind and unit, and the call with the numbers it takes; of a Memory also the time."""

    kind: Kind
    unit: float
    call: Callable[..., float] | Memory


@dataclass(frozen=True)
class Function:
    """make: what it makes of the terms that it takes, one after the other; of a point only how far one goes.

    takes: what they are: "seconds" a time, "event" an event, "factor" an event or a number, "a", "b", "c" points, any
    other a number. least: how many there must be.
    """

    make: Callable[..., Made]
    takes: tuple[str, ...]
    least: int


def constant(value: float) -> Term:
    """A number that stands in a formula."""
    return Term("step", 0.0, math.inf, value)


def _kind(*terms: Term) -> Kind:
    """Of what arithmetic gives: steps while all of them are."""
    return "step" if all(term.kind == "step" for term in terms) else "linear"


def _widest(*terms: Term) -> float:
    return max(term.unit for term in terms)


def _size(term: Term) -> float:
    """By how much a product changes with the other factor, at most in the order of this."""
    return abs(term.constant) if term.constant is not None else term.unit


def _add(x: Term, y: Term) -> Made:
    turned = _turned(x, y)
    return Made(turned or _kind(x, y), _widest(x, y), turn if turned else operator.add)


def _subtract(x: Term, y: Term | None = None) -> Made:
    if y is None:
        return Made(x.kind, x.unit, operator.neg)
    turned = _turned(x, y)
    return Made(turned or _kind(x, y), _widest(x, y), around if turned else straight)


def _turned(x: Term, y: Term) -> Kind | None:
    """An angle turned by an angle or by a constant is an angle."""
    kinds = {term.kind for term in (x, y) if term.constant is None}
    return "angle" if kinds == {"angle"} else None


def _multiply(x: Term, y: Term) -> Made:
    kind = "event" if "event" in (x.kind, y.kind) else _kind(x, y)
    return Made(kind, _size(x) * _size(y), operator.mul)


def _divide(x: Term, y: Term) -> Made:
    unit = _size(x) / max(_size(y), NEARLY) if _size(y) else 0.0
    return Made(_kind(x, y), unit, Holding(quotient))


def _abs(x: Term) -> Made:
    return Made(_kind(x), x.unit, abs)


def _sqrt(x: Term) -> Made:
    return Made(_kind(x), math.sqrt(x.unit), root)


def _clip(x: Term, low: Term, high: Term) -> Made:
    return Made(_kind(x, low, high), x.unit, clipped)


def _scale(x: Term, low: Term, high: Term) -> Made:
    known = low.constant is not None and high.constant is not None
    width = abs(high.constant - low.constant) if known else 1.0
    return Made(_kind(x, low, high), x.unit / max(width, NEARLY), Holding(scaled))


def _either(call: Callable[..., float], x: Term, y: Term) -> Made:
    return Made(_kind(x, y), _widest(x, y), call)


def _distance(a: Term, b: Term) -> Made:
    return Made("linear", _widest(a, b), far)


def _angle(a: Term, b: Term, c: Term | None = None) -> Made:
    return Made("angle", TURN, Holding(direction)) if c is None else Made("linear", TURN, Holding(bend))


def _smooth(x: Term, seconds: Term) -> Made:
    patience = x.patience(seconds.constant)
    call = Smooth(patience, x.difference, seconds.constant, x.unit or 1.0)
    return Made("angle" if x.kind == "angle" else "linear", x.unit, call)


def _speed(x: Term) -> Made:
    return Made("linear", x.unit, StepSpeed() if x.kind == "step" else Speed(x.patience(), x.difference))


def _acceleration(x: Term) -> Made:
    return Made("linear", x.unit, Acceleration(x.patience(), x.difference))


def _mean(x: Term, seconds: Term) -> Made:
    kind, of = ("angle", circular_mean) if x.kind == "angle" else ("linear", np.mean)
    return Made(kind, x.unit, _window(x, seconds, of))


def _deviation(x: Term, seconds: Term) -> Made:
    return Made("linear", x.unit, _window(x, seconds, circular_deviation if x.kind == "angle" else np.std))


def _most(of: Callable[[np.ndarray], float], x: Term, seconds: Term) -> Made:
    return Made(_kind(x), x.unit, _window(x, seconds, of))


def _count(event: Term, seconds: Term) -> Made:
    return Made("step", 1.0, _window(event, seconds, np.count_nonzero))


def _window(x: Term, seconds: Term, of: Callable[[np.ndarray], float]) -> Window:
    return Window(x.patience(seconds.constant), seconds.constant, of)


def _past(memory: type[Before], x: Term, seconds: Term) -> Made:
    gap = 0.0 if x.kind == "step" else x.gap
    kind = _kind(x) if memory is Change else x.kind
    return Made(kind, x.unit, memory(x.patience(seconds.constant), x.difference, seconds.constant, gap))


def _above(x: Term, on: Term, off: Term) -> Made:
    return Made("step", 1.0, Above())


def _crossing(sign: float, x: Term, level: Term) -> Made:
    return Made("event", 1.0, Rises(x.patience(), sign))


def _fade(event: Term, seconds: Term) -> Made:
    return Made("linear", event.unit, Fade(seconds.constant))


def _of(make: Callable[..., Made], takes: str, least: int | None = None) -> Function:
    words = tuple(takes.split())
    return Function(make, words, least or len(words))


FUNCTIONS = {
    "+": _of(_add, "x y"),
    "-": _of(_subtract, "x y", 1),
    "*": _of(_multiply, "factor factor"),
    "/": _of(_divide, "x y"),
    "abs": _of(_abs, "x"),
    "sqrt": _of(_sqrt, "x"),
    "clip": _of(_clip, "x low high"),
    "scale": _of(_scale, "x low high"),
    "higher": _of(partial(_either, max), "x y"),
    "lower": _of(partial(_either, min), "x y"),
    "distance": _of(_distance, "a b"),
    "angle": _of(_angle, "a b c", 2),
    "smooth": _of(_smooth, "x seconds"),
    "speed": _of(_speed, "x"),
    "acceleration": _of(_acceleration, "x"),
    "mean": _of(_mean, "x seconds"),
    "min": _of(partial(_most, np.min), "x seconds"),
    "max": _of(partial(_most, np.max), "x seconds"),
    "deviation": _of(_deviation, "x seconds"),
    "before": _of(partial(_past, Before), "x seconds"),
    "change": _of(partial(_past, Change), "x seconds"),
    "above": _of(_above, "x on off"),
    "rises": _of(partial(_crossing, 1.0), "x level"),
    "falls": _of(partial(_crossing, -1.0), "x level"),
    "count": _of(_count, "event seconds"),
    "fade": _of(_fade, "event seconds"),
}
"""Every function that a formula may call, and + - * /."""
