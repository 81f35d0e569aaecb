"""Convolutions by oneDNN in fewer passes than torch.nn.functional asks it for: those that torch has for its compiler.

Weights are put into oneDNN's own order once, and a leaky ReLU runs in the same pass. Where a torch has none of this,
`packs` says so, and `bent` takes two passes.
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

_OPS = torch.ops.mkldnn
_WANTED = (
    *("_convolution_pointwise", "_convolution_transpose_pointwise"),
    *("_reorder_convolution_weight", "_reorder_convolution_transpose_weight"),
)


@cache
def packs() -> bool:
    """Whether this torch can keep weights in oneDNN's order."""
    return torch.backends.mkldnn.is_available() and all(hasattr(_OPS, name) for name in _WANTED)


class Packed:
    """A 3x3 convolution with 1 pixel of zeros around, or a doubling one as conv_transpose2d does it with stride 2.

    weight: [C_out, C_in, 3, 3]. size: (H, W) of the features that come.
    """

    def __init__(self, weight: Tensor, size: tuple[int, int], doubles: bool) -> None:
        comes = [1, weight.shape[1], *size]
        if doubles:
            self._how = [0, 0], [0, 0], [2, 2], [1, 1], 1
            turned = weight.transpose(0, 1).contiguous()
            self._conv = _OPS._convolution_transpose_pointwise
            self._weight = _OPS._reorder_convolution_transpose_weight(turned, *self._how, comes)
        else:
            self._how = [1, 1], [1, 1], [1, 1], 1
            self._conv = _OPS._convolution_pointwise
            self._weight = _OPS._reorder_convolution_weight(weight.contiguous(), *self._how, comes)

    def __call__(self, x: Tensor) -> Tensor:
        """Features [1, C_in, H, W] to [1, C_out, H, W], or [1, C_out, 2 H + 1, 2 W + 1]."""
        return self._conv(x, self._weight, None, *self._how, "none", [], "")


def bent(x: Tensor, weight: Tensor, bias: Tensor, padding: int, groups: int, slope: float) -> Tensor:
    """conv2d and leaky ReLU."""
    if not packs():
        return F.leaky_relu_(F.conv2d(x, weight, bias, padding=padding, groups=groups), slope)
    how = [padding] * 2, [1, 1], [1, 1], groups
    return _OPS._convolution_pointwise(x, weight, bias, *how, "leaky_relu", [slope], "")
