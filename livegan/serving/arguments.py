"""The arguments of OSC messages as what they stand for, or one sentence that says what is wrong with them.

Only reads; numbers count from 1 here, as they do on the wire, and may come as any type of number.
"""

import re
from collections.abc import Sequence

import numpy as np

from livegan.errors import BadRequest
from livegan.osc import Value

_BEYOND = 1e15  # squares of larger float32 numbers could add up to infinity
_STEM = re.compile(r"[\w-][\w .-]{0,99}")
_LONGEST = 100


def row(values: Sequence[Value], count: int, what: str) -> np.ndarray:
    """Numbers as float64 [count]; true and false are 1 and 0. Raises BadRequest."""
    if len(values) != count:
        raise BadRequest(f"{count} {what} are wanted, found {len(values)}: nothing was changed")
    if any(isinstance(value, str) for value in values):
        raise BadRequest(f"{what} are numbers, found a text: nothing was changed")
    numbers = np.array(values, np.float64)
    if count and np.abs(numbers).max() > _BEYOND:
        raise BadRequest(f"{what} lie within ±{_BEYOND:g}, found a larger one: nothing was changed")
    return numbers


def place(values: Sequence[Value], most: int, what: str) -> int:
    """The first argument, a number from 1 to `most`, as a place from 0. Raises BadRequest."""
    value = values[0] if values else None
    if isinstance(value, bool | str | None) or value != int(value) or not 1 <= value <= most:
        found = "nothing" if value is None else repr(value)[:60]
        raise BadRequest(f"{what} numbers from 1 to {most} are wanted, found {found}: nothing was changed")
    return int(value) - 1


def places(values: Sequence[Value], most: int, what: str) -> list[int]:
    """All arguments as `place` takes one; a wrong one refuses them all. Raises BadRequest."""
    return [place([value], most, what) for value in values] or [place((), most, what)]


def names(values: Sequence[Value]) -> list[str]:
    """Texts, each there once. Raises BadRequest."""
    found = [value for value in values if isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST]
    if not values or len(found) < len(values) or len(set(found)) < len(found):
        raise BadRequest(f"names, of up to {_LONGEST} letters and all different, are wanted: nothing was changed")
    return found


def stem(values: Sequence[Value], position: int = 0) -> str:
    """The name of a file without folders and ending: nothing beyond mappings/ can be named. Raises BadRequest."""
    value = values[position] if position < len(values) else None
    path = value if isinstance(value, str) else ""
    last = re.split(r"[/\\]", path)[-1]
    found = last.rpartition(".")[0] or last
    if not _STEM.fullmatch(found):
        raise BadRequest(f'the name of a file is wanted, found "{path[:80]}": nothing was changed')
    return found
