"""The config of a StyleGAN2, read from its tensors; what shapes cannot tell comes from the file's keywords.

Where keywords and shapes differ, shapes win. The keys are those of generators.stylegan2_plain.Config.
"""

import math
from dataclasses import dataclass

from livegan.errors import BadRequest
from livegan.importers.limits import told
from livegan.importers.network import Found, Tensors, checked, mapping_of, shape, with_average

_LARGEST = 4096


@dataclass(frozen=True)
class Given:
    """What shapes cannot tell. conv_clamp: None where nothing is clamped; channels: base and maximum, 0 if unknown."""

    lr_multiplier: object = 0.01
    conv_clamp: object = None
    resample_filter: tuple[float, ...] | list[float] = (1.0, 3.0, 3.0, 1.0)
    channels: tuple[object, object] = (0, 0)
    activations: tuple[object, ...] = ()


def found(tensors: Tensors, given: Given, notes: list[str]) -> Found:
    """The generator that these tensors are. Raises BadRequest."""
    checked("stylegan2", tensors)
    for activation in given.activations:
        if activation not in (None, "lrelu"):
            raise BadRequest(f"it uses the activation {told(activation)}, livegan plays lrelu")
    config = mapping_of(tensors, number(given.lr_multiplier, "learning rate multiplier"))
    size = _size(tensors)
    config |= {
        "img_resolution": size,
        "start": list(shape(tensors, "synthesis.b4.const", 3)[1:]),
        "img_channels": shape(tensors, f"synthesis.b{size}.torgb.weight", 4)[0],
        "channel_base": _count(given.channels[0]),
        "channel_max": _count(given.channels[1]),
        "architecture": _architecture(tensors, size),
        "resample_filter": list(given.resample_filter),
        "conv_clamp": None if given.conv_clamp is None else number(given.conv_clamp, "clamp"),
        "use_noise": "synthesis.b4.conv1.noise_strength" in tensors,
    }
    return Found("stylegan2", config, tensors, notes + with_average(tensors, config))


def _size(tensors: Tensors) -> int:
    """The resolution, 4 x 4 doubled by each block."""
    size = 4
    while f"synthesis.b{2 * size}.conv1.weight" in tensors and size < _LARGEST:
        size *= 2
    if size == 4:
        raise BadRequest("it lacks the blocks of a StyleGAN2 synthesis network")
    return size


def _architecture(tensors: Tensors, size: int) -> str:
    if "synthesis.b4.torgb.weight" in tensors and size > 4:
        return "skip"
    return "resnet" if f"synthesis.b{size}.skip.weight" in tensors else "orig"


def number(value: object, what: str) -> float:
    """A positive number of the config. Raises BadRequest."""
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 < value < 1e6:
        raise BadRequest(f"its {what} is no positive number")
    return float(value)


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 1 << 24 else 0
