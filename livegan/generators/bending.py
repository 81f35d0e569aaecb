"""Network bending: a layer's features moved, scaled, turned, cut to two levels or silenced before the next layer.

After Broad, Leymarie and Grierson, "Network Bending" (2021, arXiv 2005.12420). Made once from the patch; how much of it
is a number of the look by the bend's name, so that anything can play it. Where nothing is bent it costs nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, sin
from types import MappingProxyType
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from livegan.errors import BadRequest
from livegan.settings import Settings

_NEUTRAL = {"translate_x": 0.0, "translate_y": 0.0, "scale": 1.0, "rotate": 0.0, "threshold": 0.0, "ablate": 0.0}
_LEAST = 1e-3  # of a scale, which is divided by
_FAR = 1e4

Amounts = Mapping[str, float]
"""How much is bent, by the name of the bend; those that do nothing are left out."""

Wanted = Mapping[str, "BendSettings"]
"""The bends that a patch asks for, by name."""

NONE: Wanted = MappingProxyType({})
"""No bends."""

STRAIGHT: Amounts = MappingProxyType({})
"""Nothing is bent."""


class BendSettings(Settings):
    """A `[generator.bend.NAME]` table; NAME is the number of the look that says how much.

    layer: of the network, 0 the coarsest; its last one makes colours and is not bent. do: what is done. channels:
    "all", a share of them (drawn by `seed`), or their numbers. amount: as long as nobody says another: translate in
    widths of the picture, to the right and down; scale 2 is twice as large; rotate in radians, against the clock;
    threshold: features above so many of their spreads become 1 spread, others 0 (0 is off); ablate 0 to 1.
    """

    layer: int = Field(ge=0, le=99)
    do: Literal["translate_x", "translate_y", "scale", "rotate", "threshold", "ablate"]
    channels: (
        Literal["all"]
        | Annotated[float, Field(gt=0, le=1)]
        | Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    ) = "all"
    seed: int = Field(0, ge=0, le=2**32 - 1)
    amount: float | None = Field(None, ge=-_FAR, le=_FAR)


@dataclass(frozen=True)
class Bend:
    """One operation on some channels of a layer, None for all."""

    name: str
    do: str
    channels: Tensor | None

    def bent(self, x: Tensor, amount: float) -> Tensor:
        """Features [1, C, H, W] with the channels bent."""
        if self.channels is None:
            return _done(self.do, x, amount)
        x = x.clone()
        x[:, self.channels] = _done(self.do, x[:, self.channels], amount)
        return x


class Bends:
    """All bends of a generator. layers: names of its layers that can be bent and how many channels each has.

    Raises BadRequest for a layer or a channel that is not there.
    """

    def __init__(self, wanted: Wanted, layers: Sequence[tuple[str, int]]) -> None:
        self.names = tuple(wanted)
        self._usual = {name: _NEUTRAL[one.do] if one.amount is None else one.amount for name, one in wanted.items()}
        self._neutral = {name: _NEUTRAL[one.do] for name, one in wanted.items()}
        self._by_layer: dict[str, list[Bend]] = {}
        for name, one in wanted.items():
            if one.layer >= len(layers):
                raise BadRequest(
                    f"generator.bend.{name}: layer {one.layer} is wanted, there are 0 to {len(layers) - 1}"
                )
            layer, channels = layers[one.layer]
            bend = Bend(name, one.do, _chosen(name, one, channels))
            self._by_layer.setdefault(layer, []).append(bend)

    def amounts(self, numbers: Mapping[str, float]) -> Amounts:
        """How much each bend is to do, of those that do anything, for the numbers of a look."""
        found = {name: min(max(numbers.get(name, usual), -_FAR), _FAR) for name, usual in self._usual.items()}
        return {name: amount for name, amount in found.items() if amount != self._neutral[name]}

    def bent(self, layer: str, x: Tensor, amounts: Amounts) -> Tensor:
        """A layer's features [1, C, H, W] as the next layer is to get them."""
        for bend in self._by_layer.get(layer, ()) if amounts else ():
            if bend.name in amounts:
                x = bend.bent(x, amounts[bend.name])
        return x


def _chosen(name: str, one: BendSettings, channels: int) -> Tensor | None:
    if one.channels == "all":
        return None
    if isinstance(one.channels, float):
        dice = torch.Generator().manual_seed(one.seed)
        return torch.randperm(channels, generator=dice)[: max(1, round(one.channels * channels))].sort().values
    if beyond := [place for place in one.channels if place >= channels]:
        raise BadRequest(f"generator.bend.{name}: channel {beyond[0]} is wanted, its layer has 0 to {channels - 1}")
    return torch.tensor(sorted(set(one.channels)))


def _done(do: str, x: Tensor, amount: float) -> Tensor:
    if do == "ablate":
        return x * (1.0 - min(max(amount, 0.0), 1.0))
    if do == "threshold":
        spread = x.float().std((2, 3), keepdim=True).to(x)
        return torch.where(x > amount * spread, spread, torch.zeros_like(x))
    turn, scale = amount if do == "rotate" else 0.0, amount if do == "scale" else 1.0
    return _moved(x, amount if do == "translate_x" else 0.0, amount if do == "translate_y" else 0.0, turn, scale)


def _moved(x: Tensor, right: float, down: float, turn: float, scale: float) -> Tensor:
    """Features moved by widths, turned against the clock and scaled about the middle; mirrored at the borders."""
    tall = x.shape[2] / x.shape[3]  # affine_grid counts from -1 to 1 both ways, however far that is
    scale = scale if abs(scale) > _LEAST else _LEAST
    c, s = cos(turn) / scale, sin(turn) / scale
    right, down = -2 * right, -2 * down / tall  # it asks where a pixel comes from
    across, along = -s * tall, s / tall
    theta = torch.tensor([[[c, across, c * right + across * down], [along, c, along * right + c * down]]])
    grid = F.affine_grid(theta.to(x.device), [1, 1, *x.shape[2:]], align_corners=False)
    return F.grid_sample(x.float(), grid, padding_mode="reflection", align_corners=False).to(x.dtype)
