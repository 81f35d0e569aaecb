"""Fits outputs that have models of their own, and says by how much each misses a round that it was not taught.

Outputs that share kind, params, features and examples are fitted together where the kind can do that. Writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping import kinds, solve
from livegan.mapping.each import Each, Part, columns_of
from livegan.mapping.encoding import Encoding, encoding_of
from livegan.mapping.models import Centres, Points
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught

# So many rounds are left out one by one; for slow kinds with many examples only the newest.
MOST_HELD = 4
_MANY = 50
_HUGE = 1e15

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Group:
    """Outputs that are fitted together, to the examples that ask for them.

    places: of the outputs. features: of those they are told. rows: for each example what its model sees, [N, F], and
    wanted [N, O]; for gestures a series for each round, and its number. rounds: ids [N].
    """

    kind: str
    type: str
    places: tuple[int, ...]
    features: tuple[int, ...]
    settings: Any
    classes: int
    rows: Sequence[np.ndarray]
    wanted: np.ndarray
    rounds: np.ndarray

    def fitted(self, chosen: np.ndarray) -> kinds.Runs:
        """A model of the chosen examples, bool [N]."""
        places = np.flatnonzero(chosen)
        rows = [self.rows[place] for place in places]
        x = rows if self.type == "gesture" else np.array(rows)
        return kinds.named(self.kind).fit(x, self.wanted[places], self.settings, self.classes)

    def missed(self, runs: kinds.Runs, chosen: np.ndarray) -> np.ndarray:
        """By how much a model misses the chosen examples: squared differences, or 1 where it is wrong, [n, O]."""
        places = np.flatnonzero(chosen)
        wanted = self.wanted[places]
        if self.type == "gesture":
            return np.array([_nearest(runs, self.rows[place]) for place in places])[:, None] != wanted[:, None]
        given = np.array([runs.predict(self.rows[place]) for place in places])
        return given.argmax(axis=1)[:, None] != wanted if self.type == "class" else (given - wanted) ** 2

    def errors(self, missed: np.ndarray) -> np.ndarray:
        """The share that is wrong, or what is missed over the spread of what is asked for, [O]."""
        if self.type != "number":
            return missed.mean(axis=0)
        spread = self.wanted.std(axis=0)
        return np.where(spread > 0, np.sqrt(missed.mean(axis=0)) / np.where(spread > 0, spread, 1), 0)

    def held(self) -> list[int]:
        """The newest rounds of those that can be left out, for what they ask for is asked for in another one too."""
        ids = np.unique(self.rounds).tolist()
        most = 1 if kinds.named(self.kind).SLOW and len(self.rows) > _MANY else MOST_HELD
        free = ids if self.type == "number" else self._again(ids)
        return free[-most:] if len(ids) > 1 else []

    def _again(self, ids: list[int]) -> list[int]:
        """The rounds all of whose classes another one has as well: of the others a class is unknown without them."""
        asked = {one: set(self.wanted[self.rounds == one].ravel().tolist()) for one in ids}
        count = Counter(chain.from_iterable(asked.values()))
        return [one for one, classes in asked.items() if all(count[each] > 1 for each in classes)]


def _nearest(runs: kinds.Runs, series: np.ndarray) -> int:
    """The gesture that a whole series is nearest to."""
    thinned = series[:: runs.every]
    return int(runs.distances(thinned, 1).argmin()) + 1


@dataclass(frozen=True)
class Result:
    """The model, and by output what it misses its examples by, and what it misses rounds it was not taught by."""

    model: Each
    missed: dict[str, float]
    errors: dict[str, float]


def fit_each(
    taught: Taught,
    targets: np.ndarray,
    table: dict[str, OutputSettings],
    before: Each | None = None,
    progress: Progress = lambda share: None,
) -> Result:
    """Fit the outputs of `table` to targets [N, O], NaN where an example does not ask.

    before: keeps playing those that are not to be trained. Raises BadRequest in one sentence.
    """
    encoding = encoding_of(taught.features, taught.rows)
    points = encoding.points(taught.rows)
    made = groups(taught, encoding, points, targets, table)
    steps, done = sum(1 + len(group.held()) for group in made), 0
    parts, missed, errors, names = [], {}, {}, list(table)
    for group in made:
        every = np.ones(len(group.rows), bool)
        runs = group.fitted(every)
        parts.append(Part(group.kind, group.places, group.features, runs))
        missed |= _named(names, group, group.errors(group.missed(runs, every)))
        left = []
        for round_id in group.held():
            out = group.rounds == round_id
            left.append(group.missed(group.fitted(~out), out))
            done += 1
            progress(done / (steps + 1))
        errors |= _named(names, group, group.errors(np.concatenate(left))) if left else {}
        done += 1
        progress(done / (steps + 1))
    kept = solve.thinned(points, solve.MOST_ANCHORS)
    parts += _untouched(table, before, [f.name for f in taught.features])
    return Result(Each(Centres(encoding, Points(points[kept])), table, tuple(parts)), missed, errors)


def _named(names: list[str], group: Group, numbers: np.ndarray) -> dict[str, float]:
    return {names[place]: float(number) for place, number in zip(group.places, numbers, strict=True)}


def groups(
    taught: Taught, encoding: Encoding, points: np.ndarray, targets: np.ndarray, table: dict[str, OutputSettings]
) -> list[Group]:
    """What is to be fitted; outputs that no example asks for, or that are not to be trained, are left out.

    Raises BadRequest.
    """
    shared: dict[object, list[int]] = {}
    for place, (name, one) in enumerate(table.items()):
        asked = ~np.isnan(targets[:, place])
        if one.train and asked.any():
            _refuse_values(name, one, targets[asked, place])
            alone = one.type != "number" or not kinds.named(one.kind).TOGETHER
            key = (one.kind, str(one.params), str(one.features), place if alone else asked.tobytes())
            shared.setdefault(key, []).append(place)
    values = np.clip(np.where(np.isnan(taught.rows), encoding.centre, taught.rows), -_HUGE, _HUGE, dtype=float)
    seen = {"values": values, "points": points.astype(float)}
    return [_group(taught, encoding, seen, targets, list(table.items()), places) for places in shared.values()]


def _refuse_values(name: str, one: OutputSettings, asked: np.ndarray) -> None:
    # Of what it was taught, also what "hard" limits would not allow today teaches.
    if one.type != "number" and not all(one.allows(value) for value in asked):
        raise BadRequest(f'output "{name}" is a {one.type} of {one.classes}: an example asks for {asked.max():g}')


def _group(
    taught: Taught,
    encoding: Encoding,
    seen: dict[str, np.ndarray],
    targets: np.ndarray,
    table: list[tuple[str, OutputSettings]],
    places: list[int],
) -> Group:
    name, one = table[places[0]]
    settings = kinds.settings_of(name, one.kind, one.type, one.params)
    at = {feature.name: index for index, feature in enumerate(taught.features)}
    features = tuple(at[feature] for feature in one.features or at)
    sees = kinds.named(one.kind).SEES
    asked = ~np.isnan(targets[:, places[0]])
    rows = seen[sees][asked][:, columns_of(sees, encoding.angles, features)]
    wanted, rounds = targets[asked][:, places].astype(float), taught.rounds[asked]
    group = Group(one.kind, one.type, tuple(places), features, settings, one.classes, rows, wanted, rounds)
    return _series(group) if one.type == "gesture" else group


def _series(group: Group) -> Group:
    """One example for each round of a gesture."""
    ids, first = np.unique(group.rounds, return_index=True)
    rows = [np.array(group.rows)[group.rounds == one] for one in ids]
    return replace(group, rows=rows, wanted=group.wanted[first, 0], rounds=ids)


def _untouched(table: dict[str, OutputSettings], before: Each | None, features: Sequence[str]) -> list[Part]:
    """The parts of outputs that are not to be trained, as they were."""
    if before is None or len(before.centres.encoding.angles) != len(features):
        return []
    at = {name: place for place, name in enumerate(table)}
    kept = {name for name, one in table.items() if not one.train and before.table.get(name) is not None}
    parts = []
    for part in before.parts:
        named = [before.names[place] if place >= 0 else "" for place in part.outputs]
        if kept & set(named):
            parts.append(replace(part, outputs=tuple(at[name] if name in kept else -1 for name in named)))
    return parts


def features_alike(one: Sequence[Feature], other: Sequence[Feature]) -> bool:
    """Whether rows of both mean the same."""
    return [feature.name for feature in one] == [feature.name for feature in other]
