"""StyleGAN2 by the book: float32, one weight tensor modulated for each picture. The measure of all faster paths.

After Karras et al., "Analyzing and improving the image quality of StyleGAN" (2020, arXiv 1912.04958) and "Training
generative adversarial networks with limited data" (2020, arXiv 2006.06676); tensor names are those of StyleGAN2-ADA.
"""

from math import log2, sqrt
from typing import Annotated, Literal

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import AfterValidator, Field
from torch import Tensor

from livegan.errors import BadRequest
from livegan.generators.bending import NONE, STRAIGHT, Amounts, Bends, Wanted
from livegan.generators.stylegan import (
    EPS,
    GAIN,
    SLOPE,
    MappingConfig,
    check_shapes,
    config_of,
    mapped,
    mapping_shapes,
    truncated,
)
from livegan.generators.weights import Model
from livegan.settings import Settings

LARGEST = 4096
"""Pixels of a picture's side, at most."""

_Side = Annotated[int, Field(ge=1, le=LARGEST)]


def _filter(taps: tuple[float, ...]) -> tuple[float, ...]:
    if max(map(abs, taps)) > 1e6 or abs(sum(taps)) < 1e-6:
        raise ValueError("a filter's numbers must add up to something, and none be above 1,000,000")
    return taps


class Config(Settings):
    """What the metadata of a StyleGAN2 file says; channel counts are read from the tensors themselves.

    start: height and width of the constant that pictures grow from; img_resolution is what 4 px of it become.
    """

    z_dim: int = Field(ge=1)
    c_dim: int = Field(0, ge=0)
    w_dim: int = Field(ge=1)
    img_resolution: int = Field(ge=8, le=LARGEST)
    start: tuple[_Side, _Side] = (4, 4)
    img_channels: int = Field(3, ge=1, le=4)
    channel_base: int = 0
    channel_max: int = 0
    architecture: Literal["skip", "resnet", "orig"] = "skip"
    resample_filter: Annotated[tuple[float, ...], AfterValidator(_filter)] = Field(
        (1, 3, 3, 1), min_length=1, max_length=32
    )
    conv_clamp: float | None = Field(None, gt=0)
    use_noise: bool = True
    mapping: MappingConfig = MappingConfig()


class Layout:
    """Where things are in a model: its blocks, and which w each layer takes; checked against the tensors.

    size: (height, width) of its pictures in pixels.
    Raises BadRequest when a tensor is missing or has another shape than the config says.
    """

    def __init__(self, model: Model) -> None:
        if model.architecture != "stylegan2":
            raise BadRequest(f'the model {model.name} is of the kind "{model.architecture}", "stylegan2" is wanted')
        self.config = config_of(model, Config)
        if 2 ** round(log2(self.config.img_resolution)) != self.config.img_resolution:
            raise BadRequest(f"the model {model.name} has a resolution that is no power of 2")
        self.blocks = [2**power for power in range(2, round(log2(self.config.img_resolution)) + 1)]
        self.num_ws = 2 * len(self.blocks)
        self.size = self.at(self.blocks[-1])
        if max(self.size) > LARGEST:
            raise BadRequest(f"the model {model.name} draws {self.size[1]} x {self.size[0]} px, {LARGEST} are the most")
        check_shapes(model, self._shapes(model))

    def convs(self, block: int) -> list[tuple[str, int]]:
        """Names of a block's 3x3 convolutions and the index of the w that each takes."""
        first = 2 * self.blocks.index(block) - 1
        both = [(f"synthesis.b{block}.conv0", first), (f"synthesis.b{block}.conv1", first + 1)]
        return both[1:] if block == 4 else both

    def torgb(self, block: int) -> tuple[str, int] | None:
        """Name of the block's layer to colours and its w's index; None where the architecture has none."""
        if self.config.architecture != "skip" and block != self.blocks[-1]:
            return None
        return f"synthesis.b{block}.torgb", self.convs(block)[-1][1] + 1

    def at(self, block: int) -> tuple[int, int]:
        """Height and width of a block's features."""
        height, width = self.config.start
        return block * height // 4, block * width // 4

    def _shapes(self, model: Model) -> dict[str, tuple[int, ...]]:
        channels = {}
        for block in self.blocks:
            weight = model.tensors.get(f"synthesis.b{block}.conv1.weight", np.empty(0))
            channels[block] = max(1, weight.shape[0]) if weight.ndim == 4 else 1
        config = self.config
        shapes = mapping_shapes(config.z_dim, config.c_dim, config.w_dim, config.mapping)
        shapes["synthesis.b4.const"] = (channels[4], *self.config.start)
        for block in self.blocks:
            shapes |= self._block_shapes(block, channels[block], channels.get(block // 2, 0))
        return shapes

    def _block_shapes(self, block: int, wide: int, before: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for name, _ in self.convs(block):
            inside = before if name.endswith("conv0") else wide
            shapes |= self._layer_shapes(name, inside, wide, 3)
            if self.config.use_noise:
                shapes |= {f"{name}.noise_const": self.at(block), f"{name}.noise_strength": ()}
        if rgb := self.torgb(block):
            shapes |= self._layer_shapes(rgb[0], wide, self.config.img_channels, 1)
        if self.config.architecture == "resnet" and block > 4:
            shapes[f"synthesis.b{block}.skip.weight"] = (wide, before, 1, 1)
        return shapes

    def _layer_shapes(self, name: str, inside: int, outside: int, kernel: int) -> dict[str, tuple[int, ...]]:
        return {
            f"{name}.weight": (outside, inside, kernel, kernel),
            f"{name}.bias": (outside,),
            f"{name}.affine.weight": (inside, self.config.w_dim),
            f"{name}.affine.bias": (inside,),
        }


class Plain:
    """The two networks of a StyleGAN2, in float32, on one device. bend: what is done between its layers."""

    def __init__(self, model: Model, device: str = "cpu", bend: Wanted = NONE) -> None:
        self.layout = Layout(model)
        self.tensors = {name: torch.from_numpy(array).to(device) for name, array in model.tensors.items()}
        taps = torch.tensor(self.layout.config.resample_filter, device=device)
        kernel = torch.outer(taps, taps)
        self.fir = kernel / kernel.sum()
        names = [name for block in self.layout.blocks for name, _ in self.layout.convs(block)]
        self.bends = Bends(bend, [(name, len(self.tensors[f"{name}.weight"])) for name in names])

    def w(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """z [N, z_dim], label [N, c_dim] or None (class weights of zero) to w [N, w_dim], untruncated."""
        return mapped(self.tensors, self.layout.config.mapping, z, label)

    def truncated(self, ws: Tensor, psi: float, cutoff: int | None) -> Tensor:
        """w_avg + psi * (w - w_avg) on the first `cutoff` layers of ws [..., num_ws, w_dim]."""
        return truncated(self.tensors["mapping.w_avg"], ws, psi, cutoff)

    def noise(self, mode: str, seed: int, strength: float) -> dict[str, Tensor]:
        """What is added in each layer, [H, W] by layer name; for the modes of a Look, "const", "none" and "random"."""
        if mode == "none" or not self.layout.config.use_noise:
            return {}
        dice = torch.Generator().manual_seed(seed)
        found = {}
        for name in (name for block in self.layout.blocks for name, _ in self.layout.convs(block)):
            const = self.tensors[f"{name}.noise_const"]
            grain = torch.randn(const.shape, generator=dice).to(const) if mode == "random" else const
            found[name] = grain * (self.tensors[f"{name}.noise_strength"] * strength)
        return found

    def picture(self, ws: Tensor, noise: dict[str, Tensor], amounts: Amounts = STRAIGHT) -> Tensor:
        """Picture [1, C, H, W] in about [-1, 1] of truncated ws [num_ws, w_dim]; noise [H, W] by layer name.

        amounts: of what is bent.
        """
        layout = self.layout
        x = self.tensors["synthesis.b4.const"][None]
        image: Tensor | None = None
        for block in layout.blocks:
            image = None if image is None else upsampled(image, self.fir)
            x = self._block(block, x, ws, noise, amounts)
            if rgb := layout.torgb(block):
                colours = self._torgb(rgb[0], x, ws[rgb[1]])
                image = colours if image is None else image + colours
        return image

    def style(self, name: str, w: Tensor) -> Tensor:
        """The scales [C_in] that a layer gives its input channels."""
        weight = self.tensors[f"{name}.affine.weight"]
        return F.linear(w, weight / sqrt(weight.shape[1]), self.tensors[f"{name}.affine.bias"])

    def _block(self, block: int, x: Tensor, ws: Tensor, noise: dict[str, Tensor], amounts: Amounts) -> Tensor:
        residual = self.layout.config.architecture == "resnet" and block > 4
        before, gain = x, sqrt(0.5) if residual else 1.0
        for name, index in self.layout.convs(block):
            last = name.endswith("conv1")
            x = self._conv(name, x, ws[index], noise.get(name), 1 if last else 2, gain if last else 1.0)
            x = self.bends.bent(name, x, amounts)
        if residual:
            weight = self.tensors[f"synthesis.b{block}.skip.weight"]
            skip = F.conv2d(upsampled(before, self.fir), weight * (gain / sqrt(weight.shape[1])))
            x = x + skip
        return x

    def _conv(self, name: str, x: Tensor, w: Tensor, noise: Tensor | None, up: int, gain: float) -> Tensor:
        weight = self.tensors[f"{name}.weight"] * self.style(name, w)[None, :, None, None]
        weight = weight * (weight.square().sum((1, 2, 3), keepdim=True) + EPS).rsqrt()
        x = F.conv2d(x, weight, padding=1) if up == 1 else up_conv(x, weight, self.fir)
        if noise is not None:
            x = x + noise
        x = F.leaky_relu(x + self.tensors[f"{name}.bias"][:, None, None], SLOPE) * (GAIN * gain)
        clamp = self.layout.config.conv_clamp
        return x if clamp is None else x.clamp(-clamp * gain, clamp * gain)

    def _torgb(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        weight = self.tensors[f"{name}.weight"]
        style = self.style(name, w) / sqrt(weight.shape[1])
        x = F.conv2d(x, weight * style[None, :, None, None], self.tensors[f"{name}.bias"])
        clamp = self.layout.config.conv_clamp
        return x if clamp is None else x.clamp(-clamp, clamp)


def up_conv(x: Tensor, weight: Tensor, fir: Tensor) -> Tensor:
    """Twice the size by a convolution [C_out, C_in, 3, 3] between new zeros, then the filter; [N, C_out, 2H, 2W]."""
    x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    return filtered(x, fir * 4, len(fir) // 2 - 1 + len(fir) % 2, (len(fir) - 2) // 2)


def filtered(x: Tensor, fir: Tensor, before: int, after: int) -> Tensor:
    """Each channel filtered by `fir` [K, K], with so many zeros before and after."""
    channels = x.shape[1]
    kernel = fir.flip(0, 1)[None, None].expand(channels, 1, -1, -1)
    return F.conv2d(F.pad(x, (before, after, before, after)), kernel, groups=channels)


def upsampled(x: Tensor, fir: Tensor) -> Tensor:
    """Twice the size: zeros in between, then the filter, that keeps the brightness."""
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, 2 * height, 2 * width)
    spread[:, :, ::2, ::2] = x
    return filtered(spread, fir * 4, (len(fir) + 1) // 2, (len(fir) - 2) // 2)
