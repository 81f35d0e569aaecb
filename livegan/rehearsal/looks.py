"""The looks that a performer kept: what they are drawn from, their colour and picture, in one file of the patch.

Numbers and JSON, nothing that could run. Opens no generator; a look of another model is drawn again from its z.
"""

import colorsys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError

from livegan.errors import BadRequest
from livegan.letters import Letter, pack, unpack
from livegan.mapping.taught import TaughtLook
from livegan.settings import Settings
from livegan.show.board import Colour

FILE = "looks.safetensors"
FORMAT = 1
_LARGEST = 1 << 28
_GREY: Colour = (128, 128, 128)


@dataclass(frozen=True)
class Kept:
    """A kept look. colour: of its picture, for people. picture: uint8 [h, w, 3], or None until it is drawn."""

    look: TaughtLook
    colour: Colour = _GREY
    picture: np.ndarray | None = None

    @property
    def name(self) -> str:
        return self.look.name


class _KeptLook(Settings):
    name: str = Field(min_length=1, max_length=100)
    seed: int | None
    psi: float = Field(ge=-4, le=4)
    model: str
    colour: tuple[int, int, int]


class _Words(Settings):
    format: int
    looks: list[_KeptLook]


def dumped(looks: tuple[Kept, ...]) -> bytes:
    """The file for these looks."""
    words = [
        _KeptLook(name=k.name, seed=k.look.seed, psi=k.look.psi, model=k.look.model, colour=k.colour).model_dump()
        for k in looks
    ]
    parts = [{"z": kept.look.z, "w": kept.look.w, "picture": kept.picture} for kept in looks]
    arrays = {f"{i}.{name}": a for i, part in enumerate(parts) for name, a in part.items() if a is not None}
    return pack(Letter({"format": FORMAT, "looks": words}, arrays))


def load(path: Path) -> tuple[Kept, ...]:
    """The looks in a file, none when there is no file. Raises BadRequest when it is damaged or newer."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is far too large")
        letter = unpack(path.read_bytes())
        words = _Words.model_validate(letter.words)
        if words.format > FORMAT:
            raise BadRequest(f"{path} has format {words.format}, this livegan knows {FORMAT}: update livegan")
        return tuple(_kept(one, index, letter) for index, one in enumerate(words.looks))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, ValidationError) as error:
        why = " ".join(str(error).split())[:120]
        raise BadRequest(f"the kept looks in {path} are damaged ({why}): move the file away, or bring a copy") from None


def _kept(one: _KeptLook, index: int, letter: Letter) -> Kept:
    z, w, picture = (letter.arrays.get(f"{index}.{name}") for name in ("z", "w", "picture"))
    for numbers, dimensions in ((z, 1), (w, 2)):
        if numbers is not None and (
            numbers.dtype != np.float32 or numbers.ndim != dimensions or not np.isfinite(numbers).all()
        ):
            raise ValueError(f'the numbers of "{one.name}" are not those of a look')
    if one.seed is None and z is None and w is None:
        raise ValueError(f'"{one.name}" has nothing to be drawn from')
    if picture is not None and (picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3):
        raise ValueError(f'the picture of "{one.name}" is not one')
    return Kept(TaughtLook(one.name, one.seed, z, w, one.psi, one.model), one.colour, picture)


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or "wanted 2", "wanted 3", ... when that is taken."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def same(a: TaughtLook, b: TaughtLook) -> bool:
    """Whether both are drawn alike, whatever they are called."""
    if a.seed != b.seed or abs(a.psi - b.psi) > 1e-6:
        return False
    return a.seed is not None or np.array_equal(_numbers(a), _numbers(b))


def _numbers(look: TaughtLook) -> np.ndarray | None:
    return look.w if look.z is None else look.z


def colour_of(picture: np.ndarray) -> Colour:
    """The colour by which a person would tell this picture, uint8 [h, w, 3]: the usual hue of what is colourful."""
    pixels = picture.reshape(-1, 3)[:: max(1, picture.shape[0] * picture.shape[1] // 2048)] / 255.0
    strength = (pixels.max(axis=1) - pixels.min(axis=1)) * pixels.max(axis=1) + 1e-3
    r, g, b = (strength[:, None] * pixels).sum(axis=0) / strength.sum()
    hue, saturation, value = colorsys.rgb_to_hsv(float(r), float(g), float(b))
    told = colorsys.hsv_to_rgb(hue, min(1.0, 1.5 * saturation), max(0.55, value))
    return tuple(round(255 * part) for part in told)
