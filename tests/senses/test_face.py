from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from livegan.senses.face import LANDMARKS, UNITS, Face, face_features, head, swapped
from livegan.senses.tracker import Tracker

STILL = Path(__file__).parent.parent / "media/astronaut.jpg"
PLACE, TURNS = ("x", "y", "size"), ("turn", "nod", "tilt")
EXPRESSIONS = tuple(name for name in UNITS if name not in PLACE + TURNS)


def _solution():
    from mediapipe.python.solutions.face_mesh import FaceMesh

    return FaceMesh(refine_landmarks=True, static_image_mode=True)


@pytest.fixture(scope="module")
def mesh() -> np.ndarray:
    """A real face, float64 [478, 3], its middle at the origin: x right, y up, z forward, one face high."""
    tracker = Tracker(_solution)
    found = tracker.process(np.asarray(Image.open(STILL)))
    tracker.close()
    points = np.array([(p.x, -p.y, -p.z) for p in found.multi_face_landmarks[0].landmark])
    points -= points.mean(axis=0)
    return points / np.ptp(points[:, 1])


def turned(turn: float = 0.0, nod: float = 0.0, tilt: float = 0.0) -> np.ndarray:
    """First nodded up, then turned to the right, then tilted to the right; for columns."""
    a, b, c = -nod, turn, -tilt
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return rz @ ry @ rx


def seen(points: np.ndarray, x: float = 0.5, y: float = 0.5, size: float = 0.4, aspect: float = 1.0) -> np.ndarray:
    """The face in a picture, its middle at x, y in 0..1."""
    return points * (size / aspect, -size, -size / aspect) + (x, y, 0)


def named(points: np.ndarray, aspect: float = 1.0) -> dict[str, float]:
    return dict(zip(UNITS, face_features(points, aspect).tolist(), strict=True))


angles = st.floats(-1.0, 1.0)


@given(turn=angles, nod=angles, tilt=st.floats(-3, 3), size=st.floats(0.05, 1), aspect=st.floats(0.5, 2))
def test_expressions_depend_on_neither_place_nor_distance_nor_the_heads_turn(mesh, turn, nod, tilt, size, aspect):
    here = named(seen(mesh))
    there = named(seen(mesh @ turned(turn, nod, tilt).T, 0.3, 0.6, size, aspect), aspect)
    assert [there[name] for name in EXPRESSIONS] == pytest.approx([here[name] for name in EXPRESSIONS], abs=1e-6)
    assert there["size"] == pytest.approx(size * here["size"] / 0.4)


@given(x=st.floats(-1, 2), y=st.floats(-1, 2), aspect=st.floats(0.5, 2))
def test_place_is_where_the_face_is_in_the_picture(mesh, x, y, aspect):
    here, there = named(seen(mesh, aspect=aspect), aspect), named(seen(mesh, x, y, aspect=aspect), aspect)
    assert [there["x"] - here["x"], there["y"] - here["y"]] == pytest.approx([x - 0.5, y - 0.5])


@given(turn=angles, nod=angles, tilt=st.floats(-3, 3))
def test_turn_nod_and_tilt_are_the_heads(mesh, turn, nod, tilt):
    upright = mesh @ head(mesh)[0]
    told = named(seen(upright @ turned(turn, nod, tilt).T))
    assert [told[name] for name in TURNS] == pytest.approx([turn, nod, tilt], abs=1e-6)


def changed(mesh: np.ndarray, moves: dict[str, tuple[float, float]]) -> dict[str, float]:
    """By how much each number changes when these landmarks move, in face heights, right and up."""
    other = mesh.copy()
    for name, way in moves.items():
        other[LANDMARKS[name], :2] += way
    before, after = named(seen(mesh)), named(seen(other))
    return {name: after[name] - before[name] for name in UNITS if abs(after[name] - before[name]) > 0.02}


@pytest.mark.parametrize(
    ("moves", "more", "less"),
    [
        ({"lower_lip_inner": (0, -0.1)}, {"mouth_open", "smile"}, {"pucker"}),
        ({"mouth_left": (0.04, 0), "mouth_right": (-0.04, 0)}, {"mouth_wide"}, {"pucker"}),
        ({"mouth_left": (0, 0.03), "mouth_right": (0, 0.03)}, {"smile"}, set()),
        ({"left_brow_middle": (0, 0.05)}, {"brow_left"}, set()),
        ({"right_brow_inner": (0, -0.05)}, set(), {"brow_right"}),
        ({"left_eye_top": (0, -0.01)}, set(), {"eye_left"}),
        ({"left_pupil": (0.02, 0), "right_pupil": (0.02, 0)}, {"gaze.x"}, set()),
        ({"left_pupil": (0, -0.01), "right_pupil": (0, -0.01)}, set(), {"gaze.y"}),
        ({"chin": (0, -0.1), "left_jaw": (0.1, 0), "left_cheek": (0.1, 0)}, set(), set()),
    ],
)
def test_each_number_tells_what_it_is_called(mesh, moves, more, less):
    told = changed(mesh, moves)
    assert {name for name, by in told.items() if by > 0} == more
    assert {name for name, by in told.items() if by < 0} == less


def test_a_mirrors_picture_calls_the_other_side_left(mesh):
    raised = mesh.copy()
    raised[LANDMARKS["left_brow_middle"], 1] += 0.1
    told = {}
    for mirrored in (True, False):
        face = Face(mirrored, ("left_brow_middle",))
        values, _, _ = face.follow(seen(raised), 1.0, 0.0)
        told[mirrored] = dict(zip([feature.name for feature in face.features], values.tolist(), strict=True))
    assert told[False]["brow_left"] - told[False]["brow_right"] > 0.1
    assert told[True]["brow_left"] == told[False]["brow_right"]
    assert told[True]["brow_right"] == told[False]["brow_left"]
    assert told[True]["left_brow_middle.x"] < 0.5 < told[False]["left_brow_middle.x"]


def test_nobody_holds_what_was_and_who_comes_back_late_or_elsewhere_is_another(mesh):
    face = Face(False)
    first, present, new = face.follow(seen(mesh), 1.0, 5.0)
    assert (present.tolist(), new) == ([True], True)
    for absent in (None, np.full_like(mesh, np.nan), seen(mesh, x=1.2), seen(mesh, y=-0.1), seen(mesh, size=0.01)):
        values, present, new = face.follow(absent, 1.0, 5.1)
        assert (present.tolist(), new) == ([False], False)
        assert np.array_equal(values, first)
    assert not face.follow(seen(mesh, x=0.6), 1.0, 5.2)[2]
    assert face.follow(seen(mesh, x=0.1), 1.0, 5.3)[2]
    assert not face.follow(seen(mesh, x=0.1), 1.0, 6.2)[2]
    assert face.follow(seen(mesh, x=0.1), 1.0, 7.3)[2]
    face.forget()
    assert face.follow(seen(mesh, x=0.1), 1.0, 7.31)[2]


def test_every_landmark_has_a_point_of_its_own_and_one_on_the_other_side():
    assert len(set(LANDMARKS.values())) == len(LANDMARKS)
    assert all(0 <= point < 478 for point in LANDMARKS.values())
    assert {swapped(name) for name in LANDMARKS} == set(LANDMARKS)


def test_the_points_lie_where_they_are_called(mesh):
    place = {name: mesh[point] for name, point in LANDMARKS.items()}
    for name, (x, _, _) in place.items():
        if "left" in name.split("_"):
            assert x > place[swapped(name)][0]
    down = ["forehead", "nose_bridge", "nose_tip", "nose_base", "upper_lip", "upper_lip_inner", "lower_lip_inner"]
    heights = [place[name][1] for name in [*down, "lower_lip", "chin"]]
    assert heights == sorted(heights, reverse=True)
