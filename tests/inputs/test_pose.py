import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from livegan.files import bundled
from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Lost
from livegan.inputs.camera import Camera
from livegan.inputs.pose import CONNECTIONS, LANDMARKS, Calm, Pose, Sides, body_features, body_unit, chosen
from tests.fakes import FakeClock

DANCER = bundled("media") / "dancer.mp4"
PARK = Path(__file__).parent.parent / "media/park.mp4"
AT = {name: n for n, name in enumerate(LANDMARKS)}
OTHER = {"left": "right", "right": "left"}
SWAPPED = [AT["_".join(OTHER.get(part, part) for part in name.split("_"))] for name in LANDMARKS]


class Pictures:
    """A camera's ring that holds these pictures, one for each call; some may begin with a cut."""

    def __init__(self, pictures: list[np.ndarray], cuts: tuple[int, ...] = ()) -> None:
        self.pictures, self.cuts, self.count = pictures, cuts, 0

    def newer(self, count: int, timeout: float) -> Frame | None:
        if self.count >= len(self.pictures):
            return None
        n, self.count = self.count, self.count + 1
        return Frame(self.pictures[n], 10 + n / 30, np.empty(0, bool), self.count, n in self.cuts)


def film(path: Path, step: int) -> list[np.ndarray]:
    camera = Camera(FakeClock())
    camera.open(Camera.Settings(kind="camera", source=f"clip:{path}", loop=False))
    frames = []
    while frame := camera.read(0.1):
        frames.append(frame.data)
    return frames[::step]


def settings(**changes: object) -> Pose.Settings:
    return Pose.Settings(kind="pose", source="camera:0", **changes)


def seen(pictures: list[np.ndarray], cuts: tuple[int, ...] = (), **changes: object) -> list[Frame]:
    """What the real detector says about these pictures."""
    pose = Pose()
    pose.open(settings(**changes), Pictures(pictures, cuts))
    found = []
    while frame := pose.read(0.1):
        found.append(frame)
    pose.close()
    return found


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


# A body by hand: facing the camera, so that its left is on the picture's right. Places in 0..1, visible.


def standing() -> np.ndarray:
    body = np.zeros((33, 4))
    body[:, :2], body[:, 3] = (0.5, 0.2), 0.99
    half = {"ear": (0.03, 0.19), "shoulder": (0.08, 0.3), "elbow": (0.12, 0.42), "wrist": (0.2, 0.35)}
    half |= {"hip": (0.05, 0.54), "knee": (0.06, 0.7), "ankle": (0.05, 0.86)}
    for part, (x, y) in half.items():
        body[AT[f"left_{part}"], :2] = 0.5 + x, y
        body[AT[f"right_{part}"], :2] = 0.5 - x, y
    body[AT["left_wrist"], :2] = 0.72, 0.12
    return body


def named(choice: str, body: np.ndarray, aspect: float = 1.0) -> dict[str, float]:
    numbers, _ = body_features(body, aspect, choice)
    return dict(zip([feature.name for feature in chosen(choice)], numbers.tolist(), strict=True))


places = st.tuples(st.floats(-0.25, 0.25), st.floats(-0.1, 0.1), st.floats(0.2, 1.0))
choices = st.sampled_from(["upper", "body"])
bodies = st.integers(0, 10_000).map(
    lambda seed: standing() + np.random.default_rng(seed).normal(0, 0.02, (33, 4)) * (1, 1, 0, 0)
)


@given(body=bodies, place=places, choice=choices, aspect=st.floats(0.5, 2.0))
def test_place_and_distance_do_not_matter(body, place, choice, aspect):
    x, y, scale = place
    moved = body.copy()
    moved[:, :2] = (body[:, :2] - 0.5) * scale + 0.5 + (x * (1 - scale), y * (1 - scale))
    assume(body_unit(moved, aspect, choice) > 0.021)
    (a, here), (b, there) = body_features(body, aspect, choice), body_features(moved, aspect, choice)
    assert np.allclose(a, b, atol=1e-4)
    assert here.all()
    assert there.all()


@given(body=bodies, choice=choices, aspect=st.floats(0.5, 2.0))
def test_a_mirrored_body_gives_mirrored_numbers(body, choice, aspect):
    mirrored = body[SWAPPED] * (-1, 1, 1, 1) + (1, 0, 0, 0)
    found, expected = named(choice, mirrored, aspect), named(choice, body, aspect)
    for name, number in found.items():
        twin = "_".join(OTHER.get(part, part) for part in name.split("_"))
        sign = 1 if name.endswith(".y") else -1
        assert number == pytest.approx(sign * expected[twin], abs=1e-4), name


@given(body=bodies, choice=choices, aspect=st.floats(0.3, 3.0))
def test_the_shape_of_the_picture_does_not_matter(body, choice, aspect):
    wide = body.copy()
    wide[:, 0] = 0.5 + (body[:, 0] - 0.5) / aspect
    assert np.allclose(body_features(body, 1.0, choice)[0], body_features(wide, aspect, choice)[0], atol=1e-4)


def test_the_numbers_point_where_the_body_does():
    upper, body = named("upper", standing()), named("body", standing())
    assert upper["left_wrist.x"] > 0.5  # its left is on the picture's right, and raised
    assert upper["left_wrist.y"] > 0.5
    assert upper["right_wrist.y"] < 0
    assert [upper["tilt"], body["lean"]] == pytest.approx([0, 0], abs=1e-6)
    raised, bowed = standing(), standing()
    raised[AT["left_shoulder"], 1] -= 0.05
    assert named("upper", raised)["tilt"] == pytest.approx(np.arctan2(0.05, 0.16), abs=0.05)
    for name in ("left_shoulder", "right_shoulder"):
        bowed[AT[name], :2] += (0.24, 0.24)
    assert named("body", bowed)["lean"] == pytest.approx(np.pi / 2, abs=1e-4)


@pytest.mark.parametrize("choice", ["upper", "body"])
def test_a_turn_to_the_side_does_not_make_the_body_larger(choice):
    body = standing()
    front = body_unit(body, 1.0, choice)
    for turn in np.linspace(1.0, 0.0, 11):
        turned = body.copy()
        turned[:, 0] = 0.5 + (body[:, 0] - 0.5) * turn
        assert 0.8 < body_unit(turned, 1.0, choice) / front < 1.2


@given(
    where=st.sampled_from([(0.5, 1.1), (0.5, 0.97), (0.5, -0.1), (1.2, 0.5), (-0.05, 0.5)]),
    side=st.sampled_from(["left", "right"]),
)
def test_hips_outside_the_picture_are_not_believed(where, side):
    body = standing()
    body[AT[f"{side}_hip"], :2] = where
    assert not body_features(body, 1.0, "body")[1].any()
    assert body_features(body, 1.0, "upper")[1].all()


@pytest.mark.parametrize(
    ("choice", "landmark", "absent"),
    [
        ("upper", "left_wrist", {"left_arm"}),
        ("upper", "right_elbow", {"right_arm"}),
        ("upper", "left_shoulder", {"upper", "left_arm", "right_arm"}),
        ("upper", "left_hip", set()),
        ("body", "right_knee", {"right_leg"}),
        ("body", "left_ankle", {"left_leg"}),
    ],
)
def test_a_limb_that_is_not_seen_is_absent_alone(choice, landmark, absent):
    for place, visibility in (((0.5, 0.5), 0.3), ((1.3, 0.5), 0.99)):
        body = standing()
        body[AT[landmark]] = (*place, 0, visibility)
        _, present = body_features(body, 1.0, choice)
        assert {g for g, p in zip(groups(chosen(choice)), present, strict=True) if not p} == absent


@given(body=bodies, visibility=st.floats(0.51, 1.0), choice=choices)
def test_visibility_is_no_feature(body, visibility, choice):
    hazy = body.copy()
    hazy[:, 3] = visibility
    assert np.array_equal(body_features(body, 1.0, choice)[0], body_features(hazy, 1.0, choice)[0])


@given(seed=st.integers(0, 10_000), swaps=st.lists(st.booleans(), min_size=5, max_size=40))
def test_sides_stay_whatever_the_detector_calls_them(seed, swaps):
    chance, sides, body = np.random.default_rng(seed), Sides(), standing()
    for n, swap in enumerate(swaps):
        body = body + chance.normal(0, 0.002, body.shape)
        kept, new = sides.kept(body[SWAPPED] if swap else body, n / 30)
        assert np.array_equal(kept, body)
        assert new == (n == 0)


def test_sides_that_stay_wrong_are_put_right_once():
    sides, back = Sides(), standing()
    back[:, 0] = 1 - back[:, 0]  # came in with the back to the camera, is taken to face it
    told = [sides.kept(back, n / 30) for n in range(30)]
    assert all(np.array_equal(kept, back[SWAPPED]) for kept, _ in told)
    side = Sides()
    side.kept(standing(), 0.0)
    wrong = standing()
    wrong[:, 0] = 1 - wrong[:, 0]
    steps = [wrong * share + standing() * (1 - share) for share in np.linspace(0, 1, 60)]
    for n, step in enumerate(steps, start=1):  # a real turn: the detector calls the sides as we do
        kept, new = side.kept(step, n / 30)
        assert np.array_equal(kept, step)
        assert not new
    told = [side.kept(wrong[SWAPPED], 2.1 + n / 30) for n in range(60)]  # now it sees a face
    assert sum(new for _, new in told) == 1
    assert np.array_equal(told[-1][0], wrong[SWAPPED])


def test_names_are_mediapipes():
    from mediapipe.python.solutions.pose import POSE_CONNECTIONS, PoseLandmark

    assert tuple(point.name.lower() for point in PoseLandmark) == LANDMARKS
    assert {frozenset(pair) for pair in CONNECTIONS} == {
        frozenset((LANDMARKS[a], LANDMARKS[b])) for a, b in POSE_CONNECTIONS
    }


def test_reading_a_patch_does_not_load_the_detector():
    code = "import sys, livegan.inputs.pose as p; p.Pose.features(p.PoseSettings(kind='pose', source='camera:0'))"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print('mediapipe' in sys.modules, 'cv2' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False"]


def test_the_detector_writes_nothing_to_the_terminal():
    code = (
        "import numpy as np; from livegan.inputs.pose import _model, _found; m = _model();"
        "assert _found(m, np.zeros((64, 64, 3), np.uint8)) is None"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("", "")


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


def test_what_a_limb_does_for_one_frame_only_is_left_out_and_what_it_keeps_doing_is_believed():
    features = [Feature("wrist.x", group="arm", unit=0.5), Feature("knee.x", group="leg", unit=0.3)]
    calm, before, present = Calm(features, np.array([0, 1])), np.zeros(2, np.float32), np.array([True, True])
    told = []
    for n, wrist in enumerate([0.0, 0.1, 0.9, 0.2, 0.9, 0.95]):
        values = np.array([wrist, 0.1 * n], np.float32)
        before = calm.kept(values, before, present, 5 + n / 30)
        told.append(before.tolist())
    assert np.allclose([wrist for wrist, _ in told], [0.0, 0.1, 0.1, 0.2, 0.2, 0.95])
    assert np.allclose([knee for _, knee in told], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
