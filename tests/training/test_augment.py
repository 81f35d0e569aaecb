"""Each change of the augmentation is what numpy makes of it; at p = 0 there is none; all can be differentiated."""

from math import pi, sqrt

import numpy as np
import pytest
import torch

from livegan.training.augment import (
    augmented,
    brighter,
    colours,
    contrast,
    hue,
    luma_flip,
    moved,
    places,
    recoloured,
    rotation,
    saturation,
    scaling,
    shift,
)
from livegan.training.dice import Dice

PX = 16
GREY = np.full(3, 1 / sqrt(3))


def dice(seed=1, count=4):
    return Dice(seed, torch.device("cpu"), count, 0, 1)


def pictures(count=4):
    return torch.randn(count, 3, PX, PX, generator=torch.Generator().manual_seed(1))


def blob(x, y, wide):
    """A soft disc at x, y, of a width, in halves of the picture's width from its middle; [1, 3, 32, 32]."""
    at = (np.arange(32) + 0.5) / 16 - 1
    one = np.exp(-((at[None] - x) ** 2 + (at[:, None] - y) ** 2) / (2 * wide**2))
    return torch.from_numpy(np.repeat(one[None, None], 3, 1)).float()


def one(*values):
    return [torch.tensor([float(value)]) for value in values]


def test_at_zero_pictures_pass_untouched():
    images = pictures()
    assert augmented(images, 0.0, dice()) is images
    assert torch.equal(moved(images, places(0.0, PX, dice())), images)
    assert torch.allclose(recoloured(images, colours(0.0, dice())), images)


@pytest.mark.parametrize("seed", range(3))
def test_at_one_all_is_changed_and_can_be_differentiated(seed):
    images = pictures().requires_grad_()
    changed = augmented(images, 1.0, dice(seed))
    (slope,) = torch.autograd.grad(changed.square().sum(), images)
    assert ((changed - images).abs().mean((1, 2, 3)) > 0.1).all()
    assert changed.isfinite().all()
    assert slope.isfinite().all()
    assert (slope.abs().sum((1, 2, 3)) > 0).all()


def test_the_gradient_is_that_of_finite_differences():
    images = pictures().double().requires_grad_()
    where, what = places(1.0, PX, dice(2)).double(), colours(1.0, dice(3)).double()
    way = torch.randn_like(images)

    def loss(x):
        return recoloured(moved(x, where), what).square().sum()

    (slope,) = torch.autograd.grad(loss(images), images)
    there = (loss(images + 1e-5 * way) - loss(images - 1e-5 * way)) / 2e-5
    assert torch.allclose((slope * way).sum(), there.detach(), rtol=1e-6)


@pytest.mark.parametrize("quarter", range(4))
def test_quarter_turns_and_flips_move_whole_pixels(quarter):
    images = pictures(1)
    turned = moved(images, rotation(torch.tensor([quarter * pi / 2])).round())
    assert np.array_equal(turned.numpy(), np.rot90(images.numpy(), quarter, (2, 3)))
    assert np.array_equal(moved(images, scaling(*one(-1, 1))).numpy(), images.numpy()[..., ::-1])


@pytest.mark.parametrize(("x", "y"), [(3, 0), (0, -2), (-5, 4)])
def test_whole_shifts_mirror_what_is_past_an_edge(x, y):
    images = pictures(1)
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (PX, PX), (PX, PX)), "symmetric")
    wanted = padded[..., PX + y : 2 * PX + y, PX + x : 2 * PX + x]
    assert np.array_equal(moved(images, shift(torch.tensor([[x, y]]) * (2 / PX))).numpy(), wanted)


@pytest.mark.parametrize(
    ("places_", "x", "y"),
    [
        (shift(torch.tensor([[0.11, -0.07]])), 0.2 - 0.11, 0.1 + 0.07),
        (rotation(torch.tensor([0.7])), 0.2 * np.cos(0.7) + 0.1 * np.sin(0.7), 0.1 * np.cos(0.7) - 0.2 * np.sin(0.7)),
    ],
    ids=["finer shift", "turn"],
)
def test_points_come_from_their_places(places_, x, y):
    found = moved(blob(0.2, 0.1, 0.15), places_)
    assert (found - blob(x, y, 0.15)).abs().max() < 0.01


def test_sizes_are_scaled_from_the_middle():
    found = moved(blob(0.2, 0.1, 0.15), scaling(*one(0.8, 0.8)))
    assert (found - blob(0.25, 0.125, 0.15 / 0.8)).abs().max() < 0.01


def test_a_turn_and_back_leaves_fine_detail():
    at = torch.linspace(0, 3 * pi, 32)
    images = torch.sin(at)[None, None, None].expand(1, 3, 32, 32).contiguous()
    there = moved(moved(images, shift(torch.tensor([[0.5 / 16, 0.0]]))), shift(torch.tensor([[-0.5 / 16, 0.0]])))
    assert (there - images)[..., 4:-4].abs().max() < 0.05


def by_hand(change, value, rgb):
    """What a change makes of colours [3], by vectors instead of matrices."""
    grey = GREY * (rgb @ GREY)
    if change is brighter:
        return rgb + value
    if change is contrast:
        return rgb * value
    if change is luma_flip:
        return rgb - 2 * grey * value
    if change is saturation:
        return grey + value * (rgb - grey)
    return grey + (rgb - grey) * np.cos(value) + np.cross(GREY, rgb) * np.sin(value)


@pytest.mark.parametrize(
    ("change", "value"), [(brighter, 0.3), (contrast, 1.7), (luma_flip, 1), (hue, 2.1), (saturation, 0.4)]
)
def test_colours_change_as_by_hand(change, value):
    images = pictures(1)
    found = recoloured(images, change(*one(value)))[0].permute(1, 2, 0).numpy()
    wanted = np.apply_along_axis(lambda rgb: by_hand(change, value, rgb), 2, images[0].permute(1, 2, 0).numpy())
    assert np.allclose(found, wanted, atol=1e-5)


def test_changes_are_as_frequent_as_p():
    where, what = places(0.3, PX, dice(4, 4000)), colours(0.3, dice(5, 4000))
    turned = (where[:, 0, 1].abs() > 1e-6).float().mean()
    assert turned == pytest.approx(1 - 0.7 * (1 - 0.3 * 0.5), abs=0.03)  # by any angle, or a quarter either way
    assert (what[:, :3, 3].abs().amax(1) > 1e-6).float().mean() == pytest.approx(0.3, abs=0.03)
