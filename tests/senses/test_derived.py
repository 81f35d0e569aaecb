"""Derived features: each function against a reference over the whole series by numpy; absences, cuts, takes."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame, groups
from livegan.senses.body import Body
from livegan.senses.derived import Derived
from livegan.senses.memory import STILL
from livegan.senses.oneeuro import SPEED

GAP, SECONDS = 0.2505, 0.4005
"""No sum of whole milliseconds, so that the reference need not agree on ties."""

OWN = [
    Feature("x", max_gap=GAP, unit=0.5),
    Feature("turn", "angle", max_gap=GAP, unit=0.3),
    Feature("key", "step", max_gap=GAP),
    Feature("hit", "event", max_gap=GAP),
]


def frames(values, times, present=None, cuts=()):
    """Frames of features of one group."""
    there = np.ones(len(times), bool) if present is None else present
    return [
        Frame(np.asarray(row, np.float32), float(at), np.array([here]), cut=n in cuts)
        for n, (row, at, here) in enumerate(zip(values, times, there, strict=True))
    ]


def given_by(formula, series, own=OWN):
    derived = Derived(own, {"found": formula})
    return np.array([derived.step(frame).data[-1] for frame in series])


@st.composite
def series(draw):
    """Frames at irregular times with absences and cuts."""
    count = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    apart = rng.choice([1, 5, 17, 33, 34, 40, 90, 260, 700], count, p=[0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    times = 50 + np.cumsum(apart) / 1e3
    values = np.empty((count, 4), np.float32)
    values[:, 0] = rng.normal(size=count) * draw(st.sampled_from([0.01, 1.0, 30.0]))
    values[:, 1] = rng.uniform(-np.pi, np.pi, count)
    values[:, 2] = rng.integers(0, 3, count)
    values[:, 3] = rng.choice([0, 0, 0, 0.5, 1], count)
    present = rng.random(count) > draw(st.sampled_from([0.0, 0.3]))
    cuts = set(np.flatnonzero(rng.random(count) < draw(st.sampled_from([0.0, 0.1]))).tolist())
    return frames(values, times, present, cuts)


def expected(series, column, patience, of, event=False):
    """of(times [N], values [N]) of what one person did until each frame; what it was while nobody is there."""
    times, values, found, last = [], [], [], 0.0
    for frame in series:
        if frame.cut:
            times, values = [], []
        if frame.present[0]:
            if times and frame.seen - times[-1] > patience:
                times, values = [], []
            times.append(frame.seen)
            values.append(float(frame.data[column]))
            last = float(of(np.array(times), np.array(values)))
        elif event:
            last = 0.0
        found.append(last)
    return np.array(found)


def wrapped(angle):
    return (np.asarray(angle) + np.pi) % (2 * np.pi) - np.pi


def speed(t, x):
    return (x[-1] - x[-2]) / (t[-1] - t[-2]) if len(x) > 1 else 0.0


def acceleration(t, x):
    return 2 * (np.diff(x[-2:]) / np.diff(t[-2:]) - np.diff(x[-3:-1]) / np.diff(t[-3:-1]))[0] / (t[-1] - t[-3])


def within(t, x):
    return x[t > t[-1] - SECONDS]


def before(t, x):
    moment = t[-1] - SECONDS
    if moment <= t[0]:
        return x[0]
    place = np.flatnonzero(t <= moment)[-1]
    return x[place] if t[place + 1] - t[place] > GAP else np.interp(moment, t, x)


def one_euro(t, x):
    smooth, rate = x[0], 0.0
    for passed, last, now in zip(np.diff(t), x, x[1:], strict=False):
        rate = (rate * SPEED + now - last) / (passed + SPEED)
        delay = 0.2 / (1 + abs(rate) / 0.5)
        smooth += passed / (passed + delay) * (now - smooth)
    return smooth


def above(t, x):
    state = False
    for number in x:
        state = True if number >= 0.5 else False if number < -0.5 else state
    return state


LINEAR = {
    "x": (math.inf, lambda t, x: x[-1]),
    "abs(x) - 2 * x": (math.inf, lambda t, x: abs(x[-1]) - 2 * x[-1]),
    "sqrt(x)": (math.inf, lambda t, x: np.sqrt(max(x[-1], 0))),
    "clip(x, -0.5, 0.25)": (math.inf, lambda t, x: np.clip(x[-1], -0.5, 0.25)),
    "scale(x, 1, -1)": (math.inf, lambda t, x: np.clip((1 - x[-1]) / 2, 0, 1)),
    "higher(x, 0.5) + lower(x, 0.5)": (math.inf, lambda t, x: np.maximum(x[-1], 0.5) + np.minimum(x[-1], 0.5)),
    "speed(x)": (GAP, speed),
    "acceleration(x)": (GAP, lambda t, x: acceleration(t, x) if len(x) > 2 else 0.0),
    "smooth(x, 200 ms)": (GAP, one_euro),
    "mean(x, 0.4005)": (SECONDS, lambda t, x: np.mean(within(t, x))),
    "min(x, 0.4005)": (SECONDS, lambda t, x: np.min(within(t, x))),
    "max(x, 0.4005)": (SECONDS, lambda t, x: np.max(within(t, x))),
    "deviation(x, 0.4005)": (SECONDS, lambda t, x: np.std(within(t, x))),
    "before(x, 0.4005)": (SECONDS, before),
    "change(x, 0.4005)": (SECONDS, lambda t, x: x[-1] - before(t, x)),
    "above(x, 0.5, -0.5)": (math.inf, above),
}


@pytest.mark.parametrize("formula", LINEAR)
@given(series=series())
def test_numbers_agree_with_the_reference(formula, series):
    patience, of = LINEAR[formula]
    wanted = expected(series, 0, patience, of)
    assert given_by(formula, series) == pytest.approx(wanted, rel=1e-6, abs=1e-6 * max(1, np.abs(wanted).max()))


ANGLES = {
    "smooth(turn, 1 ms)": (GAP, None),
    "turn + turn": (math.inf, lambda t, x: wrapped(2 * x[-1])),
    "turn - 2.5": (math.inf, lambda t, x: wrapped(x[-1] - 2.5)),
    "mean(turn, 0.4005)": (SECONDS, lambda t, x: np.angle(np.exp(1j * within(t, x)).mean())),
    "before(turn, 0.4005)": (SECONDS, lambda t, x: wrapped(before(t, np.unwrap(x)))),
}
TURNING = {
    "turn * 2": (math.inf, lambda t, x: 2 * x[-1]),
    "speed(turn)": (GAP, lambda t, x: speed(t, np.unwrap(x))),
    "acceleration(turn)": (GAP, lambda t, x: acceleration(t, np.unwrap(x)) if len(x) > 2 else 0.0),
    "change(turn, 0.4005)": (SECONDS, lambda t, x: wrapped(x[-1] - before(t, np.unwrap(x)))),
    "max(turn, 0.4005)": (SECONDS, lambda t, x: np.max(within(t, x))),
}


def angles_smoothed(t, x):
    smooth, rate, x = x[0], 0.0, np.unwrap(x)
    for passed, last, now in zip(np.diff(t), x, x[1:], strict=False):
        rate = (rate * SPEED + now - last) / (passed + SPEED)
        smooth += passed / (passed + 0.001 / (1 + abs(rate) / 0.3)) * wrapped(now - smooth)
    return wrapped(smooth)


@pytest.mark.parametrize("formula", ANGLES)
@given(series=series())
def test_angles_go_around_the_circle_and_stay_angles(formula, series):
    patience, of = ANGLES[formula]
    found, wanted = given_by(formula, series), expected(series, 1, patience, of or angles_smoothed)
    assert Derived(OWN, {"found": formula}).features[-1].kind == "angle"
    assert np.abs(found).max() <= np.pi + 1e-6
    assert np.abs(wrapped(found - wanted)).max() < 1e-5


@pytest.mark.parametrize("formula", TURNING)
@given(series=series())
def test_what_is_told_of_an_angle_is_a_number(formula, series):
    patience, of = TURNING[formula]
    wanted = expected(series, 1, patience, of)
    assert Derived(OWN, {"found": formula}).features[-1].kind == "linear"
    assert given_by(formula, series) == pytest.approx(wanted, rel=1e-5, abs=1e-6 * max(1, np.abs(wanted).max()))


def last_hit(t, x):
    hits = np.flatnonzero(x)
    return x[hits[-1]] * max(0, 1 - (t[-1] - t[hits[-1]]) / SECONDS) if len(hits) else 0.0


EVENTS = {
    "rises(x, 0.1)": (0, GAP, lambda t, x: len(x) > 1 and x[-2] < 0.1 <= x[-1], True),
    "falls(x, 0.1)": (0, GAP, lambda t, x: len(x) > 1 and x[-2] > 0.1 >= x[-1], True),
    "hit * 3": (3, math.inf, lambda t, x: 3 * x[-1], True),
    "count(hit, 0.4005)": (3, SECONDS, lambda t, x: np.count_nonzero(within(t, x)), False),
    "fade(hit, 0.4005)": (3, math.inf, last_hit, False),
    "max(key, 0.4005)": (2, math.inf, lambda t, x: np.max(within(t, x)), False),
    "before(key, 0.4005)": (2, math.inf, lambda t, x: x[t <= max(t[0], t[-1] - SECONDS)][-1], False),
}


@pytest.mark.parametrize("formula", EVENTS)
@given(series=series())
def test_events_and_steps_agree_with_the_reference(formula, series):
    column, patience, of, event = EVENTS[formula]
    wanted = expected(series, column, patience, of, event)
    assert given_by(formula, series) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def step_speed(t, x):
    """From the change before to the last one; over the time since where that is longer."""
    changes = np.flatnonzero(np.diff(x)) + 1
    if not len(changes) or t[-1] - t[changes[-1]] >= STILL:
        return 0.0
    last, before = changes[-1], t[changes[-2]] if len(changes) > 1 else -math.inf
    return (x[last] - x[last - 1]) / max(min(t[last] - before, STILL), t[-1] - t[last])


@given(series=series())
def test_a_step_goes_from_one_change_to_the_next(series):
    series = [replace(frame, seen=frame.seen * 1.00071) for frame in series]  # no ties with STILL
    wanted = expected(series, 2, math.inf, step_speed)
    assert given_by("speed(key)", series) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


POINTS = [Feature(f"{name}.{axis}", group=name) for name in "abc" for axis in "xyz"] + [
    Feature(f"flat.{axis}", group="flat") for axis in "xy"
]


@given(st.integers(0, 10**6))
def test_distances_and_angles_of_points(seed):
    a, b, c, flat = np.split(np.random.default_rng(seed).normal(size=12).astype(np.float32)[:11], [3, 6, 9])
    frame = Frame(np.concatenate((a, b, c, flat)), 1.0, np.ones(4, bool))
    cosine = (a - b) @ (c - b) / np.linalg.norm(a - b) / np.linalg.norm(c - b)
    wanted = {
        "distance(a, b)": np.linalg.norm(a - b),
        "distance(a, flat)": np.linalg.norm(a[:2] - flat),
        "angle(a, flat)": np.arctan2(flat[1] - a[1], flat[0] - a[0]),
        "angle(a, b, c)": np.arccos(cosine),
    }
    for formula, number in wanted.items():
        assert Derived(POINTS, {"found": formula}).step(frame).data[-1] == pytest.approx(number, rel=1e-4, abs=1e-5)


@given(st.lists(st.sampled_from([0.0, 1e-10, 2.0, -4.0]), min_size=1, max_size=9))
def test_a_division_by_nothing_holds(numbers):
    found = given_by("x / key", frames([(3, 0, n, 0) for n in numbers], np.arange(len(numbers)) + 1.0))
    wanted, last = [], 0.0
    for number in numbers:
        last = 3 / number if abs(number) > 1e-9 else last
        wanted.append(last)
    assert found.tolist() == np.float32(wanted).tolist()


NASTY = st.floats(width=32) | st.sampled_from([np.inf, -np.inf, np.nan, 3e38, 1e-45])


@given(st.lists(st.tuples(NASTY, NASTY, st.booleans(), st.booleans()), min_size=1, max_size=8), st.data())
def test_whatever_comes_all_is_finite(rows, data):
    names = ("x * x * x * x", "x / key", "speed(speed(speed(x)))", "smooth(x * x, 1 s)", "deviation(x * x, 1 s)")
    names += (
        "acceleration(x)",
        "sqrt(x) - 1e15 * x",
        "mean(turn * 1e9, 1 s)",
        "before(x, 1 s) * x",
        "scale(x, key, x)",
    )
    derived = Derived(OWN, {f"n{n}": formula for n, formula in enumerate(names)})
    at = 1.0
    for x, key, present, cut in rows:
        at += data.draw(st.sampled_from([-1.0, 0.0, 1e-12, 0.03]))
        frame = derived.step(Frame(np.array([x, 0.5, key, 0], np.float32), at, np.array([present]), cut=cut))
        assert np.isfinite(frame.data[4:]).all()
        assert np.abs(frame.data[4:]).max() <= 1.0001e15


TWO = [Feature("x", group="left", unit=0.5), Feature("y", group="right", unit=2.0), Feature("raw.z", group="raw")]


def test_a_feature_is_of_the_groups_of_what_it_is_made_of():
    formulas = {"own": "2 * x", "both": "y + x", "more": "both - own", "eyes": "raw.z * 1", "all": "raw.z + both"}
    features = Derived(TWO, formulas).features
    made = {feature.name: feature.group for feature in features[3:]}
    both = "left and right"
    assert made == {"own": "left", "both": both, "more": both, "eyes": "of raw", "all": "left and right and raw"}
    assert groups(features) == ["left", "right", "raw", both, "of raw", "left and right and raw"]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(-9, 9, width=32)), min_size=1, max_size=20))
def test_what_needs_two_is_there_while_both_are_and_holds_when_not(rows):
    derived, held = Derived(TWO, {"sum": "x + y", "go": "rises(x, 0) * 1"}), 0.0
    for n, (left, right, number) in enumerate(rows):
        frame = derived.step(Frame(np.array([number, 1, 0], np.float32), n / 30, np.array([left, right, True])))
        held = np.float32(np.float64(np.float32(number)) + 1) if left and right else held
        assert frame.present.tolist() == [left, right, True, left and right]
        assert frame.data[3] == held
        assert left or frame.data[4] == 0


@pytest.mark.parametrize(
    ("formula", "kind", "unit"),
    [
        ("x", "linear", 0.5),
        ("-x + 3", "linear", 0.5),
        ("2 * 3 * x", "linear", 3.0),
        ("x / (2 + 2)", "linear", 0.125),
        ("scale(x, 0, 2)", "linear", 0.25),
        ("speed(x)", "linear", 0.5),
        ("smooth(turn, 1)", "angle", 0.3),
        ("speed(turn)", "linear", 0.3),
        ("-turn", "angle", 0.3),
        ("turn + x", "linear", 0.5),
        ("key + 1", "step", 1.0),
        ("mean(key, 1)", "linear", 1.0),
        ("change(key, 1)", "step", 1.0),
        ("above(x, 1, 0)", "step", 1.0),
        ("rises(x, 1)", "event", 1.0),
        ("hit * x", "event", 0.5),
        ("count(hit, 1)", "step", 1.0),
        ("fade(hit, 1)", "linear", 1.0),
        ("0 * x", "linear", 0.0),
        ("wire", "linear", 0.0),
        ("2 * wire + 1", "linear", 0.0),
        ("x / wire", "linear", 0.0),
        ("x + wire", "linear", 0.5),
        ("smooth(wire, 1)", "linear", 0.0),
    ],
)
def test_kind_unit_and_gap_come_from_what_it_is_made_of(formula, kind, unit):
    feature = Derived([*OWN, Feature("wire", max_gap=GAP, unit=0)], {"found": formula}).features[-1]
    assert (feature.kind, feature.unit, feature.max_gap) == (kind, pytest.approx(unit), GAP)


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("left_wrst.x", 'character 1: there is no feature "left_wrst.x"; did you mean left_wrist.x?'),
        ("2 * left_wrist", 'character 5: "left_wrist" is a point, not a number; there are left_wrist.x, left_wrist.y'),
        ("smoth(tilt, 1)", 'there is no function "smoth"; did you mean smooth?'),
        ("smooth(tilt)", "smooth(x, seconds) is wanted, found 1 of these"),
        ("smooth(tilt, tilt)", "character 14: a time above 0 and up to 60 s is wanted"),
        ("smooth(tilt, 2 min)", "a time above 0 and up to 60 s is wanted"),
        ("tilt + 100 ms", "character 8: a time stands here"),
        ("distance(tilt, nose)", "character 10: a point is wanted here, a name with .x and .y; there are nose, "),
        ("speed(rises(tilt, 1))", "character 7: an event is over at once"),
        ("count(tilt, 1)", "character 7: an event is wanted here"),
        ("2 * (3 + 1)", "a feature's name is missing"),
        ("first + 1", '"first" is derived only here'),
        ("later + 1", '"later" is derived only here or further down: put it above'),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(formula, says):
    own = Body("upper").features
    with pytest.raises(BadRequest) as told:
        Derived(own, {"first": formula, "later": "tilt"})
    assert str(told.value).startswith(f'derived.first: in "{formula}", character ')
    assert says in str(told.value)


@pytest.mark.parametrize("name", ["tilt", "left hand", "2 s", "", "a-b", "5"])
def test_a_name_that_is_taken_or_cannot_be_written_is_refused(name):
    with pytest.raises(BadRequest, match="choose another"):
        Derived(Body("upper").features, {name: "nose.x"})


def test_an_input_without_numbers_derives_nothing():
    with pytest.raises(BadRequest, match="gives no numbers"):
        Derived([], {"a": "x"})


def test_without_formulas_frames_pass_as_they_are():
    frame = Frame(np.zeros(5, np.uint8), 1.0, np.ones(1, bool))
    assert Derived([], {}).step(frame) is frame


@given(series=series())
def test_a_frame_as_it_came_goes_on_with_more(series):
    derived = Derived(OWN, {"twice": "2 * x", "thrice": "twice + x"})
    for frame in series:
        found = derived.step(frame)
        assert (found.seen, found.cut, found.present.tolist()) == (frame.seen, frame.cut, frame.present.tolist())
        assert found.data.dtype == np.float32
        assert found.data[:4].tolist() == frame.data.tolist()


def test_a_long_window_forgets_what_is_older():
    times = 5 + np.arange(3000) / 500
    values = np.sin(np.arange(3000))
    found = given_by("max(x, 1 s) - mean(x, 1 s)", frames(np.outer(values, np.ones(4)), times))
    wanted = [v[-500:].max() - v[-500:].mean() for v in (np.float32(values[: n + 1]) for n in range(3000))]
    assert found == pytest.approx(np.array(wanted), abs=1e-6)


def test_a_frame_that_is_not_newer_changes_nothing():
    derived = Derived(OWN, {"speed": "speed(x)", "past": "rises(x, 0.5)"})
    rows = [(0.0, 1.0), (0.4, 1.1), (9.0, 1.1), (-7.0, 0.3), (0.6, 1.2)]
    found = [derived.step(frames([(x, 0, 0, 0)], [at])[0]).data[-2:].tolist() for x, at in rows]
    assert found == pytest.approx(np.array([[0, 0], [4, 0], [4, 0], [4, 0], [2, 1]]))


def test_constants_stay_within_what_numbers_may_be():
    endless = " * ".join(["1e15"] * 21)
    assert np.isfinite(given_by(f"turn + {endless}", frames([[0.0] * 4], [1.0]))).all()
