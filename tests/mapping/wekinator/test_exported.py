"""Mappings become projects that are read again as they were."""

import re
import shutil

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings, read_settings, write_settings
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator import arff, java
from livegan.mapping.wekinator.exported import export_project
from livegan.mapping.wekinator.imported import import_project
from livegan.mapping.wekinator.project import read
from tests.mapping.teaching import teach
from tests.mapping.wekinator.projects import DTW, REGRESSION

WHEN = re.compile(r"'\d{4}/[^']+'")
ROWS = np.float32([[0.1, 1e-7], [np.nan, 2], [1 / 3, -3e20], [5, 6]])
WANTED = np.float32([[0.1, 1, 3], [np.nan, 0, 2], [1 / 3, np.nan, 1], [1e-9, 2, 0]])
OUTPUTS = {
    "plain": OutputSettings(),
    "a, 'class'": OutputSettings(type="class", classes=2, probabilities=True, features=["y <&>"]),
    "whole": OutputSettings(model="linear", min=-3, max=3, limits="hard", integer="round", params={"exponent": 2}),
}


def taught(folder, outputs=OUTPUTS, rows=ROWS, wanted=WANTED, rounds=(0, 0, 1, 1)):
    names = ["x", "y <&>"]
    write_settings(folder, MappingSettings(features=names, outputs=list(outputs), output=outputs))
    with Examples.open(folder / FILE, [Feature(name) for name in names]) as examples:
        for number in sorted(set(rounds)):
            own = np.array(rounds) == number
            examples.add(examples.begin_round(), rows[own], wanted[own])
    return folder


def test_a_project_holds_every_example_as_it_was(tmp_path):
    notes = export_project(taught(tmp_path / "m"), tmp_path / "p")
    found = read(tmp_path / "p")
    assert (found.name, found.inputs.names) == ("m", ("x", "y <&>"))
    assert np.array_equal(np.float32(found.rows), ROWS, equal_nan=True)
    assert np.array_equal(np.float32(found.wanted), WANTED, equal_nan=True)
    assert found.rounds.tolist() == [1, 1, 2, 2]
    assert any("cuts off" in note for note in notes)
    assert any('"rbf"' in note for note in notes)


def test_a_project_holds_every_setting_that_wekinator_has(tmp_path):
    export_project(taught(tmp_path / "m"), tmp_path / "p")
    plain, second, whole = (one.settings for one in read(tmp_path / "p").outputs.outputs)
    assert (plain.model, second.model, second.probabilities) == ("weknet", "knn", True)
    assert (second.classes, second.features) == (2, ["y <&>"])
    assert (whole.model, whole.params, whole.limits, whole.min) == ("linear", {"exponent": 2}, "hard", -3)
    assert whole.integer == "truncate"


def test_each_model_holds_its_own_examples(tmp_path):
    export_project(taught(tmp_path / "m"), tmp_path / "p")
    table = arff.parsed(java.read((tmp_path / "p/current/models/model1.xml").read_bytes()).examples)
    assert [column.name for column in table.columns] == ["ID", "Time", "Training round", "y <&>", "a, 'class'"]
    assert [row[-1] for row in table.rows] == ["1", "0", "2"]


@pytest.mark.parametrize("project", [REGRESSION, DTW], ids=["numbers", "gestures"])
def test_a_project_that_came_in_goes_out_as_it_was(tmp_path, project):
    import_project(project, tmp_path / "m")
    notes = export_project(tmp_path / "m", tmp_path / "p")
    before, after = read(project), read(tmp_path / "p")
    assert np.allclose(after.rows, before.rows, rtol=1e-6, atol=1e-12)
    assert np.array_equal(np.float32(after.wanted), np.float32(before.wanted), equal_nan=True)
    assert after.rounds.tolist() == before.rounds.tolist()
    assert after.inputs == before.inputs
    assert [one.settings.classes for one in after.outputs.outputs] == [
        one.settings.classes for one in before.outputs.outputs
    ]
    assert [one.settings for one in after.outputs.outputs] == [one.settings for one in before.outputs.outputs]
    assert len(notes) == (project == REGRESSION)


def test_every_file_of_a_project_that_came_in_is_written_as_wekinator_wrote_it(tmp_path):
    import_project(REGRESSION, tmp_path / "m")
    export_project(tmp_path / "m", tmp_path / "p")
    for name in ("inputConfig.xml", "outputConfig.xml", "current/currentData.arff"):
        mine, theirs = ((folder / name).read_text() for folder in (tmp_path / "p", REGRESSION))
        assert WHEN.sub("", mine) == WHEN.sub("", theirs)
    models = [folder / "current/models/model0.xml" for folder in (tmp_path / "p", REGRESSION)]
    mine, theirs = (java.read(path.read_bytes()).path.split() for path in models)
    assert [one for one in mine if one not in theirs] == [
        "<modelState>READY_FOR_BUILDING</modelState>",
        "<trainingCompleted>false</trainingCompleted>",
    ]


def test_looks_and_a_folder_that_is_there_are_refused(tmp_path):
    with pytest.raises(BadRequest, match="looks"):
        export_project(teach(tmp_path / "looks", outputs="anchors"), tmp_path / "p")
    (tmp_path / "empty").mkdir()
    export_project(taught(tmp_path / "n"), tmp_path / "empty")
    with pytest.raises(BadRequest, match="there already"):
        export_project(taught(tmp_path / "m"), tmp_path)
    both = {"a": OutputSettings(), "b": OutputSettings(type="gesture", classes=2)}
    with pytest.raises(BadRequest, match="gestures"):
        export_project(taught(tmp_path / "both", both, wanted=WANTED[:, :2]), tmp_path / "p")
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("one", [OutputSettings(type="class", classes=2), OutputSettings(type="gesture", classes=3)])
def test_an_example_of_a_class_that_is_not_is_refused(tmp_path, one):
    # Of three classes one is unknown; a gesture is never none.
    with pytest.raises(BadRequest, match="none of its classes"):
        export_project(taught(tmp_path / "m", {"it": one}, wanted=WANTED[:, 2:]), tmp_path / "p")


def test_an_output_that_is_newer_than_the_examples_is_not_told_of_them(tmp_path):
    export_project(taught(tmp_path / "m", OUTPUTS | {"late": OutputSettings()}), tmp_path / "p")
    assert np.isnan(read(tmp_path / "p").wanted[:, 3]).all()


def test_messages_of_gestures_go_in_and_out(tmp_path):
    folder = shutil.copytree(DTW, tmp_path / "d")
    path = folder / "outputConfig.xml"
    path.write_text(path.read_text().replace("/output_2", "/jump/high"))
    notes = import_project(folder, tmp_path / "m")
    assert any("/output_1, /jump/high, /output_3" in note for note in notes)
    told = read_settings(tmp_path / "m").output["output"]
    assert [told.message(number, "usual") for number in (1, 2)] == ["/output_1", "/jump/high"]
    export_project(tmp_path / "m", tmp_path / "p")
    assert read(tmp_path / "p").outputs.outputs[0].messages == ("/output_1", "/jump/high", "/output_3")
