"""Binds the tree of a formula to an input's features: which numbers are called with which, and what is made of them.

Here everything is settled before a frame comes: what is wrong with a formula is told, and nothing is looked up later.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from livegan.frame import Feature, groups
from livegan.senses.formula import MOST, Call, Name, Node, Number, written, wrong
from livegan.senses.functions import FUNCTIONS, Function, Term, constant
from livegan.senses.memory import Memory

LONGEST_TIME = 60.0
"""Seconds that a formula can look back, at most."""

_TIME = 0  # the place of a frame's time in a row
_POINTS = ("a", "b", "c")


@dataclass(frozen=True)
class Step:
    """A call with the numbers at some places of a row, and where in it the result goes."""

    call: Callable[..., float]
    takes: tuple[int, ...]
    place: int


@dataclass(frozen=True)
class Known:
    """A name or a part of a formula: where its number is, what it is, and the groups it needs.

    place: None for what is settled before any frame comes.
    """

    place: int | None
    term: Term
    groups: tuple[str, ...] = ()


class Row:
    """The numbers of one frame while formulas are reckoned: its time, its features, and all that is made of them."""

    def __init__(self, own: Sequence[Feature]) -> None:
        self.groups = groups(list(own))
        self.values = [0.0] * (1 + len(own))
        self.names: dict[str, Known] = {}
        for place, one in enumerate(own, 1):
            self.know(one, place, (one.group,))

    def know(self, feature: Feature, place: int, needs: tuple[str, ...]) -> None:
        """From now on formulas can use a feature, whose number is at a place, while these groups are there."""
        self.names[feature.name] = Known(place, Term(feature.kind, feature.unit, feature.max_gap), needs)

    def add(self, value: float = 0.0) -> int:
        """A new place for a number."""
        self.values.append(value)
        return len(self.values) - 1


@dataclass
class Binding:
    """Turns the tree of one formula into steps. later: derived features that it cannot use yet."""

    row: Row
    text: str
    later: list[str]
    steps: list[Step] = field(default_factory=list)

    def bound(self, node: Node) -> Known:
        """Where the number of a part of the formula will be. Raises BadRequest."""
        if isinstance(node, Number):
            if node.time:
                raise wrong(self.text, node.at, "a time stands here, but a number or a feature is wanted")
            return self._constant(node.value)
        return self._feature(node) if isinstance(node, Name) else self._call(node)

    def _constant(self, value: float) -> Known:
        value = min(max(value, -MOST), MOST)
        return Known(self.row.add(value), constant(value))

    def _feature(self, name: Name) -> Known:
        if name.text in self.row.names:
            return self.row.names[name.text]
        if name.text in self.later:
            raise wrong(self.text, name.at, f'"{name.text}" is derived only here or further down: put it above')
        if inside := [one for one in self.row.names if one.startswith(f"{name.text}.")]:
            raise wrong(self.text, name.at, f'"{name.text}" is a point, not a number; there are {some(inside)}')
        raise wrong(self.text, name.at, f'there is no feature "{name.text}"; {self._like(name.text)}')

    def _like(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.row.names, 1)
        return f"did you mean {written(close[0])}?" if close else f"there are {some(self.row.names)}"

    def _call(self, call: Call) -> Known:
        function = self._function(call)
        parts = [self._part(node, takes) for node, takes in zip(call.within, function.takes, strict=False)]
        made = function.make(*(part[0].term for part in parts))
        axes = min(len(part) for part in parts if part[0].place is not None)
        numbers = [one for part in parts for one in part[:axes] if one.place is not None]
        needs = tuple(sorted({group for one in numbers for group in one.groups}, key=self.row.groups.index))
        takes = [one.place for one in numbers]
        if isinstance(made.call, Memory):
            takes.insert(0, _TIME)
        if not needs:
            return self._constant(made.call(*(self.row.values[place] for place in takes)))
        place = self.row.add()
        self.steps.append(Step(made.call, tuple(takes), place))
        return Known(place, Term(made.kind, made.unit, min(one.term.gap for one in numbers)), needs)

    def _function(self, call: Call) -> Function:
        function = FUNCTIONS.get(call.function)
        if function is None:
            close = difflib.get_close_matches(call.function, FUNCTIONS, 1)
            named = [name for name in FUNCTIONS if name.isalpha()]
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(named)}"
            raise wrong(self.text, call.at, f'there is no function "{call.function}"; {hint}')
        if not function.least <= len(call.within) <= len(function.takes):
            usage = f"{call.function}({', '.join(function.takes)})"
            raise wrong(self.text, call.at, f"{usage} is wanted, found {len(call.within)} of these")
        return function

    def _part(self, node: Node, takes: str) -> list[Known]:
        """What stands for one of the things that a function takes: its number, or those of a point's axes."""
        if takes == "seconds":
            return [self._seconds(node)]
        if takes in _POINTS:
            return self._point(node)
        found = self.bound(node)
        if takes == "event" and found.term.kind != "event":
            raise wrong(self.text, node.at, "an event is wanted here, such as rises(x, level) gives")
        if takes not in ("event", "factor") and found.term.kind == "event":
            raise wrong(self.text, node.at, "an event is over at once: count(event, 1 s) or fade(event, 1 s) lasts")
        return [found]

    def _seconds(self, node: Node) -> Known:
        if not isinstance(node, Number) or not 0 < node.value <= LONGEST_TIME:
            wanted = f'a time above 0 and up to {LONGEST_TIME:g} s is wanted here, such as "100 ms"'
            raise wrong(self.text, node.at, wanted)
        return Known(None, constant(node.value))

    def _point(self, node: Node) -> list[Known]:
        names = self.row.names
        found = [names.get(f"{node.text}.{axis}") for axis in "xyz"] if isinstance(node, Name) else [None]
        if None not in found[:2]:
            return [one for one in found if one is not None]
        points = [one.removesuffix(".x") for one in names if one.endswith(".x") and f"{one[:-1]}y" in names]
        there = f"there are {some(points)}" if points else "there is none"
        raise wrong(self.text, node.at, f"a point is wanted here, a name with .x and .y; {there}")


def some(names: Iterable[str]) -> str:
    """A few names, as they are written in formulas."""
    names = [written(name) for name in names]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "") if names else "none"
