from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.tags import Tags, dictionary_size, placed
from tests.props import Held, corners, tag, through_a_lens, with_tag

PRINTED = Path(__file__).parents[2] / "docs/pictures/tags.png"
WALL = np.full((480, 640, 3), 150, np.uint8)


def grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)


def apart(a: float, b: float) -> float:
    return abs((a - b + np.pi) % (2 * np.pi) - np.pi)


facing = st.builds(
    Held, x=st.floats(0.2, 0.8), y=st.floats(0.2, 0.8), size=st.floats(0.05, 0.5), angle=st.floats(-3.1, 3.1)
)


@given(facing)
def test_a_tag_that_faces_the_camera_is_placed_exactly(held):
    x, y, size, angle, tilt = placed(corners(held, 640, 480), 640, 480)
    assert np.allclose((x, y, size), (held.x, held.y, held.size), atol=1e-4)
    assert apart(angle, held.angle) < 1e-3
    assert abs(tilt) < 1e-3


@given(st.floats(0.05, 0.3), st.floats(-3.1, 3.1), st.floats(0, 1.2), st.floats(-3.1, 3.1))
def test_turning_it_away_changes_the_tilt_alone(size, angle, away, axis):
    x, y, found, turned, tilt = placed(corners(Held(0.5, 0.5, size, angle, away, axis), 640, 480), 640, 480)
    assert np.allclose((x, y), 0.5, atol=1e-3)
    assert found == pytest.approx(size, rel=1e-3)
    assert apart(turned, angle) < 1e-3
    assert tilt == pytest.approx(1 - np.cos(away), abs=1e-3)


@given(facing, st.floats(0, 0.35), st.floats(-3.1, 3.1))
def test_beside_the_middle_of_the_picture_it_is_nearly_so(held, away, axis):
    x, y, size, angle, _ = placed(corners(Held(held.x, held.y, held.size, held.angle, away, axis), 640, 480), 640, 480)
    assert np.allclose((x, y), (held.x, held.y), atol=1e-3)
    assert size == pytest.approx(held.size, rel=0.12)
    assert apart(angle, held.angle) < 0.1


@pytest.mark.parametrize(
    ("name", "size"), [("DICT_4X4_50", 50), ("DICT_APRILTAG_36h11", 587), ("DICT_4X4", 0), ("detail", 0), ("", 0)]
)
def test_dictionaries_are_those_of_opencv(name, size):
    assert dictionary_size(name) == size


@pytest.mark.parametrize("dictionary", ["DICT_4X4_50", "DICT_5X5_100", "DICT_APRILTAG_36h11"])
def test_every_dictionary_is_read(dictionary):
    scene = with_tag(WALL, tag(7, dictionary), Held(0.4, 0.5, 0.3, 1.0))
    assert list(Tags(dictionary, (3, 7)).find(grey(scene))) == [7]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2, 4, 6, 7, 11, 49])
def test_a_mirrored_picture_shows_the_same_tag_upright(number, mirrored):
    scene = through_a_lens(with_tag(WALL, tag(number), Held(0.3, 0.4, 0.2, 0.4)), 1)
    found = Tags("DICT_4X4_50", range(50)).find(grey(scene[:, ::-1] if mirrored else scene))
    assert list(found) == [number]
    x, y, size, angle, _ = placed(found[number], 640, 480)
    assert np.allclose((x, y, size), (0.7 if mirrored else 0.3, 0.4, 0.2), atol=0.004)
    assert apart(angle, -0.4 if mirrored else 0.4) < 0.03


def test_what_was_not_asked_for_is_not_told_and_of_two_alike_the_larger_is():
    scene = with_tag(WALL, tag(5), Held(0.2, 0.3, 0.2))
    scene = with_tag(scene, tag(1), Held(0.6, 0.3, 0.15))
    scene = with_tag(scene, tag(1), Held(0.6, 0.7, 0.25))
    assert not Tags("DICT_4X4_50", (0, 2)).find(grey(scene))
    found = Tags("DICT_4X4_50", (1, 2)).find(grey(scene))
    assert list(found) == [1]
    assert placed(found[1], 640, 480)[1] == pytest.approx(0.7, abs=0.005)


def test_the_page_that_is_printed_is_read():
    page = cv2.imread(str(PRINTED), cv2.IMREAD_GRAYSCALE)
    height, width = page.shape
    found = Tags("DICT_4X4_50", range(50)).find(page)
    assert sorted(found) == [0, 1, 2, 4, 6, 7]
    for corners_of_one in found.values():
        _, _, size, angle, tilt = placed(corners_of_one, width, height)
        assert size * 297 == pytest.approx(75, abs=0.5)
        assert apart(angle, 0) < 0.01
        assert tilt < 0.01
