import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.frame import Frame
from livegan.inputs.hands import Hands
from livegan.senses.hand import UNITS
from tests.films import film, watched

MEDIA = Path(__file__).parent.parent / "media"


def settings(**changes: object) -> Hands.Settings:
    return Hands.Settings(kind="hands", source="camera:0", **{"mirrored": False, **changes})


def seen(pictures: list[np.ndarray], cuts: tuple[int, ...] = (), **changes: object) -> list[Frame]:
    """What the real detector says about these pictures."""
    return watched(Hands(), settings(**changes), pictures, cuts)


def values(frames: list[Frame], *names: str) -> np.ndarray:
    all_names = [feature.name for feature in Hands.features(settings())]
    return np.array([frame.data[[all_names.index(name) for name in names]] for frame in frames])


def presence(frames: list[Frame]) -> np.ndarray:
    """Whether any, the left, the right hand is there: bool [frames, 3]."""
    return np.array([frame.present[:3] for frame in frames])


def flipped(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture[:, ::-1])


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    return film(MEDIA / "hand.mp4", 1)


@pytest.fixture(scope="module")
def held(clip) -> list[Frame]:
    return seen(clip)


@pytest.fixture(scope="module")
def both(clip) -> list[Frame]:
    """The hand and its mirror image side by side."""
    return seen([np.concatenate([flipped(picture), picture], axis=1) for picture in clip[::2]])


def test_reading_a_patch_does_not_load_the_detector():
    code = "import sys, livegan.inputs.hands as h; h.Hands.features(h.HandsSettings(kind='hands', source='camera:0'))"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print('mediapipe' in sys.modules, 'cv2' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False"]


def test_a_cameras_pictures_are_a_mirrors_and_a_clips_are_not():
    camera, film = {"kind": "hands", "source": "camera:0"}, {"kind": "hands", "source": f"clip:{MEDIA / 'hand.mp4'}"}
    assert [Hands.Settings(**one).mirror for one in (camera, film)] == [True, False]
    assert [Hands.Settings(**one, mirrored=False).mirror for one in (camera, film)] == [False, False]


@pytest.mark.parametrize("wrong", [("index_tip", "tail"), ("index_tip", "index_tip")])
def test_wrong_landmarks_are_refused(wrong):
    with pytest.raises(ValidationError, match="landmark"):
        settings(landmarks=wrong)


def test_hands_without_pictures_are_lost():
    with pytest.raises(Lost, match="source"):
        Hands().open(settings())


# The real detector on real footage: a right hand that turns a cup.


def test_the_hand_is_found_and_keeps_its_side(held, clip):
    there = presence(held)
    assert there[5:, 2].mean() >= 0.95
    assert not there[:, 1].any()
    assert all(np.isfinite(frame.data).all() for frame in held)
    assert [frame.seen for frame in held] == [10 + n / 30 for n in range(len(clip))]
    assert [n for n, frame in enumerate(held) if frame.cut] == [0]
    assert (values(held, "count") == 1).all()


def test_the_hand_is_where_it_is_and_does_what_it_does(held):
    x, y, size, openness, roll, facing = values(
        held, *(f"right.{name}" for name in ("x", "y", "size", "openness", "roll", "facing"))
    ).T
    assert np.ptp(x) > 0.3  # it goes across half the picture, level
    assert np.abs(y - 0.5).max() < 0.1
    assert np.median(size) == pytest.approx(0.29, abs=0.05)
    assert 0.3 < np.median(openness) < 0.9  # around a cup
    assert np.abs(roll - np.pi / 2).max() < 0.5  # fingers to the left of the picture: outward
    assert facing.min() > 0.2


def test_a_mirrors_picture_and_one_that_is_none_give_the_same_hand(held, clip):
    mirrored = seen([flipped(picture) for picture in clip[:60]], mirrored=True)
    there = presence(mirrored)
    assert there[5:, 2].mean() >= 0.95
    assert not there[:, 1].any()
    names = [f"right.{name}" for name in UNITS if name != "x"]
    apart = np.abs(values(mirrored, *names) - values(held[:60], *names))[5:] / [UNITS[n[6:]] for n in names]
    assert np.median(apart) < 0.3


def test_two_hands_keep_their_sides_and_mirror_each_other(both):
    there = presence(both)
    assert there[5:].mean() >= 0.95
    assert [n for n, frame in enumerate(both) if frame.cut] == [0]
    left_x, right_x = values(both, "left.x", "right.x")[5:].T
    assert (left_x < 0.5).all()
    assert (right_x > 0.5).all()
    names = [name for name in UNITS if name != "x"]
    left, right = (values(both, *(f"{side}.{name}" for name in names))[5:] for side in ("left", "right"))
    assert np.median(np.abs(left - right) / [UNITS[name] for name in names]) < 0.3
    assert np.median(values(both, "count")) == 2


def test_nobody_is_a_state_and_never_numbers_of_nothing(clip):
    empty = np.full_like(clip[0], 90)
    frames = seen([empty] * 3 + clip[:10] + [empty] * 8)
    there = presence(frames)
    assert not there[:3].any()
    assert there[5:13, 2].all()
    assert not there[13:].any()
    assert all(np.array_equal(frame.data, frames[12].data) for frame in frames[13:])
    assert np.abs(frames[-1].data).sum() > 1


def test_a_cut_begins_anew(clip):
    frames = seen(clip[:6] + clip[:6], cuts=(6,))
    assert [n for n, frame in enumerate(frames) if frame.cut] == [0, 6]
    assert np.array_equal([f.data for f in frames[6:]], [f.data for f in frames[:6]])


def test_landmarks_are_points_of_the_picture(clip):
    frame = seen(clip[:3], landmarks=("index_tip",))[-1]
    names = [feature.name for feature in Hands.features(settings(landmarks=("index_tip",)))]
    at = dict(zip(names, frame.data, strict=True))
    assert at["right.index_tip.x"] == at["raw.right.index_tip.x"]
    assert 0.4 < at["right.index_tip.x"] < at["right.x"] < at["raw.right.wrist.x"] < 1
    assert frame.present.tolist() == [True, False, True, True]
