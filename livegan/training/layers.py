"""What a generator and a discriminator under training are both built of, as torch modules with StyleGAN2-ADA's names.

Learning rates are equalised: what is learnt has a spread of 1, and is scaled where it is used (Karras et al. 2018,
arXiv 1710.10196). Since the leaky ReLU is homogeneous, its gain goes into the small numbers before it and never over
the features. Features lie channels last; every function here can be differentiated twice.
"""

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from livegan.generators.stylegan import EPS, GAIN, SLOPE


class Dense(nn.Module):
    """Weight and bias; both learn `rate` times as fast. Bent by the leaky ReLU where `bent`."""

    def __init__(self, inside: int, outside: int, rate: float = 1.0, bias: float = 0.0, bent: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside) / rate)
        self.bias = nn.Parameter(torch.full((outside,), bias / rate))
        gain = GAIN if bent else 1.0
        self._scale, self._bias_scale, self._bent = rate * gain / sqrt(inside), rate * gain, bent

    def forward(self, x: Tensor) -> Tensor:
        """x [N, inside] to [N, outside]."""
        x = F.linear(x, self.weight * self._scale, self.bias * self._bias_scale)
        return F.leaky_relu(x, SLOPE) if self._bent else x


class Mapping(nn.Module):
    """z and class weights, or only these, through bent layers: to w, or to a discriminator's view of the classes."""

    def __init__(self, z_dim: int, classes: int, embed: int, width: int, w_dim: int, layers: int, rate: float) -> None:
        super().__init__()
        if classes:
            self.embed = Dense(classes, embed)
        sizes = [z_dim + (embed if classes else 0), *[width] * (layers - 1), w_dim]
        self._names = [f"fc{i}" for i in range(layers)]
        for name, inside, outside in zip(self._names, sizes[:-1], sizes[1:], strict=True):
            self.add_module(name, Dense(inside, outside, rate, bent=True))

    def forward(self, z: Tensor | None, label: Tensor | None) -> Tensor:
        """z [N, z_dim] or None, label [N, classes] or None, to [N, w_dim]; at least one is given, as the sizes say."""
        parts = [] if z is None else [_normalised(z)]
        if label is not None:
            parts.append(_normalised(self.embed(label)))
        x = torch.cat(parts, 1)
        for name in self._names:
            x = self.get_submodule(name)(x)
        return x


class _Filtered(torch.autograd.Function):
    """Each channel by one filter. Its gradient is written here because torch's second one is ten times slower."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, kernel: Tensor, stride: int, padding: int, back: bool) -> Tensor:
        ctx.save_for_backward(kernel)
        ctx.how = (stride, padding, back)
        # a processor spreads bfloat16 to twice the size a hundred times slower than float32
        taken = wide(x) if back and stride > 1 and x.device.type == "cpu" else x
        each = kernel.to(taken.dtype).expand(x.shape[1], 1, -1, -1)
        turn = F.conv_transpose2d if back else F.conv2d
        return turn(taken, each, stride=stride, padding=padding, groups=x.shape[1]).to(x.dtype)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, None, None, None, None]:
        stride, padding, back = ctx.how
        return _Filtered.apply(grad, *ctx.saved_tensors, stride, padding, not back), None, None, None, None


class Filter(nn.Module):
    """A model's filter between sizes, of so many numbers in a row; how these add up does not matter."""

    def __init__(self, taps: tuple[float, ...]) -> None:
        super().__init__()
        kernel = torch.outer(torch.tensor(taps), torch.tensor(taps))
        self.register_buffer("_fir", (kernel / kernel.sum()).flip(0, 1), persistent=False)
        self._taps = len(taps)

    def up(self, x: Tensor) -> Tensor:
        """Twice the size: zeros in between, then the filter, that keeps the brightness."""
        kernel = F.pad(self._fir.flip(0, 1) * 4, (self._taps % 2, 0) * 2)
        return _Filtered.apply(x, kernel[None, None], 2, len(kernel) // 2 - 1, True)

    def down(self, x: Tensor) -> Tensor:
        """Half the size: the filter at every second pixel."""
        return self._by(x, self._fir, (self._taps - 1) // 2, (self._taps - 2) // 2, 2)

    def up_conv(self, x: Tensor, weight: Tensor) -> Tensor:
        """Twice the size by a convolution [C_out, C_in, 3, 3] between new zeros, then the filter."""
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        return self._by(x, self._fir * 4, self._taps // 2 - 1 + self._taps % 2, (self._taps - 2) // 2, 1)

    def down_conv(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Half the size by the filter, then a convolution [C_out, C_in, 3, 3] at every second pixel."""
        x = self._by(x, self._fir, 1 + (self._taps - 1) // 2, 1 + (self._taps - 2) // 2, 1)
        return F.conv2d(x, weight, bias, stride=2)

    def _by(self, x: Tensor, kernel: Tensor, before: int, after: int, stride: int) -> Tensor:
        """x with so many zeros before and after, each channel by the kernel [K, K]."""
        if before != after:
            x, before = F.pad(x, (before, after, before, after)), 0
        return _Filtered.apply(x, kernel[None, None], stride, before, False)


def cast(weight: Tensor, type_: torch.dtype) -> Tensor:
    """Weights [C_out, C_in, K, K] as a convolution over features that lie channels last takes them fastest."""
    return weight.to(type_, memory_format=torch.channels_last)


def wide(x: Tensor) -> Tensor:
    """Features of float32, or finer where they are finer."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _normalised(x: Tensor) -> Tensor:
    return x * (x.square().mean(1, keepdim=True) + EPS).rsqrt()
