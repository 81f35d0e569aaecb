"""What the networks are trained to make small. Each function can be differentiated; none draws or changes anything."""

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

PATH_DECAY = 0.01
"""How much of a batch's mean path length goes into the mean of all."""


def generator_loss(fakes: Tensor) -> Tensor:
    """Non-saturating logistic loss of scores [N] of made pictures (Goodfellow et al. 2014, arXiv 1406.2661)."""
    return F.softplus(-fakes).mean()


def discriminator_loss(fakes: Tensor, reals: Tensor) -> Tensor:
    """Logistic loss of scores [N] of made and [N] of real pictures."""
    return F.softplus(fakes).mean() + F.softplus(-reals).mean()


def r1(scores: Tensor, reals: Tensor) -> Tensor:
    """Mean squared slope of scores [N] at the real pictures [N, C, H, W] (Mescheder et al. 2018, arXiv 1801.04406).

    It is weighed by gamma / 2.
    """
    (slope,) = torch.autograd.grad(scores.sum(), reals, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()


def path_lengths(images: Tensor, ws: Tensor, directions: Tensor) -> Tensor:
    """How far pictures move with w, [N]: in a random direction, normal [N, C, H, W], for each ws [N, num_ws, w_dim].

    Karras et al. 2020 (arXiv 1912.04958), section 3.2; the penalty is their squared distance from their running mean.
    """
    pixels = images.shape[2] * images.shape[3]
    (slope,) = torch.autograd.grad((images * directions).sum() / sqrt(pixels), ws, create_graph=True)
    return slope.square().sum(2).mean(1).sqrt()
