"""Projects become mappings that play as Wekinator did."""

import shutil

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.mapping import kinds
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import Mapping, read_settings
from livegan.mapping.wekinator.imported import import_project
from tests.mapping.wekinator.projects import DTW, REGRESSION, Told, project, sweep

NET = ("NeuralNet", {"numHiddenLayers": 1, "hiddenLayerType": "NUM_FEATURES", "numNodesPerHiddenLayer": 0})
LINEAR = {"featureSelectionType": "NONE", "exponent": 1, "removeColinear": "false"}


def played(folder, rows):
    mapping = Mapping.load(folder)
    return np.array([mapping(np.float32(row)) for row in rows])


def test_a_saved_project_plays_what_wekinator_sent(tmp_path):
    notes = import_project(REGRESSION, tmp_path / "A")
    rows, sent = (np.array(one) for one in zip(*sweep(), strict=True))
    assert len(rows) > 80
    assert np.abs(played(tmp_path / "A", rows) - sent).max() < 1e-5
    assert notes[:2] == [
        "3 inputs, 3 outputs, 66 examples in 4 rounds",
        "networks as they were trained: brightness, zoom, morph",
    ]
    assert "port 6448" in notes[2]


def test_its_examples_are_kept_in_their_rounds(tmp_path):
    import_project(REGRESSION, tmp_path / "A")
    with Examples.read_only(tmp_path / "A" / FILE) as examples:
        assert [one.count for one in examples.rounds()] == [20, 20, 20, 6]
        assert np.isnan(examples.read().outputs[45]).tolist() == [False, False, True]
        units = [feature.unit for feature in examples.features]
    assert 0.1 < min(units) <= max(units) < 0.3


def test_it_can_be_fitted_again_and_stays_near(tmp_path):
    import_project(REGRESSION, tmp_path / "A")
    rows = np.array([row for row, _ in sweep()])[:20]
    before = played(tmp_path / "A", rows)
    fit(tmp_path / "A")
    assert np.abs(played(tmp_path / "A", rows) - before).max() < 1e-3


def test_a_network_beside_others_that_are_fitted_anew(tmp_path):
    folder = shutil.copytree(REGRESSION, tmp_path / "p")
    path = folder / "current/models/model1.xml"
    path.write_bytes(path.read_bytes().replace(b"<modelState>BUILT", b"<modelState>STALE"))
    notes = import_project(folder, tmp_path / "A")
    assert "fitted anew from the examples: zoom" in notes
    assert [note.split(" by ")[0] for note in notes if "not taught" in note] == [
        "zoom: misses a round that it was not taught"
    ]
    rows, sent = (np.array(one) for one in zip(*sweep(), strict=True))
    missed = np.abs(played(tmp_path / "A", rows) - sent).max(axis=0)
    assert missed[[0, 2]].max() < 1e-5
    assert missed[1] < 1e-3


def test_saved_gestures_are_told_apart(tmp_path):
    import_project(DTW, tmp_path / "C")
    settings = read_settings(tmp_path / "C")
    assert settings.output["output"].kind == "dtw"
    with Examples.read_only(tmp_path / "C" / FILE) as examples:
        taught = examples.read()
    mapping = Mapping.load(tmp_path / "C")
    for number in np.unique(taught.rounds):
        own = taught.rounds == number
        heard = [mapping(row) for row in taught.rows[own]]
        assert heard[-1][0] == taught.outputs[own.argmax()][0]


def test_an_output_that_stops_at_its_limits_and_cuts_off(tmp_path):
    rows = np.linspace(0, 1, 20)[:, None]
    told = Told("it", "number", ("LinearRegression", LINEAR), low="-2.0", high="2.0", whole="INTEGER", limits="HARD")
    import_project(project(tmp_path / "p", ["x"], [told], rows, 4 * rows, [1] * 20), tmp_path / "m")
    asked = [[0.2], [0.49], [0.9], [-0.49], [-3]]
    assert played(tmp_path / "m", asked).ravel().tolist() == [0, 1, 2, -1, -2]


def test_a_line_and_a_parabola_are_found_again(tmp_path):
    rows = np.random.default_rng(0).uniform(-1, 1, (60, 2)).round(6)
    line, bent = rows @ [1.5, -0.5] + 0.25, 2 * rows[:, 0] ** 2 - rows[:, 1] ** 2 + rows[:, 0]
    told = [
        Told("line", "number", ("LinearRegression", LINEAR)),
        Told("bent", "number", ("LinearRegression", LINEAR | {"exponent": 2})),
        Told("first", "number", ("LinearRegression", LINEAR), ["a"]),
    ]
    wanted = np.stack((line, bent, 3 * rows[:, 0]), axis=1)
    import_project(project(tmp_path / "p", ["a", "b"], told, rows, wanted, [1] * 60), tmp_path / "m")
    assert np.abs(played(tmp_path / "m", rows) - wanted).max() < 1e-4
    assert read_settings(tmp_path / "m").output["first"].features == ["a"]


CLASSES = {
    "nearest": ("KNN", {"numNeighbors": 1}),
    "boost": ("Adaboost", {"numRounds": 20, "baseLearnerType": "DECISION_TREE"}),
    "stumps": ("Adaboost", {"numRounds": 20, "baseLearnerType": "DECISION_STUMP"}),
    "tree": ("J48", {}),
    "stump": ("DecisionStump", {}),
    "vectors": ("SVM", {"kernelType": "POLYNOMIAL", "polyExponent": 2, "polyUseLowerOrder": "true"}),
    "lines": ("SVM", {"kernelType": "LINEAR", "complexity": "1.0"}),
    "bells": ("SVM", {"kernelType": "RBF", "rbfGamma": "0.5", "complexity": "10.0"}),
    "bayes": ("NaiveBayes", {}),
}


@pytest.mark.parametrize("model", CLASSES.values(), ids=CLASSES.keys())
def test_classes_of_every_kind_are_told_apart(tmp_path, model):
    rng = np.random.default_rng(1)
    middles = np.array([[0, 0], [4, 0]])
    wanted = rng.integers(0, 2, 60)
    rows = middles[wanted] + rng.normal(0, 0.4, (60, 2))
    folder = project(tmp_path / "p", ["a", "b"], [Told("it", "class", model)], rows, wanted[:, None] + 1.0, [1] * 60)
    import_project(folder, tmp_path / "m")
    asked = rng.integers(0, 2, 40)
    found = played(tmp_path / "m", middles[asked] + rng.normal(0, 0.4, (40, 2))).ravel()
    assert (found == asked + 1).mean() >= 0.95
    one = read_settings(tmp_path / "m").output["it"]
    assert kinds.settings_of("it", one.kind, one.type, one.params)


def test_probabilities_are_asked_for_as_in_the_project(tmp_path):
    told = Told("it", "class", ("KNN", {"numNeighbors": 1}), told="true")
    rows, wanted = np.arange(50.0)[:, None], 1 + np.arange(50.0)[:, None] % 3
    import_project(project(tmp_path / "p", ["x"], [told], rows, wanted, [1] * 50), tmp_path / "m")
    (shares,) = Mapping.load(tmp_path / "m").probabilities(np.float32([1])).values()
    # As measured with 50 rows of 3 classes.
    assert shares.tolist() == pytest.approx([0.0185, 0.0185, 0.944, 0.0185], abs=1e-3)


def test_a_project_without_examples_is_a_mapping_to_be_taught(tmp_path):
    folder = shutil.copytree(REGRESSION, tmp_path / "p")
    (folder / "current/currentData.arff").unlink()
    notes = import_project(folder, tmp_path / "A")
    assert any("nothing to fit" in note for note in notes)
    assert read_settings(tmp_path / "A").outputs == ["brightness", "zoom", "morph"]


def test_an_input_that_was_never_there_is_taken_along(tmp_path):
    rows = np.stack((np.arange(8.0), np.full(8, np.nan)), axis=1)
    told = Told("it", "number", ("LinearRegression", LINEAR))
    import_project(project(tmp_path / "p", ["x", "y"], [told], rows, rows[:, :1] / 8, [1] * 8), tmp_path / "m")
    assert played(tmp_path / "m", [[4, np.nan]])[0, 0] == pytest.approx(0.5, abs=1e-4)


def test_nothing_is_left_behind_or_written_over(tmp_path):
    rows, wanted = np.arange(4.0)[:, None], np.ones((4, 1))
    wrong = Told("it", "class", ("SVM", {"kernelType": "LINEAR", "complexity": "-1"}))
    folder = project(tmp_path / "p", ["x"], [wrong], rows, wanted, [1] * 4)
    with pytest.raises(BadRequest):
        import_project(folder, tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    import_project(REGRESSION, tmp_path / "A")
    with pytest.raises(BadRequest, match="there already"):
        import_project(REGRESSION, tmp_path / "A")
