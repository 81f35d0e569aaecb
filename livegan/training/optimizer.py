"""Adam over one network, its gradients averaged over all processes, its state by the names of what it trains.

Asks nothing of a loss but that it can be differentiated; never looks at a number, which would make a GPU wait.
"""

import torch
from torch import Tensor, distributed, nn
from torch.nn.utils import get_total_norm

_MOST = 1e5


class Optimizer:
    """Trains the parameters it is given by name.

    every: how often a lazy regularisation is a step of its own, 0 for never; rate and memory are made up for it
    (Karras et al. 2020, arXiv 1912.04958, appendix B). half: a gradient that float16 could not hold counts as 0.
    """

    def __init__(self, named: dict[str, nn.Parameter], lr: float, every: int, half: bool, ranks: int) -> None:
        share = every / (every + 1) if every else 1.0
        self._named, self._half, self._ranks, self._lr = named, half, ranks, lr * share
        self._adam = torch.optim.Adam(named.values(), self._lr, (0.0, 0.99**share), fused=True)

    def pace(self, share: float) -> None:
        """Take so much of the learning rate from now on."""
        for group in self._adam.param_groups:
            group["lr"] = self._lr * share

    def step(self, loss: Tensor) -> Tensor:
        """Make `loss` smaller, and give the norm of its gradient over all processes."""
        slopes = torch.autograd.grad(loss, list(self._named.values()), allow_unused=True)
        used = [(p, slope) for p, slope in zip(self._named.values(), slopes, strict=True) if slope is not None]
        # as the parameters lie: the fused Adam takes memory in order
        found = mean_of_all([slope.contiguous() for _, slope in used], self._ranks)
        for (p, _), slope in zip(used, found, strict=True):
            p.grad = slope.nan_to_num_(0.0, _MOST, -_MOST) if self._half else slope
        self._adam.step()
        self._adam.zero_grad()
        return get_total_norm(found)

    def tensors(self) -> dict[str, Tensor]:
        """What it remembers, by name."""
        known = {name: self._adam.state[p] for name, p in self._named.items() if p in self._adam.state}
        return {f"{name}.{kind}": tensor for name, state in known.items() for kind, tensor in state.items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Remember what `tensors` gave, of what is trained here."""
        for whole, tensor in tensors.items():
            name, _, kind = whole.rpartition(".")
            p = self._named.get(name)
            if p is not None:
                self._adam.state[p][kind] = tensor.to(p.device, torch.float32).clone()


def mean_of_all(tensors: list[Tensor], ranks: int) -> list[Tensor]:
    """The mean of each tensor over all processes, in one exchange."""
    if ranks == 1:
        return tensors
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.div_(ranks).split([tensor.numel() for tensor in tensors])
    return [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
