import numpy as np
import pytest

from livegan.frame import groups
from livegan.senses.body import LANDMARKS, chosen
from livegan.senses.crowd import Crowd

PICTURE = np.zeros((90, 160, 3), np.uint8)
PLACES = {"ear": (0.02, 0.2), "shoulder": (0.05, 0.3), "elbow": (0.08, 0.4), "wrist": (0.1, 0.5), "hip": (0.04, 0.55)}
PLACES |= {"knee": (0.04, 0.7), "ankle": (0.04, 0.85)}


def standing(x: float) -> np.ndarray:
    """Somebody by hand at 0..1 of the picture, facing the camera."""
    body = np.array([(x, 0.2, 0.0, 0.99)] * 33)
    for part, (half, y) in PLACES.items():
        for side, way in (("left", 1), ("right", -1)):
            body[LANDMARKS.index(f"{side}_{part}"), :2] = x + way * half, y
    return body


def told(crowd: Crowd, frames: list[list[np.ndarray]], start: int = 0) -> list[tuple[dict, dict]]:
    """Of each frame the values and the presence, by name."""
    names, parts = [feature.name for feature in crowd.features], groups(crowd.features)
    found = []
    for n, bodies in enumerate(frames, start):
        values, present = crowd.follow(bodies, PICTURE, 10 + n / 30)
        assert values.dtype == np.float32
        found.append((dict(zip(names, values, strict=True)), dict(zip(parts, present, strict=True))))
    return found


@pytest.mark.parametrize("slots", [2, 6])
@pytest.mark.parametrize("choice", ["upper", "body"])
def test_each_slot_has_a_place_and_the_numbers_of_a_pose(slots, choice):
    features = Crowd(slots, choice).features
    names = [feature.name for feature in features]
    assert (features[0].name, features[0].kind, features[0].group) == ("count", "step", "people")
    for slot in range(1, slots + 1):
        own = ["x", "y", "size", *(feature.name for feature in chosen(choice))]
        assert [n for n in names if n.startswith(f"{slot}.") and ".raw." not in n] == [f"{slot}.{n}" for n in own]
    assert [f.group for f in features[-66 * slots :]] == ["raw"] * 66 * slots
    assert len(set(names)) == len(names)


def test_the_numbers_say_who_is_where():
    values, present = told(Crowd(2, "body"), [[standing(0.7), standing(0.3)]] * 9)[-1]
    assert values["count"] == 2
    assert (values["1.x"], values["2.x"]) == pytest.approx((0.3, 0.7), abs=1e-3)
    assert (values["1.y"], values["1.size"]) == pytest.approx((0.425, 0.25), abs=0.05)
    assert values["1.left_wrist.x"] == pytest.approx(values["2.left_wrist.x"], abs=1e-3)
    assert values["2.raw.nose.x"] == pytest.approx(0.7)
    assert all(present.values())


def test_nobody_is_a_state_and_one_is_not_two():
    both, one = [standing(0.3), standing(0.7)], [standing(0.7)]
    frames = told(Crowd(2, "upper"), [[]] * 3 + [both] * 9 + [one] * 3 + [[]] * 3)
    assert not any(any(present.values()) for _, present in (*frames[:3], *frames[-3:]))
    values, present = frames[14]
    assert values["count"] == 1
    assert [present[group] for group in ("people", "1", "1.upper", "2", "2.upper")] == [True, False, False, True, True]
    assert values["1.left_wrist.y"] == frames[11][0]["1.left_wrist.y"]
    assert frames[-1][0] == frames[14][0]


def test_landmarks_that_are_no_numbers_are_nobody():
    odd = standing(0.5)
    odd[3] = np.nan
    values, _ = told(Crowd(2, "upper"), [[odd, standing(0.3), standing(0.7)]] * 9)[-1]
    assert values["count"] == 2
    assert (values["1.x"], values["2.x"]) == pytest.approx((0.3, 0.7), abs=1e-3)


def test_somebody_new_in_a_slot_comes_after_a_pause():
    crowd = Crowd(2, "upper")
    frames = told(crowd, [[standing(0.3)]] * 9 + [[standing(0.8)]] * 40)
    there = [present["1"] for _, present in frames]
    place = [values["1.x"] for values, _ in frames]
    for n in range(1, len(frames)):
        assert abs(place[n] - place[n - 1]) < 0.1 or not there[n - 1]
    assert there[8]
    assert not there[11]
    assert frames[-1][1]["2"]


def test_forgotten_people_are_sorted_anew():
    crowd = Crowd(2, "upper")
    told(crowd, [[standing(0.3), standing(0.7)]] * 9)
    told(crowd, [[standing(0.3 + n / 20), standing(0.7 - n / 20)] for n in range(9)], start=9)
    crowd.forget()
    values, _ = told(crowd, [[standing(0.7), standing(0.3)]] * 9, start=18)[-1]
    assert values["1.x"] < values["2.x"]
