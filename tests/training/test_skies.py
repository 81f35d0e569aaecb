"""Painted skies: seeded, smooth, of one world, and lit as they should be."""

import numpy as np
import pytest

from livegan.training.skies.bows import rainbow
from livegan.training.skies.drawing import drawn
from livegan.training.skies.fields import Plane, fractal, lumps, marched, smooth
from livegan.training.skies.palettes import TIMES, linear, srgb
from livegan.training.skies.scene import scene
from livegan.training.skies.view import View

SCENES = [scene(0, number) for number in range(2000)]


def first(**wanted):
    return next(one for one in SCENES if all(getattr(one, name) == value for name, value in wanted.items()))


@pytest.mark.parametrize("time", TIMES)
def test_a_picture_is_the_same_for_its_number(time):
    one = first(time=time)
    picture = drawn(one, 128)
    assert (picture.dtype, picture.shape) == (np.uint8, (128, 128, 3))
    assert np.array_equal(picture, drawn(scene(*one.seed), 128))
    assert picture.std() > 4


@pytest.mark.parametrize("time", TIMES)
def test_a_larger_picture_is_of_the_same_sky(time):
    one = first(time=time)
    small, large = drawn(one, 128).astype(float), drawn(one, 256).astype(float)
    halved = large.reshape(128, 2, 128, 2, 3).mean((1, 3))
    assert np.abs(small - halved).mean() < 8


def test_all_times_and_things_come_and_the_horizon_keeps_its_place():
    shares = np.bincount([one.label for one in SCENES], minlength=5) / len(SCENES)
    assert shares.min() > 0.1
    assert 0.1 < np.mean([one.bow > 0 for one in SCENES]) < 0.4
    assert np.mean([one.aurora > 0 for one in SCENES]) > 0.04
    assert {one.land for one in SCENES} == {"plain", "hills", "mountains", "sea"}
    assert all(0.6 < one.horizon < 0.72 for one in SCENES)


def test_night_is_darker_than_noon():
    mean = {
        time: np.mean([drawn(one, 64).mean() for one in [s for s in SCENES if s.time == time][:6]]) for time in TIMES
    }
    assert mean["night"] < mean["storm"] < mean["noon"]
    assert mean["night"] < 0.5 * mean["dawn"]


def test_rainbows_are_opposite_the_sun_with_reversed_colours_and_dark_between():
    one = max(SCENES, key=lambda s: (s.bow, -abs(s.sun[0] - np.pi)))
    assert one.behind
    view = View(one, 256)
    grey = np.full((256, 256, 3), 0.3, np.float32)
    light = rainbow(view, grey)
    off = np.rad2deg(view.apart(one.sun[0] - np.pi, -one.sun[1]))
    high = np.broadcast_to(view.elevation > 0.2, off.shape)

    def ring(low, top):
        return light[high & (off > low) & (off < top)].mean(0)

    inner, outer = ring(39.8, 41), ring(43.2, 44)
    assert inner[2] > inner[0]
    assert outer[0] > outer[2]
    second_inner, second_outer = ring(48.8, 50), ring(53, 54.5)
    assert second_inner[0] > second_inner[2]
    assert second_outer[2] > second_outer[0]
    assert ring(46, 47.5).mean() < 0.3 < ring(25, 35).mean()


def test_skies_have_no_bands():
    """Along a smooth sky no level is repeated in long flat runs: noise hides the steps."""
    one = next(s for s in SCENES if s.time == "dusk" and s.cover < 0.1)
    column = drawn(one, 256)[:120, 100, 2].astype(int)
    assert (np.diff(column) == 0).mean() < 0.8


def test_fields_are_about_standard():
    rng = np.random.default_rng(0)
    field = np.stack([fractal(rng, (128, 128), (4, 4)) for _ in range(20)])
    assert abs(field.mean()) < 0.2
    assert 0.6 < field.std() < 1.4
    heaped = lumps(rng, 128, 8)
    assert 0 <= heaped.min() < heaped.max() <= 1


def test_a_far_plane_fades_to_its_mean():
    plane = Plane(np.random.default_rng(0), 1.6)
    u = np.linspace(0, 500, 64, dtype=np.float32)[None]
    v = u.T
    near, far = (plane.seen(u, v, np.full((64, 1), footprint, np.float32)) for footprint in (1.0, 60.0))
    assert far.std() < 0.8 * near.std()


def test_marching_finds_what_stands_before_the_sun():
    field = np.zeros((64, 64), np.float32)
    field[:, 30:34] = 1
    shadow = marched(field, (1.2, 0.5), 8, 0.3)
    assert shadow[32, 25] > 0.05
    assert shadow[32, 45] == 0


def test_light_and_levels_are_each_others_inverse():
    levels = np.linspace(0, 1, 256)
    assert np.abs(srgb(linear(levels)) - levels).max() < 1e-4
    assert smooth(0, 1, np.array([-1, 0.5, 2])).tolist() == [0, 0.5, 1]
