"""The config of a StyleGAN3, from its keywords and its tensors; where they differ, shapes win.

The keys are the keywords of the published generator, flat, with their defaults filled in (Karras et al., "Alias-free
generative adversarial networks", 2021, arXiv 2106.12423).
"""

import math
import re

from livegan.errors import BadRequest
from livegan.importers.network import Found, Tensors, checked, mapping_of, shape, with_average
from livegan.importers.stylegan2 import number

DEFAULTS = {
    "channel_base": 32768,
    "channel_max": 512,
    "num_layers": 14,
    "num_critical": 2,
    "first_cutoff": 2.0,
    "first_stopband": 2**2.1,
    "last_stopband_rel": 2**0.3,
    "margin_size": 10,
    "output_scale": 0.25,
    "conv_kernel": 3,
    "use_radial_filters": False,
    "filter_size": 6,
    "lrelu_upsampling": 2,
    "conv_clamp": 256.0,
    "magnitude_ema_beta": 0.5 ** (32 / 20e3),
}
_LAYER = re.compile(r"synthesis\.(L(\d+)_(\d+)_\d+)\.weight")


def found(tensors: Tensors, given: dict, lr_multiplier: object, notes: list[str]) -> Found:
    """The generator that these tensors and keywords are. Raises BadRequest."""
    checked("stylegan3", tensors)
    config = mapping_of(tensors, number(lr_multiplier, "learning rate multiplier"))
    layers = _layers(tensors)
    _, _, size = layers[-1]
    last = shape(tensors, f"synthesis.{layers[-1][0]}.weight", 4)
    config |= {name: _value(name, given.get(name, default), default) for name, default in DEFAULTS.items()}
    config |= {
        "img_resolution": size,
        "img_channels": last[0],
        "num_layers": len(layers) - 1,
        "conv_kernel": shape(tensors, f"synthesis.{layers[0][0]}.weight", 4)[2],
    }
    if (down := tensors.get(f"synthesis.{layers[0][0]}.down_filter")) is not None:
        config["use_radial_filters"] = down.ndim == 2
    return Found("stylegan3", config, tensors, notes + with_average(tensors, config))


def _layers(tensors: Tensors) -> list[tuple[str, int, int]]:
    """(name, number, size) of the synthesis layers in order; the last one makes colours."""
    matches = [match for match in map(_LAYER.fullmatch, tensors) if match]
    layers = sorted(((m[1], int(m[2]), int(m[3])) for m in matches), key=lambda layer: layer[1])
    if not 3 <= len(layers) <= 100 or [number for _, number, _ in layers] != list(range(len(layers))):
        raise BadRequest("its synthesis network lacks a layer of StyleGAN3")
    return layers


def _value(name: str, value: object, default: object) -> object:
    """A keyword in the type of its default; conv_clamp may be None."""
    if isinstance(default, bool):
        return value is True
    if name == "conv_clamp" and value is None:
        return None
    if name == "magnitude_ema_beta" or (name == "margin_size" and value == 0):
        return value if type(value) in (int, float) and math.isfinite(value) else default
    return type(default)(number(value, name))
