import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livegan.frame import groups
from livegan.senses.body import CONNECTIONS, LANDMARKS, Body, Sides, body_features, body_unit, chosen

AT = {name: n for n, name in enumerate(LANDMARKS)}
OTHER = {"left": "right", "right": "left"}
SWAPPED = [AT["_".join(OTHER.get(part, part) for part in name.split("_"))] for name in LANDMARKS]


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


def test_landmarks_that_are_no_numbers_are_nobody_and_leave_no_trace():
    body, odd = Body("upper"), standing()
    odd[LANDMARKS.index("left_wrist"), 0] = np.nan
    before = body.follow(standing(), 1.0, 0.0)
    values, present, _ = body.follow(odd, 1.0, 0.03)
    assert np.array_equal(values, before[0])
    assert not present.any()
    after = body.follow(standing(), 1.0, 0.06)
    assert np.allclose(after[0], before[0])
    assert after[1].tolist() == before[1].tolist()


def test_names_are_mediapipes():
    from mediapipe.python.solutions.pose import POSE_CONNECTIONS, PoseLandmark

    assert tuple(point.name.lower() for point in PoseLandmark) == LANDMARKS
    assert {frozenset(pair) for pair in CONNECTIONS} == {
        frozenset((LANDMARKS[a], LANDMARKS[b])) for a, b in POSE_CONNECTIONS
    }
