from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame, groups
from livegan.inputs.face import Face
from livegan.inputs.holistic import Holistic
from livegan.inputs.pose import Pose
from livegan.senses import body, hand
from livegan.senses.face import UNITS as FACE
from livegan.senses.hand import UNITS as HAND
from livegan.senses.outline import SIDE
from livegan.senses.skeleton import figures
from tests.films import film, watched

DANCER = bundled("media") / "dancer.mp4"
STILL = Path(__file__).parent.parent / "media/astronaut.jpg"


def settings(**changes: object) -> Holistic.Settings:
    return Holistic.Settings(kind="holistic", source=f"clip:{DANCER}", **changes)


def names(**changes: object) -> list[str]:
    return [feature.name for feature in Holistic.features(settings(**changes))]


def column(frames: list[Frame], name: str) -> np.ndarray:
    return np.array([frame.data[names().index(name)] for frame in frames])


def there(frames: list[Frame], group: str) -> np.ndarray:
    place = groups(Holistic.features(settings())).index(group)
    return np.array([frame.present[place] for frame in frames])


@pytest.fixture(scope="module")
def dancer() -> list[np.ndarray]:
    return film(DANCER, 4)


@pytest.fixture(scope="module")
def danced(dancer) -> list[Frame]:
    return watched(Holistic(), settings(), dancer, cuts=(30,))


@pytest.mark.parametrize("wrong", [{"features": "names"}, {"hands": False, "face": False}, {"smile": True}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_holistic_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Holistic().open(settings())


@pytest.mark.parametrize("choice", ["upper", "body"])
def test_its_features_are_those_of_the_inputs_it_stands_for(choice):
    found = Holistic.features(settings(features=choice))
    pose = Pose.features(Pose.Settings(kind="pose", source="camera:0", features=choice))
    own = [feature for feature in found if feature.name.startswith("body.")]
    assert [(f.name.removeprefix("body."), f.kind, f.unit, f.group.removeprefix("body.")) for f in own] == [
        (f.name, f.kind, f.unit, f.group) for f in pose
    ]
    assert found[0].group in ("body", f"body.{choice}")
    raw = {feature.name.split(".raw.")[0] for feature in found if feature.group == "raw"}
    assert raw == {"body", "hands"}  # for eyes, and not learnt
    assert all((feature.group == "raw") == (".raw." in feature.name) for feature in found)
    for part, told in {"left": HAND, "right": HAND, "face": FACE}.items():
        assert [f.name.split(".", 1)[1] for f in found if f.group == part] == list(told)
    assert [f.name for f in found if f.kind == "angle" and f.group == "left"] == ["left.roll"]


def test_only_what_is_wanted_is_told():
    assert not [name for name in names(face=False) if name.startswith("face")]
    assert not [name for name in names(hands=False) if name.startswith(("left", "right"))]


def test_the_body_is_that_of_a_pose(danced, dancer):
    pose = watched(Pose(), Pose.Settings(kind="pose", source="camera:0"), dancer, cuts=(30,))
    own = [feature.name for feature in Pose.features(Pose.Settings(kind="pose", source="camera:0"))]
    assert there(danced, "body.upper").mean() >= 0.95
    for name in ("left_wrist.x", "left_wrist.y", "right_wrist.x", "right_wrist.y", "nose.x", "tilt"):
        here = column(danced, f"body.{name}")
        assert np.corrcoef(here, [frame.data[own.index(name)] for frame in pose])[0, 1] > 0.9, name
    assert [frame.seen for frame in danced] == [10 + n / 30 for n in range(len(dancer))]
    assert [n for n, frame in enumerate(danced) if frame.cut and n] == [30]


def test_its_bodies_and_hands_can_be_drawn(danced):
    both = next(n for n in range(len(danced)) if there(danced, "left")[n] and there(danced, "right")[n])
    lines = figures([f"me.{name}" for name in names()], danced[both].data)
    assert len(lines) == len(body.CONNECTIONS) + 2 * len(hand.CONNECTIONS)


@pytest.mark.parametrize("side", ["left", "right"])
def test_each_hand_is_at_the_end_of_its_arm(danced, side):
    here = there(danced, side)
    assert here.mean() > 0.3
    for axis in "xy":
        apart = column(danced, f"hands.raw.{side}.wrist.{axis}") - column(danced, f"body.raw.{side}_wrist.{axis}")
        assert np.abs(apart[here]).max() < 0.1
    assert column(danced, f"{side}.openness")[here].max() <= 1


def test_a_face_that_cannot_be_seen_is_absent_and_the_body_still_there(danced):
    assert not there(danced, "face").any()  # the dancer's is hidden
    assert there(danced, "body.upper").any()


def test_a_face_is_told_as_the_face_input_tells_it():
    still = [np.asarray(Image.open(STILL))] * 12
    frame = watched(Holistic(), settings(), still)[-1]
    face = watched(Face(), Face.Settings(kind="face", source="camera:0", mirrored=False), still)[-1]
    assert there([frame], "face").all()
    for name in ("smile", "mouth_open", "turn", "tilt", "eye_left", "brow_right", "x", "y"):
        told = face.data[list(FACE).index(name)]
        assert column([frame], f"face.{name}")[0] == pytest.approx(told, abs=0.2), name


def test_nobody_is_a_state_and_never_numbers_of_nothing(dancer):
    empty = np.full_like(dancer[0], 90)
    frames = watched(Holistic(), settings(), [empty] * 2 + dancer[:6] + [empty] * 6)
    here = np.array([frame.present for frame in frames])
    assert not here[:2].any()
    assert here[4:8, 0].all()
    assert not here[-3:].any()
    last = max(np.flatnonzero(here[:, 0]))
    assert all(np.array_equal(frame.data, frames[last].data) for frame in frames[last + 1 :])


def test_its_mask_is_the_bodys(dancer):
    one, masks = Holistic(), []
    read = one.read
    one.read = lambda timeout: (read(timeout), masks.append(one.mask))[0]
    watched(one, settings(mask=True, face=False), [*dancer[:4], np.zeros_like(dancer[0])])
    assert Holistic.mask_size(settings(mask=True)) == SIDE >= max(masks[0].shape)
    assert Holistic.mask_size(settings()) == 0
    assert all(0.04 < mask.mean() / 255 < 0.12 for mask in masks[:4])
    assert not masks[4].any()
