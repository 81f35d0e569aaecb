"""Answers of outputs that are to be smooth, by the time at which their rows came."""

import pytest

from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.mapping.outputs import OutputSettings
from tests.serving.desk import Desk, notes


@pytest.fixture
def desk(tmp_path):
    table = {"calm": OutputSettings(model="linear", smooth=0.2), "quick": OutputSettings(model="linear")}
    write_settings(tmp_path / "own", MappingSettings(features=["a"], outputs=["calm", "quick"], output=table))
    one = Desk(tmp_path, mapping="own")
    for value in (0.0, 0.5, 1.0):
        one.record([[value]], [value, value])
    assert one.say("train")[-1].address == "/wekinator/status/done-training"
    one.say("startRunning")
    return one


def answers(desk, rate: float, rows: list[float]) -> list[list[float]]:
    found = []
    for row in rows:
        desk.time += 1 / rate
        found.append([*desk.row(row)[0].values])
    return found


def test_an_output_that_asks_for_it_is_smooth_and_others_are_not(desk):
    assert answers(desk, 50, [0.0])[0] == pytest.approx([0, 0], abs=1e-3)
    calm, quick = zip(*answers(desk, 50, [1.0] * 100), strict=True)
    assert quick[0] == pytest.approx(1, abs=1e-3)
    assert 0 < calm[0] < calm[5] < calm[20] < 1
    assert calm[-1] == pytest.approx(1, abs=0.01)


def test_rows_that_come_twice_as_often_are_not_smoothed_twice_as_much(desk):
    answers(desk, 50, [0.0])
    slow = answers(desk, 50, [1.0] * 10)[-1][0]
    answers(desk, 50, [0.0] * 500)
    fast = answers(desk, 100, [1.0] * 20)[-1][0]
    assert fast == pytest.approx(slow, abs=0.05)


def test_what_smoothing_costs_is_told_once(desk):
    said = []
    for _ in range(300):
        desk.time += 0.02
        said += notes(desk.row(0.0))
    assert said == ["smoothing delays the outputs by 200 ms as a rule"]
