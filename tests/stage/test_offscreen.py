"""Pictures drawn without a screen: every corner in its place, bytes unchanged, nothing allocated on the way."""

import os
import subprocess
import sys

import numpy as np
import pytest

from livegan.stage.base import Scene, StageSettings
from livegan.stage.offscreen import Offscreen
from tests.stage.corners import BLACK, BLUE, GREEN, RED, WHITE, columns, corners, quarters


@pytest.fixture
def stage():
    stages = []

    def opened(size, fit="contain"):
        stages.append(Offscreen())
        stages[-1].open(StageSettings(kind="offscreen", size=size, fit=fit))
        return stages[-1]

    yield opened
    for each in stages:
        each.close()


def noise(width, height, channels=3):
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("size", [(64, 64), (61, 47), (1, 1), (33, 128)])
@pytest.mark.parametrize("fit", ["contain", "cover", "mirror"])
def test_a_picture_of_the_stages_size_comes_back_byte_for_byte(stage, size, fit):
    shown = stage(size, fit)
    picture = noise(*size)
    shown.show(Scene(picture))
    assert np.array_equal(shown.read(), picture)


@pytest.mark.parametrize("picture", [(64, 64), (31, 31), (7, 7)])
def test_contain_puts_black_bars_beside_or_above(stage, picture):
    wide = stage((200, 100))
    wide.show(Scene(quarters(*picture)))
    seen = wide.read()
    assert corners(seen) == [BLACK] * 4
    assert corners(seen[:, 50:150]) == [RED, GREEN, BLUE, WHITE]
    assert not seen[:, :50].any()
    assert not seen[:, 150:].any()
    tall = stage((101, 203))
    tall.show(Scene(quarters(*picture)))
    assert corners(tall.read()[51:152]) == [RED, GREEN, BLUE, WHITE]
    assert not tall.read()[:51].any()
    assert not tall.read()[152:].any()


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (111, 63)])
def test_cover_fills_every_corner(stage, size):
    shown = stage(size, "cover")
    shown.show(Scene(quarters(31, 33)))
    assert corners(shown.read()) == [RED, GREEN, BLUE, WHITE]


def test_cover_crops_as_much_on_both_sides(stage):
    shown = stage((40, 20), "cover")
    picture = noise(40, 40)
    shown.show(Scene(picture))
    assert np.array_equal(shown.read(), picture[10:30])


def test_mirror_fills_the_bars_with_the_mirrored_picture(stage):
    shown = stage((300, 100), "mirror")
    picture = noise(100, 100)
    shown.show(Scene(picture))
    flipped = picture[:, ::-1]
    assert np.array_equal(shown.read(), np.concatenate([flipped, picture, flipped], axis=1))


def test_mirror_goes_on_mirroring_when_the_bars_are_wide(stage):
    shown = stage((500, 100), "mirror")
    shown.show(Scene(np.repeat(np.repeat(quarters(2, 2), 50, 0), 50, 1)))
    assert columns(shown.read()) == [RED, GREEN, RED, GREEN, RED, GREEN]


@pytest.mark.parametrize(("light", "white"), [(1.0, 255), (0.5, 128), (0.0, 0), (-1.0, 0), (3.0, 255)])
def test_light_fades_to_black(stage, light, white):
    shown = stage((16, 16))
    shown.show(Scene(np.full((16, 16, 3), 255, np.uint8), light=light))
    assert np.abs(shown.read().astype(int) - white).max() <= 1


def test_an_overlay_is_blended_over_bars_and_picture_and_ignores_the_light(stage):
    overlay = np.zeros((10, 20, 4), np.uint8)
    overlay[:5] = (0, 0, 255, 255)
    overlay[5:, 10:] = (0, 0, 255, 128)
    shown = stage((200, 100))
    shown.show(Scene(np.full((8, 8, 3), (255, 0, 0), np.uint8), overlay))
    seen = shown.read()
    assert corners(seen)[:2] == [BLUE, BLUE]
    assert tuple(seen[90, 60]) == RED
    assert np.abs(seen[90, 140].astype(int) - (127, 0, 128)).max() <= 1
    assert np.abs(seen[90, 190].astype(int) - (0, 0, 128)).max() <= 1
    shown.show(Scene(np.full((8, 8, 3), (255, 0, 0), np.uint8), overlay, light=0.0))
    assert tuple(shown.read()[10, 100]) == BLUE
    shown.show(Scene(np.full((8, 8, 3), (255, 0, 0), np.uint8)))
    assert corners(shown.read()) == [BLACK] * 4


def test_an_overlay_is_sent_only_when_it_is_another_object(stage):
    shown = stage((32, 32))
    first, second = (np.full((32, 32, 4), (0, 255, 0, 255), np.uint8) for _ in range(2))
    for overlay in (first, first, first, None, None):
        shown.show(Scene(noise(8, 8), overlay))
    assert shown._canvas.uploads == 1
    second[:] = (255, 0, 0, 255)
    shown.show(Scene(noise(8, 8), second))
    assert shown._canvas.uploads == 2
    assert corners(shown.read()) == [RED] * 4


def test_textures_are_made_only_when_a_size_changes(stage):
    shown = stage((64, 64))
    overlays = [noise(64, 64, 4) for _ in range(2)]
    for i in range(50):
        shown.show(Scene(noise(33, 17), overlays[i % 2]))
    assert shown._canvas.allocations == 2
    texture = shown._canvas._picture.texture
    shown.show(Scene(noise(33, 17)))
    assert shown._canvas._picture.texture is texture
    shown.show(Scene(noise(34, 17)))
    assert shown._canvas.allocations == 3


def test_pictures_that_are_views_are_drawn_as_they_look(stage):
    shown = stage((40, 20))
    picture = noise(20, 40).transpose(1, 0, 2)[::-1, ::-1]
    shown.show(Scene(picture[::-1]))
    assert np.array_equal(shown.read(), picture[::-1])


def test_before_the_first_picture_the_stage_is_black(stage):
    shown = stage((24, 18))
    assert shown.read().shape == (18, 24, 3)
    assert not shown.read().any()
    assert shown.period is None
    assert shown.events() == []


def test_two_stages_keep_their_own_pictures(stage):
    one, two = stage((16, 16)), stage((16, 16))
    one.show(Scene(np.full((4, 4, 3), RED, np.uint8)))
    two.show(Scene(np.full((4, 4, 3), GREEN, np.uint8)))
    assert corners(one.read()) == [RED] * 4
    assert corners(two.read()) == [GREEN] * 4
    one.close()
    assert corners(two.read()) == [GREEN] * 4


def test_closing_twice_is_allowed():
    shown = Offscreen()
    shown.close()
    shown.open(StageSettings(kind="offscreen", size=(8, 8)))
    shown.close()
    shown.close()


@pytest.mark.skipif(sys.platform != "linux", reason="EGL is only used on Linux")
def test_without_egl_one_sentence_says_what_to_install():
    code = (
        "from livegan.stage.offscreen import Offscreen, StageSettings\n"
        "from livegan.errors import Failure\n"
        "try: Offscreen().open(StageSettings(kind='offscreen'))\n"
        "except Failure as failure: print(failure)\n"
    )
    env = {**os.environ, "GLCONTEXT_LINUX_LIBEGL": "libnothere.so"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "apt install libegl1" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("fit", ["contain", "cover", "mirror"])
def test_a_picture_takes_the_place_of_another_by_its_share(stage, share, fit):
    shown = stage((40, 30), fit)
    alone = []
    before, picture = noise(16, 16), noise(40, 20)
    for one in (before, picture):
        shown.show(Scene(one))
        alone.append(shown.read().astype(float))
    shown.show(Scene(picture, before=before, share=share))
    wanted = alone[0] + share * (alone[1] - alone[0])
    assert np.abs(shown.read() - wanted).max() <= 1


def test_the_picture_that_goes_is_sent_once_and_leaves_nothing_behind(stage):
    shown = stage((32, 32))
    before, picture = noise(16, 16), noise(32, 32)
    for share in np.linspace(0.1, 0.9, 9):
        shown.show(Scene(picture, before=before, share=float(share)))
    assert shown._canvas.allocations == 2
    shown.show(Scene(picture))
    assert np.array_equal(shown.read(), picture)
    shown.show(Scene(picture, light=0.5, before=before, share=0.0))
    dark = shown.read()
    shown.show(Scene(before, light=0.5))
    assert np.array_equal(shown.read(), dark)
    assert shown._canvas.allocations <= 4
