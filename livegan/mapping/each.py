"""A model for each output, or for each group of them, over one row of features; plays, and never fits.

Belongs to one thread. A gesture listens to row after row: of all the outputs only gestures remember anything.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from livegan.mapping import kinds
from livegan.mapping.kinds.dtw import Following, Heard
from livegan.mapping.models import Centres, centres_from
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.parts import Parts

_HUGE = 1e15


@dataclass(frozen=True)
class Part:
    """A fitted model of a `kind`. outputs: the places of those it gives, -1 for one that another part gives now.

    features: the places of those it is told, in order.
    """

    kind: str
    outputs: tuple[int, ...]
    features: tuple[int, ...]
    runs: kinds.Runs


@dataclass(frozen=True)
class Played:
    """Outputs float32 [O]; of the classes that ask for it the probabilities, float32 [K + 1]; what gestures heard."""

    outputs: np.ndarray
    probabilities: dict[str, np.ndarray]
    heard: dict[str, Heard]


@dataclass(frozen=True)
class Each:
    """Named outputs, each as its settings say, from the parts that were fitted; the others give their default."""

    centres: Centres
    table: dict[str, OutputSettings]
    parts: tuple[Part, ...]
    _ready: tuple["_Ready", ...] = field(init=False, repr=False, compare=False)
    _bounds: "_Bounds" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ready = tuple(_Ready.of(part, self.centres.encoding.angles, list(self.table)) for part in self.parts)
        object.__setattr__(self, "_ready", ready)
        object.__setattr__(self, "_bounds", _Bounds.of(list(self.table.values())))

    @property
    def names(self) -> list[str]:
        """The outputs, in their order."""
        return list(self.table)

    @property
    def trained(self) -> frozenset[str]:
        """The outputs that a model was fitted for; the others give their default."""
        return frozenset(self.names[place] for part in self.parts for place in part.outputs if place >= 0)

    @property
    def size(self) -> int:
        return len(self.table)

    def with_settings(self, table: dict[str, OutputSettings]) -> Self:
        """The same models with other limits, switches and the like, for the same outputs."""
        return replace(self, table=table)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O] for raw features [F]; NaN features are parts that are not seen."""
        return self.play(values).outputs

    def probabilities(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Those float32 [K + 1], of none first, of each class that asks for it."""
        return self.play(values).probabilities

    def distance(self, values: np.ndarray) -> float:
        """How far the nearest example is, in units of clearly visible movement."""
        return self.centres.distance(values)

    def play(self, values: np.ndarray) -> Played:
        """All that one row gives; a gesture goes on by one row."""
        seen = {"values": self._filled(values), "points": None}
        outputs, probabilities, heard = self._bounds.default.copy(), {}, {}
        for part in self._ready:
            if part.sees == "points" and seen["points"] is None:
                seen["points"] = self.centres.encoding.encode(values)
            x = seen[part.sees][part.columns]
            if part.following is not None:
                said = part.following.hear(x)
                heard |= {} if said is None else {part.name: said}
                outputs[part.outputs] = part.following.gesture
            elif self.table[part.name].type == "class":
                probabilities[part.name] = part.runs.predict(x)
                outputs[part.outputs] = probabilities[part.name].argmax()
            else:
                outputs[part.outputs] = part.runs.predict(x)[part.given]
        return Played(self._bounds.of_raw(outputs), self._asked(probabilities), heard)

    def _filled(self, values: np.ndarray) -> np.ndarray:
        """float64 [F]: the middle for what is not seen, and nothing infinite."""
        return np.clip(np.where(np.isnan(values), self.centres.encoding.centre, values), -_HUGE, _HUGE, dtype=float)

    def _asked(self, found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        asked = {name: one for name, one in self.table.items() if one.type == "class" and one.probabilities}
        return {name: np.float32(found.get(name, np.eye(one.classes + 1)[1])) for name, one in asked.items()}

    def arrays(self) -> dict[str, np.ndarray]:
        arrays = self.centres.arrays()
        for index, part in enumerate(self.parts):
            arrays |= {f"part.{index}.{name}": array for name, array in part.runs.arrays().items()}
        return arrays

    def settings(self) -> dict[str, float]:
        return {"radius": self.centres.encoding.radius}

    def words(self) -> dict[str, Any]:
        """What `from_words` needs beside arrays and settings, as JSON can say it."""
        parts = [
            {
                "kind": part.kind,
                "outputs": list(part.outputs),
                "features": list(part.features),
                "settings": part.runs.settings(),
            }
            for part in self.parts
        ]
        return {"parts": parts, "table": {name: one.model_dump() for name, one in self.table.items()}}


@dataclass(frozen=True)
class _Ready:
    """A part that plays: the columns of what it sees, and the places of its outputs."""

    name: str
    sees: str
    runs: kinds.Runs
    columns: np.ndarray
    outputs: np.ndarray
    given: np.ndarray | slice
    following: Following | None

    @classmethod
    def of(cls, part: Part, angles: np.ndarray, names: list[str]) -> Self:
        kind = kinds.named(part.kind)
        columns = columns_of(kind.SEES, angles, part.features)
        following = part.runs.begin() if kind.TYPES == ("gesture",) else None
        outputs = np.array(part.outputs)
        given = np.flatnonzero(outputs >= 0)
        whole = slice(None) if len(given) == len(outputs) else given
        return cls(names[outputs[given[0]]], kind.SEES, part.runs, columns, outputs[given], whole, following)


def columns_of(sees: str, angles: np.ndarray, features: Sequence[int]) -> np.ndarray:
    """Where chosen features are in values, or in points: plain ones first, then the cosines and sines of angles."""
    if sees == "values":
        return np.array(features)
    plain, turning = np.cumsum(~angles) - 1, np.cumsum(angles) - 1
    first, count = int((~angles).sum()), int(angles.sum())
    straight = [plain[one] for one in features if not angles[one]]
    around = [first + turning[one] for one in features if angles[one]]
    return np.array([*straight, *around, *(one + count for one in around)], int)


@dataclass(frozen=True)
class _Bounds:
    """Defaults and hard limits [O], and which outputs are rounded or truncated."""

    default: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rounded: np.ndarray
    truncated: np.ndarray

    @classmethod
    def of(cls, outputs: Sequence[OutputSettings]) -> Self:
        hard = np.array([one.limits == "hard" and one.type == "number" for one in outputs])
        low = np.where(hard, [one.min for one in outputs], -_HUGE)
        high = np.where(hard, [one.max for one in outputs], _HUGE)
        ways = np.array([one.integer for one in outputs])
        default = np.array([one.default for one in outputs])
        return cls(default, low, high, np.flatnonzero(ways == "round"), np.flatnonzero(ways == "truncate"))

    def of_raw(self, outputs: np.ndarray) -> np.ndarray:
        """float32 [O] of what models gave, float64 [O]."""
        outputs = np.clip(outputs, self.low, self.high)
        # Half away from zero, as people round.
        outputs[self.rounded] = np.trunc(outputs[self.rounded] + np.copysign(0.5, outputs[self.rounded]))
        outputs[self.truncated] = np.trunc(outputs[self.truncated])
        # Nobody wants to be sent -0.
        return (outputs + 0.0).astype(np.float32)


def from_words(arrays: Dict[str, np.ndarray], settings: Dict[str, float], words: Dict[str, Any]) -> Each:
    """The inverse of `arrays`, `settings` and `words`. Raises ValueError."""
    own = {name: array for name, array in arrays.items() if not name.startswith("part.")}
    parts = Parts(own, settings)
    centres = centres_from(parts)
    parts.refuse_more("mapping of outputs")
    table = {name: OutputSettings.model_validate(one) for name, one in words["table"].items()}
    made = tuple(_part(index, told, arrays, list(table.values())) for index, told in enumerate(words["parts"]))
    given = [output for part in made for output in part.outputs if output >= 0]
    if not table or len(set(given)) < len(given):
        raise ValueError("an output is there twice, or none at all")
    places = {feature for part in made for feature in part.features}
    if places - set(range(len(centres.encoding.angles))):
        raise ValueError("a model is told of a feature that is not there")
    _refuse_sizes(made, centres.encoding.angles)
    return Each(centres, table, made)


def _part(index: int, told: Dict[str, Any], arrays: Dict[str, np.ndarray], outputs: list[OutputSettings]) -> Part:
    start = f"part.{index}."
    own = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
    given = [place for place in told["outputs"] if place >= 0]
    if told["kind"] not in kinds.names() or not given or not told["features"]:
        raise ValueError(f"part {index} is of no known kind, or has no outputs or features")
    kind = kinds.named(told["kind"])
    if any(place >= len(outputs) or outputs[place].type not in kind.TYPES for place in given):
        raise ValueError(f"part {index} gives an output that is not there, or of another type")
    runs = kind.Runs.from_parts(own, told["settings"])
    first = outputs[given[0]]
    wanted = {"number": len(told["outputs"]), "class": first.classes + 1, "gesture": first.classes}[first.type]
    if runs.size != wanted or (first.type != "number" and len(told["outputs"]) > 1):
        raise ValueError(f"part {index} gives {runs.size} numbers for {wanted}")
    return Part(told["kind"], tuple(told["outputs"]), tuple(told["features"]), runs)


def _refuse_sizes(parts: Sequence[Part], angles: np.ndarray) -> None:
    for part in parts:
        told = len(columns_of(kinds.named(part.kind).SEES, angles, part.features))
        if part.runs.inputs != told:
            raise ValueError(f"a model has {part.runs.inputs} inputs, it is told {told}")
