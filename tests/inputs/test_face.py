import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.frame import Frame
from livegan.inputs.face import Face
from livegan.senses.face import UNITS
from tests.films import watched

MEDIA = Path(__file__).parent.parent / "media"
STILL = np.asarray(Image.open(MEDIA / "astronaut.jpg"))
WIDE, HIGH = 640, 480
MIDDLE = (226.0, 118.0)  # of the face, in the still
EXPRESSIONS = tuple(UNITS)[6:]


def settings(**changes: object) -> Face.Settings:
    return Face.Settings(kind="face", source="camera:0", **{"mirrored": False, **changes})


def framed(x: float, y: float, zoom: float, roll: float = 0.0) -> np.ndarray:
    """The still with its point x, y in the middle, `zoom` times as large, leaning `roll` radians to the right."""
    matrix = cv2.getRotationMatrix2D((x, y), -np.degrees(roll), zoom)
    matrix[:, 2] += WIDE / 2 - x, HIGH / 2 - y
    return cv2.warpAffine(STILL, matrix, (WIDE, HIGH), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def seen(pictures: list[np.ndarray], cuts: tuple[int, ...] = (), **changes: object) -> list[Frame]:
    """What the real detector says about these pictures."""
    return watched(Face(), settings(**changes), pictures, cuts)


def values(frames: list[Frame], *names: str) -> np.ndarray:
    return np.array([frame.data[[list(UNITS).index(name) for name in names]] for frame in frames])


def presence(frames: list[Frame]) -> list[bool]:
    return [bool(frame.present[0]) for frame in frames]


class Moving:
    """The still panned and zoomed, and then rolled besides: what the camera did, and what was told."""

    around = np.linspace(0, 2 * np.pi, 90)
    shown = np.array([MIDDLE]) + np.stack([45 * np.sin(around), 30 * np.cos(around)], axis=1)
    zoom = 1.8 + 0.7 * np.sin(2 * around)
    roll = 0.4 * np.sin(around)

    def __init__(self) -> None:
        ways = list(zip(self.shown, self.zoom, self.roll, strict=True))
        self.panned = seen([framed(*middle, zoom) for middle, zoom, _ in ways])
        self.rolled = seen([framed(*middle, zoom, roll) for middle, zoom, roll in ways])


@pytest.fixture(scope="module")
def moving() -> Moving:
    return Moving()


def test_reading_a_patch_does_not_load_the_detector():
    code = "import sys, livegan.inputs.face as f; f.Face.features(f.FaceSettings(kind='face', source='camera:0'))"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print('mediapipe' in sys.modules, 'cv2' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False"]


def test_a_cameras_pictures_are_a_mirrors_and_a_clips_are_not():
    camera, clip = {"kind": "face", "source": "camera:0"}, {"kind": "face", "source": f"clip:{MEDIA / 'park.mp4'}"}
    assert [Face.Settings(**one).mirror for one in (camera, clip)] == [True, False]
    assert [Face.Settings(**one, mirrored=True).mirror for one in (camera, clip)] == [True, True]


@pytest.mark.parametrize("wrong", [("nose_tip", "tail"), ("nose_tip", "nose_tip")])
def test_wrong_landmarks_are_refused(wrong):
    with pytest.raises(ValidationError, match="landmark"):
        settings(landmarks=wrong)


def test_a_face_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Face().open(settings())


# The real detector on a real face.


def test_a_face_is_found_while_the_camera_pans_zooms_and_rolls(moving):
    for frames in (moving.panned, moving.rolled):
        assert np.mean(presence(frames)) >= 0.95
        assert all(np.isfinite(frame.data).all() for frame in frames)
        assert [n for n, frame in enumerate(frames) if frame.cut] == [0]


def test_place_and_size_follow_the_pan_and_the_zoom(moving):
    x, y, size = values(moving.panned, "x", "y", "size").T
    first = np.array([x[0] - 0.5, y[0] - 0.5]) * (WIDE, HIGH) / moving.zoom[0] + moving.shown[0]
    expected = (first - moving.shown) * moving.zoom[:, None] / (WIDE, HIGH) + 0.5
    assert np.abs(np.stack([x, y], axis=1) - expected).max() < 0.02
    assert np.ptp(size / moving.zoom) / np.mean(size / moving.zoom) < 0.1


def test_expressions_stay_under_pan_and_zoom(moving):
    told = values(moving.panned, *EXPRESSIONS)[3:]
    in_units = (told - np.median(told, axis=0)) / [UNITS[name] for name in EXPRESSIONS]
    assert np.percentile(np.abs(in_units), 98, axis=0).max() < 1.0  # less than one clearly visible movement
    assert np.std(in_units, axis=0).max() < 0.4
    turns = values(moving.panned, "turn", "nod", "tilt")[3:]
    assert np.ptp(turns, axis=0).max() < 0.1


def test_tilt_follows_the_roll_and_nothing_else_does(moving):
    tilt, still = values(moving.rolled, "tilt")[:, 0], values(moving.panned, "tilt")[:, 0]
    assert np.abs(tilt - np.median(still) - moving.roll)[1:].max() < 0.05
    others = ("turn", "nod", *EXPRESSIONS)
    apart = np.abs(values(moving.rolled, *others) - values(moving.panned, *others)) / [UNITS[name] for name in others]
    assert np.percentile(apart[3:], 98, axis=0).max() < 1.0


# A face that does one thing: the still, drawn out in one place.

FACE = framed(*MIDDLE, 2.6)


def drawn(x: float, y: float, half: tuple[float, float], up: float = 0, wide: float = 1, high: float = 1) -> np.ndarray:
    """The face with what is around x, y moved up by so many pixels, or scaled."""
    down, right = np.mgrid[:HIGH, :WIDE].astype(np.float32)
    share = np.exp(-(((right - x) / half[0]) ** 4) - ((down - y) / half[1]) ** 4)
    from_x = right + (right - x) * (1 / wide - 1) * share
    from_y = down + (up + (down - y) * (1 / high - 1)) * share
    return cv2.remap(FACE, from_x, from_y, cv2.INTER_CUBIC)


CHANGES = {
    "brow_left": (drawn(394, 168, (42, 14), up=12), 0.3),
    "eye_left": (drawn(372, 200, (30, 14), high=0.35), -0.3),
    "mouth_wide": (drawn(315, 300, (80, 40), wide=0.65), -0.6),
    "pucker": (drawn(315, 300, (80, 40), wide=0.5, high=1.3), 0.4),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_change_in_one_place_is_told_by_its_name(name, mirrored):
    picture, least = CHANGES[name]
    shown = [np.ascontiguousarray(one[:, ::-1]) if mirrored else one for one in (FACE, picture)]
    before, after = (seen([one] * 6, mirrored=mirrored)[-1] for one in shown)
    change = dict(zip(EXPRESSIONS, (after.data - before.data)[6:], strict=True))
    assert change[name] / least > 1
    other = {"brow_left": "brow_right", "eye_left": "eye_right"}.get(name)
    assert other is None or abs(change[other]) < abs(least) / 2


def test_nobody_is_a_state_and_never_numbers_of_nothing():
    empty = np.full_like(FACE, 90)
    frames = seen([empty] * 3 + [FACE] * 6 + [empty] * 6)
    assert presence(frames) == [False] * 3 + [True] * 6 + [False] * 6
    assert all(np.array_equal(frame.data, frames[8].data) for frame in frames[9:])
    assert np.abs(frames[-1].data).sum() > 1


def test_a_cut_begins_anew():
    frames = seen([FACE] * 3 + [framed(*MIDDLE, 1.5, 0.3)] * 3 + [FACE] * 3, cuts=(3, 6))
    assert [n for n, frame in enumerate(frames) if frame.cut] == [0, 3, 6]
    assert np.array_equal([f.data for f in frames[6:]], [f.data for f in frames[:3]])


def test_landmarks_are_points_of_the_picture():
    wanted = ("nose_tip", "left_eye_outer")
    frame = seen([FACE] * 3, landmarks=wanted)[-1]
    names = [feature.name for feature in Face.features(settings(landmarks=wanted))]
    at = dict(zip(names, frame.data, strict=True))
    assert names[len(UNITS) :] == [f"{name}.{axis}" for name in wanted for axis in "xyz"]
    assert at["nose_tip.y"] > at["left_eye_outer.y"]
    assert at["left_eye_outer.x"] > at["nose_tip.x"]
    assert frame.present.tolist() == [True]
