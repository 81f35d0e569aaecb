"""Tensors of a network and what they say about it, whoever wrote it: their shapes are the truth of a model.

The names here are those of StyleGAN2-ADA and StyleGAN3. A tensor that these networks do not have is refused by
name: a fork with other layers would import and draw something else.
"""

import math
import re
from dataclasses import dataclass, field

import numpy as np

from livegan.errors import BadRequest
from livegan.importers.limits import told

_SEEDS = 10_000
_LAYERS, _WIDEST = 64, 16_384
_SLOPE, _GAIN, _EPS = 0.2, math.sqrt(2), 1e-8
_AFFINE = r"(weight|bias|affine\.weight|affine\.bias)"
_MAPPING = r"mapping\.(w_avg|(embed|fc\d+)\.(weight|bias))"
KNOWN = {
    "stylegan2": re.compile(
        rf"{_MAPPING}|synthesis\.b\d+\.(const|skip\.weight|torgb\.{_AFFINE}"
        rf"|conv[01]\.(noise_const|noise_strength|{_AFFINE}))"
    ),
    "stylegan3": re.compile(
        rf"{_MAPPING}|synthesis\.(input\.(freqs|phases|transform|weight|affine\.weight|affine\.bias)"
        rf"|L\d+_\d+_\d+\.(magnitude_ema|up_filter|down_filter|{_AFFINE}))"
    ),
    "discriminator": re.compile(
        r"b\d+\.(skip\.weight|(fromrgb|conv|conv0|conv1|fc|out)\.(weight|bias))|mapping\.(embed|fc\d+)\.(weight|bias)"
    ),
}
"""The tensors that a network may have."""

Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Found:
    """A generator as it was found in a file. notes: sentences about what had to be assumed."""

    architecture: str
    config: dict
    tensors: Tensors
    notes: list[str] = field(default_factory=list)


def checked(architecture: str, tensors: Tensors) -> None:
    """Raise BadRequest where a tensor is unknown or holds a number that is not finite."""
    for name, tensor in tensors.items():
        if not KNOWN[architecture].fullmatch(name):
            raise BadRequest(f"it has the tensor {told(name)}, which no StyleGAN that livegan can play has")
        if not np.isfinite(tensor).all():
            raise BadRequest(f"it holds a number that is not finite in {name}: its training failed or it is damaged")


def mapping_of(tensors: Tensors, lr_multiplier: float) -> dict:
    """What the shapes of a mapping network say: z_dim, c_dim, w_dim and the table `mapping`. Raises BadRequest."""
    layers = 0
    while f"mapping.fc{layers}.weight" in tensors:
        layers += 1
    if not layers:
        raise BadRequest("it has no mapping network, livegan needs one to turn seeds into pictures")
    first, last = shape(tensors, "mapping.fc0.weight", 2), shape(tensors, f"mapping.fc{layers - 1}.weight", 2)
    embed, classes = shape(tensors, "mapping.embed.weight", 2) if "mapping.embed.weight" in tensors else (0, 0)
    table: dict = {"num_layers": layers, "lr_multiplier": lr_multiplier}
    table |= {"embed_features": embed} if embed and embed != last[0] else {}
    table |= {"layer_features": first[0]} if layers > 1 and first[0] != last[0] else {}
    if layers > _LAYERS or max(*first, *last) > _WIDEST:
        raise BadRequest("its mapping network is larger than that of any StyleGAN")
    if first[1] <= embed:
        raise BadRequest("its mapping network takes no z, livegan plays only generators that have one")
    return {"z_dim": first[1] - embed, "c_dim": classes, "w_dim": last[0], "mapping": table}


def shape(tensors: Tensors, name: str, axes: int) -> tuple[int, ...]:
    """The shape of a tensor that must be there with so many axes. Raises BadRequest."""
    if name not in tensors or tensors[name].ndim != axes:
        raise BadRequest(f"it lacks the tensor {name}, or has it in another shape than StyleGAN")
    return tensors[name].shape


def average(tensors: Tensors, config: dict) -> np.ndarray:
    """The mean w [w_dim] of 10,000 seeded z, each of a random class where there are classes.

    The mapping network in numpy, as published (arXiv 1912.04958): the child that calls it does without torch.
    """
    dice = np.random.RandomState(0)
    x = _normalised(dice.randn(_SEEDS, config["z_dim"]).astype(np.float32))
    if config["c_dim"]:
        weight = tensors["mapping.embed.weight"] / np.float32(math.sqrt(config["c_dim"]))
        classes = weight.T[dice.randint(config["c_dim"], size=_SEEDS)] + tensors["mapping.embed.bias"]
        x = np.concatenate([x, _normalised(classes)], 1)
    rate = config["mapping"]["lr_multiplier"]
    for layer in range(config["mapping"]["num_layers"]):
        weight = tensors[f"mapping.fc{layer}.weight"]
        x = x @ (weight.T * np.float32(rate / math.sqrt(weight.shape[1])))
        x += tensors[f"mapping.fc{layer}.bias"] * np.float32(rate)
        x = np.maximum(x, x * np.float32(_SLOPE)) * np.float32(_GAIN)
    return x.mean(axis=0, dtype=np.float64).astype(np.float32)


def with_average(tensors: Tensors, config: dict) -> list[str]:
    """Put the average w into `tensors` where it is missing; returns what to tell about it. Raises BadRequest."""
    if "mapping.w_avg" in tensors:
        return []
    try:
        tensors["mapping.w_avg"] = average(tensors, config)
    except (KeyError, ValueError):
        raise BadRequest("its mapping network has layers that do not fit together: it is damaged") from None
    return [f"The average w is not in the file; it was estimated from {_SEEDS:,} seeds."]


def taps(kernel: np.ndarray, given: object) -> list[float]:
    """The resample filter [K] of a kernel [K] or [K, K]; as it was given, where that is the same filter.

    Raises BadRequest for a kernel that is not a filter applied to rows and columns.
    """
    line = kernel if kernel.ndim == 1 else kernel.sum(axis=1)
    if kernel.ndim not in (1, 2) or not np.isfinite(kernel).all() or not abs(line.sum()) > _EPS:
        raise BadRequest("it has a resample filter that is none")
    line = line / line.sum()
    if kernel.ndim == 2 and not np.allclose(kernel / kernel.sum(), np.outer(line, line), atol=1e-5):
        raise BadRequest("it has a resample filter that rows and columns do not share, which livegan cannot play")
    for plain in (given, [1, 3, 3, 1]):
        numbers = plain if isinstance(plain, list | tuple) and all(type(x) in (int, float) for x in plain) else []
        if len(numbers) == len(line) and abs(sum(numbers)) > _EPS:
            known = np.array(numbers, np.float64)
            if np.allclose(known / known.sum(), line, atol=1e-6):
                return [float(x) for x in known]
    return [float(x) for x in line]


def _normalised(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.square(x).mean(axis=1, keepdims=True) + np.float32(_EPS))
