"""The network that FID looks at pictures with: InceptionV3 up to its 2048 pooled features, with weights that are given.

The network of Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2015, arXiv 1512.00567),
as the weights that FID was defined with have it (Heusel et al. 2017, arXiv 1706.08500): average pools leave the
padding out of their count, and the last block takes maxima. Only looks; never trains and never downloads.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livegan.errors import BadRequest

_SIZE, _EPS = 299, 1e-3


class _Conv(NamedTuple):
    """A convolution of `width` channels, its batch norm and ReLU. same: at stride 1 it keeps the size of a picture."""

    name: str
    width: int
    high: int = 1
    wide: int = 1
    stride: int = 1
    same: bool = True


class _Mixed(NamedTuple):
    """A block whose names begin with its own; its branches see the same and are put side by side."""

    name: str
    branches: tuple


def _max(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 3, 1, 1)


def _smaller(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 3, 2)


def _average(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


# A list is one step after another, a tuple branches.
_Step = _Conv | _Mixed | tuple | Callable[[Tensor], Tensor]


def _row(name: str, *convolutions: tuple[int, ...]) -> list[_Step]:
    """Convolutions one after another, whose names count up: (width, high, wide) or also their stride."""
    return [_Conv(f"{name}_{place}", *each) for place, each in enumerate(convolutions, 1)]


def _fine(name: str, pool: int) -> _Mixed:
    """35 x 35 pixels."""
    five, three = _row("branch5x5", (48, 1, 1), (64, 5, 5)), _row("branch3x3dbl", (64, 1, 1), (96, 3, 3), (96, 3, 3))
    return _Mixed(name, ([_Conv("branch1x1", 64)], five, three, [_average, _Conv("branch_pool", pool)]))


def _middle(name: str, n: int) -> _Mixed:
    """17 x 17 pixels; n: channels inside."""
    once = _row("branch7x7", (n, 1, 1), (n, 1, 7), (192, 7, 1))
    twice = _row("branch7x7dbl", (n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7))
    return _Mixed(name, ([_Conv("branch1x1", 192)], once, twice, [_average, _Conv("branch_pool", 192)]))


def _coarse(name: str, pool: Callable[[Tensor], Tensor]) -> _Mixed:
    """8 x 8 pixels."""
    once, twice = _row("branch3x3", (384, 1, 1)), _row("branch3x3dbl", (448, 1, 1), (384, 3, 3))
    once.append(([_Conv("branch3x3_2a", 384, 1, 3)], [_Conv("branch3x3_2b", 384, 3, 1)]))
    twice.append(([_Conv("branch3x3dbl_3a", 384, 1, 3)], [_Conv("branch3x3dbl_3b", 384, 3, 1)]))
    return _Mixed(name, ([_Conv("branch1x1", 320)], once, twice, [pool, _Conv("branch_pool", 192)]))


_NETWORK: list[_Step] = [
    _Conv("Conv2d_1a_3x3", 32, 3, 3, stride=2),
    _Conv("Conv2d_2a_3x3", 32, 3, 3, same=False),
    _Conv("Conv2d_2b_3x3", 64, 3, 3),
    _smaller,
    _Conv("Conv2d_3b_1x1", 80),
    _Conv("Conv2d_4a_3x3", 192, 3, 3, same=False),
    _smaller,
    _fine("Mixed_5b", 32),
    _fine("Mixed_5c", 64),
    _fine("Mixed_5d", 64),
    _Mixed(
        "Mixed_6a",
        (
            [_Conv("branch3x3", 384, 3, 3, stride=2)],
            _row("branch3x3dbl", (64, 1, 1), (96, 3, 3), (96, 3, 3, 2)),
            [_smaller],
        ),
    ),
    _middle("Mixed_6b", 128),
    _middle("Mixed_6c", 160),
    _middle("Mixed_6d", 160),
    _middle("Mixed_6e", 192),
    _Mixed(
        "Mixed_7a",
        (
            _row("branch3x3", (192, 1, 1), (320, 3, 3, 2)),
            _row("branch7x7x3", (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, 2)),
            [_smaller],
        ),
    ),
    _coarse("Mixed_7b", _average),
    _coarse("Mixed_7c", _max),
]


class Inception:
    """The network with its weights on a device. sha256: of the file that they came from."""

    def __init__(self, weights: dict[str, np.ndarray], sha256: str, device: str = "cpu") -> None:
        """weights: by the names of `shapes`, others are left. Raises BadRequest where one is missing or of no use."""
        self.sha256, self._device = sha256, torch.device(device)
        for name, shape in shapes().items():
            if name not in weights or weights[name].shape != shape:
                found = f"has shape {weights[name].shape}" if name in weights else "is missing"
                raise BadRequest(f"the Inception file is none of FID: {name} {found}, {shape} is wanted")
        with torch.device("meta"):
            self._network = _Part(_NETWORK, 3).eval().requires_grad_(False)
        given = {name: torch.from_numpy(weights[name]) for name in shapes()}
        self._network.load_state_dict(given, strict=False, assign=True)
        self._network.to(self._device, memory_format=torch.channels_last)

    @torch.inference_mode()
    def features(self, pictures: np.ndarray) -> np.ndarray:
        """Of pictures uint8 [N, H, W, 3], float32 [N, 2048]."""
        x = torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        x = F.interpolate(x, (_SIZE, _SIZE), mode="bilinear", align_corners=False)
        return self._network(x).mean((2, 3)).cpu().numpy()


def shapes() -> dict[str, tuple[int, ...]]:
    """Of each tensor that the network is made of, by its name in the file."""
    with torch.device("meta"):
        state = _Part(_NETWORK, 3).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items() if tensor.ndim}


class _Part(nn.Module):
    """Steps, with the names of the file."""

    def __init__(self, steps: list[_Step], channels: int) -> None:
        super().__init__()
        self._steps = steps
        self.width = self._build(steps, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self._run(self._steps, x)

    def _build(self, steps: list[_Step], channels: int) -> int:
        """How many channels come out of steps that so many go into."""
        for step in steps:
            if isinstance(step, _Conv):
                self.add_module(step.name, _convolution(step, channels))
                channels = step.width
            elif isinstance(step, _Mixed):
                part = _Part([step.branches], channels)
                self.add_module(step.name, part)
                channels = part.width
            elif isinstance(step, tuple):
                channels = sum(self._build(branch, channels) for branch in step)
        return channels

    def _run(self, steps: list[_Step], x: Tensor) -> Tensor:
        for step in steps:
            if isinstance(step, _Conv | _Mixed):
                x = self.get_submodule(step.name)(x)
            elif isinstance(step, tuple):
                x = torch.cat([self._run(branch, x) for branch in step], 1)
            else:
                x = step(x)
        return x


def _convolution(step: _Conv, channels: int) -> nn.Sequential:
    kernel = (step.high, step.wide)
    padding = (step.high // 2, step.wide // 2) if step.same and step.stride == 1 else 0
    found = nn.Sequential()
    found.add_module("conv", nn.Conv2d(channels, step.width, kernel, step.stride, padding, bias=False))
    found.add_module("bn", nn.BatchNorm2d(step.width, _EPS))
    found.add_module("relu", nn.ReLU(inplace=True))
    return found
