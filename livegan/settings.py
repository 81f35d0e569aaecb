"""The base of everything that is read from a patch: frozen, and strict about unknown keys."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from livegan import files
from livegan.errors import BadRequest


class Settings(BaseModel):
    """Frozen settings; an unknown key, a wrong type or a NaN is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _seconds(value: object) -> object:
    """`"120 ms"`, `"2 s"` or `"1 min"` as seconds; numbers pass through."""
    if isinstance(value, bool):
        raise ValueError("a time is wanted, found true or false")
    if not isinstance(value, str):
        return value
    number, _, unit = value.strip().partition(" ")
    scale = {"ms": 1e-3, "s": 1.0, "min": 60.0}.get(unit.strip())
    try:
        return float(number) * scale
    except (TypeError, ValueError):
        raise ValueError(f'a time such as 0.5, "500 ms" or "2 s" is wanted, found "{value}"') from None


def _found(room: str, name: str, info: ValidationInfo) -> str:
    near: Path | None = (info.context or {}).get("near")
    try:
        return str(files.find(room, name, near))
    except BadRequest as error:
        raise ValueError(str(error)) from None


def _source(value: str, info: ValidationInfo) -> str:
    scheme, _, name = value.partition(":")
    if scheme not in ("camera", "clip") or not name:
        raise ValueError(f'a source is "camera:0", "camera:NAME" or "clip:FILE", found "{value}"')
    return value if scheme == "camera" else f"clip:{_found('media', name, info)}"


def _take(value: str, info: ValidationInfo) -> str:
    return _found("takes", value, info)


Seconds = Annotated[float, BeforeValidator(_seconds)]
"""Seconds as a number, or a text such as "120 ms"."""

PictureSource = Annotated[str, AfterValidator(_source)]
"""Where pictures come from: "camera:0", "camera:NAME" or "clip:FILE"; the file must be there."""

TakeFile = Annotated[str, AfterValidator(_take)]
"""A recorded take; the file must be there."""
