"""What `livegan bench` measures is there, is named alike for people and programs, and is possible."""

import json
import time

import numpy as np
import pytest

from livegan.control import benching
from livegan.control.benching import bench, decibels, measured, taken
from livegan.errors import Lost
from livegan.generators import weights
from livegan.inputs.pose import Pose
from tests.generators.models import path_of

TIMES = {"mapping_ms", "fast_ms", "plain_ms", "predict_us", "draw_ms"}


@pytest.fixture(scope="module")
def told():
    """What is said as lines, as JSON, and what the progress was."""
    lines, said, progress = [], [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benching, "_counts", lambda: [1])
        patch.setattr(benching, "_FRAMES", 5)
        found = measured(path_of("stylegan2-ada-64"), progress.append)
        patch.setattr(benching, "measured", lambda *_: found)
        for as_json, into in ((False, lines), (True, said)):
            bench(str(path_of("stylegan2-ada-64")), as_json, into.append, progress.append)
    return lines, json.loads(said[0]), progress


def test_every_step_has_its_times(told):
    _, found, progress = told
    assert found.keys() >= TIMES | {"model", "size", "chosen", "decibels", "threads_ms", "fps"}
    for name in TIMES:
        assert 0 < found[name]["p50"] <= found[name]["p90"]
    assert found["size"] == [64, 64]
    assert found["chosen"]["threads"] <= found["chosen"]["of"]
    assert found["chosen"]["why"]
    assert found["threads_ms"].keys() == {"1"}
    assert 0 < found["fps"] <= 1e3 / found["fast_ms"]["p50"]
    assert 35 < found["decibels"] < 120
    assert len(progress) >= 2


def test_both_paths_are_measured_with_avx2_alone_on_as_many_threads(told):
    _, found, _ = told
    assert (found["avx2"]["type"], found["avx2"]["threads"]) == ("float32", found["chosen"]["threads"])
    for paths in (found, found["avx2"]):
        assert paths["ratio"] == pytest.approx(paths["plain_ms"]["p50"] / paths["fast_ms"]["p50"], abs=0.02)


def test_where_nothing_can_be_measured_with_avx2_alone_its_line_is_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(benching.sys, "executable", "false")
    said = []
    assert benching._held_to_avx2(tmp_path, said.append) is None
    assert said == ["the process that measures with AVX2 alone ended with 1: its line stays empty"]


def test_beside_the_times_stands_what_a_picture_costs(told):
    lines, found, _ = told
    model = weights.load(path_of("stylegan2-ada-64"))
    convolutions = [name for name, tensor in model.tensors.items() if name.startswith("synthesis") and tensor.ndim == 4]
    least = sum(model.tensors[name].size * _pixels(name) for name in convolutions)
    assert least < found["multiply_adds"] < 1.2 * least
    assert f"{found['multiply_adds']:,}" in "".join(lines)
    assert found["config"]["img_resolution"] == 64


def _pixels(name: str) -> int:
    """How many pixels a convolution reads."""
    side = int(name.split(".")[1][1:])
    return (side // 2 if name.endswith("conv0.weight") else side) ** 2


def test_the_inputs_that_take_most_have_theirs(told):
    lines, found, _ = told
    assert found["inputs_ms"].keys() == {"pose", "holistic", "motion", "audio"}
    for took in found["inputs_ms"].values():
        assert 0 < took["p50"] <= took["p99"]
    assert found["inputs_ms"]["audio"]["p50"] < found["inputs_ms"]["pose"]["p50"]
    assert all(f"{kind} (p50" in lines[-1] for kind in found["inputs_ms"])


def test_an_input_that_does_not_start_is_told_and_the_rest_measured(monkeypatch):
    def lost(self, settings, source=None):
        raise Lost("MediaPipe does not start: install it again")

    monkeypatch.setattr(Pose, "open", lost)
    progress = []
    assert benching._watched("pose", progress.append) is None
    assert progress == ["MediaPipe does not start: install it again"]


def test_lines_and_json_have_the_same_names(told):
    lines, found, _ = told
    assert [line.split()[0] for line in lines] == [*found]


def test_calls_are_counted_after_one_to_warm_up_and_bounded_in_time():
    turns = []
    assert len(taken(5, turns.append)) == 5
    assert turns == [*range(6)]
    assert 3 <= len(taken(1000, lambda turn: time.sleep(0.01), 0.05)) < 1000
    assert taken(3, lambda turn: time.sleep(0.02)).min() >= 0.02


def test_decibels_are_those_of_the_error():
    image = np.zeros((3, 8, 8), np.float32)
    grey = np.full((8, 8, 3), 127.5)
    assert decibels(image, grey + 2.55) == pytest.approx(40.0)
    assert decibels(image, grey) > 90
