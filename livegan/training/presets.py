"""What a performer chooses from: three sizes of a training, each with what it says about speed.

Holds numbers that were found to work; what a person asks for besides is put over them.
"""

from dataclasses import dataclass

from livegan.errors import BadRequest
from livegan.training.config import Config, settings

BATCH = 16
STEPS = 5_000
MOST = 25_000
"""Steps at the most, unless thousands of pictures are asked for."""
EVERY = 500
"""Steps from one checkpoint to the next."""


@dataclass(frozen=True)
class Preset:
    """One size of a training. size: px at the most. says: about its speed. settings: those of Config that it rules."""

    name: str
    size: int
    says: str
    settings: dict


_WIDE = {"z_dim": 512, "w_dim": 512}
PRESETS = {
    one.name: one
    for one in (
        Preset(
            "tiny",
            64,
            "learns in minutes on a processor, and plays at hundreds of pictures a second",
            {"channel_base": 1024, "channel_max": 64, "z_dim": 128, "w_dim": 128, "mapping_layers": 2, "ema_kimg": 2},
        ),
        Preset(
            "live",
            256,
            "plays at 30 pictures a second on two cores of a processor; learns in hours there, faster on a GPU",
            _WIDE | {"channel_base": 4096, "channel_max": 128, "mapping_layers": 4, "ema_kimg": 5},
        ),
        Preset(
            "full",
            1024,
            "is for a GPU, to learn and to play",
            _WIDE | {"channel_base": 32768, "channel_max": 512, "mapping_layers": 8, "ema_kimg": 10},
        ),
    )
}


def fitting(size: int) -> str:
    """The preset for pictures of `size` px, where none is asked for."""
    return "tiny" if size <= 64 else "live" if size <= 256 else "full"


def ada_kimg(count: int) -> float:
    """How quickly augmentation may grow for `count` pictures: from none to all of it while each is seen 200 times.

    The sooner a set is learnt by heart, the fewer it has; 500 from 2,500 pictures on, as published.
    """
    return min(500.0, count / 5)


def config_for(preset: str, pictures: int, size: int | None, classes: int, steps: int, asked: dict) -> Config:
    """The settings of a training.

    pictures: px of those in the dataset. size: px asked for, or None. asked: settings of Config over those of the
    preset, and "progressive". Raises BadRequest.
    """
    if preset not in PRESETS:
        raise BadRequest(f'--preset is {", ".join(PRESETS)}, found "{preset}"')
    chosen = PRESETS[preset]
    size = size or min(chosen.size, pictures)
    if size > pictures or pictures % size:
        raise BadRequest(
            f"--size {size} is asked for and the dataset has pictures of {pictures} px: prepare it in that size"
        )
    found = chosen.settings | {"batch": BATCH, "size": size, "classes": classes} | asked
    if found.pop("progressive", False):
        found |= _grown(size, steps * found["batch"])
    return settings(found)


def _grown(size: int, pictures: int) -> dict:
    """Begin at a quarter of the size, where steps are cheap; each size sees as many pictures as the others."""
    start = max(8, size // 4)
    each = pictures / (size // start).bit_length() / 1000
    return {"start_size": start, "grow_kimg": each, "fade_kimg": each / 5}
