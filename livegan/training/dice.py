"""All that is random in a training: drawn anew for each step and purpose, for the whole batch, each process its slice.

So a training that goes on needs no state of dice, and several processes draw what one would.
"""

import hashlib

import torch
from torch import Tensor


def seed_of(seed: int, number: int, what: str) -> int:
    """A seed of its own for a step and a purpose."""
    return int.from_bytes(hashlib.sha256(f"{seed} {number} {what}".encode()).digest()[:8], "big") >> 1


class Dice:
    """What one purpose of one step draws for a batch of `count`, of which this process has its part.

    every: only each such picture of the part is drawn for.
    """

    def __init__(self, seed: int, device: torch.device, count: int, rank: int, ranks: int, every: int = 1) -> None:
        self._dice = torch.Generator(device).manual_seed(seed)
        self._count = count
        self._mine = slice(rank * count // ranks, (rank + 1) * count // ranks, every)

    def normal(self, *shape: int) -> Tensor:
        """Normal numbers, [this process's pictures, *shape]."""
        return torch.randn(self._count, *shape, generator=self._dice, device=self._dice.device)[self._mine]

    def uniform(self, *shape: int) -> Tensor:
        """Numbers in [0, 1), [this process's pictures, *shape]."""
        return torch.rand(self._count, *shape, generator=self._dice, device=self._dice.device)[self._mine]

    def grain(self, px: int) -> Tensor:
        """Noise for a layer of `px` pixels, [this process's pictures, 1, px, px]."""
        return self.normal(1, px, px)
