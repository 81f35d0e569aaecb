"""A path of looks: known from end to end, smooth, fair to every look, and refused when it makes no sense."""

import json
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.rehearsal.path import Path

counts = st.integers(1, 12)
paths = st.builds(Path.through, counts, st.floats(0, 5), st.floats(0.1, 5), st.floats(0, 90))


@given(paths)
def test_weights_are_weights_at_any_time(path):
    times = np.linspace(-1, path.lasts + 1, 300)
    weights = path.weights(times)
    assert weights.dtype == np.float32
    assert weights.shape == (300, len(path.ids))
    assert (weights >= 0).all()
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(weights[17], path.weights(float(times[17])))


@given(paths)
def test_it_passes_smoothly_from_one_look_to_the_next(path):
    times = np.linspace(0, path.lasts, 4000)
    fastest = np.abs(np.diff(path.weights(times), axis=0)).max() / (times[1] - times[0] + 1e-9)
    assert fastest <= 1.5 / path.morph + 1e-3


@given(st.integers(3, 12), st.floats(0, 90))
def test_every_look_is_visited_twice_in_different_places(count, lasting):
    path = Path.through(count, 1.0, 1.0, lasting)
    around = defaultdict(list)
    for place, look in enumerate(path.order):
        before = path.order[place - 1] if place else None
        after = path.order[place + 1] if place + 1 < len(path.order) else None
        around[look].append((before, after))
    assert all(len(around[look]) >= 2 for look in range(count))
    assert all(len(set(places)) >= 2 for places in around.values())
    assert path.lasts >= lasting


@given(st.integers(2, 12), st.floats(0, 120))
def test_no_look_is_visited_much_more_than_another(count, lasting):
    order = Path.through(count, 1.0, 1.0, lasting).order
    visits = [order.count(look) for look in range(count)]
    assert max(visits) - min(visits) <= 5


@given(paths, st.floats(-1, 200))
def test_what_is_announced_comes_when_it_was_said(path, moment):
    after = path.next(moment)
    if after is None:
        assert path.now(moment) == path.order[-1]
        return
    look, wait = after
    assert wait > -1e-9
    assert path.now(moment + wait + 1e-6) == look
    assert path.now(moment + wait - 1e-3) == path.now(moment) or wait < 2e-3
    over = moment + wait + path.morph
    assert path.weights(over)[look] == pytest.approx(1, abs=1e-4)


def test_the_timetable_of_a_small_path():
    path = Path(ids=("rose", "sea"), hold=2.0, morph=1.0, order=(0, 1, 0))
    assert path.lasts == 8.0
    assert [path.now(t) for t in (-1, 0, 1.9, 2.1, 4.9, 5.1, 9)] == [0, 0, 0, 1, 1, 0, 0]
    assert path.next(0.5) == (1, 1.5)
    assert path.next(3.0) == (0, 2.0)
    assert path.next(6.0) is None
    assert np.allclose(path.weights(np.array([0, 2, 2.5, 3, 5.5, 6, 8]))[:, 1], [0, 0, 0.5, 1, 0.5, 0, 0])


def test_one_look_stays():
    path = Path.through(1, 2.0, 1.0, 30.0)
    assert path.order == (0,)
    assert path.next(0.0) is None
    assert np.array_equal(path.weights(np.linspace(-1, 99, 7)), np.ones((7, 1)))


def test_names_may_be_given():
    assert Path.through(["rose", "sea"], 1, 1).ids == ("rose", "sea")


@given(paths)
def test_it_comes_back_from_json_as_it_was(path):
    assert Path.from_json(path.to_json()) == path


GOOD = {"ids": ["a", "b"], "hold": 1.0, "morph": 1.0, "order": [0, 1]}


@pytest.mark.parametrize(
    "change",
    [
        {"order": [0, 2, 1]},
        {"order": [0, -1]},
        {"order": [0, 1, 1]},
        {"order": [0]},
        {"order": []},
        {"order": "01"},
        {"ids": []},
        {"ids": ["a", "a"]},
        {"hold": -1},
        {"hold": float("nan")},
        {"morph": 0},
        {"morph": 1e9},
        {"more": 1},
        {"order": [0, 1] * 6000},
    ],
    ids=str,
)
def test_nonsense_is_refused_in_one_sentence(change):
    with pytest.raises(BadRequest) as refused:
        Path.from_json(json.dumps(GOOD | change))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", b"\xff", "[" * 5000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(BadRequest):
        Path.from_json(text)


@pytest.mark.parametrize(("looks", "hold", "morph"), [(0, 1, 1), (["a", "a"], 1, 1), (3, -1, 1), (3, 1, 0), (-2, 1, 1)])
def test_no_path_is_made_through_nonsense(looks, hold, morph):
    with pytest.raises(BadRequest):
        Path.through(looks, hold, morph)
