"""The smallest networks that have every part, for tests of what is inside a step."""

import torch
from torch import nn

from livegan.training.config import Config
from livegan.training.trainer import Trainer

TINY = Config(size=16, channel_base=64, channel_max=6, z_dim=5, w_dim=6, mapping_layers=2, batch=8, r1_every=4)


def tiny(**asked):
    """TINY with other settings."""
    return Config.model_validate(TINY.model_dump() | asked)


def trainer(config, seed=3):
    """A training on one thread."""
    torch.set_num_threads(1)
    return Trainer(config, "cpu", seed)


def reals(config, number=0, size=None):
    """Batch `number` of pictures that have something to learn: a ramp of a random colour."""
    dice = torch.Generator().manual_seed(number)
    px = size or config.size
    ramp = torch.linspace(0, 255, px)[None, None, :, None].expand(config.batch, px, px, 3)
    return (ramp * torch.rand(config.batch, 1, 1, 3, generator=dice)).to(torch.uint8)


def fine(network: nn.Module) -> nn.Module:
    """The network in float64, to be compared with finite differences."""
    (network.synthesis if hasattr(network, "synthesis") else network).type = torch.float64
    return network.double()


def slope_is_exact(loss, network: nn.Module, step: float = 1e-6) -> bool:
    """Whether the gradient of `loss()` is what finite differences say, along three random directions."""
    named = [p for p in network.parameters() if p.requires_grad]
    slopes = torch.autograd.grad(loss(), named, allow_unused=True)
    pairs = [(p, s) for p, s in zip(named, slopes, strict=True) if s is not None]
    assert any(s.abs().max() > 0 for _, s in pairs)
    for seed in range(3):
        dice = torch.Generator().manual_seed(seed)
        ways = [torch.randn(p.shape, generator=dice, dtype=p.dtype) for p, _ in pairs]
        told = sum((s * way).sum() for (_, s), way in zip(pairs, ways, strict=True))
        there, back = (_after(loss, pairs, ways, sign * step) for sign in (1, -2))
        _after(loss, pairs, ways, step)
        if abs((there - back) / (2 * step) - told) > 1e-5 * abs(told):
            return False
    return True


def _after(loss, pairs, ways, by):
    with torch.no_grad():
        for (p, _), way in zip(pairs, ways, strict=True):
            p += by * way
    return loss().detach()
