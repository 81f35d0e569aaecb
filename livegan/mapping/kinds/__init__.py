"""The kinds of model that an output can have: one file each, found by its name.

A file says for which TYPES of output it is; whether several numbers are fitted TOGETHER; and whether it sees the
"values" of the features as they are, or "points", in units of clearly visible movement; and whether it is SLOW to fit,
from hundreds of examples on. None fits while it plays.
"""

import difflib
import importlib
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
from pydantic import ValidationError

from livegan.errors import BadRequest
from livegan.settings import Settings


class Runs(Protocol):
    """A fitted model: plain arrays. Also has `from_parts(arrays, settings)`, which raises ValueError for others."""

    @property
    def inputs(self) -> int:
        """How many numbers one row has."""

    @property
    def size(self) -> int:
        """How many numbers it gives."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """A row float64 [F] to numbers [O]; for classes to K + 1 probabilities, that of none first."""

    def arrays(self) -> dict[str, np.ndarray]:
        """float32 or float64 arrays, by name."""

    def settings(self) -> dict[str, float]:
        """Plain numbers, by name."""

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""


class Kind(Protocol):
    """What a file in this folder offers. settings of `fit`: its own Settings; classes: 0 for numbers."""

    TYPES: tuple[str, ...]
    TOGETHER: bool
    SEES: Literal["values", "points"]
    SLOW: bool
    Settings: type[Settings]
    Runs: type[Runs]

    def fit(self, x: np.ndarray, y: np.ndarray, settings: Any, classes: int, seed: int = 0) -> Runs:
        """Fit rows float64 [N, F] to y, float64 [N, O] of numbers, or [N, 1] of classes 0..K."""


def names() -> list[str]:
    """All kinds."""
    return sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")


def named(kind: str) -> Kind:
    """The kind of this name. Raises BadRequest."""
    if kind not in names():
        close = difflib.get_close_matches(kind, names(), 1)
        hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(names())}"
        raise BadRequest(f'unknown kind of model "{kind}": {hint}')
    return importlib.import_module(f"livegan.mapping.kinds.{kind}")  # type: ignore[return-value]


def settings_of(output: str, kind: str, type_: str, params: dict[str, bool | int | float | str]) -> Settings:
    """The params of an output's model, checked. Raises BadRequest for a kind that is not for its type."""
    found = named(kind)
    if type_ not in found.TYPES:
        able = ", ".join(one for one in names() if type_ in named(one).TYPES)
        raise BadRequest(f'output "{output}" is a {type_}, which "{kind}" is not for: take one of {able}')
    try:
        return found.Settings.model_validate(params)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f'output "{output}", params of its model "{kind}": {at}: {first["msg"]}') from error
