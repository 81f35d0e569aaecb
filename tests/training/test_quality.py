"""The figure is small for more of the same, grows with whatever is wrong, and is the same each time."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from livegan.training.quality import Quality, compared, pyramid

SIZE, COUNT = 32, 64


def hills(seed, count=COUNT, size=SIZE):
    """Pictures with two colours, one over the other with an uneven border."""
    dice = np.random.default_rng(seed)
    x = np.arange(size)
    pictures = np.empty((count, size, size, 3), np.uint8)
    for one in pictures:
        border = size / 2 + 6 * np.sin(x / dice.uniform(2, 5) + dice.uniform(0, 6)) + dice.uniform(-4, 4)
        above = x[:, None] < border
        sky, ground = dice.integers(120, 256, 3), dice.integers(0, 100, 3)
        one[:] = np.where(above[..., None], sky, ground) + dice.integers(0, 12, (size, size, 1))
    return pictures


REAL = hills(0)


NEAR = hills(1)


@pytest.fixture(scope="module")
def quality():
    torch.set_num_threads(1)
    return Quality(lambda: [REAL], COUNT)


def blurred(pictures):
    return np.stack([np.asarray(Image.fromarray(one).filter(ImageFilter.GaussianBlur(1.5))) for one in pictures])


def test_the_same_pictures_are_at_no_distance(quality):
    assert quality.distance([REAL]) == 0


def test_others_of_the_same_kind_are_nearer_than_whatever_is_wrong(quality):
    near = quality.distance([NEAR])
    wrong = {
        "blurred": blurred(NEAR),
        "pale": (0.4 * NEAR + 120).astype(np.uint8),
        "noise": np.random.default_rng(2).integers(0, 256, REAL.shape).astype(np.uint8),
        "all alike": np.repeat(NEAR[:1], COUNT, 0),
    }
    far = {name: quality.distance([pictures]) for name, pictures in wrong.items()}
    assert all(found > 1.5 * near for found in far.values()), (near, far)


def test_the_more_is_wrong_the_farther(quality):
    noise = np.random.default_rng(3).normal(0, 1, REAL.shape)
    found = [quality.distance([np.clip(NEAR + scale * noise, 0, 255).astype(np.uint8)]) for scale in (0, 15, 40)]
    assert found == sorted(found)


def test_neither_parts_nor_what_was_drawn_before_matter(quality):
    whole = quality.distance([NEAR])
    torch.manual_seed(2)
    parted = Quality(lambda: (REAL[first : first + 10] for first in range(0, COUNT, 10)), COUNT)
    assert parted.distance(NEAR[first : first + 24] for first in range(0, COUNT, 24)) == pytest.approx(whole, rel=1e-4)


def test_a_pyramid_adds_up_to_its_picture():
    image = torch.from_numpy(hills(4, 2, 64)).permute(0, 3, 1, 2).float()
    levels = pyramid(image)
    assert [level.shape[-1] for level in levels] == [64, 32, 16]
    assert abs(levels[0].mean()) < 0.05 * image.std()


def test_small_pictures_are_compared_by_the_hundred_and_large_ones_by_fewer():
    assert len(compared(np.arange(5000), 64)) == 512
    assert len(compared(np.arange(5000), 256)) == 128
    assert compared(np.arange(7, 47), 64).tolist() == [*range(7, 47)]


def test_pictures_from_all_of_a_set_are_compared():
    there = np.arange(0, 50_000, 10)
    chosen = compared(there, 256)
    assert (chosen[0], chosen[-1]) == (there[0], there[-1])
    assert np.diff(chosen).max() < 2 * np.diff(chosen).min()
