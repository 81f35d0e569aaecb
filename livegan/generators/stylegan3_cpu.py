"""StyleGAN3 drawn fast, made for a processor: the picture of the plain path, its filters without the work on zeros.

Features lie channels last and are in bfloat16 where the processor multiplies it. The filter that makes features larger
works one phase at a time (every `up`th output needs the same few taps), along one axis and then the other. Must never
keep more as time goes on, and never touches a file.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.generators.bending import STRAIGHT, Amounts
from livegan.generators.stylegan import GAIN, SLOPE, keep_memory
from livegan.generators.stylegan2_cpu import best_type
from livegan.generators.stylegan3_plain import Layer, Plain, upsampled

_SCALES = 4096

Weights = tuple[Tensor, Tensor]
"""A layer's weights for one w, and its bias."""


class FastCpu:
    """Draws one look at a time, for one thread, on the device of `plain`; on a GPU type_ must be float32."""

    def __init__(self, plain: Plain, type_: torch.dtype | None = None) -> None:
        self._plain, self.type = plain, type_ or best_type()
        self._layers = [_Layer(plain, layer, self.type) for layer in plain.layout.layers]
        keep_memory()

    def styles(self, ws: Tensor) -> list[Weights]:
        """The weights of all layers for truncated ws [num_ws, w_dim]; good for many pictures."""
        return [layer.weights(ws[i + 1]) for i, layer in enumerate(self._layers)]

    def waves(self, w: Tensor, transform: Tensor) -> Tensor:
        """As the plain path's, in the type and layout of this one."""
        return _last(self._plain.waves(w, transform).to(self.type))

    def draw(self, styles: list[Weights], x: Tensor, amounts: Amounts = STRAIGHT) -> Tensor:
        """Picture float32 [C, H, W] in about [-1, 1] of `styles` and of the input's waves `x`; amounts: of bends."""
        for layer, weights in zip(self._layers, styles, strict=True):
            x = self._plain.bends.bent(layer.name, layer(x, weights), amounts)
        return x[0].float() * self._plain.layout.config.output_scale


class _Layer:
    """One layer; all that does not depend on w is worked out."""

    def __init__(self, plain: Plain, layer: Layer, type_: torch.dtype) -> None:
        self._plain, self._layer, self.name = plain, layer, layer.name
        # Colours stay in float32: they are few, and their rounding would be seen.
        self._type = torch.float32 if layer.rgb else type_
        up, larger = _coded(plain.tensors.get(f"{layer.name}.up_filter"), self._type)
        down, louder = _coded(plain.tensors.get(f"{layer.name}.down_filter"), self._type)
        clamp = plain.layout.config.conv_clamp
        self._gain = (1.0 if layer.rgb else GAIN) / (larger * louder)
        self._clamp = None if clamp is None else clamp / louder
        self._bias = (plain.tensors[f"{layer.name}.bias"] * self._gain).to(self._type)
        self._up = _Up(layer, up, len(self._bias), self._type)
        self._down = _Down(layer, down, len(self._bias), self._type)

    def weights(self, w: Tensor) -> Weights:
        """For one w [w_dim]; the leaky ReLU's gain is in them, and what undoes the scales of the filters."""
        return _last((self._plain.weight(self._layer, w) * self._gain).to(self._type)), self._bias

    def __call__(self, x: Tensor, weights: Weights) -> Tensor:
        x = self._up(F.conv2d(x.to(self._type), *weights, padding=self._layer.kernel - 1))
        if not self._layer.rgb:
            F.leaky_relu_(x, SLOPE)
        if self._clamp is not None:
            x.clamp_(-self._clamp, self._clamp)
        return self._down(x)


class _Up:
    """Makes features larger: a few taps for each phase, and the phases laid between each other."""

    def __init__(self, layer: Layer, fir: Tensor | None, channels: int, type_: torch.dtype) -> None:
        self._layer, self._channels = layer, channels
        self._whole = None if fir is None else fir.to(type_)
        self._phases: list[Tensor] = []
        if fir is not None and fir.ndim == 1:
            self._margin, phases = _phases(fir * layer.up, layer.up, layer.padding)
            self._phases = [_each(phase[None, :], channels, type_) for phase in phases]

    def __call__(self, x: Tensor) -> Tensor:
        """Features [1, C, H, W], `up` times as large; they may have more at the end than the plain path's."""
        if not self._phases:
            return upsampled(x, self._whole, self._layer.up, self._layer.padding)
        across = [F.conv2d(x, k, padding=(0, self._margin), groups=self._channels) for k in self._phases]
        x = _first(torch.stack([_final(one) for one in across], 3).flatten(2, 3))
        down = [F.conv2d(x, k.mT, padding=(self._margin, 0), groups=self._channels) for k in self._phases]
        return _first(torch.stack([_final(one) for one in down], 2).flatten(1, 2))


class _Down:
    """Filters, keeps every `down`th value, and cuts to the layer's size."""

    def __init__(self, layer: Layer, fir: Tensor | None, channels: int, type_: torch.dtype) -> None:
        self._step, self._size, self._channels = layer.down, layer.size, channels
        self._whole, self._across = None, None
        if fir is not None and fir.ndim == 2:
            self._whole = _each(fir.flip(0, 1), channels, type_)
        elif fir is not None:
            self._across = _each(fir.flip(0)[None, :], channels, type_)

    def __call__(self, x: Tensor) -> Tensor:
        """Features [1, C, H, W] to [1, C, size, size]."""
        step = self._step
        if self._across is not None:
            x = F.conv2d(x, self._across, stride=(1, step), groups=self._channels)
            x = F.conv2d(x, self._across.mT, stride=(step, 1), groups=self._channels)
        elif self._whole is not None:
            x = F.conv2d(x, self._whole, stride=step, groups=self._channels)
        else:
            x = x[:, :, ::step, ::step]
        return x[:, :, : self._size, : self._size]


def _coded(fir: Tensor | None, type_: torch.dtype) -> tuple[Tensor | None, float]:
    """The filter times a number at which `type_` holds its taps best, and how much louder that makes a picture.

    In bfloat16 the taps' own rounding is most of a picture's error, for it is the same in every pixel and layer; that
    of the features is lost in the noise. Scaling costs nothing and wins 10 dB.
    """
    if fir is None or type_ == torch.float32:
        return fir, 1.0
    scales = torch.linspace(1.0, 2.0, _SCALES + 1)[:-1]
    tried = scales.view(-1, *[1] * fir.ndim) * fir
    off = (tried.to(type_).float() - tried).flatten(1).square().sum(1) / scales.square()
    scale = float(scales[off.argmin()])
    return fir * scale, scale ** (3 - fir.ndim)


def _phases(fir: Tensor, up: int, padding: tuple[int, int]) -> tuple[int, list[Tensor]]:
    """The filter's taps [K] for each phase, and how many zeros each side needs for them.

    Value n * up + r of the larger signal takes only every `up`th tap, for all others lie on zeros. All phases get the
    same length and the same margin, by zeros in front and behind, so that one kind of convolution does.
    """
    taps, (before, after) = fir.flip(0), padding
    firsts = [(before - phase) % up for phase in range(up)]
    starts = [(phase + first - before) // up for phase, first in enumerate(firsts)]
    parts = [taps[first::up] for first in firsts]
    margin = max(0, -min(starts))
    reach = max(start + len(part) for start, part in zip(starts, parts, strict=True))
    wanted = -(-(before + after - len(taps) + 1) // up)
    margin = max(margin, wanted + reach - 1)
    phases = []
    for start, part in zip(starts, parts, strict=True):
        front = start + margin
        phases.append(F.pad(part, (front, margin + reach - front - len(part))))
    return margin, phases


def _each(kernel: Tensor, channels: int, type_: torch.dtype) -> Tensor:
    """A kernel [K, L] for each channel, [channels, 1, K, L]."""
    return kernel.to(type_).repeat(channels, 1, 1, 1)


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _final(x: Tensor) -> Tensor:
    """[N, C, H, W] seen as [N, H, W, C]."""
    return x.permute(0, 2, 3, 1)


def _first(x: Tensor) -> Tensor:
    """[N, H, W, C] seen as [N, C, H, W]."""
    return x.permute(0, 3, 1, 2)
