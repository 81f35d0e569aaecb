"""Cues: features of the inputs that ask for commands, as keys do: a pad, a beat, a held pose, an OSC event.

Says what; the show decides when. Goes by frames and not by pictures, so that the shortest press counts. Nothing here
waits, and what nobody holds any more is let go.
"""

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from livegan.clock import Clock
from livegan.control.commands import Arg, Command, Commands
from livegan.control.holds import Holds
from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.patch import Patch
from livegan.show.feed import Feed

ON, OFF = 0.5, 0.4
"""A feature asks when it rises above the first, and may ask again when it has fallen below the second."""

EVERY = 0.033
"""Seconds between two commands that follow a number, at least."""

GONE = 0.5
"""Seconds after which nobody holds what was told last."""

_RECALL = 1.0  # seconds of frames that are gone through at most
_LISTED = 4
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SLOT = re.compile(rf"\$(?:{_NUMBER}\.\.{_NUMBER})?")


@dataclass(frozen=True)
class Spot:
    """Where a show has a feature: its input, its place there (own), and its place among all features (at)."""

    feature: Feature
    feed: Feed
    own: int
    at: int

    def gone(self, clock: Clock) -> bool:
        """Whether its value is only held: the input is not there, or saw nobody for a while."""
        absent = self.feed.state(clock).state == "absent"
        return absent or bool(self.feed.track.unseen(self.feed.moment)[self.own] > GONE)


def spots(feeds: Sequence[Feed]) -> dict[str, Spot]:
    """All features of a show, INPUT.FEATURE."""
    each = [(feature, feed, own) for feed in feeds for own, feature in enumerate(feed.features)]
    return {feature.name: Spot(feature, feed, own, at) for at, (feature, feed, own) in enumerate(each)}


class Heard:
    """The frames of a show's inputs as they pass, each once."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        ends = np.cumsum([len(feed.features) for feed in feeds], dtype=int)
        self._feeds = [(feed, slice(end - len(feed.features), end)) for feed, end in zip(feeds, ends, strict=True)]
        self._last = [-math.inf] * len(feeds)
        self._size = sum(len(feed.features) for feed in feeds)

    def new(self) -> Iterator[np.ndarray]:
        """What came since the last call, as far as it is sampled: the show's features, NaN for other inputs."""
        found = []
        for place, (feed, part) in enumerate(self._feeds):
            frames = feed.track.frames(max(self._last[place], feed.moment - _RECALL), feed.moment)
            found += [(seen, place, feed.track, part) for seen, _ in frames]
            self._last[place] = frames[-1][0] if frames else self._last[place]
        for seen, _, track, part in sorted(found, key=lambda one: one[:2]):
            values = np.full(self._size, np.nan, np.float32)
            values[part] = track.told(seen)
            yield values


class Switch:
    """On above ON, off below OFF; in between, and for NaN, as before."""

    def __init__(self, on: bool = False) -> None:
        self.on = on

    def turned(self, value: float) -> bool:
        """Take a value in; whether it was switched on or off."""
        before = self.on
        self.on = value > ON or (before and not value < OFF)
        return self.on != before


@dataclass(frozen=True)
class Slot:
    """The feature's value as an argument, kept within what the argument takes.

    kind: of the argument, in the words of JSON Schema. first, last: what 0 and 1 become; others go on beyond.
    """

    kind: str
    least: float
    most: float
    first: float
    last: float

    def at(self, value: float) -> float | int | bool:
        """The argument for a value."""
        found = min(max((1.0 - value) * self.first + value * self.last, self.least), self.most)
        if self.kind == "boolean":
            return found > ON
        return round(found) if self.kind == "integer" else found


@dataclass(frozen=True)
class Asks:
    """What a cue asks for: a command and its arguments, some of them slots."""

    command: Command
    values: tuple[Any, ...]

    @property
    def follows(self) -> bool:
        """Whether it goes along with the feature's value."""
        return any(isinstance(value, Slot) for value in self.values)

    def at(self, value: float) -> tuple[Any, ...]:
        """The arguments for a value."""
        return tuple(one.at(value) if isinstance(one, Slot) else one for one in self.values)

    def refuse(self, feature: Feature) -> None:
        """Raise BadRequest for a feature that cannot ask for this."""
        if self.command.held and feature.kind == "event":
            raise BadRequest(f"{self.command.name} lasts as long as it is held, and {feature.name} has no length")


def asks(commands: Commands, text: str) -> Asks:
    """What a text asks for, such as `look rose`, `near $` or `pick $1..12`; $ is the feature's value. BadRequest."""
    command, words = commands.words(text)
    found = {place: match for place, word in enumerate(words) if (match := _SLOT.fullmatch(word))}
    if found and command.held:
        raise BadRequest(f"{command.name} lasts as long as it is held, and takes no $")
    slots = {
        place: _slot(command, arg, found[place])
        for place, arg in enumerate(command.args[: len(words)])
        if place in found
    }
    values = command.check([slots[place].at(0.0) if place in slots else word for place, word in enumerate(words)])
    return Asks(command, tuple(slots.get(place, value) for place, value in enumerate(values)))


def _slot(command: Command, arg: Arg, match: re.Match) -> Slot:
    schema = arg.type.json_schema()
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") in ("number", "integer", "boolean")]
    if not kinds:
        raise BadRequest(f"{command.name}: {arg.name} is no number, so it cannot be $; use it as: {command.usage}")
    least, most = kinds[0].get("minimum", -math.inf), kinds[0].get("maximum", math.inf)
    first, last = (float(end) for end in match.groups(default="")) if match[1] else (0.0, 1.0)
    return Slot(kinds[0]["type"], least, most, first, last)


def features(plan: Patch) -> dict[str, Feature]:
    """All features that a patch's inputs give, INPUT.FEATURE; opens nothing."""
    given = [(name, part.type.derived(part.settings)) for name, part in plan.inputs.items() if not part.type.pixels]
    each = [replace(one, name=f"{name}.{one.name}") for name, derived in given for one in derived.features]
    return {one.name: one for one in each}


def cue_table(plan: Patch, commands: Commands, there: Mapping[str, Feature]) -> dict[str, Asks]:
    """What the `[cues]` of a patch ask for, by feature, of those that are `there`. Raises BadRequest."""
    table = {}
    for name, text in plan.cues.items():
        try:
            table[name] = asks(commands, text)
            table[name].refuse(_known(name, there))
        except BadRequest as error:
            raise BadRequest(f'{plan.path.name}, cues."{name}": {error}') from None
    return table


def _known(name: str, there: Mapping[str, Feature]) -> Feature:
    if name not in there:
        close = difflib.get_close_matches(name, there, 1)
        others = ", ".join([*there][:_LISTED]) + (", ..." if len(there) > _LISTED else "")
        hint = f'did you mean "{close[0]}"?' if close else f"there is {others or 'nothing'}"
        raise BadRequest(f"no input of this patch gives that; {hint}")
    return there[name]


class Cue:
    """A feature that asks for a command. source: in whose name it holds; now: the value that asks for nothing yet."""

    def __init__(self, spot: Spot, wanted: Asks, source: str, now: float = math.nan) -> None:
        self._spot, self._asks, self._source = spot, wanted, source
        self._switch = Switch(now >= OFF)
        self._value = now
        self._told = wanted.at(now) if math.isfinite(now) else None
        self._at = -math.inf
        self._down = False

    def hear(self, values: np.ndarray, holds: Holds) -> None:
        """A frame: the features of the show, NaN where it says nothing."""
        value = float(values[self._spot.at])
        if not math.isfinite(value):
            return
        if self._spot.feature.kind == "event":
            if value:
                self._run(holds, self._asks.at(value))
        elif self._asks.follows:
            self._value = value
        elif self._switch.turned(value):
            self._turn(holds)

    def step(self, clock: Clock, holds: Holds) -> None:
        """After each tick: follow the value, and let go what nobody holds."""
        if self._asks.follows:
            self._follow(clock.now(), holds)
        elif self._down and self._spot.gone(clock):
            self.let_go(holds)

    def let_go(self, holds: Holds) -> None:
        """Release what it holds."""
        if self._down:
            self._down = False
            holds.let_go(self._source)

    def _turn(self, holds: Holds) -> None:
        if not self._switch.on:
            self.let_go(holds)
        elif self._asks.command.held:
            self._down = True
            self._run(holds, (True, *self._asks.values))
        else:
            self._run(holds, self._asks.values)

    def _follow(self, now: float, holds: Holds) -> None:
        """Ask again when another value asks for something else; the first only says where it begins."""
        if not math.isfinite(self._value) or now - self._at < EVERY:
            return
        wanted = self._asks.at(self._value)
        if self._told not in (None, wanted):
            self._at = now
            holds.told(lambda: holds.run(self._source, self._asks.command.name, wanted) and "")
        self._told = wanted

    def _run(self, holds: Holds, values: tuple[Any, ...]) -> None:
        holds.told(partial(holds.run, self._source, self._asks.command.name, values))
