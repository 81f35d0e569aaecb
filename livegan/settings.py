"""The base of everything that is read from a patch: frozen, and strict about unknown keys."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    IPvAnyAddress,
    IPvAnyNetwork,
    ValidationInfo,
    model_validator,
)

from livegan import files
from livegan.errors import BadRequest

_PLACES = {"loopback": "127.0.0.1", "lan": "0.0.0.0"}  # noqa: S104 (only where a patch says "lan")


class Settings(BaseModel):
    """Frozen settings; an unknown key, a wrong type or a NaN is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Listening(Settings):
    """Whose datagrams are taken.

    listen: "loopback", "lan", or an address of this machine. senders: who may send from beyond it.
    """

    listen: Literal["loopback", "lan"] | IPvAnyAddress = "loopback"
    senders: tuple[IPvAnyNetwork, ...] = ()

    @model_validator(mode="after")
    def _in_words(self) -> "Listening":
        if not ip_address(self.host).is_loopback and not self.senders:
            raise ValueError('to listen beyond this machine, say who may: senders = ["192.168.1.0/24"]')
        return self

    @property
    def host(self) -> str:
        """The address to listen on."""
        return _PLACES.get(str(self.listen), str(self.listen))

    def admits(self, sender: str) -> bool:
        """Whether datagrams from this address are taken."""
        return not self.senders or any(ip_address(sender) in network for network in self.senders)


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


def _latent(value: str) -> str:
    if value not in ("anchors", "w", "z") and not re.fullmatch(r"pca:[1-9]\d{0,3}", value):
        raise ValueError(f'outputs are "anchors", "w", "z", "pca:16" or a list of names, found "{value}"')
    return value


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


def _sound(value: str, info: ValidationInfo) -> str:
    scheme, _, name = value.partition(":")
    if scheme not in ("device", "clip") or not name:
        raise ValueError(f'a source is "device:default", "device:PART OF ITS NAME" or "clip:FILE", found "{value}"')
    return value if scheme == "device" else f"clip:{_found('media', name, info)}"


def _take(value: str, info: ValidationInfo) -> str:
    return _found("takes", value, info)


Latent = Annotated[str, AfterValidator(_latent)]
"""What a mapping's outputs are, when they make w: weights of looks, w, z, or so many principal directions of w."""

Seconds = Annotated[float, BeforeValidator(_seconds)]
"""Seconds as a number, or a text such as "120 ms"."""

PictureSource = Annotated[str, AfterValidator(_source)]
"""Where pictures come from: "camera:0", "camera:NAME" or "clip:FILE"; the file must be there."""

SoundSource = Annotated[str, AfterValidator(_sound)]
"""Where sound comes from: "device:default", "device:PART OF ITS NAME" or "clip:FILE"; the file must be there."""

TakeFile = Annotated[str, AfterValidator(_take)]
"""A recorded take; the file must be there."""
