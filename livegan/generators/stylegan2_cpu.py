"""StyleGAN2 drawn fast on a processor: the same picture as the plain path, in a quarter of its time.

Weights are cast and laid out once and never change; the style scales what goes into a convolution and its
demodulation what comes out, so one set of weights serves every look. bfloat16 where the processor computes in it.
Must never allocate more as time goes on, and never touches a file.
"""

from math import sqrt

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.generators.stylegan2_plain import EPS, GAIN, SLOPE, Plain


def best_type() -> torch.dtype:
    """bfloat16 where this processor multiplies it in hardware, else float32."""
    return torch.bfloat16 if torch.backends.mkldnn.is_available() and _has_bf16() else torch.float32


def _has_bf16() -> bool:
    flags = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(flags.get("avx512_bf16") or flags.get("amx_bf16"))


class _Conv:
    """One modulated 3x3 convolution with everything that does not depend on the look worked out."""

    def __init__(self, plain: Plain, name: str, up: bool, gain: float, type_: torch.dtype) -> None:
        weight = plain.tensors[f"{name}.weight"]
        self.name, self.up, self.gain = name, up, GAIN * gain
        self.squares = weight.square().sum((2, 3))
        self.bias = plain.tensors[f"{name}.bias"][:, None, None] * self.gain
        if up:
            self.weight = weight.transpose(0, 1).to(type_).contiguous()
            fir = (plain.fir * 4).flip(0, 1)[None, None].expand(len(weight), 1, -1, -1)
            self.fir = fir.to(type_).contiguous()
            size = len(plain.fir)
            self.pads = (size // 2 - 1 + size % 2, (size - 2) // 2)
        else:
            self.weight = weight.to(type_).contiguous(memory_format=torch.channels_last)

    def scales(self, style: Tensor, type_: torch.dtype) -> tuple[Tensor, Tensor]:
        """What goes in is multiplied by the first [C_in, 1, 1], what comes out by the second [C_out, 1, 1]."""
        out = (self.squares @ style.square() + EPS).rsqrt() * self.gain
        return style.to(type_)[:, None, None], out.to(type_)[:, None, None]

    def __call__(self, x: Tensor, scales: tuple[Tensor, Tensor], shift: Tensor, clamp: float | None) -> Tensor:
        x = x * scales[0]
        if self.up:
            x = F.conv_transpose2d(x, self.weight, stride=2)
            if self.pads[0] == self.pads[1]:
                x = F.conv2d(x, self.fir, padding=self.pads[0], groups=len(self.fir))
            else:
                x = F.conv2d(F.pad(x, (*self.pads, *self.pads)), self.fir, groups=len(self.fir))
        else:
            x = F.conv2d(x, self.weight, padding=1)
        x = F.leaky_relu_(torch.addcmul(shift, x, scales[1]), SLOPE)
        return x if clamp is None else x.clamp_(-clamp, clamp)


class FastCpu:
    """Draws one look at a time. noise: what is added in each layer, [H, W] by name, changed by `hear`."""

    def __init__(self, plain: Plain, type_: torch.dtype | None = None) -> None:
        self.type = type_ or best_type()
        self._plain, layout = plain, plain.layout
        self._residual = layout.config.architecture == "resnet"
        gain = sqrt(0.5) if self._residual else 1.0
        self._clamp = layout.config.conv_clamp
        self._blocks = {
            block: [
                (
                    _Conv(
                        plain, name, name.endswith("conv0"), gain if block > 4 and "conv1" in name else 1.0, self.type
                    ),
                    i,
                )
                for name, i in layout.convs(block)
            ]
            for block in layout.blocks
        }
        const = plain.tensors["synthesis.b4.const"][None]
        self._const = const.to(self.type).contiguous(memory_format=torch.channels_last)
        self._up = (plain.fir * 4)[None, None].expand(layout.config.img_channels, 1, -1, -1).contiguous()
        self._shifts: dict[str, Tensor] = {}
        self.hear({})

    def hear(self, noise: dict[str, Tensor]) -> None:
        """Use this noise from the next picture on; layers that are not named have none."""
        for convs in self._blocks.values():
            for conv, _ in convs:
                shift = conv.bias if conv.name not in noise else conv.bias + noise[conv.name] * conv.gain
                shift = shift[None].to(self.type)
                self._shifts[conv.name] = shift.contiguous(memory_format=torch.channels_last)

    def styles(self, ws: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        """Everything that depends on the truncated ws [num_ws, w_dim], by layer name."""
        found = {}
        for block, convs in self._blocks.items():
            for conv, index in convs:
                found[conv.name] = conv.scales(self._plain.style(conv.name, ws[index]), self.type)
            if rgb := self._plain.layout.torgb(block):
                weight = self._plain.tensors[f"{rgb[0]}.weight"]
                style = self._plain.style(rgb[0], ws[rgb[1]]) / sqrt(weight.shape[1])
                found[rgb[0]] = ((weight * style[None, :, None, None]).to(self.type), None)
        return found

    def draw(self, styles: dict[str, tuple[Tensor, Tensor]], out: np.ndarray) -> None:
        """Draw into `out`, uint8 [H, W, channels]."""
        x, image = self._const, None
        for block, convs in self._blocks.items():
            before = x
            for conv, _ in convs:
                clamp = None if self._clamp is None else self._clamp * conv.gain / GAIN
                x = conv(x, styles[conv.name], self._shifts[conv.name], clamp)
            if self._residual and block > 4:
                x = x + self._skip(block, before)
            image = self._colours(block, x, image, styles)
        levels = image[0].permute(1, 2, 0).mul(127.5).add_(128.0).clamp_(0, 255)
        torch.from_numpy(out).copy_(levels.to(torch.uint8))

    def _skip(self, block: int, x: Tensor) -> Tensor:
        weight = self._plain.tensors[f"synthesis.b{block}.skip.weight"]
        kernel = self._up[:1].expand(x.shape[1], 1, -1, -1).to(self.type)
        return F.conv2d(_spread(x, kernel), (weight * (sqrt(0.5) / sqrt(weight.shape[1]))).to(self.type))

    def _colours(
        self, block: int, x: Tensor, image: Tensor | None, styles: dict[str, tuple[Tensor, Tensor]]
    ) -> Tensor | None:
        if image is not None:
            image = _spread(image, self._up)
        rgb = self._plain.layout.torgb(block)
        if rgb is None:
            return image
        colours = F.conv2d(x, styles[rgb[0]][0]).float() + self._plain.tensors[f"{rgb[0]}.bias"][:, None, None]
        if self._clamp is not None:
            colours = colours.clamp_(-self._clamp, self._clamp)
        return colours if image is None else image.add_(colours)


def _spread(x: Tensor, kernel: Tensor) -> Tensor:
    """Twice the size, each channel filtered by `kernel` [C, 1, K, K] that adds up to 4."""
    height, width, size = x.shape[-2], x.shape[-1], kernel.shape[-1]
    padding = size - 1 - (size + 1) // 2
    x = F.conv_transpose2d(x, kernel, stride=2, padding=padding, groups=len(kernel))
    return x[..., : 2 * height, : 2 * width]
