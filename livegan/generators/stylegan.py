"""What StyleGAN2 and StyleGAN3 have in common: reading a config, checking tensors, the mapping network, truncation.

Knows nothing about synthesis, and never changes a model's numbers.
"""

from math import sqrt
from typing import Literal, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field, ValidationError
from torch import Tensor

from livegan.errors import BadRequest
from livegan.generators.base import GeneratorSettings
from livegan.generators.bending import BendSettings
from livegan.generators.device import DeviceName
from livegan.generators.weights import Model
from livegan.settings import Settings

ConfigType = TypeVar("ConfigType", bound=Settings)
Shapes = dict[str, tuple[int, ...]]

GAIN = sqrt(2)
"""Of the leaky ReLU, so that it keeps the variance of what goes in."""

SLOPE = 0.2
EPS = 1e-8

_LARGEST_KEPT = 31 << 20


class StyleGANSettings(GeneratorSettings):
    """device: to draw on; "auto" takes a GPU where one is. threads: of the processor for drawing; None leaves one core
    to the inputs. bend: by the name of its number.
    """

    model: str = ""
    device: DeviceName = "auto"
    threads: int | None = Field(None, ge=1, le=256)
    bend: dict[str, BendSettings] = Field({})


class MappingConfig(Settings):
    """The mapping network. embed_features and layer_features: None is w_dim."""

    num_layers: int = Field(8, ge=1, le=64)
    lr_multiplier: float = Field(0.01, gt=0, le=100)
    activation: Literal["lrelu"] = "lrelu"
    embed_features: int | None = Field(None, ge=1)
    layer_features: int | None = Field(None, ge=1)


def config_of(model: Model, kind: type[ConfigType]) -> ConfigType:
    """The model's config, read strictly. Raises BadRequest in one sentence."""
    try:
        return kind.model_validate(model.config)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        message = first["msg"].removeprefix("Value error, ")
        raise BadRequest(f"the model {model.name} has a config that is wrong: {where}: {message}") from None


def check_shapes(model: Model, shapes: Shapes) -> None:
    """Raise BadRequest when a tensor is missing or has another shape than `shapes` says."""
    for name, shape in shapes.items():
        found = model.tensors.get(name)
        if found is None:
            raise BadRequest(f"the model {model.name} lacks the tensor {name}: import it again")
        if found.shape != shape:
            raise BadRequest(f"the model {model.name} has {name} of shape {found.shape}, its config says {shape}")


def mapping_shapes(z_dim: int, c_dim: int, w_dim: int, mapping: MappingConfig) -> Shapes:
    """What the tensors of a mapping network must measure."""
    wide, embed = mapping.layer_features or w_dim, (mapping.embed_features or w_dim) if c_dim else 0
    shapes: Shapes = {"mapping.w_avg": (w_dim,)}
    if c_dim:
        shapes |= {"mapping.embed.weight": (embed, c_dim), "mapping.embed.bias": (embed,)}
    sizes = [z_dim + embed, *[wide] * (mapping.num_layers - 1), w_dim]
    for i in range(mapping.num_layers):
        shapes |= {f"mapping.fc{i}.weight": (sizes[i + 1], sizes[i]), f"mapping.fc{i}.bias": (sizes[i + 1],)}
    return shapes


def mapped(tensors: dict[str, Tensor], mapping: MappingConfig, z: Tensor, label: Tensor | None) -> Tensor:
    """z [N, z_dim], label [N, c_dim] or None (class weights of zero) to w [N, w_dim], untruncated."""
    x = _normalised(z)
    if "mapping.embed.weight" in tensors:
        embed, bias = tensors["mapping.embed.weight"], tensors["mapping.embed.bias"]
        label = z.new_zeros(len(z), embed.shape[1]) if label is None else label
        x = torch.cat([x, _normalised(F.linear(label, embed / sqrt(embed.shape[1]), bias))], 1)
    rate = mapping.lr_multiplier
    for i in range(mapping.num_layers):
        weight, bias = tensors[f"mapping.fc{i}.weight"], tensors[f"mapping.fc{i}.bias"]
        x = F.leaky_relu(F.linear(x, weight * (rate / sqrt(weight.shape[1])), bias * rate), SLOPE) * GAIN
    return x


def truncated(average: Tensor, ws: Tensor, psi: float, cutoff: int | None) -> Tensor:
    """w_avg + psi * (w - w_avg) on the first `cutoff` layers of ws [..., num_ws, w_dim]."""
    end = ws.shape[-2] if cutoff is None else cutoff
    return torch.cat([average + psi * (ws[..., :end, :] - average), ws[..., end:, :]], -2)


def rgb(picture: np.ndarray) -> np.ndarray:
    """[H, W, 3] of [H, W, 1, 3 or 4]: grey on three channels, transparency left out."""
    return picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)


def _normalised(x: Tensor) -> Tensor:
    return x * (x.square().mean(1, keepdim=True) + EPS).rsqrt()


def keep_memory() -> None:
    """Let the C library keep what a picture frees: giving a large block back once teaches it (mallopt(3), glibc).

    Without it every picture returns its features to the system and takes them anew, thousands of page faults.
    """
    torch.empty(_LARGEST_KEPT, dtype=torch.uint8)
