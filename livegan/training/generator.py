"""StyleGAN2's generator as it is trained: a batch of pictures at once, each in its own style.

After Karras et al. 2020 (arXiv 1912.04958); its state dict has the tensors of a model file, and gives the pictures of
livegan.generators.stylegan2_plain. The style goes over the features that a convolution takes, and what demodulates
over those that it gives: so one convolution serves the whole batch.
"""

from collections.abc import Callable
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livegan.generators.stylegan import EPS, GAIN, SLOPE
from livegan.training.config import Config
from livegan.training.layers import Dense, Filter, Mapping, cast, wide

Noise = Callable[[int], Tensor]
"""Gives normal noise [N, 1, px, px] for a layer of `px` pixels."""

FINE = 8
"""Pixels from which features are of the config's precision; below, where it would save nothing, float32."""


class StyledConv(nn.Module):
    """A 3x3 convolution, which may double the size, with its style, noise and bent line."""

    def __init__(self, config: Config, inside: int, px: int, up: Filter | None, gain: float) -> None:
        super().__init__()
        outside = config.channels(px)
        self.weight = nn.Parameter(torch.randn(outside, inside, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outside))
        self.affine = Dense(config.w_dim, inside, bias=1.0)
        if config.use_noise:
            self.register_buffer("noise_const", torch.randn(px, px))
            self.noise_strength = nn.Parameter(torch.zeros([]))
        self._up, self._gain, self._px = up, gain * GAIN, px
        self._clamp = None if config.conv_clamp is None else config.conv_clamp * gain

    def forward(self, x: Tensor, w: Tensor, noise: Noise | None) -> Tensor:
        """Features [N, C_in, H, W] and w [N, w_dim] to [N, C_out, px, px]."""
        style, weight = self.affine(w), self.weight
        if x.dtype == torch.float16:  # so that no sum over a kernel passes 65,504
            style = style / style.abs().amax(1, keepdim=True)
            weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        scale = (style.square() @ weight.square().sum((2, 3)).T + EPS).rsqrt() * self._gain
        x, weight = x * _over(style, x), cast(weight, x.dtype)
        x = F.conv2d(x, weight, padding=1) if self._up is None else self._up.up_conv(x, weight)
        x = F.leaky_relu_((x * _over(scale, x)).add_(self._added(x, noise)), SLOPE)
        return x if self._clamp is None else x.clamp(-self._clamp, self._clamp)

    def _added(self, x: Tensor, noise: Noise | None) -> Tensor:
        """Bias and noise, [N or 1, C_out, px or 1, px or 1].

        They are put together by a product, since a processor is slow to add one number to a few channels.
        """
        bias = self.bias * self._gain
        if not hasattr(self, "noise_const"):
            return _over(bias[None], x)
        grain = self.noise_const[None, None] if noise is None else noise(self._px)
        grain = (grain * (self.noise_strength * self._gain)).to(x.dtype).flatten(2).transpose(1, 2)
        added = torch.baddbmm(bias.to(x.dtype), grain, grain.new_ones(len(grain), 1, len(bias)))
        return added.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)


class ToRGB(nn.Module):
    """A style and a 1x1 convolution to colours, without demodulation."""

    def __init__(self, config: Config, inside: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, inside, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.affine = Dense(config.w_dim, inside, bias=1.0)
        self._clamp = config.conv_clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Features [N, C, H, W] and w [N, w_dim] to colours [N, 3, H, W], float32."""
        style = self.affine(w) / sqrt(x.shape[1])
        weight = (self.weight[:, :, 0, 0] * style[:, None]).to(x.dtype)
        flat = x.permute(0, 2, 3, 1).flatten(1, 2) @ weight.transpose(1, 2)
        colours = (wide(flat) + self.bias).unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)
        return colours if self._clamp is None else colours.clamp(-self._clamp, self._clamp)


class Block(nn.Module):
    """All layers of one size: it doubles what comes, and may give colours."""

    def __init__(self, config: Config, px: int, up: Filter, colours: bool) -> None:
        super().__init__()
        before, width = config.channels(px // 2), config.channels(px)
        residual = config.architecture == "resnet" and px > 4
        gain = sqrt(0.5) if residual else 1.0
        if px == 4:
            self.const = nn.Parameter(torch.randn(width, 4, 4))
        else:
            self.conv0 = StyledConv(config, before, px, up, 1.0)
        self.conv1 = StyledConv(config, width, px, None, gain)
        self.torgb = ToRGB(config, width) if colours else None
        self.skip = Shortcut(before, width, up) if residual else None

    def forward(self, x: Tensor | None, ws: Tensor, noise: Noise | None) -> tuple[Tensor, Tensor | None]:
        """Features of half the size, or None at 4 px, and ws [N, 3, w_dim] (4 px: 2); features and colours."""
        if x is None:
            before, x = None, self.const.expand(len(ws), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        else:
            before, x = x, self.conv0(x, ws[:, 0], noise)
        x = self.conv1(x, ws[:, -2], noise)
        x = x if self.skip is None else x + self.skip(before)
        return x, None if self.torgb is None else self.torgb(x, ws[:, -1])


class Shortcut(nn.Module):
    """What a block of the residual architecture adds: its input, twice the size, in as many channels."""

    def __init__(self, inside: int, outside: int, up: Filter) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside, 1, 1))
        self._up, self._scale = up, sqrt(0.5) / sqrt(inside)

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, C_in, H, W] to [N, C_out, 2 H, 2 W]."""
        return self._up.up(F.conv2d(x, cast(self.weight * self._scale, x.dtype)))


class Synthesis(nn.Module):
    """Blocks from 4 px up."""

    def __init__(self, config: Config, size: int) -> None:
        super().__init__()
        self._config, self._up, self.sizes = config, Filter(config.resample_filter), []
        self.type = getattr(torch, config.precision)
        while not self.sizes or self.sizes[-1] < size:
            px = 2 * self.sizes[-1] if self.sizes else 4
            self._add(px, config.architecture == "skip" or px == size)

    @property
    def num_ws(self) -> int:
        """How many w a picture takes."""
        return 2 * len(self.sizes)

    def grow(self) -> None:
        """Twice the size: the picture is that of before, blown up, until the new block has learnt to add to it."""
        block = self._add(2 * self.sizes[-1], True)
        nn.init.zeros_(block.torgb.weight)

    def forward(self, ws: Tensor, noise: Noise | None) -> Tensor:
        """Pictures [N, 3, size, size] in about [-1, 1], float32, of truncated ws [N, num_ws, w_dim]."""
        x, image = None, None
        for i, px in enumerate(self.sizes):
            x = x if x is None or px < FINE else x.to(self.type)
            x, colours = self.get_submodule(f"b{px}")(x, ws[:, max(0, 2 * i - 1) : 2 * i + 2], noise)
            image = None if image is None else self._up.up(image)
            image = colours if image is None else image if colours is None else image + colours
        return image

    def _add(self, px: int, colours: bool) -> Block:
        block = Block(self._config, px, self._up, colours)
        self.add_module(f"b{px}", block)
        self.sizes.append(px)
        return block


class Generator(nn.Module):
    """z and classes to w, and w to pictures."""

    def __init__(self, config: Config, size: int) -> None:
        super().__init__()
        embed, width = config.embed_width or config.w_dim, config.mapping_width or config.w_dim
        rate = config.mapping_rate
        self.mapping = Mapping(config.z_dim, config.classes, embed, width, config.w_dim, config.mapping_layers, rate)
        self.mapping.register_buffer("w_avg", torch.zeros(config.w_dim))
        self.synthesis = Synthesis(config, size)

    def spread(self, w: Tensor) -> Tensor:
        """The same w [N, w_dim] for each layer, [N, num_ws, w_dim]."""
        return w[:, None].expand(-1, self.synthesis.num_ws, -1)

    def truncated(self, ws: Tensor, psi: float) -> Tensor:
        """w_avg + psi * (w - w_avg)."""
        return self.mapping.w_avg.lerp(ws, psi)


def _over(numbers: Tensor, x: Tensor) -> Tensor:
    """Numbers [N or 1, C] as they are multiplied with or added to features x."""
    return numbers.to(x.dtype)[:, :, None, None]
