"""How far a generator's pictures are from pictures that it was never shown: one number, lower is better.

The sliced Wasserstein distance between patches of Laplacian pyramids, Karras et al., "Progressive growing of GANs"
(2018, arXiv 1710.10196), section 5; needs no network. Other than there, both sides are scaled by the mean and spread
of the real ones, so that pictures which are too pale or too dark count as far. Deterministic; changes nothing.
"""

from collections.abc import Callable, Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.training.batches import evenly

PATCH = 7
SMALLEST = 16
"""Pixels of the coarsest level."""

_PATCHES = 16384
_DIRECTIONS = 128
_SEED = 1710
_PIXELS = 2**21
_SCALE = 1e3


def compared(there: np.ndarray, size: int) -> np.ndarray:
    """Which pictures of `size` px are compared, of those with the indices `there`: enough to trust, and in seconds."""
    return evenly(there, max(128, _PIXELS // (size * size)))


class Quality:
    """Pictures to compare with, taken apart once.

    pictures: `count` uint8 [N, H, W, 3] in parts, square and alike, their size a power of 2 from 16 px.
    """

    def __init__(self, pictures: Callable[[], Iterable[np.ndarray]], count: int, device: str = "cpu") -> None:
        self._device = torch.device(device)
        self._count = count
        self._scales: list[tuple[Tensor, Tensor]] = []
        self._real: list[Tensor] = []
        for level, patches in enumerate(self._patches(pictures())):
            self._scales.append((patches.mean((0, 1)), patches.std((0, 1)).clamp(min=1e-4)))
            self._real.append(self._sorted(level, patches))

    def distance(self, pictures: Iterable[np.ndarray]) -> float:
        """A thousand times the distance, over all levels, of as many pictures, in parts, as were given before."""
        found = [
            (self._sorted(level, patches) - self._real[level]).abs().mean()
            for level, patches in enumerate(self._patches(pictures))
        ]
        return _SCALE * float(torch.stack(found).mean())

    def _sorted(self, level: int, patches: Tensor) -> Tensor:
        """Patches [P, 49, 3] along each direction, [directions, P] rising."""
        mean, spread = self._scales[level]
        dice = torch.Generator().manual_seed(_SEED + level)
        directions = torch.randn(PATCH * PATCH * 3, _DIRECTIONS, generator=dice).to(self._device)
        directions = directions / directions.norm(dim=0)
        return (((patches - mean) / spread).flatten(1) @ directions).T.sort(dim=1).values

    def _patches(self, pictures: Iterable[np.ndarray]) -> list[Tensor]:
        """Of each level, patches [P, 49, 3], at the same places for any pictures."""
        each = max(1, _PATCHES // self._count)
        dice: dict[int, torch.Generator] = {}
        levels: dict[int, list[Tensor]] = {}
        for part in pictures:
            images = torch.from_numpy(part).to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
            for number, level in enumerate(pyramid(images)):
                own = dice.setdefault(number, torch.Generator().manual_seed(_SEED + number))
                levels.setdefault(number, []).append(_cut(level, each, own))
        return [torch.cat(parts) for parts in levels.values()]


def pyramid(images: Tensor) -> list[Tensor]:
    """The Laplacian pyramid of images [N, 3, H, W], from the finest level to the picture itself in 16 px."""
    levels = []
    while images.shape[-1] > SMALLEST:
        smaller = _blurred(images, 1.0)[:, :, ::2, ::2]
        spread = torch.zeros_like(images)
        spread[:, :, ::2, ::2] = smaller
        levels.append(images - _blurred(spread, 4.0))
        images = smaller
    return [*levels, images]


def _blurred(images: Tensor, gain: float) -> Tensor:
    taps = images.new_tensor([1, 4, 6, 4, 1]) / 16
    kernel = (gain * torch.outer(taps, taps)).expand(images.shape[1], 1, 5, 5)
    return F.conv2d(F.pad(images, (2, 2, 2, 2), "reflect"), kernel, groups=images.shape[1])


def _cut(images: Tensor, each: int, dice: torch.Generator) -> Tensor:
    """`each` patches [N * each, 49, 3] of every image [N, 3, H, W]."""
    count, _, height, _ = images.shape
    corners = torch.randint(height - PATCH + 1, (count, each, 2, 1, 1), generator=dice).to(images.device)
    side = torch.arange(PATCH, device=images.device)
    which = torch.arange(count, device=images.device)[:, None, None, None]
    colours_last = images.permute(0, 2, 3, 1).contiguous()
    found = colours_last[which, corners[:, :, 0] + side[:, None], corners[:, :, 1] + side]
    return found.reshape(count * each, PATCH * PATCH, 3)
