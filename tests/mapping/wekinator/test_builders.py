"""The kinds of model that Wekinator knows, and what they are here."""

import pytest

from livegan.errors import BadRequest
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator import builders, java
from livegan.mapping.wekinator.config import Output
from tests.hostile.wekinator import COUNTS, XML
from tests.mapping.wekinator.projects import REGRESSION, SAVED, Told

NET = {"numHiddenLayers": 2, "hiddenLayerType": "NUMBER", "numNodesPerHiddenLayer": 7}
LINEAR = {"featureSelectionType": "NONE", "exponent": 3, "removeColinear": "false"}
POLY = {"kernelType": "POLYNOMIAL", "polyExponent": 3, "polyUseLowerOrder": "true", "rbfGamma": "0.0"}
STUMPS = {"numRounds": 9, "baseLearnerType": "DECISION_STUMP"}
KINDS = {
    "net": ("NeuralNet", NET, "weknet", {"layers": 2, "hidden": 7, "exact": True}),
    "polynomial": ("LinearRegression", LINEAR, "linear", {"exponent": 3}),
    "nearest": ("KNN", {"numNeighbors": 4}, "knn", {"k": 4, "smoothed": True}),
    "boost": (
        "Adaboost",
        STUMPS,
        "boost",
        {"rounds": 9, "base": "stump"},
    ),
    "tree": ("J48", {}, "tree", {}),
    "stump": ("DecisionStump", {}, "tree", {"depth": 1}),
    "bayes": ("NaiveBayes", {}, "bayes", {}),
    "poly": ("SVM", POLY | {"complexity": 2.0}, "svm", {"kernel": "poly", "degree": 3, "lower": True, "c": 2.0}),
    "bells": ("SVM", {"kernelType": "RBF", "rbfGamma": 0.5}, "svm", {"kernel": "rbf", "gamma": 0.5, "c": 1.0}),
    "planes": ("SVM", {"kernelType": "LINEAR"}, "svm", {"kernel": "linear", "c": 1.0}),
}


def told(name, parts):
    return Told("it", "number" if name in ("NeuralNet", "LinearRegression") else "class", (name, parts))


@pytest.mark.parametrize(("name", "parts", "kind", "params"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_and_its_parameters_are_known(name, parts, kind, params):
    path = builders.path(told(name, parts).path(["a", "b"]))
    assert (path.kind, path.params, path.notes) == (kind, params, ())
    assert (path.inputs, path.state, path.record, path.run) == (("a", "b"), "NEEDS_REBUILDING", True, False)


@pytest.mark.parametrize(("name", "parts", "kind", "params"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_goes_back_to_wekinator(name, parts, kind, params):
    type = told(name, parts).type
    settings = OutputSettings(type=type, classes=3 if type == "class" else 0, model=kind, params=params, run=False)
    text, note = builders.path_text(Output("it", settings), ("a", "b"), 6)
    path = builders.path(text)
    assert note == ""
    assert (path.kind, path.params, path.state, path.run) == (kind, params, "READY_FOR_BUILDING", False)


def test_a_kind_that_wekinator_has_not_is_told():
    text, note = builders.path_text(Output("it", OutputSettings(model="gp")), ("a",), 6)
    assert builders.path(text).kind == "weknet"
    assert '"gp"' in note


def test_real_models_tell_their_settings():
    path = builders.path(java.read((REGRESSION / "current/models/model0.xml").read_bytes()).path)
    assert (path.kind, path.params) == ("weknet", {"layers": 1, "hidden": 0, "exact": True})
    assert path.output == Output("brightness", OutputSettings(limits="soft"))
    assert path.state == "BUILT"
    saved = builders.path(java.read((SAVED / "model1_saved_by_osc.xml").read_bytes()).path)
    assert saved.inputs == ("hand_x",)


def test_what_is_not_done_here_is_told():
    parts = {"featureSelectionType": "M5", "exponent": 1, "removeColinear": "true"}
    assert len(builders.path(told("LinearRegression", parts).path(["a"])).notes) == 2


def test_a_parameter_that_is_not_known_is_told():
    (note,) = builders.path(told("KNN", {"numNeighbors": 2, "weighting": 1}).path(["a"])).notes
    assert "<weighting>" in note


@pytest.mark.parametrize("text", XML.values(), ids=XML.keys())
def test_hostile_settings_are_refused(text):
    with pytest.raises(BadRequest):
        builders.path(text.replace("{root}", "Path"))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("name", "key"), [("KNN", "numNeighbors"), ("LinearRegression", "exponent")])
def test_counts_that_cannot_be_are_refused(name, key, count):
    with pytest.raises(BadRequest):
        builders.path(told(name, {key: count}).path(["a"]))


@pytest.mark.parametrize("name", ["java.lang.Runtime", "", "../../J48"])
def test_a_kind_that_is_not_known_is_refused(name):
    with pytest.raises(BadRequest, match="not known"):
        builders.path(told(name, {}).path(["a"]))
