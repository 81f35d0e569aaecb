"""StyleGAN2's discriminator: a residual network that says how real pictures look, and whether they fit their classes.

After Karras et al. 2020 (arXiv 1912.04958); tensor names are those of StyleGAN2-ADA, so that one from a file can be
trained on. The spread within a group is measured over pictures that lie together, however many processes there are.
"""

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livegan.generators.stylegan import EPS, GAIN, SLOPE
from livegan.training.config import GROUP, Config
from livegan.training.layers import Dense, Filter, Mapping, cast, wide


class Conv(nn.Module):
    """A bent convolution with a bias, which may halve the size."""

    def __init__(
        self, config: Config, inside: int, outside: int, kernel: int, down: Filter | None = None, gain: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outside))
        self._down, self._gain = down, gain * GAIN
        self._scale = self._gain / sqrt(inside * kernel * kernel)
        self._clamp = None if config.conv_clamp is None else config.conv_clamp * gain

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, C_in, H, W] to [N, C_out, H, W], or half as large."""
        weight, bias = cast(self.weight * self._scale, x.dtype), (self.bias * self._gain).to(x.dtype)
        if self._down is None:
            x = F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)
        else:
            x = self._down.down_conv(x, weight, bias)
        x = F.leaky_relu_(x, SLOPE)
        return x if self._clamp is None else x.clamp(-self._clamp, self._clamp)


class Shortcut(nn.Module):
    """A block's input, half the size, in as many channels as the block gives."""

    def __init__(self, inside: int, outside: int, down: Filter) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside, 1, 1))
        self._down, self._scale = down, sqrt(0.5) / sqrt(inside)

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, C_in, H, W] to [N, C_out, H / 2, W / 2]."""
        return F.conv2d(self._down.down(x), cast(self.weight * self._scale, x.dtype))


class Block(nn.Module):
    """All layers of one size; the first also takes the colours."""

    def __init__(self, config: Config, px: int, down: Filter) -> None:
        super().__init__()
        inside, outside = config.channels(px), config.channels(px // 2)
        self.conv0 = Conv(config, inside, inside, 3)
        self.conv1 = Conv(config, inside, outside, 3, down, sqrt(0.5))
        self.skip = Shortcut(inside, outside, down)

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, C, px, px] to those of half the size."""
        return self.skip(x) + self.conv1(self.conv0(x))


class Verdict(nn.Module):
    """The last layers, from 4 px to one number, or to one for each direction in which classes are told apart."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.channels(4)
        self.conv = Conv(config, width + 1, width, 3)
        self.fc = Dense(width * 16, width, bent=True)
        self.out = Dense(width, width if config.classes else 1)

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, C, 4, 4], float32, to [N, 1 or C]."""
        return self.out(self.fc(self.conv(_with_spread(x)).flatten(1)))


class Discriminator(nn.Module):
    """Pictures and their classes to how real they look: higher is more."""

    def __init__(self, config: Config, size: int) -> None:
        super().__init__()
        self._config, self._down, self.size = config, Filter(config.resample_filter), size
        self.type = getattr(torch, config.precision)
        self.fade = 1.0
        for px in self._sizes()[1:]:
            self.add_module(f"b{px}", Block(config, px, self._down))
        self.b4 = Verdict(config)
        self._open()
        if config.classes:
            width = config.channels(4)
            self.mapping = Mapping(0, config.classes, width, width, width, 8, 0.01)

    def grow(self) -> None:
        """Twice the size; `fade` says how much of the new block is heard beside the old entrance."""
        for px in self._sizes()[1:]:
            self.get_submodule(f"b{px}").fromrgb = None
        self.size *= 2
        self._open()

    def forward(self, images: Tensor, label: Tensor | None) -> Tensor:
        """images [N, 3, size, size] in about [-1, 1], N a multiple of 4; label [N, classes] or None; gives [N]."""
        x = self._entered(images)
        for px in self._sizes()[1:]:
            x = self.get_submodule(f"b{px}")(x)
        x = self.b4(wide(x))
        if label is not None:
            x = x * self.mapping(None, label) / sqrt(x.shape[1])
        return x.sum(1)

    def layers(self) -> list[nn.Module]:
        """Layers in the order of the way through them, as freeze_d counts them."""
        blocks = [self.get_submodule(f"b{px}") for px in self._sizes()]
        first = [block.fromrgb for block in blocks[:1]]
        return first + [layer for block in blocks for layer in (block.conv0, block.conv1, block.skip)]

    def _open(self) -> None:
        """Put the block before all others that takes the pictures."""
        block = Block(self._config, self.size, self._down)
        block.fromrgb = Conv(self._config, 3, self._config.channels(self.size), 1)
        self.add_module(f"b{self.size}", block)

    def _sizes(self) -> list[int]:
        return [self.size >> i for i in range(self.size.bit_length() - 3)]

    def _entered(self, images: Tensor) -> Tensor:
        """What comes out of the first block; while it is new, mixed with what came in before there was one."""
        block = self.get_submodule(f"b{self.size}")
        images = images.to(self.type, memory_format=torch.channels_last)
        x = block(block.fromrgb(images))
        if self.fade == 1:
            return x
        return self.get_submodule(f"b{self.size // 2}").fromrgb(F.avg_pool2d(images, 2)).lerp(x, self.fade)


def misfit(config: Config, tensors: dict[str, Tensor]) -> str:
    """Why a discriminator of these tensors cannot go on in a training of its last size; "" where it can."""
    with torch.device("meta"):
        wanted = Discriminator(config, config.size).state_dict()
    for name, tensor in wanted.items():
        if name not in tensors:
            return f"it lacks {name}"
        if tensors[name].shape != tensor.shape:
            return f"{name} is of shape {tuple(tensors[name].shape)} and {tuple(tensor.shape)} is trained"
        if not tensors[name].isfinite().all():
            return f"a number in {name} is not finite"
    return ""


def _with_spread(x: Tensor) -> Tensor:
    """One channel more: how far pictures of a group are from each other, [N, C, H, W] to [N, C + 1, H, W]."""
    groups = x.unflatten(0, (-1, GROUP))
    spread = (groups.var(1, correction=0) + EPS).sqrt().mean((1, 2, 3))
    spread = spread.repeat_interleave(GROUP)[:, None, None, None].expand(-1, 1, *x.shape[2:])
    return torch.cat([x, spread], 1)
