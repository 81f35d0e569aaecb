import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame, groups
from livegan.inputs.people import People
from livegan.inputs.pose import Pose
from livegan.senses.body import LANDMARKS, chosen
from tests.crossing import SIDES, crossing
from tests.films import film, watched

PARK = Path(__file__).parent.parent / "media/park.mp4"


def settings(**changes: object) -> People.Settings:
    return People.Settings(kind="people", source="camera:0", **changes)


def seen(pictures: list[np.ndarray], cuts: tuple[int, ...] = (), **changes: object) -> list[Frame]:
    """What the real detector says about these pictures."""
    return watched(People(), settings(**changes), pictures, cuts)


def values(frames: list[Frame], names: list[str], **changes: object) -> np.ndarray:
    all_names = [feature.name for feature in People.features(settings(**changes))]
    return np.array([frame.data[[all_names.index(name) for name in names]] for frame in frames])


def there(frames: list[Frame]) -> np.ndarray:
    """Who is there, bool [frames, 2]."""
    names = groups(People.features(settings()))
    return np.array([[frame.present[names.index(slot)] for slot in "12"] for frame in frames])


def middles(frames: list[Frame]) -> np.ndarray:
    """Where the skeletons are, [frames, 2 slots, 7, 2]: between the left and the right of each limb."""
    raw = [f"{slot}.raw.{side}_{part}.{axis}" for slot in "12" for part in SIDES for side in ("left", "right")
           for axis in "xy"]  # fmt: skip
    return values(frames, raw).reshape(len(frames), 2, len(SIDES), 2, 2).mean(axis=3)


def test_reading_a_patch_does_not_load_the_detector():
    code = (
        "import sys, livegan.inputs.people as p; p.People.features(p.PeopleSettings(kind='people', source='camera:0'))"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print({{'mediapipe', 'cv2', 'scipy'}} & set(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize("wrong", [{"slots": 1}, {"slots": 7}, {"features": "names"}, {"landmarks": ["nose"]}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_people_without_pictures_are_lost():
    with pytest.raises(Lost, match="source"):
        People().open(settings())


# The real detector on real footage.


@pytest.fixture(scope="module")
def crossed() -> tuple[list[np.ndarray], np.ndarray, list[Frame]]:
    pictures, truth = crossing(count=160, lag=90, far=0.85)
    return pictures, truth, seen(pictures)


def swapped_in(frames: list[Frame], truth: np.ndarray) -> np.ndarray:
    """In which pictures a slot is nearer to another person than to whom it had first; bool [N]."""
    here, found = there(frames), middles(frames)
    apart = np.linalg.norm((found[:, :, None] - truth[:, None]) * (16 / 9, 1), axis=-1).mean(axis=-1)
    own = apart[here.argmax(axis=0), [0, 1]].argmin(axis=1)
    assert set(own) == {0, 1}
    return (here & (apart[:, [0, 1], own] > apart[:, [0, 1], 1 - own])).any(axis=1)


def test_two_performers_who_cross_twice_keep_their_slots(crossed):
    _, truth, frames = crossed
    here, swapped = there(frames), swapped_in(frames, truth)
    assert (~swapped).mean() >= 0.95
    assert not swapped[-15:].any()
    assert here.any(axis=1).mean() > 0.95
    assert here.all(axis=1).mean() > 0.6
    assert here[-15:].all()


def test_each_one_moves_and_numbers_are_numbers(crossed):
    frames = crossed[2]
    wrists = values(frames, ["1.left_wrist.y", "2.left_wrist.y", "1.right_wrist.y", "2.right_wrist.y"])
    assert (np.ptp(wrists, axis=0) > 0.5).all()
    assert np.isfinite([frame.data for frame in frames]).all()
    assert not any(frame.cut for frame in frames)
    assert [frame.seen for frame in frames] == [10 + n / 30 for n in range(len(frames))]


def test_one_dancer_has_the_numbers_of_a_pose():
    dancer = [
        np.ascontiguousarray(picture[90:560, 60:400]) for picture in film(bundled("media") / "dancer.mp4", 2)[:60]
    ]
    frames = seen(dancer, features="body")
    pose = watched(Pose(), Pose.Settings(kind="pose", source="camera:0", features="body"), dancer)
    both = there(frames)[:, 0] & np.array([frame.present[0] for frame in pose])
    assert both.mean() > 0.8
    names = [feature.name for feature in chosen("body")]
    found = values(frames, [f"1.{name}" for name in names], features="body")
    expected = np.array([frame.data[: len(names)] for frame in pose])
    assert np.median(np.abs(found - expected)[both]) < 0.05


def test_nobody_is_a_state_and_a_cut_begins_anew():
    pictures, _ = crossing(200)
    empty = np.full_like(pictures[0], 90)
    turned = [np.ascontiguousarray(picture[:, ::-1]) for picture in pictures[:14]]
    frames = seen([empty] * 3 + pictures[:14] + [empty] * 8 + turned, cuts=(25,))
    here = there(frames)
    assert not here[:3].any()
    assert here[12:17].all()
    assert not here[21:25].any()
    assert np.array_equal(frames[24].data, frames[21].data)
    assert here[-3:].all()
    assert [n for n, frame in enumerate(frames) if frame.cut] == [25]
    place = values(frames, ["1.x", "2.x"])
    assert (place[[16, -1], 0] < place[[16, -1], 1]).all()


def test_walkers_come_and_go_and_are_two_at_times():
    frames = seen(film(PARK, 2))
    here = there(frames)
    assert 0.5 < here.any(axis=1).mean() < 1.0
    assert 0.1 < here.all(axis=1).mean() < 0.9
    raw = [feature.name for feature in People.features(settings())].index(f"1.raw.{LANDMARKS[0]}.x")
    assert len({frame.data[raw] for frame in frames}) > 10
