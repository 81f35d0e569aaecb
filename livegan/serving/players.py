"""What plays the outputs of a project: asked for each row, and kept one by one as files.

A file of a model lies in the mapping's own folder, and is read as strictly as any fit.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livegan.mapping.each import Each, Played
from livegan.mapping.mapping import Mapping
from livegan.mapping.outputs import OutputSettings
from livegan.serving.out import Out

_NO_ADDRESS = re.compile(r"[^!-~]|[#*,?\[\]{}/]")


@dataclass(frozen=True)
class Player:
    """A mapping, bound to the inputs of a project, that plays an output; place: which of its own outputs does that."""

    mapping: Mapping
    place: int


Players = dict[str, Player]
"""Who plays each output, by its name; those that were never trained are left out."""


def players_of(one: Mapping, inputs: Sequence[str]) -> Players:
    """A player for each output that a fit was made for. Raises BadRequest for other inputs."""
    bound = one.bind(inputs)
    fitted = one.model.trained if isinstance(one.model, Each) else one.outputs
    return {name: Player(bound, place) for place, name in enumerate(one.outputs) if name in fitted}


def anew(players: Players) -> Players:
    """The same, with nothing remembered of the rows from before."""
    fresh = {id(one.mapping): _anew(one.mapping) for one in players.values()}
    return {name: Player(fresh[id(one.mapping)], one.place) for name, one in players.items()}


def _anew(one: Mapping) -> Mapping:
    return replace(one, model=replace(one.model)) if isinstance(one.model, Each) else one


def answered(
    players: Players, outputs: dict[str, OutputSettings], row: np.ndarray, values: np.ndarray, reply: str
) -> list[Out]:
    """The messages that answer a row float32 [F]: `values` [O], which change for what is to run, and probabilities.

    Raises ValueError when a model gives what is not finite; nothing has changed then.
    """
    told = _told(players.values(), row)
    playing = {name: one for name, one in players.items() if outputs[name].run}
    found = {name: told[id(one.mapping)].outputs[one.place] for name, one in playing.items()}
    if not np.isfinite([*found.values()]).all():
        raise ValueError("not finite")
    for place, name in enumerate(outputs):
        values[place] = found.get(name, values[place])
    shares = {name: told[id(one.mapping)].probabilities for name, one in playing.items()}
    own = {name: one.mapping.outputs[one.place] for name, one in playing.items()}
    asked = [name for name in outputs if name in playing and outputs[name].probabilities and own[name] in shares[name]]
    return [Out(reply, values.copy()), *(Out(address_of(name), shares[name][own[name]]) for name in asked)]


def followed(player: Player, name: str, own: OutputSettings, row: np.ndarray, reply: str) -> list[Out]:
    """The messages that answer a row of an output of gestures: which one is new, and how far each is.

    With `probabilities` also how much of the nearest is done, for Wekinator's clients do not await that.
    """
    heard = _told([player], row)[id(player.mapping)].heard.get(player.mapping.outputs[player.place])
    if heard is None:
        return []
    new = heard.gesture if heard.changed else 0
    match = [Out(own.message(new, f"{address_of(name)}_{new}"))] if new else []
    through = [Out(f"{address_of(name)}/phase", [heard.phase])] if own.probabilities else []
    return [*match, Out(reply, heard.distances), *through]


def _told(players: Iterable[Player], row: np.ndarray) -> dict[int, Played]:
    """What each mapping says to a row, asked once."""
    return {id(one): _played(one, row) for one in {id(one.mapping): one.mapping for one in players}.values()}


def _played(one: Mapping, row: np.ndarray) -> Played:
    own = row[one.places]
    return one.model.play(own) if isinstance(one.model, Each) else Played(one.model.predict(own), {}, {})


def address_of(name: str) -> str:
    """The address of an output of its own, "/NAME"; what no address may hold becomes "_"."""
    return "/" + _NO_ADDRESS.sub("_", name)
