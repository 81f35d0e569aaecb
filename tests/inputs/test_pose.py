import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame
from livegan.inputs.pose import Pose
from livegan.senses.body import LANDMARKS, chosen
from tests.films import film, watched

DANCER = bundled("media") / "dancer.mp4"
PARK = Path(__file__).parent.parent / "media/park.mp4"


def settings(**changes: object) -> Pose.Settings:
    return Pose.Settings(kind="pose", source="camera:0", **changes)


def seen(pictures: list[np.ndarray], cuts: tuple[int, ...] = (), **changes: object) -> list[Frame]:
    """What the real detector says about these pictures."""
    return watched(Pose(), settings(**changes), pictures, cuts)


def values(frames: list[Frame], names: list[str], **changes: object) -> np.ndarray:
    all_names = [feature.name for feature in Pose.features(settings(**changes))]
    return np.array([frame.data[[all_names.index(name) for name in names]] for frame in frames])


def presence(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.present for frame in frames])


@pytest.fixture(scope="module")
def dancer() -> list[np.ndarray]:
    return film(DANCER, 2)


@pytest.fixture(scope="module")
def danced(dancer) -> list[Frame]:
    return seen(dancer, cuts=(50,), features="body")


def test_reading_a_patch_does_not_load_the_detector():
    code = "import sys, livegan.inputs.pose as p; p.Pose.features(p.PoseSettings(kind='pose', source='camera:0'))"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print('mediapipe' in sys.modules, 'cv2' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("choice", ["upper", "body"])
def test_the_body_itself_is_the_first_group_and_the_raw_points_the_last(choice):
    features = Pose.features(settings(features=choice))
    assert features[0].group == choice
    assert [f.name for f in features[-66:]] == [f"raw.{name}.{axis}" for name in LANDMARKS for axis in "xy"]
    assert {f.group for f in features[-66:]} == {"raw"}
    assert len({f.name for f in features}) == len(features)


@pytest.mark.parametrize(
    "wrong",
    [
        {"features": "names"},
        {"landmarks": ["nose"]},
        {"features": "names", "landmarks": ["nose", "tail"]},
        {"features": "names", "landmarks": ["nose", "nose"]},
        {"features": "hands"},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_a_pose_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Pose().open(settings())


# The real detector on real footage.


def test_the_dancer_is_found(danced, dancer):
    assert presence(danced)[:, 0].mean() >= 0.95
    assert all(np.isfinite(frame.data).all() for frame in danced)
    assert [frame.seen for frame in danced] == [10 + n / 30 for n in range(len(dancer))]
    assert [n for n, frame in enumerate(danced) if frame.cut and n] == [50]


def test_the_dancer_moves_and_keeps_his_sides(danced):
    wrists = values(danced, ["left_wrist.x", "left_wrist.y", "right_wrist.x", "right_wrist.y"], features="body")
    assert (np.ptp(wrists, axis=0) > 0.5).all()
    shoulders = values(danced, ["left_shoulder.x", "right_shoulder.x"], features="body")
    assert (shoulders[:, 0] > shoulders[:, 1]).mean() > 0.95


def test_nobody_is_a_state_and_never_numbers_of_nothing(dancer):
    empty = np.full_like(dancer[0], 90)
    frames = seen([empty] * 3 + dancer[:10] + [empty] * 10)
    there = presence(frames)
    assert not there[:3].any()
    assert there[5:13].all()
    assert not there[-5:].any()
    last = max(np.flatnonzero(there[:, 0]))
    assert all(np.array_equal(frame.data, frames[last].data) for frame in frames[last:])
    assert np.abs(frames[-1].data).sum() > 1


def test_walkers_come_and_go():
    there = presence(seen(film(PARK, 4), features="body"))
    assert 0.2 < there[:, 0].mean() < 1.0
    assert not (there[:, 1:-1] & ~there[:, :1]).any()


def test_a_body_cut_at_the_chest_still_plays_its_upper_half(dancer):
    half = [np.ascontiguousarray(picture[90:270, 150:400]) for picture in dancer[:50]]
    upper, body = seen(half, features="upper"), seen(half, features="body")
    assert presence(upper)[:, 0].mean() > 0.9
    assert presence(body)[:, 0].mean() < 0.15  # the first frames, until it is settled
    arms = presence(upper)[:, 1:3].any(axis=1)
    assert arms.mean() > 0.5
    assert np.ptp(values(upper, ["left_wrist.x", "right_wrist.x"]), axis=0).max() > 0.5


def test_features_of_real_pictures_do_not_depend_on_place_and_distance(danced, dancer):
    padded = [np.pad(picture, ((100, 260), (420, 60), (0, 0)), mode="edge") for picture in dancer[:50]]
    frames = seen(padded, features="body")
    names = [feature.name for feature in chosen("body")]
    both = presence(frames)[:, 0] & presence(danced[:50])[:, 0]
    apart = np.abs(values(frames, names, features="body") - values(danced[:50], names, features="body"))[both]
    assert both.mean() > 0.9
    assert np.median(apart) < 0.05
    raw = ["raw.nose.x", "raw.nose.y"]
    moved = values(frames, raw, features="body") - values(danced[:50], raw, features="body")
    assert np.abs(moved).mean() > 0.05


def test_names_give_the_points_of_the_picture(dancer):
    wanted = {"features": "names", "landmarks": ("left_wrist", "nose")}
    frame = seen(dancer[:3], **wanted)[-1]
    names = [feature.name for feature in Pose.features(settings(**wanted))]
    assert names[:6] == [f"{n}.{axis}" for n in ("left_wrist", "nose") for axis in "xyz"]
    assert frame.data[3] == frame.data[names.index("raw.nose.x")]
    assert 0.3 < frame.data[3] < 0.7
    assert frame.present.tolist() == [True, True, True]
