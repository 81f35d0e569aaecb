"""Adaptive discriminator augmentation: what the discriminator sees, moved and recoloured each way with probability p.

After Karras et al. 2020b (arXiv 2006.06676), appendix B: pixel blitting, general geometry and colour. Differentiable
in the pictures, in float32; at p = 0 they pass untouched. Nothing here decides what p is.
"""

from functools import lru_cache
from math import pi, sqrt

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.training.dice import Dice

REACH = 0.125
"""How far a picture is shifted by whole pixels at most, and the spread of its finer shifts, as shares of its width."""
SCALE, CONTRAST, SATURATION = 0.2, 0.5, 1.0
"""Spreads of logarithms to base 2."""
BRIGHTNESS = 0.2
_TAPS, _BEND = 12, 6.0


def augmented(images: Tensor, p: float, dice: Dice) -> Tensor:
    """Pictures [N, 3, H, H] in about [-1, 1], each change made with probability p."""
    if p <= 0:
        return images
    return recoloured(moved(images, places(p, images.shape[-1], dice)), colours(p, dice))


def places(p: float, px: int, dice: Dice) -> Tensor:
    """Where the points of each picture come from, [N, 3, 3], in halves of its width from its middle."""
    on, even, normal = dice.uniform(8), dice.uniform(6), dice.normal(4)
    turn = 1 - sqrt(1 - p)  # of two, so that p is the chance of any
    on = (on < torch.tensor([p, p, p, p, turn, p, turn, p]).to(on)).to(on)
    flip = 1 - 2 * on[:, 0] * even[:, 0].round()
    whole = ((2 * even[:, 1:3] - 1) * REACH * px).round() * on[:, 2:3] * 2 / px
    size, narrow = 2 ** (on[:, 3] * SCALE * normal[:, 0]), 2 ** (on[:, 5] * SCALE * normal[:, 1])
    found = scaling(flip, torch.ones_like(flip))
    found = found @ rotation(on[:, 1] * (4 * even[:, 3]).floor() * (pi / 2)).round()
    found = found @ shift(whole) @ scaling(size, size)
    found = found @ rotation(on[:, 4] * (2 * even[:, 4] - 1) * pi) @ scaling(narrow, 1 / narrow)
    return found @ rotation(on[:, 6] * (2 * even[:, 5] - 1) * pi) @ shift(on[:, 7:] * normal[:, 2:] * REACH * 2)


def scaling(x: Tensor, y: Tensor) -> Tensor:
    """Points times x [N] and y [N]."""
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], 1))


def rotation(angle: Tensor) -> Tensor:
    """Points turned by an angle [N], from x to y."""
    sine, cosine = angle.sin(), angle.cos()
    found = scaling(cosine, cosine)
    found[:, 0, 1], found[:, 1, 0] = -sine, sine
    return found


def shift(by: Tensor) -> Tensor:
    """Points shifted by [N, 2], x and y."""
    found = torch.eye(3).to(by).repeat(len(by), 1, 1)
    found[:, :2, 2] = by
    return found


def moved(images: Tensor, places: Tensor) -> Tensor:
    """Pictures [N, C, H, H] with each point taken from its place; past an edge they go on as in a mirror.

    Whole pixels stay what they are. In between, pictures are taken at twice their size and back, without blur.
    """
    px = images.shape[-1]
    cells = places[:, :2] * torch.tensor([1, 1, px / 2]).to(places)
    whole = (cells - cells.round()).abs().amax((1, 2)) < 1e-4
    exact = _taken(images, places, px, "nearest")
    finer = _finer(px).to(images)
    doubled = _taken(finer @ images @ finer.T, places, 2 * px, "bilinear")
    return torch.where(whole[:, None, None, None], exact, finer.T @ doubled @ finer / 4)


def colours(p: float, dice: Dice) -> Tensor:
    """What is done to each picture's colours, [N, 4, 4]: brightness, contrast, luma flip, hue, saturation."""
    on, even, normal = dice.uniform(5), dice.uniform(2), dice.normal(3)
    on = (on < p).to(on)
    found = brighter(on[:, 0] * BRIGHTNESS * normal[:, 0])
    found = contrast(2 ** (on[:, 1] * CONTRAST * normal[:, 1])) @ found
    found = luma_flip(on[:, 2] * even[:, 0].round()) @ found
    found = hue(on[:, 3] * (2 * even[:, 1] - 1) * pi) @ found
    return saturation(2 ** (on[:, 4] * SATURATION * normal[:, 2])) @ found


def brighter(by: Tensor) -> Tensor:
    """So much [N] is added to all three."""
    found = torch.eye(4).to(by).repeat(len(by), 1, 1)
    found[:, :3, 3] = by[:, None]
    return found


def contrast(by: Tensor) -> Tensor:
    """Distance from middle grey times [N]."""
    return torch.diag_embed(torch.stack([by, by, by, torch.ones_like(by)], 1))


def luma_flip(on: Tensor) -> Tensor:
    """Dark and light change places where [N] is 1, and hue stays."""
    return torch.eye(4).to(on) - 2 * on[:, None, None] * _grey(on)


def hue(angle: Tensor) -> Tensor:
    """Colours turned by an angle [N] around grey (Rodrigues' formula)."""
    across = torch.tensor([[0.0, -1, 1, 0], [1, 0, -1, 0], [-1, 1, 0, 0], [0, 0, 0, 0]]).to(angle) / sqrt(3)
    sine, cosine = angle.sin()[:, None, None], angle.cos()[:, None, None]
    return torch.eye(4).to(angle) + sine * across + (1 - cosine) * (across @ across)


def saturation(by: Tensor) -> Tensor:
    """Distance from grey times [N]."""
    grey = _grey(by) + torch.diag(torch.tensor([0.0, 0, 0, 1])).to(by)
    return grey + by[:, None, None] * (torch.eye(4).to(by) - grey)


def recoloured(images: Tensor, colours: Tensor) -> Tensor:
    """Pictures [N, 3, H, W] with each pixel's colours times a matrix [N, 4, 4]."""
    return torch.baddbmm(colours[:, :3, 3:], colours[:, :3, :3], images.flatten(2)).view(images.shape)


def _grey(like: Tensor) -> Tensor:
    """What of a colour is grey, [4, 4]."""
    return F.pad(torch.full((3, 3), 1 / 3), (0, 1, 0, 1)).to(like)


def _taken(images: Tensor, places: Tensor, px: int, mode: str) -> Tensor:
    grid = F.affine_grid(places[:, :2], [len(images), 1, px, px], align_corners=False)
    return F.grid_sample(images, grid, mode, padding_mode="reflection", align_corners=False)


@lru_cache
def _finer(px: int) -> Tensor:
    """What makes rows of `px` pixels twice as many, [2 px, px]; its transpose over 2 makes them half as many again.

    A sinc in a Kaiser window at every pixel, mirrored at the edges.
    """
    rows = np.zeros((2 * px, px))
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(at / 2) * np.kaiser(_TAPS, _BEND)
    taps *= 2 / taps.sum()
    for i in range(-_TAPS, px + _TAPS):
        source = i if 0 <= i < px else -1 - i if i < 0 else 2 * px - 1 - i
        for tap, offset in zip(taps, at, strict=True):
            target = round(2 * i + 0.5 + offset)
            if 0 <= target < 2 * px and 0 <= source < px:
                rows[target, source] += tap
    return torch.from_numpy(rows).float()
