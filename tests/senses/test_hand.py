import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livegan.frame import groups
from livegan.senses.hand import CONNECTIONS, FINGERS, LANDMARKS, UNITS, Found, Hands, Sides, hand_features, palm

KNUCKLES = {"index": (-0.3, 0.95), "middle": (-0.08, 1.0), "ring": (0.12, 0.95), "pinky": (0.3, 0.85)}
BONES = (0.5, 0.3, 0.25)


# A right hand by hand, as a mirror shows it: fingers up, palm to the camera, the thumb on the left. Lengths in palms.


def shape(bend: float = 0.0, spread: float = 0.3, **bends: float) -> np.ndarray:
    """[21, 3] x right, y up, z away; each finger's joints bent by `bend` radians, the outer ones apart by `spread`."""
    points = np.zeros((21, 3))
    leans = dict(zip(FINGERS[1:], np.linspace(-spread / 2, spread / 2, 4), strict=True))
    points[1:5] = [(-0.25, 0.2, 0), (-0.5, 0.45, 0), (-0.65, 0.7, 0), (-0.75, 0.95, 0)]
    for n, (finger, (x, y)) in enumerate(KNUCKLES.items(), start=1):
        at, angle = np.array([x, y, 0.0]), 0.0
        points[4 * n + 1] = at
        for joint, length in enumerate(BONES, start=2):
            angle += bends.get(finger, bend)
            lean = leans[finger]
            at = at + length * np.array([np.sin(lean), np.cos(lean) * np.cos(angle), -np.cos(lean) * np.sin(angle)])
            points[4 * n + joint] = at
    return points


def seen(points: np.ndarray, x: float = 0.5, y: float = 0.7, size: float = 0.2, aspect: float = 1.0) -> np.ndarray:
    """The hand in a picture: its wrist at x, y in 0..1."""
    return points * (size / aspect, -size, size / aspect) + (x, y, 0)


def mirrored(points: np.ndarray) -> np.ndarray:
    return points * (-1, 1, 1) + (1, 0, 0)


def named(points: np.ndarray, aspect: float = 1.0, outward: int = 1) -> dict[str, float]:
    return dict(zip(UNITS, hand_features(points, aspect, outward).tolist(), strict=True))


def turned(points: np.ndarray, seed: int) -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return points @ (rotation * np.sign(np.linalg.det(rotation)))


hands = st.tuples(st.floats(0, 1.2), st.floats(-0.1, 0.8), st.integers(0, 10_000)).map(
    lambda how: shape(how[0], how[1]) + np.random.default_rng(how[2]).normal(0, 0.03, (21, 3))
)
OWN = [name for name in UNITS if name not in ("x", "y", "size", "roll", "facing")]


@given(hand=hands, x=st.floats(-1, 2), y=st.floats(-1, 2), size=st.floats(0.05, 1), aspect=st.floats(0.5, 2))
def test_place_distance_and_the_shape_of_the_picture_change_nothing_but_place_and_size(hand, x, y, size, aspect):
    here, there = named(seen(hand)), named(seen(hand, x, y, size, aspect), aspect)
    assert there["size"] == pytest.approx(size * here["size"] / 0.2)
    assert there["x"] - x == pytest.approx((here["x"] - 0.5) * size / 0.2 / aspect, abs=1e-6)
    assert there["y"] - y == pytest.approx((here["y"] - 0.7) * size / 0.2, abs=1e-6)
    rest = [name for name in UNITS if name not in ("x", "y", "size")]
    assert [there[name] for name in rest] == pytest.approx([here[name] for name in rest], abs=1e-6)


@given(hand=hands, aspect=st.floats(0.5, 2))
def test_a_left_hand_that_mirrors_a_right_one_gives_the_same_numbers(hand, aspect):
    right, left = named(seen(hand), aspect), named(mirrored(seen(hand)), aspect, outward=-1)
    assert left.pop("x") == pytest.approx(1 - right.pop("x"))
    assert left == pytest.approx(right, abs=1e-6)


@given(hand=hands, seed=st.integers(0, 10_000))
def test_a_turn_in_space_changes_neither_shape_nor_size(hand, seed):
    here, there = named(seen(hand)), named(seen(turned(hand, seed)))
    assert [there[name] for name in [*OWN, "size"]] == pytest.approx([here[name] for name in [*OWN, "size"]], abs=1e-6)


def test_a_fist_is_closed_and_bent_and_an_open_hand_is_not():
    open_hand, fist = named(seen(shape())), named(seen(shape(1.4)))
    assert open_hand["openness"] > 0.9
    assert fist["openness"] < 0.1
    assert all(open_hand[f"{finger}_curl"] < 0.1 < 0.9 < fist[f"{finger}_curl"] for finger in FINGERS[1:])


@pytest.mark.parametrize("finger", FINGERS[1:])
def test_one_bent_finger_is_told_by_its_name(finger):
    bent = named(seen(shape(**{finger: 1.4})))
    assert [name for name in FINGERS[1:] if bent[f"{name}_curl"] > 0.5] == [finger]


@given(bend=st.floats(0, 1.4), apart=st.floats(-0.2, 1.0))
def test_spread_is_the_angle_between_index_and_pinky_however_bent(bend, apart):
    level = shape(bend, apart)
    level[[17, 18, 19, 20]] += (0, 0.1, 0)  # so that the line of the knuckles is level
    assert named(seen(level))["spread"] == pytest.approx(apart, abs=1e-6)


@given(way=st.floats(0, 2))
def test_pinch_is_the_way_from_thumb_to_index_in_palms(way):
    hand = shape()
    hand[4] = hand[8] + (0, way, 0)
    length = palm(seen(hand), 1.0)[1] / 0.2
    assert named(seen(hand))["pinch"] == pytest.approx(way / length)


@given(angle=st.floats(-3, 3))
def test_roll_is_how_far_the_hand_leans_outward(angle):
    cos, sin = np.cos(angle), np.sin(angle)
    hand = shape()
    leant = (hand - hand[9] + (0, 1, 0)) @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    leant[0] = 0
    assert named(seen(leant))["roll"] == pytest.approx(angle)


def test_facing_tells_the_palm_from_the_back():
    hand = shape()
    assert named(seen(hand))["facing"] == pytest.approx(1)
    assert named(seen(hand * (-1, 1, -1)))["facing"] == pytest.approx(-1)
    assert named(seen(hand @ np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])))["facing"] == pytest.approx(0, abs=1e-6)


# Sides. Places go from left to right in a mirror's picture; the left hand is the one that began on the left.


def at(x: float, right: float, y: float = 0.5) -> Found:
    hand = shape() if right > 0.5 else shape() * (-1, 1, 1)
    return Found(seen(hand, x, y, 0.1), right)


def places(kept: list[Found | None]) -> list[float | None]:
    return [None if hand is None else round(float(hand.points[0, 0]), 6) for hand in kept]


@given(
    seed=st.integers(0, 10_000),
    said=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=5, max_size=30),
)
def test_two_hands_that_cross_keep_their_sides_whatever_they_are_called(seed, said):
    chance, sides = np.random.default_rng(seed), Sides(mirrored=True)
    ways = np.array([(0.2, 0.58), (0.8, 0.42)])  # they pass each other, one above the other
    sides.kept([at(0.2, 0.1, 0.58), at(0.8, 0.9, 0.42)], 1.0, 0.0)
    for n, (left_right, right_right, order) in enumerate(said, start=1):
        ways[:, 0] += np.array([0.03, -0.03]) + chance.normal(0, 0.005, 2)
        rights = (0.95 if left_right else 0.05, 0.95 if right_right else 0.05)
        both = [Found(seen(shape(), *way, 0.1), right) for way, right in zip(ways, rights, strict=True)]
        kept, new = sides.kept(both[::-1] if order else both, 1.0, n / 30)
        assert places(kept) == pytest.approx(ways[:, 0], abs=1e-5)
        assert not new


@pytest.mark.parametrize("mirror", [True, False])
@pytest.mark.parametrize("right", [0.02, 0.98])
def test_two_new_hands_of_one_name_are_told_apart_by_place(mirror, right):
    kept, _ = Sides(mirror).kept([at(0.7, right), at(0.3, right)], 1.0, 0.0)
    assert places(kept) == ([0.3, 0.7] if mirror else [0.7, 0.3])


def test_a_hand_that_is_found_twice_is_one_as_large_as_it_was():
    sides = Sides(mirrored=True)
    sides.kept([at(0.5, 0.1)], 1.0, 0.0)
    smaller = Found(seen(shape(), 0.501, 0.5, 0.06), 0.2)
    for found in ([smaller, at(0.5, 0.1)], [at(0.5, 0.1), smaller]):
        kept, _ = sides.kept(found, 1.0, 0.03)
        assert kept[1] is None
        assert palm(kept[0].points, 1.0)[1] > 0.08


def test_a_side_that_stays_wrong_is_put_right_once_and_sooner_for_a_new_hand():
    for known, patience in ((0.0, 1.5), (2.0, 3.5), (60.0, 4.5)):
        sides, frames = Sides(mirrored=True), int(known * 30)
        told = [sides.kept([at(0.5, 0.02)], 1.0, n / 30) for n in range(frames + 1)]
        told += [sides.kept([at(0.5, 0.98)], 1.0, n / 30) for n in range(frames + 1, frames + 1 + 30 * 6)]
        assert sum(new for _, new in told) == 1
        changed = next(n for n, (_, new) in enumerate(told) if new)
        assert 1.0 < (changed - frames) / 30 < patience
        assert all((kept[1] is None) == (n < changed) for n, (kept, _) in enumerate(told))


def test_a_hand_that_comes_back_after_a_while_is_what_it_is_called():
    sides = Sides(mirrored=True)
    sides.kept([at(0.5, 0.1)], 1.0, 0.0)
    assert sides.kept([at(0.5, 0.9)], 1.0, 0.3)[0][1] is None
    sides.kept([], 1.0, 0.4)
    assert sides.kept([at(0.5, 0.9)], 1.0, 1.2)[0][0] is None


@given(mirror=st.booleans(), said=st.lists(st.lists(st.floats(0.01, 0.99), max_size=2), min_size=1, max_size=20))
def test_whatever_is_found_is_told_and_nothing_else(mirror, said):
    followed, values = Hands(mirror), None
    names = [feature.name for feature in followed.features]
    for n, rights in enumerate(said):
        found = [at(0.3 + 0.4 * place, right) for place, right in enumerate(rights)]
        before, (values, present, _) = values, followed.follow(found, 1.0, n / 30)
        assert present.tolist() == [bool(rights), *present[1:3], bool(rights)]
        assert present[1:3].sum() == len(rights)
        assert np.isfinite(values).all()
        if not rights and before is not None:
            assert np.array_equal(values, before)
        if rights:
            assert values[0] == len(rights)
            wrists = [values[names.index(f"raw.{side}.wrist.x")] for side in ("left", "right")]
            assert sorted(np.array(wrists)[present[1:3]]) == pytest.approx([0.3, 0.7][: len(rights)], abs=1e-5)


@given(hand=hands, x=st.floats(0.2, 0.8))
def test_a_mirrors_picture_of_the_same_hand_gives_the_same_numbers(hand, x):
    points = seen(hand, x)
    assume(palm(points, 1.0)[0].min() > 0 and palm(points, 1.0)[0].max() < 1)
    mirror, plain = Hands(True, ("wrist",)), Hands(False, ("wrist",))
    a, here, _ = mirror.follow([Found(points, 0.9)], 1.0, 0.0)
    b, there, _ = plain.follow([Found(mirrored(points), 0.1)], 1.0, 0.0)
    assert here.tolist() == there.tolist() == [True, False, True, True]
    first = [feature.group for feature in mirror.features].index("right")
    assert a[first] == pytest.approx(1 - b[first], abs=1e-5)
    assert np.allclose(a[first + 1 : first + len(UNITS)], b[first + 1 : first + len(UNITS)], atol=1e-4)


def test_hands_outside_the_picture_or_far_too_small_are_not_told():
    followed = Hands(True)
    for points in (seen(shape(), 1.3), seen(shape(), 0.5, -0.2), seen(shape(), size=0.005)):
        assert not followed.follow([Found(points, 0.9)], 1.0, 0.0)[1].any()


def test_the_groups_are_any_hand_left_right_and_what_is_for_eyes():
    features = Hands(True, ("index_tip",)).features
    assert groups(features) == ["hands", "left", "right", "raw"]
    assert [f.name for f in features if f.kind == "angle"] == ["left.roll", "right.roll"]
    assert {"left.index_tip.x", "right.index_tip.z", "raw.left.wrist.x"} <= {f.name for f in features}


def test_names_are_mediapipes():
    from mediapipe.python.solutions.hands import HAND_CONNECTIONS, HandLandmark

    assert tuple(point.name.lower().replace("finger_", "") for point in HandLandmark) == LANDMARKS
    assert {frozenset(pair) for pair in CONNECTIONS} == {
        frozenset((LANDMARKS[a], LANDMARKS[b])) for a, b in HAND_CONNECTIONS
    }
