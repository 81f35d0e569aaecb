"""The file of what was learned by wiggling: which control does what, beside the looks of a patch.

Names and numbers as JSON, read strictly; a file that cannot be read is set aside before another takes its place.
"""

import json
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from livegan.errors import BadRequest, Failure
from livegan.settings import Settings

FILE = "learned.json"
FORMAT = 1
_LARGEST = 1 << 20

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class Binding(Settings):
    """A control (INPUT.FEATURE), what it does (a number of the look, or a command), and the ends of its way."""

    target: Text
    control: Text
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _rising(self) -> "Binding":
        if self.low >= self.high:
            raise ValueError(f"the way of {self.control} goes from {self.low:g} to {self.high:g}")
        return self


class _File(Settings):
    format: int
    learned: list[Binding]


def dumped(bindings: Iterable[Binding]) -> bytes:
    """The file for these."""
    return _File(format=FORMAT, learned=[*bindings]).model_dump_json(indent=1).encode()


def load(path: Path) -> dict[str, Binding]:
    """What was learned, by target; nothing without a file. Raises BadRequest when it is damaged or newer."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is far too large")
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict) and isinstance(found.get("format"), int) and found["format"] > FORMAT:
            raise ValueError(f"it has format {found['format']}, this livegan knows {FORMAT}")
        table = {one.target: one for one in _File.model_validate(found).learned}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise BadRequest(f"{path} cannot be read ({_why(error)}): nothing of it is used, and it is kept") from None
    return table


def set_aside(path: Path) -> None:
    """Give a file that cannot be read another name, so that nothing of it is lost. Raises Failure."""
    aside = next(one for n in count(1) if not (one := path.with_suffix(f".damaged-{n}.json")).exists())
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Failure(f"{path} is not written, for what is there could not be set aside: {error.strerror}") from error


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return " ".join(str(error).split())[:120]
