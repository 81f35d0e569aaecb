"""Legacy TensorFlow pickles of StyleGAN2 and StyleGAN2-ADA: three networks, of which the last is the average.

Their variables become StyleGAN2-ADA's tensors: dense weights are transposed, convolutions turned from height, width,
in, out to out, in, height, width, up-convolutions mirrored, and one is added to the modulation's bias.
"""

import math
import re

import numpy as np

from livegan.errors import BadRequest
from livegan.importers import stylegan2
from livegan.importers.kinds import refused
from livegan.importers.limits import Budget, told
from livegan.importers.network import Found, Tensors
from livegan.importers.records import Array, Table

_VERSION = 4
_BLOCK = re.compile(r"synthesis/(\d+)x\1/(Conv|Conv0_up|Conv1|ToRGB|Skip|Const)/(\w+)")
_DENSE = re.compile(r"mapping/(Dense(\d+)|LabelEmbed)/(weight|bias)")
_NOISE = re.compile(r"synthesis/noise(\d+)")
_LAYERS = {"Conv": "conv1", "Conv0_up": "conv0", "Conv1": "conv1", "ToRGB": "torgb", "Skip": "skip"}
_NAMES = {
    "mod_weight": "affine.weight",
    "mod_bias": "affine.bias",
    "weight": "weight",
    "bias": "bias",
    "noise_strength": "noise_strength",
}
_UNUSED = {"lod"}


def generator(whole: object) -> Table | None:
    """The average generator of a tuple of networks; None where the file is not of this kind."""
    networks = whole if isinstance(whole, tuple | list) else (whole,)
    last = networks[-1] if networks else None
    return last if isinstance(last, Table) and "build_func_name" in last else None


def found(network: Table, budget: Budget) -> Found:
    """The generator with its numbers. Raises BadRequest for other kinds, and for what does not fit together."""
    version = network.get("version")
    build = network.get("build_func_name")
    old = isinstance(build, str) and build.startswith(("G_style", "G_paper"))
    if old or (type(version) is int and version < _VERSION):
        raise refused("StyleGAN1 or older (a TensorFlow network before version 4)")
    keywords = network.get("static_kwargs")
    keywords = keywords if isinstance(keywords, dict) else {}
    tensors: Tensors = {}
    for name, variable in _variables(network).items():
        budget.part()
        placed = _placed(name)
        if placed is not None:
            tensors[placed] = _turned(name, variable.array(budget))
    return stylegan2.found(tensors, _given(keywords), [])


def _variables(network: Table) -> dict[str, Array]:
    """All variables of a network and its components, by their full names."""
    parts = network.get("components")
    both = parts if isinstance(parts, dict) else {}
    found = _own(network, "")
    for part in ("mapping", "synthesis"):
        if not isinstance(both.get(part), Table):
            raise BadRequest(f"it lacks the network {part} of a TensorFlow StyleGAN2")
        found |= _own(both[part], f"{part}/")
    return found


def _own(network: Table, prefix: str) -> dict[str, Array]:
    pairs = network.get("variables")
    found = {}
    for pair in pairs if isinstance(pairs, list) else []:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise BadRequest("it has a variable without a name")
        if not isinstance(pair[1], Array):
            raise BadRequest(f"its variable {told(pair[0])} is no array")
        found[prefix + pair[0]] = pair[1]
    return found


def _placed(name: str) -> str | None:
    """StyleGAN2-ADA's name of a variable; None for what a generator does not need. Raises BadRequest."""
    if name in _UNUSED:
        return None
    if name == "dlatent_avg":
        return "mapping.w_avg"
    if match := _DENSE.fullmatch(name):
        return f"mapping.{'embed' if match[2] is None else f'fc{int(match[2])}'}.{match[3]}"
    if match := _NOISE.fullmatch(name):
        # noise0 is that of 4 x 4; then two for each size.
        size = 2 ** ((int(match[1]) + 5) // 2) if len(match[1]) < 3 else 0
        return f"synthesis.b{size}.conv{1 - int(match[1]) % 2}.noise_const"
    match = _BLOCK.fullmatch(name)
    if match and match[2] == "Const":
        return f"synthesis.b{match[1]}.const"
    if match is None or match[3] not in _NAMES:
        raise _refused(name)
    return f"synthesis.b{match[1]}.{_LAYERS[match[2]]}.{_NAMES[match[3]]}"


def _refused(name: str) -> BadRequest:
    if "LabelConcat" in name:
        return BadRequest("it is a StyleGAN2 with classes from before ADA, whose labels livegan cannot play")
    if "StyleMod" in name or "PixelNorm" in name:
        return refused("StyleGAN1")
    return BadRequest(f"it has the variable {told(name)}, which no StyleGAN2 that livegan can play has")


def _turned(name: str, value: np.ndarray) -> np.ndarray:
    """A variable in the order of PyTorch."""
    last = name.rsplit("/", 1)[-1]
    if last == "const" or (last.startswith("noise") and last != "noise_strength"):
        turned = value[0] if last == "const" else value.reshape(value.shape[-2:])
    elif last == "mod_bias":
        turned = value + np.float32(1)
    elif last.endswith("weight") and value.ndim == 2:
        turned = value.T
    elif last == "weight" and value.ndim == 4:
        mirrored = value[::-1, ::-1] if "/Conv0_up/" in name or "/Skip/" in name else value
        turned = mirrored.transpose(3, 2, 0, 1)
    else:
        turned = value
    return np.ascontiguousarray(turned).reshape(turned.shape)


def _given(keywords: dict) -> stylegan2.Given:
    if keywords.get("normalize_latents", True) is not True:
        raise BadRequest("it takes its z as it comes (normalize_latents is off), which livegan cannot play")
    base = keywords.get("fmap_base", 16384)
    kernel = keywords.get("resample_kernel")
    numbers = isinstance(kernel, list | tuple) and all(
        type(x) in (int, float) and math.isfinite(x) and abs(x) < 1e6 for x in kernel
    )
    return stylegan2.Given(
        lr_multiplier=keywords.get("mapping_lrmul", 0.01),
        conv_clamp=keywords.get("conv_clamp"),
        resample_filter=[float(x) for x in kernel] if numbers and sum(kernel) else [1.0, 3.0, 3.0, 1.0],
        channels=(2 * base if type(base) is int else 0, keywords.get("fmap_max", 512)),
        activations=(keywords.get("nonlinearity"), keywords.get("mapping_nonlinearity")),
    )
