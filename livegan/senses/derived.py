"""Features that a patch derives from an input's own by formulas, once for each of its frames.

Whatever they remember goes on by the frames and by when these were seen, so that a show, a take replayed and an
offline picture get the same. Must never mix two persons: a cut begins everything anew.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame, groups
from livegan.senses.binding import Binding, Row, Step, some
from livegan.senses.formula import MOST, is_plain, parse, wrong
from livegan.senses.memory import Memory

_FOR_EYES = "raw"  # the group of what is drawn for people; what is made of it is for mappings


class Derived:
    """An input's frames with what formulas make of them.

    features: its own, then the derived ones in their order. reach: seconds of the same numbers after which these give
    the same for ever; 0 where no formula asks for time.
    """

    def __init__(self, own: Sequence[Feature], formulas: Mapping[str, str]) -> None:
        """Raises BadRequest in one sentence for a formula that cannot be read or names what is not there."""
        row = Row(own)
        self._formulas = [_formula(row, name, text, [*formulas]) for name, text in formulas.items()]
        self.features = [*own, *(one.feature for one in self._formulas)]
        names, there = groups(self.features), groups(list(own))
        self._places = [[there.index(group) for group in one.groups] for one in self._formulas]
        of = {one.feature.group: places for one, places in zip(self._formulas, self._places, strict=True)}
        self._added = [of[name] for name in names[len(there) :]]
        self._group = np.array([there.index(feature.group) for feature in own], int)
        self._events = np.array([feature.kind == "event" for feature in own], bool)
        self._row, self._seen = row.values, -math.inf
        self.reach = _reach(step for one in self._formulas for step in one.steps)

    def step(self, frame: Frame) -> Frame:
        """The frame with all features. Where somebody is gone they hold their last, and an event is 0."""
        if not self._formulas:
            return frame
        if frame.cut:
            self._forget()
        present, here = frame.present.tolist(), self._here(frame)
        self._row[: 1 + len(frame.data)] = frame.seen, *frame.data.tolist()
        newer = frame.seen > self._seen
        self._seen = max(frame.seen, self._seen)
        found = [
            one.step(self._row, newer and all(here[place] for place in places))
            for one, places in zip(self._formulas, self._places, strict=True)
        ]
        data = np.concatenate((frame.data, np.array(found, np.float32)))
        present += [all(present[place] for place in places) for places in self._added]
        return replace(frame, data=data, present=np.array(present, bool))

    def again(self, frame: Frame, seen: float) -> Frame:
        """What the last frame, as the input gave it, comes to at a later moment: an event happened once."""
        return self.step(replace(frame, data=np.where(self._events, np.float32(0), frame.data), seen=seen, cut=False))

    def _here(self, frame: Frame) -> list[bool]:
        """Which groups are there, with numbers that can be reckoned with."""
        here = frame.present.copy()
        if not (finite := np.isfinite(frame.data)).all():
            here[self._group[~finite]] = False
        return here.tolist()

    def _forget(self) -> None:
        self._seen = -math.inf
        for one in self._formulas:
            one.forget()


@dataclass
class _Formula:
    """A feature, how it is reckoned, the input's groups that it needs, and its last value."""

    feature: Feature
    groups: tuple[str, ...]
    steps: list[Step]
    place: int
    last: float = 0.0

    def step(self, row: list[float], here: bool) -> float:
        """Its value now; while it is not here, what it was."""
        if here:
            for one in self.steps:
                found = one.call(*[row[place] for place in one.takes])
                row[one.place] = found if -MOST <= found <= MOST else math.copysign(MOST, found)
            self.last = row[self.place]
        elif self.feature.kind == "event":
            self.last = 0.0
        return self.last

    def forget(self) -> None:
        """Begin anew."""
        for one in self.steps:
            if isinstance(one.call, Memory):
                one.call.forget()


def _formula(row: Row, name: str, text: str, all_names: list[str]) -> _Formula:
    later = all_names[all_names.index(name) :]
    try:
        _refuse(name, row)
        reader = Binding(row, text, later)
        found = reader.bound(parse(text))
        if not found.groups:
            raise wrong(text, 0, f"a feature's name is missing; there are {some(row.names)}")
    except BadRequest as error:
        raise BadRequest(f"derived.{name}: {error}") from None
    group = " and ".join(found.groups)
    group = f"of {group}" if group == _FOR_EYES else group
    feature = Feature(name, found.term.kind, group, found.term.gap, found.term.unit)
    row.know(feature, found.place, found.groups)
    return _Formula(feature, found.groups, reader.steps, found.place)


def _reach(steps: Iterable[Step]) -> float:
    """Seconds; what is remembered of what is remembered takes as long as both."""
    found: dict[int, float] = {}
    for one in steps:
        own = one.call.reach if isinstance(one.call, Memory) else 0.0
        found[one.place] = own + max(found.get(place, 0.0) for place in one.takes)
    return max(found.values(), default=0.0)


def _refuse(name: str, row: Row) -> None:
    if not row.groups:
        raise BadRequest("this input gives no numbers: derive from one that reads it")
    if not is_plain(name):
        raise BadRequest("a name of letters, digits and _, with dots between them, is wanted: choose another")
    if name in row.names:
        raise BadRequest("the input has a feature of that name already: choose another")
