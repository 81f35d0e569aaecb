"""Changes of what was taught: another look or number for a round, or for one example in it.

Nothing is deleted: the changed examples are a new round, and the old one is left out.
"""

import math
from collections.abc import Sequence

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.examples import Examples
from livegan.mapping.taught import padded
from livegan.settings import Settings


class Edit(Settings):
    """What is to change: the look, or a feature or an output by its name, in every row or in one, counted from 1.

    value: None is "not seen" for a feature and "says nothing" for an output.
    """

    look: str | None = None
    name: str = ""
    value: float | None = None
    row: int | None = None


def edit(examples: Examples, outputs: Sequence[str], old: int, new: int | None, change: Edit) -> int:
    """Put a changed round in place of an old one, which is left out; all or nothing, on disk when this returns.

    outputs: names of the numbers that examples ask for. new: the id it gets, so that nothing happens the second time;
    None takes the next. Gives the id. Raises BadRequest.
    """
    look, rows, wanted = examples.of_round(old)
    wanted = None if wanted is None else padded(wanted, len(outputs))
    if change.look is None:
        _change(examples, outputs, rows, wanted, change)
    else:
        look, wanted = change.look, None
    with examples.together():
        place = _look(examples, look)
        made = examples.begin_round(place, new)
        examples.add(made, rows, wanted, first=0)
        examples.keep(old, False)
    return made


def _look(examples: Examples, name: str | None) -> int | None:
    known = examples.looks()
    if name is not None and name not in known:
        raise BadRequest(f'no look "{name}" was taught; there are {", ".join(known) or "none"}')
    return None if name is None else known[name]


def _change(
    examples: Examples, outputs: Sequence[str], rows: np.ndarray, wanted: np.ndarray | None, change: Edit
) -> None:
    features = [feature.name for feature in examples.features]
    value = math.nan if change.value is None else change.value
    if change.row is not None and not 1 <= change.row <= len(rows):
        raise BadRequest(f"the round has {len(rows)} examples, counted from 1: there is no {change.row}")
    places = slice(None) if change.row is None else change.row - 1
    if change.name in features:
        rows[places, features.index(change.name)] = value
    elif change.name in outputs and wanted is not None:
        wanted[places, list(outputs).index(change.name)] = value
    else:
        there = [*outputs, *features] if wanted is not None else features
        raise BadRequest(f'the examples have no "{change.name}"; they have {", ".join(there[:6])}')
