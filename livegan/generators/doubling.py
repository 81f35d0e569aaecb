"""Doubling a picture's size as one dense convolution, whose output is four pictures to be laid between each other.

The zeros between pixels, the weights and the filter behind them are worked out once; no numbers are made here that the
plain path would not make.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.generators.stylegan2_plain import filtered, upsampled


def _margin(fir: Tensor) -> int:
    """Pixels to each side that one pixel touches when the size is doubled by `fir` [K, K], also behind a 3x3."""
    return (len(fir) + 3) // 4


def spread(weight: Tensor, fir: Tensor) -> Tensor:
    """What 3x3 weights and the filter that doubles the size make of one pixel amid zeros, [C_out, C_in, 2 S, 2 S]."""
    taps, margin = len(fir), 2 * _margin(fir)
    ones = F.pad(weight.flatten(0, 1)[:, None], (margin,) * 4)
    made = filtered(ones, fir * 4, taps // 2 - 1 + taps % 2, (taps - 2) // 2)
    return made[:, 0].unflatten(0, weight.shape[:2])


def doubled(weight: Tensor, fir: Tensor) -> Tensor:
    """The same for 1x1 weights."""
    pixel = F.pad(torch.ones(1, 1, 1, 1), (_margin(fir),) * 4)
    return weight * upsampled(pixel, fir)


def phases(made: Tensor) -> Tensor:
    """Weights [4 * C_out, C_in, S, S] of a convolution whose output `interleaved` is what is made of a pixel.

    made: [C_out, C_in, 2 S, 2 S]. So doubling is one dense convolution, the operation that every device does best.
    """
    wide, deep, side = *made.shape[:2], made.shape[2] // 2
    parts = made.reshape(wide, deep, side, 2, side, 2).flip(2, 4).permute(3, 5, 0, 1, 2, 4)
    return parts.reshape(4 * wide, deep, side, side)


def interleaved(x: Tensor) -> Tensor:
    """[N, 4 * C, H, W], in phases, to [N, C, 2 H, 2 W], channels last."""
    batch, channels, height, width = x.shape
    parts = x.permute(0, 2, 3, 1).unflatten(3, (2, 2, channels // 4)).transpose(2, 3)
    return parts.reshape(batch, 2 * height, 2 * width, channels // 4).permute(0, 3, 1, 2)
