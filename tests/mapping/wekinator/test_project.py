"""Whole projects: what is read of them, what is told, and what is refused."""

import json
import os
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator.project import read
from tests.hostile.wekinator import ARFF, BOMB, JAVA, JSON
from tests.mapping.wekinator.projects import DTW, REGRESSION, Told, project, refused, sweep

NET = ("NeuralNet", {"numHiddenLayers": 1, "hiddenLayerType": "NUM_FEATURES", "numNodesPerHiddenLayer": 0})
NEAREST = ("KNN", {"numNeighbors": 3})
ROWS = np.arange(12.0).reshape(6, 2)
WANTED = np.array([[0.1, 1], [0.2, 2], [0.3, np.nan], [np.nan, 0], [0.5, 3], [0.6, 1]])
ROUNDS = [1, 1, 2, 2, 3, 3]


def two(folder, rows=ROWS, wanted=WANTED, rounds=ROUNDS, inputs=("a", "b c")):
    told = [Told("glow", "number", NET, inputs[:1]), Told("kind", "class", NEAREST, low="0.5")]
    return project(folder, inputs, told, rows, wanted, rounds)


@pytest.fixture
def saved(tmp_path):
    """A copy of the project that was saved by the program itself."""
    return shutil.copytree(REGRESSION, tmp_path / "saved")


def test_a_saved_project_is_read_whole():
    found = read(REGRESSION)
    assert (found.name, found.port, found.notes) == ("WekinatorProject", 6448, ())
    assert found.rows.shape == found.wanted.shape == (66, 3)
    assert np.unique(found.rounds, return_counts=True)[1].tolist() == [20, 20, 20, 6]
    assert np.isnan(found.wanted[found.rounds == 3, 2]).all()
    for row, sent in sweep():
        assert np.abs([net.predict(row) for net in found.nets.values()] - sent).max() < 1e-5


def test_saved_gestures_are_read_as_rounds():
    found = read(DTW)
    assert found.notes == ()
    assert np.unique(found.rounds, return_counts=True)[1].tolist() == [20, 24, 20, 18, 30, 26]
    assert found.wanted[found.rounds == 4].tolist() == [[2.0]] * 18
    assert found.outputs.outputs[0].settings.params["threshold"] == 5.0


def test_outputs_have_their_kinds_inputs_and_switches(tmp_path):
    found = read(two(tmp_path / "p"))
    glow, kind = (one.settings for one in found.outputs.outputs)
    assert (glow.model, glow.features, glow.run, glow.classes) == ("weknet", ["a"], False, 0)
    assert (kind.model, kind.params, kind.features, kind.classes) == ("knn", {"k": 3, "smoothed": True}, None, 3)
    assert np.array_equal(found.wanted, WANTED, equal_nan=True)
    assert found.rounds.tolist() == ROUNDS


def test_what_no_mapping_can_hold_is_left_out_and_told(tmp_path):
    rows = ROWS.copy()
    rows[0, 0], rows[1] = np.nan, np.nan
    folder = two(tmp_path / "p", rows, rounds=[0, 0, 4, 4, 5, 5])
    text = (folder / "current/currentData.arff").read_text()
    (folder / "current/currentData.arff").write_text(text.replace(",8,9,", ",1e300,9,"))
    found = read(folder)
    assert len(found.rows) == 4
    assert np.isnan(found.rows[0, 0])
    assert found.rounds.tolist() == [6, 4, 4, 5]
    assert any("2 examples are left out" in note for note in found.notes)


def test_a_network_of_other_examples_is_not_taken(saved):
    path = saved / "current/models/model1.xml"
    path.write_bytes(path.read_bytes().replace(b"<modelState>BUILT", b"<modelState>STALE"))
    found = read(saved)
    assert sorted(found.nets) == ["brightness", "morph"]
    assert '"zoom"' in found.notes[0]


def test_networks_are_found_beside_models_that_are_not_described(saved):
    whole = json.loads((saved / "current/modelSetDescription.json").read_text())
    whole["modelSet"].pop(1)
    (saved / "current/modelSetDescription.json").write_text(json.dumps(whole))
    path = saved / "current/models/model1.xml"
    other = b'"wekimini.learning.LinearRegressionModelBuilder"'
    old = b'"wekimini.learning.NeuralNetModelBuilder"'
    data = path.read_bytes()
    count = int.from_bytes(data[5:7], "big") + len(other) - len(old)
    path.write_bytes(data[:5] + count.to_bytes(2, "big") + data[7:].replace(old, other, 1))
    found = read(saved)
    assert [one.settings.model for one in found.outputs.outputs] == ["weknet", "linear", "weknet"]
    assert sorted(found.nets) == ["brightness", "morph"]
    assert all("of its model is not known" in note for note in found.notes)


@pytest.mark.parametrize("name", ["modelSetDescription.json", "models/model0.xml", "currentData.arff"])
def test_a_missing_file_is_told_and_the_rest_is_read(saved, name):
    (saved / "current" / name).unlink()
    found = read(saved)
    assert any(name in note for note in found.notes)
    assert len(found.outputs.outputs) == 3


def test_gestures_without_their_model_are_matched_as_usual(tmp_path):
    folder = shutil.copytree(DTW, tmp_path / "d")
    (folder / "current/models/model1.xml").write_bytes(b"<nothing/>")
    found = read(folder)
    assert found.outputs.outputs[0].settings.params == {}
    assert len(found.notes) == 1
    (folder / "current/currentData.csv").unlink()
    assert read(folder).rows.shape == (0, 2)


def test_what_is_beside_a_project_or_of_its_own_is_told(tmp_path):
    folder = shutil.copytree(DTW, tmp_path / "d")
    (folder / "saved").mkdir()
    (folder / "saved/model1.xml").touch()
    path = folder / "outputConfig.xml"
    path.write_text(path.read_text().replace("/output_2", "/jump"))
    first, second = read(folder / "DtwProject.wekproj").notes
    assert "saved" in first
    assert "/jump" in second


def test_what_gestures_were_called_and_said_besides_is_told(tmp_path):
    folder = shutil.copytree(DTW, tmp_path / "d")
    path = folder / "outputConfig.xml"
    text = path.read_text().replace("<string>output_2<", "<string>hop<").replace("<string>/output_3<", "<string>/a b<")
    path.write_text(text.replace("Message>output<", "Message>/dance<"))
    found = read(folder)
    messages, names, message = found.notes
    assert "OSC cannot send" in messages
    assert "output_1, hop, output_3" in names
    assert "/dance" in message
    assert found.outputs.outputs[0].settings.messages is None


def test_what_a_mac_puts_beside_each_file_is_not_seen(saved):
    for path in [*saved.rglob("*.*")]:
        path.with_name(f"._{path.name}").write_bytes(b"\0\5\26\7")
    (saved / "saved").mkdir()
    (saved / "saved/._zoom.xml").touch()
    whole = read(REGRESSION)
    for found in (read(saved), read(saved / "WekinatorProject.wekproj")):
        assert (found.name, found.notes, len(found.rows)) == (whole.name, (), len(whole.rows))


def test_of_two_projects_the_one_that_was_named_is_taken(saved):
    shutil.copy(saved / "WekinatorProject.wekproj", saved / "Other.wekproj")
    assert read(saved / "Other.wekproj").name == "Other"
    with pytest.raises(BadRequest, match=r"2 \.wekproj files"):
        read(saved)


HOSTILE = (
    [("outputConfig.xml", BOMB.replace("{root}", "OSCOutputGroup").encode())]
    + [("inputConfig.xml", BOMB.replace("{root}", "OSCInputGroup").encode())]
    + [("WekinatorProject.wekproj", BOMB.replace("{root}", "WekinatorFileData").encode())]
    + [("current/currentData.arff", text.encode()) for text in ARFF.values()]
    + [("current/models/model1.xml", data) for data in JAVA.values()]
    + [("current/modelSetDescription.json", text.encode()) for text in JSON.values()]
)


@pytest.mark.parametrize(("name", "data"), HOSTILE, ids=lambda one: one if isinstance(one, str) else "")
def test_a_hostile_file_is_refused_or_told(saved, name, data):
    (saved / name).write_bytes(data)
    sentence = refused(read, saved)
    assert "\n" not in sentence
    assert name in sentence or any(name in note for note in read(saved).notes)


def test_a_folder_without_a_project_is_refused(tmp_path, saved):
    for folder in (tmp_path / "gone", tmp_path, saved / "outputConfig.xml"):
        with pytest.raises(BadRequest, match=r"\.wekproj"):
            read(folder)
    (saved / "outputConfig.xml").unlink()
    with pytest.raises(BadRequest, match=r"outputConfig\.xml"):
        read(saved)


def test_links_that_lead_out_and_pipes_are_refused(saved, tmp_path):
    path = saved / "current/currentData.arff"
    outside = path.rename(tmp_path / "outside.arff")
    path.symlink_to(outside)
    with pytest.raises(BadRequest, match="links"):
        read(saved)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadRequest, match="no file"):
        read(saved)


def test_a_file_larger_than_any_is_refused(saved):
    os.truncate(saved / "inputConfig.xml", 1 << 30)
    with pytest.raises(BadRequest, match="MiB"):
        read(saved)


FILES = sorted(str(path.relative_to(REGRESSION)) for path in REGRESSION.rglob("*") if path.is_file())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.integers(0, 15_000), st.binary(max_size=4))
def test_any_damage_gives_a_project_or_one_sentence(saved, name, at, put):
    whole = (REGRESSION / name).read_bytes()
    at %= len(whole)
    for damaged in (whole[:at], whole[:at] + put + whole[at + len(put) :], whole[:at] + put + whole[at:]):
        (saved / name).write_bytes(damaged)
        assert "\n" not in refused(read, saved)
    (saved / name).write_bytes(whole)
