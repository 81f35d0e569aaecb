"""The same picture in another size or compression is known again; a like one is another."""

import io

import numpy as np
import pytest
from PIL import Image

from livegan.training.duplicates import Duplicates, perceptual_hash
from livegan.training.skies.drawing import drawn
from livegan.training.skies.scene import scene
from tests.training.odd import painting


def again(image, side, quality):
    out = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).resize(image.size, Image.Resampling.LANCZOS))


@pytest.mark.parametrize(("side", "quality"), [(96, 40), (48, 90), (200, 75)])
def test_other_sizes_and_compressions_are_the_same(side, quality):
    known = Duplicates()
    for seed in range(40):
        assert known.same(np.asarray(painting(seed)), str(seed)) is None
    for seed in range(40):
        assert known.same(again(painting(seed), side, quality), "again") == str(seed)


def test_more_than_fit_at_first_are_still_known():
    known = Duplicates()
    for seed in range(600):
        known.same(np.asarray(painting(seed)), str(seed))
    assert known.same(np.asarray(painting(599)), "x") == "599"
    assert known.same(np.asarray(painting(0)), "x") == "0"


def test_a_small_thing_that_moved_makes_another_picture():
    room = np.array(painting(1))
    moved = room.copy()
    room[30:60, 20:30], moved[30:60, 50:60] = 255, 255
    known = Duplicates()
    assert known.same(room, "room") is None
    assert known.same(moved, "moved") is None


def test_a_mirrored_sky_is_another_one():
    known, sky = Duplicates(), drawn(scene(0, 3), 128)
    assert known.same(sky, "sky") is None
    assert known.same(np.ascontiguousarray(sky[:, ::-1]), "mirrored") is None


def test_the_hash_forgets_brightness():
    picture = np.asarray(painting(2)) // 2
    assert np.bitwise_count(perceptual_hash(picture) ^ perceptual_hash(picture + 40)) <= 2
