"""StyleGAN2 drawn fast on a processor: the picture of the plain path, in well under half of its time.

The style goes into the weights where features are many, over the features where they are few; these lie channels last
and are multiplied in bfloat16 where the processor has it. docs/decisions/2026-11-21-cpu-path.md says what was measured.
Must never keep more as time goes on, and never touches a file.
"""

import os
from abc import ABC, abstractmethod
from collections import deque
from math import prod, sqrt

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.generators.base import Done, Picture
from livegan.generators.bending import STRAIGHT, Amounts
from livegan.generators.device import BUFFERS
from livegan.generators.onednn import Packed, bent, packs
from livegan.generators.stylegan import EPS, GAIN, SLOPE, keep_memory, rgb
from livegan.generators.stylegan2_plain import Plain

_WITHOUT_BF16 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"}
"""Values of ONEDNN_MAX_CPU_ISA with which oneDNN multiplies bfloat16 in float32, or not at all."""

_FEW = 2
"""Features that come, for each weight, up to which they are few."""


def best_type() -> torch.dtype:
    """bfloat16 where this processor multiplies it in hardware and nobody keeps it from that, else float32."""
    can = torch.backends.mkldnn.is_available() and _has_bf16() and not _held_down()
    return torch.bfloat16 if can else torch.float32


def _held_down() -> bool:
    """Whether the instructions that torch or oneDNN may use are kept below those for bfloat16."""
    # torch tells its own level, but of oneDNN's only whether it is below AVX512: so look where oneDNN looks itself.
    told = os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("DNNL_MAX_CPU_ISA") or ""
    return told.upper() in _WITHOUT_BF16 or not torch.backends.cpu.get_cpu_capability().startswith("AVX512")


def _has_bf16() -> bool:
    flags = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(flags.get("avx512_bf16") or flags.get("amx_bf16"))


class _Layer:
    """What a look's w does to a layer."""

    def __init__(self, plain: Plain, name: str, index: int, type_: torch.dtype) -> None:
        self.name, self._index, self._type = name, index, type_
        affine = plain.tensors[f"{name}.affine.weight"]
        self._affine = affine / sqrt(affine.shape[1])
        self._affine_bias = plain.tensors[f"{name}.affine.bias"]

    def _style(self, ws: Tensor) -> Tensor:
        """The scales [C_in] of what comes, for the truncated ws [num_ws, w_dim]."""
        return torch.addmv(self._affine_bias, self._affine, ws[self._index])


class _Colours(_Layer):
    """A layer to colours: 1x1, without demodulation."""

    def __init__(self, plain: Plain, name: str, index: int, type_: torch.dtype) -> None:
        super().__init__(plain, name, index, type_)
        weight = plain.tensors[f"{name}.weight"]
        self._weight = _last(weight / sqrt(weight.shape[1]))
        self._bias = plain.tensors[f"{name}.bias"].to(type_)
        self._clamp = plain.layout.config.conv_clamp

    def __call__(self, x: Tensor, ws: Tensor) -> Tensor:
        """Features [1, C_in, H, W] to colours [1, channels, H, W], float32."""
        weight = (self._weight * self._style(ws)[:, None, None]).to(self._type)
        colours = F.conv2d(x, weight, self._bias).float()
        return colours if self._clamp is None else colours.clamp_(-self._clamp, self._clamp)


class _Conv(_Layer, ABC):
    """A 3x3 convolution, which may double the size, with its noise and its bent line."""

    def __init__(self, plain: Plain, name: str, index: int, gain: float, type_: torch.dtype) -> None:
        super().__init__(plain, name, index, type_)
        self.gain = gain
        self.noise: Tensor | None = None
        weight = plain.tensors[f"{name}.weight"]
        self._bias = plain.tensors[f"{name}.bias"] * gain
        self._squares = weight.square().sum((2, 3)) / gain**2
        self._least = torch.full((len(weight),), EPS / gain**2)
        self._fir = _each(plain.fir, len(weight)).flip(2, 3).to(type_) if name.endswith("conv0") else None
        self._margin = 1 if self._fir is None else self._fir.shape[-1] // 2 - 1
        clamp = plain.layout.config.conv_clamp
        self._clamp = None if clamp is None else clamp * gain / GAIN

    @abstractmethod
    def __call__(self, x: Tensor, ws: Tensor) -> Tensor:
        """Features [1, C_in, H, W] to [1, C_out, H or 2 H, W or 2 W]."""

    def _demodulation(self, style: Tensor) -> Tensor:
        """The scales [C_out] of what goes, with the gain."""
        return torch.addmv(self._least, self._squares, style.square()).rsqrt_()

    def _bent(self, x: Tensor) -> Tensor:
        """Noise, leaky ReLU and clamp, in place on float32, over which torch passes faster than over bfloat16."""
        if self.noise is not None:
            x.add_(self.noise)
        return self._clamped(F.leaky_relu_(x, SLOPE)).to(self._type)

    def _clamped(self, x: Tensor) -> Tensor:
        return x if self._clamp is None else x.clamp_(-self._clamp, self._clamp)


class _Wide(_Conv):
    """For many features: the style goes into the weights."""

    def __init__(self, plain: Plain, name: str, index: int, gain: float, type_: torch.dtype) -> None:
        super().__init__(plain, name, index, gain, type_)
        weight = plain.tensors[f"{name}.weight"]
        self._weight = _last(weight if self._fir is None else weight.transpose(0, 1))
        self._bias = self._bias.to(type_)

    def __call__(self, x: Tensor, ws: Tensor) -> Tensor:
        """As _Conv says."""
        style = self._style(ws)
        loud = self._demodulation(style)
        scales = torch.outer(loud, style) if self._fir is None else torch.outer(style, loud)
        weight = (self._weight * scales[:, :, None, None]).to(self._type)
        groups = 1
        if self._fir is not None:
            x, weight, groups = F.conv_transpose2d(x, weight, stride=2), self._fir, len(self._fir)
        if self.noise is None:
            return self._clamped(bent(x, weight, self._bias, self._margin, groups, SLOPE))
        return self._bent(F.conv2d(x, weight, self._bias, padding=self._margin, groups=groups).float())


class _Few(_Conv):
    """For few features: the style goes over them, and the weights are packed once."""

    def __init__(
        self, plain: Plain, name: str, index: int, gain: float, type_: torch.dtype, size: tuple[int, int]
    ) -> None:
        super().__init__(plain, name, index, gain, type_)
        weight = plain.tensors[f"{name}.weight"].to(type_)
        self._packed = Packed(weight, size, self._fir is not None)
        self._bias = self._bias[None, :, None, None]

    def __call__(self, x: Tensor, ws: Tensor) -> Tensor:
        """As _Conv says."""
        style = self._style(ws)
        x = self._packed((x.float() * style[:, None, None]).to(self._type))
        if self._fir is not None:
            x = F.conv2d(x, self._fir, padding=self._margin, groups=len(self._fir))
        return self._bent(torch.addcmul(self._bias, x.float(), self._demodulation(style)[:, None, None]))


def _conv(plain: Plain, block: int, name: str, index: int, gain: float, type_: torch.dtype) -> _Conv:
    """The faster of both kinds."""
    weight = plain.tensors[f"{name}.weight"]
    comes = plain.layout.at(block // 2 if name.endswith("conv0") else block)
    if packs() and weight.shape[1] * prod(comes) <= _FEW * weight.numel():
        return _Few(plain, name, index, gain, type_, comes)
    return _Wide(plain, name, index, gain, type_)


class FastCpu:
    """Draws one look at a time, for one thread."""

    def __init__(self, plain: Plain, type_: torch.dtype | None = None) -> None:
        self.type = type_ or best_type()
        self._residual = plain.layout.config.architecture == "resnet"
        blocks = plain.layout.blocks
        self._convs = {block: self._block(plain, block) for block in blocks}
        torgb = {block: plain.layout.torgb(block) for block in blocks}
        self._colours = {block: _Colours(plain, *found, self.type) for block, found in torgb.items() if found}
        self._skips = {block: self._skip(plain, block) for block in blocks[1:] if self._residual}
        self._const = _last(plain.tensors["synthesis.b4.const"][None].to(self.type))
        self._up = _each(plain.fir, plain.layout.config.img_channels)
        self._bends = plain.bends
        pixels = (*plain.layout.size, plain.layout.config.img_channels)
        self._buffers = deque(np.zeros(pixels, np.uint8) for _ in range(BUFFERS))
        keep_memory()

    def hear(self, noise: dict[str, Tensor]) -> None:
        """Add this noise, [H, W] by layer name, from the next picture on; layers that are not named have none."""
        for convs in self._convs.values():
            for conv in convs:
                conv.noise = noise[conv.name] * conv.gain if conv.name in noise else None

    def draw(self, ws: Tensor, amounts: Amounts = STRAIGHT) -> Picture:
        """The picture of truncated ws, float32 [num_ws, w_dim], kept for eight more; amounts: of what is bent."""
        x, image = self._const, None
        for block, convs in self._convs.items():
            before = x
            for conv in convs:
                x = self._bends.bent(conv.name, conv(x, ws), amounts)
            if block in self._skips:
                weight, kernel = self._skips[block]
                x = x + _spread(F.conv2d(before, weight), kernel)
            image = None if image is None else _spread(image, self._up)
            if block in self._colours:
                colours = self._colours[block](x, ws)
                image = colours if image is None else image.add_(colours)
        levels = image.mul_(127.5).add_(128.0).clamp_(0.0, 255.0)
        self._buffers.rotate(1)
        np.copyto(self._buffers[0], levels[0].permute(1, 2, 0).numpy(), casting="unsafe")
        return Done(rgb(self._buffers[0]))

    def _block(self, plain: Plain, block: int) -> list[_Conv]:
        """A block's convolutions; where a shortcut is added to the second, both are made weaker."""
        gains = {"conv0": GAIN, "conv1": GAIN * (sqrt(0.5) if self._residual and block > 4 else 1.0)}
        return [_conv(plain, block, name, i, gains[name[-5:]], self.type) for name, i in plain.layout.convs(block)]

    def _skip(self, plain: Plain, block: int) -> tuple[Tensor, Tensor]:
        """A shortcut's weights, and the filter that doubles what they give."""
        weight = plain.tensors[f"synthesis.b{block}.skip.weight"]
        scaled = weight * (sqrt(0.5) / sqrt(weight.shape[1]))
        return scaled.to(self.type), _each(plain.fir, len(weight)).to(self.type)


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _each(fir: Tensor, channels: int) -> Tensor:
    """The filter for each channel, [channels, 1, K, K] with an even K, made up for the zeros between pixels."""
    odd = fir.shape[-1] % 2
    return F.pad(fir * 4, (odd, 0, odd, 0))[None, None].repeat(channels, 1, 1, 1)


def _spread(x: Tensor, kernel: Tensor) -> Tensor:
    """Twice the size, each channel filtered by `kernel` [C, 1, K, K]."""
    return F.conv_transpose2d(x, kernel, stride=2, padding=kernel.shape[-1] // 2 - 1, groups=len(kernel))
