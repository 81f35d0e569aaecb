import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.blobs import HUES, Blob, Blobs, Colour, colour, searched
from tests.props import Held, through_a_lens, with_shape

WALL = np.full((480, 640, 3), 150, np.uint8)
GREEN = (30, 200, 60)


def blobs(asked: str = "green", least: float = 0.002) -> Blobs:
    return Blobs(colour(asked, 15, 0.4), least, 0.4, 0.2)


def seen(pictures: list[np.ndarray], asked: str = "green") -> list[Blob | None]:
    follower = blobs(asked)
    return [follower.find(searched(picture)) for picture in pictures]


@given(st.integers(0, 359))
def test_the_names_share_out_all_hues(hue):
    names = [name for name, (low, high) in HUES.items() if (hue - low) % 360 < (high - low) % 360]
    assert len(names) == 1


@pytest.mark.parametrize(
    ("asked", "low", "high"), [("#ff0000", 345, 15), ("#20c040", 117, 147), ([200, 230], 200, 230), ("cyan", 165, 195)]
)
def test_a_colour_is_a_range_of_hues(asked, low, high):
    found = colour(asked, 15, 0.4)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(("asked", "told"), [("rde", "rde"), ("#ff00", "#ff00"), ("#c0b0b0", "too pale"), ("", "red,")])
def test_what_is_no_colour_is_told(asked, told):
    with pytest.raises(ValueError, match=told):
        colour(asked, 15, 0.4)


@given(
    st.floats(0.2, 0.8), st.floats(0.25, 0.75), st.floats(0.1, 0.3), st.floats(-1.5, 1.5), st.sampled_from([1.0, 2.0])
)
def test_a_patch_is_placed_and_measured(x, y, size, angle, long):
    (blob,) = seen([with_shape(WALL, GREEN, Held(x, y, size, angle), long)])
    assert np.allclose((blob.x, blob.y), (x, y), atol=0.003)
    assert blob.size == pytest.approx(size, rel=0.06)
    assert (blob.axis is None) == (long == 1.0)
    if blob.axis is not None:
        assert abs((blob.axis - 2 * angle + np.pi) % (2 * np.pi) - np.pi) < 0.1


@pytest.mark.parametrize("light", [0.4, 0.7, 1.0, 1.4])
@pytest.mark.parametrize("tint", [(1, 1, 1), (1.1, 1, 0.85), (0.88, 1, 1.12)])
def test_light_changes_neither_place_nor_size(light, tint):
    scene = with_shape(WALL, GREEN, Held(0.4, 0.6, 0.2)) * np.array(tint) * light
    (blob,) = seen([through_a_lens(scene.astype(np.float32), 1, grain=5)])
    assert np.allclose((blob.x, blob.y), (0.4, 0.6), atol=0.005)
    assert blob.size == pytest.approx(0.2, rel=0.08)


@pytest.mark.parametrize(
    "scene", [WALL, WALL // 12, np.full_like(WALL, 255), with_shape(WALL, GREEN, Held(0.5, 0.5, 0.02))]
)
def test_grey_dark_white_and_specks_are_nothing(scene):
    assert seen([through_a_lens(scene, n, grain=8) for n in range(5)]) == [None] * 5


def test_it_appears_at_its_least_area_and_goes_at_half_of_that():
    sizes = [0.05, 0.07, 0.05, 0.04, 0.05]  # of 0.2 % of the picture is a circle of 0.058
    found = seen([with_shape(WALL, GREEN, Held(0.5, 0.5, size)) for size in sizes])
    assert [blob is not None for blob in found] == [False, True, True, False, False]


def test_two_alike_do_not_take_turns():
    pictures = []
    for n in range(12):
        first, second = (0.2, 0.22) if n % 2 else (0.22, 0.2)
        scene = with_shape(WALL, GREEN, Held(0.25, 0.5, first if n else 0.25))
        pictures.append(with_shape(scene, GREEN, Held(0.75, 0.5, second)))
    found = seen(pictures)
    assert all(abs(blob.x - 0.25) < 0.01 for blob in found)
    assert seen([with_shape(pictures[0], GREEN, Held(0.75, 0.5, 0.5))])[0].x == pytest.approx(0.75, abs=0.01)


def test_a_camera_may_change_its_size_on_the_way():
    follower = blobs()
    for height, width in ((480, 640), (120, 160), (640, 480), (1, 1), (480, 640)):
        wall = np.full((height, width, 3), 150, np.uint8)
        found = follower.find(searched(with_shape(wall, GREEN, Held(0.8, 0.8, 0.2)) if height > 1 else wall))
        assert (found is None) == (height == 1)


def test_each_colour_finds_its_own():
    paint = {"red": 0, "yellow": 57, "green": 120, "blue": 225, "purple": 272, "pink": 315}
    scene = WALL
    for n, hue in enumerate(paint.values()):
        rgb = cv2.cvtColor(np.array([[[hue, 0.85, 0.8]]], np.float32), cv2.COLOR_HSV2RGB)[0, 0] * 255
        scene = with_shape(scene, tuple(rgb.tolist()), Held(0.1 + 0.15 * n, 0.5, 0.1))
    for n, name in enumerate(paint):
        assert seen([scene], name)[0].x == pytest.approx(0.1 + 0.15 * n, abs=0.005)


def test_a_range_may_run_through_red():
    (blob,) = [
        Blobs(Colour(350, 10), 0.002, 0.4, 0.2).find(searched(with_shape(WALL, (200, 20, 30), Held(0.5, 0.5, 0.2))))
    ]
    assert blob is not None
