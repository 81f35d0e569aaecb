"""Frames of several inputs pass one at a time, each once, with what all inputs said then."""

import numpy as np
import pytest

from livegan.frame import Feature, Frame
from livegan.show.feed import Feed
from livegan.show.passing import RECALL, Passing

BODY = [Feature("x"), Feature("hit", "event"), Feature("level", "step")]


def feed(name: str, features: list[Feature], rows: dict[float, list[float]], cut_at: float | None = None) -> Feed:
    made = Feed(name, features, lambda count: [], None, 0.5, 0.1, 2.0)
    for seen, row in rows.items():
        made.track.push(Frame(np.array(row, np.float32), seen, np.array([True]), cut=seen == cut_at))
    return made


def body(cut_at: float | None = None) -> Feed:
    rows = {0.0: [0, 0, 1], 0.1: [1, 7, 1], 0.2: [2, 0, 5], 0.3: [3, 0, 5]}
    return feed("body", BODY, rows, cut_at)


def test_each_frame_passes_once_and_those_to_come_later():
    passing = Passing([body()], [0], before=False)
    assert [one.at for one in passing.until({0: 0.15})] == [0.0, 0.1]
    assert passing.until({0: 0.15}) == []
    assert [one.at for one in passing.until({0: 0.2})] == [0.2]
    assert [one.at for one in passing.until({0: 0.9})] == [0.3]


def test_as_they_are_from_the_frame_on_with_its_events():
    found = Passing([body()], [0], before=False).until({0: 0.25})
    assert np.array([one.values for one in found]).tolist() == [[0, 0, 1], [1, 7, 1], [2, 0, 5]]


def test_as_they_had_become_when_it_came():
    found = Passing([body()], [0], before=True).until({0: 0.25})
    assert np.isnan(found[0].values).all()
    assert np.allclose([one.values for one in found[1:]], [[1, 0, 1], [2, 0, 1]], atol=1e-5)


def test_at_a_cut_they_are_those_of_the_frame_itself():
    found = Passing([body(cut_at=0.2)], [0], before=True).until({0: 0.25})
    assert [one.cut for one in found] == [False, False, True]
    assert found[2].values.tolist() == [2, 0, 5]


def test_several_inputs_are_told_on_the_time_line_of_the_first():
    other = feed("hand", [Feature("y")], {10.05: [50], 10.15: [150]})
    still = feed("still", [Feature("z")], {0.0: [1]})
    found = Passing([still, other, body()], [1, 2], before=False).until({1: 10.2, 2: 0.2})
    assert [one.at for one in found] == pytest.approx([10.0, 10.05, 10.1, 10.15, 10.2])
    assert np.isnan([one.values[0] for one in found]).all()
    assert [one.values[1] for one in found[1:4]] == pytest.approx([50, 100, 150], abs=0.01)
    assert [one.values[2] for one in found] == pytest.approx([0, 0.5, 1, 1.5, 2], abs=0.01)


def test_what_is_long_past_is_left_out():
    long = feed("body", [Feature("x")], {n / 10: [n] for n in range(40)})
    found = Passing([long], [0], before=False).until({0: 3.95})
    assert found[0].at == pytest.approx(3.95 - RECALL, abs=0.1)
    assert found[-1].at == 3.9


def test_asking_takes_nothing_from_the_show():
    one = body()
    Passing([one], [0], before=False).until({0: 0.25})
    assert one.track.at(0.15).values[1] == 7
