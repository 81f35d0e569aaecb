"""rosinality's StyleGAN2 in PyTorch (.pt), from its trainer and from its converter.

Its tensors are StyleGAN2-ADA's under other names and without flips. The average w is missing in what its trainer
saves and is estimated then; noise that an older version did not save is drawn from a seed.
"""

import re

import numpy as np

from livegan.errors import BadRequest
from livegan.importers import network, stylegan2
from livegan.importers.kinds import refused
from livegan.importers.limits import Budget, told
from livegan.importers.network import Found, Tensors
from livegan.importers.records import Tensor

_STYLE = re.compile(r"style\.(\d+)\.(weight|bias)")
_CONV = re.compile(r"(conv1|convs\.(\d+))\.(.+)")
_RGB = re.compile(r"(to_rgb1|to_rgbs\.(\d+))\.(.+)")
_NOISE = re.compile(r"noises\.noise_(\d+)")
_PARTS = {
    "conv.weight": "weight",
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
    "activate.bias": "bias",
    "noise.weight": "noise_strength",
    "bias": "bias",
}
_SIZES = 10
_NOT = {
    "GAN": "lucidrains' stylegan2-pytorch",
    "g_running": "StyleGAN1 in rosinality's code",
    "generator": "StyleGAN1 in rosinality's code",
}


def generator(whole: object) -> dict | None:
    """The generator's tensors by name: g_ema, else g, else the file itself; None where it is not of this kind."""
    if not isinstance(whole, dict):
        return None
    for key, kind in _NOT.items():
        if isinstance(whole.get(key), dict):
            raise refused(kind)
    places = [whole.get("g_ema"), whole.get("g"), whole]
    return next((one for one in places if isinstance(one, dict) and "style.1.weight" in one), None)


def found(state: dict, whole: dict, budget: Budget) -> Found:
    """The generator with its numbers. Raises BadRequest."""
    tensors: Tensors = {}
    for name, value in state.items():
        budget.part()
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise BadRequest(f"its parameter {told(name)} is no tensor")
        if not name.endswith(".kernel"):
            placed = _placed(name)
            tensors[placed] = _plain(placed, value.array(budget))
    latent = whole.get("latent_avg")
    if isinstance(latent, Tensor):
        tensors["mapping.w_avg"] = latent.array(budget).reshape(-1)
    notes = _noise(tensors, budget)
    return stylegan2.found(tensors, stylegan2.Given(resample_filter=_filter(state, budget)), notes)


def _placed(name: str) -> str:
    """StyleGAN2-ADA's name of a tensor. Raises BadRequest."""
    if name == "input.input":
        return "synthesis.b4.const"
    if match := _STYLE.fullmatch(name):
        return f"mapping.fc{int(match[1]) - 1}.{match[2]}"
    if match := _NOISE.fullmatch(name):
        return f"{_conv(int(match[1]) - 1)}.noise_const"
    if (match := _CONV.fullmatch(name)) and match[3] in _PARTS:
        return f"{_conv(-1 if match[2] is None else int(match[2]))}.{_PARTS[match[3]]}"
    if (match := _RGB.fullmatch(name)) and match[3] in _PARTS:
        level = -1 if match[2] is None else int(match[2])
        return f"synthesis.b{_size(level)}.torgb.{_PARTS[match[3]]}"
    raise BadRequest(f"it has the tensor {told(name)}, which no rosinality StyleGAN2 that livegan knows has")


def _conv(place: int) -> str:
    """Convolutions in a row: that of 4 x 4 is -1, then two for each size."""
    return "synthesis.b4.conv1" if place < 0 else f"synthesis.b{_size(place // 2)}.conv{place % 2}"


def _size(level: int) -> int:
    if level >= _SIZES:
        raise BadRequest("it has more layers than a StyleGAN2 of 4096 pixels")
    return 2 ** (level + 3)


def _plain(name: str, value: np.ndarray) -> np.ndarray:
    """Without the axes of length 1 that StyleGAN2-ADA's tensors do not have."""
    last = name.rsplit(".", 1)[-1]
    if last == "noise_const":
        return value.reshape(value.shape[-2:])
    if last == "noise_strength":
        return value.reshape(()) if value.size == 1 else value
    if last == "const" or (last == "weight" and value.ndim == 5):
        return value[0]
    return value.reshape(-1) if last == "bias" else value


def _noise(tensors: Tensors, budget: Budget) -> list[str]:
    """Draw the constant noise where older versions did not save it; returns what to tell about it."""
    missing = [n for n in tensors if n.endswith("noise_strength") and n.replace("strength", "const") not in tensors]
    start, dice = network.shape(tensors, "synthesis.b4.const", 3)[1:], np.random.RandomState(0)
    for name in missing:
        times = int(name.split(".")[1][1:]) // 4
        height, width = (times * side for side in start)
        budget.make(4 * height * width)
        tensors[name.replace("strength", "const")] = dice.randn(height, width).astype(np.float32)
    return ["The constant noise is not in the file; it was drawn from a seed."] if missing else []


def _filter(state: dict, budget: Budget) -> list[float]:
    """The filter of up-sampling, the same everywhere. Raises BadRequest."""
    kernels = [value for name, value in state.items() if isinstance(name, str) and name.endswith("upsample.kernel")]
    lines = [network.taps(kernel.array(budget), None) for kernel in kernels if isinstance(kernel, Tensor)]
    if any(line != lines[0] for line in lines):
        raise BadRequest("it has several resample filters, livegan plays generators that have one")
    return lines[0] if lines else [1.0, 3.0, 3.0, 1.0]
