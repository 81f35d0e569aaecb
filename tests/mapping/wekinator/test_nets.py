"""Trained networks as modelSetDescription.json tells them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator import nets
from tests.hostile.wekinator import JSON
from tests.mapping.wekinator.projects import REGRESSION, refused, sweep

SAVED = (REGRESSION / "current/modelSetDescription.json").read_bytes()


def described(change=lambda model: None):
    """The first network of the saved project after a change."""
    whole = json.loads(SAVED)
    change(whole["modelSet"][0])
    return json.dumps(whole).encode()


def test_networks_answer_as_they_did_in_wekinator():
    found = [give() for give in nets.read(SAVED)]
    assert found[0].inputs == ("hand_x", "hand_y", "hand_z")
    for row, sent in sweep():
        assert np.abs([net.predict(row) for net in found] - sent).max() < 1e-5


def test_networks_of_other_depths_are_read():
    def deeper(model):
        first = {"name": "Sigmoid Node 4", "Threshold": "0.5"} | {f"Node {n}": "1" for n in (1, 2, 3)}
        second = first | {"name": "Sigmoid Node 5", "Threshold": "-0.5"}
        model["nodes"] += [first, second]
        model["nodes"][0] = {"name": "Linear Node 0", "Threshold": "0", "Node 4": "1", "Node 5": "-1"}

    def flat(model):
        names = model["inputNames"]
        model["nodes"] = [{"name": "Linear Node 0", "Threshold": "1"} | {f"Attrib {name}": "0.5" for name in names}]

    deep, shallow = (nets.read(described(change))[0]() for change in (deeper, flat))
    assert [weights.shape for weights, _ in deep.layers] == [(3, 3), (3, 2), (2, 1)]
    row = np.array(shallow.base) + np.array(shallow.half)
    assert shallow.predict(row) == pytest.approx(0.9 + 0.8 * (1 + 1.5))


def test_an_input_that_never_changed_is_only_moved():
    net = nets.read(described(lambda model: model.update(inRanges=[0, 1, 1])))[0]()
    assert np.isfinite(net.predict(np.array([3.0, 0, 0])))


def test_nearest_neighbours_keep_their_place():
    def nearest(model):
        model["modelType"] = "kNN Classifier"

    found = nets.read(described(nearest))
    assert found[0] is None
    assert found[1]() is not None


DAMAGED = {
    "a weight is no number": lambda m: m["nodes"][0].update({"Node 1": "one"}),
    "a weight is infinite": lambda m: m["nodes"][0].update({"Node 1": "1e999"}),
    "a weight is a list": lambda m: m["nodes"][0].update({"Node 1": [1]}),
    "a weight is missing": lambda m: m["nodes"][1].pop("Attrib hand_x"),
    "a name was split at its blank": lambda m: m["nodes"][1].update({"Attrib hand": "x"}),
    "a node is missing": lambda m: m["nodes"].pop(),
    "a node is there that leads nowhere": lambda m: m["nodes"].append({"name": "Sigmoid Node 9", "Threshold": "1"}),
    "a circle": lambda m: m["nodes"][1].update({"Node 0": "1"}),
    "nodes without numbers": lambda m: m["nodes"][1].update({"name": "Sigmoid Node x"}),
    "no nodes": lambda m: m.update(nodes=[]),
    "too many nodes": lambda m: m.update(nodes=[{"name": f"Node {n}"} for n in range(9000)]),
    "no inputs": lambda m: m.update(inputNames=[]),
    "inputs twice": lambda m: m.update(inputNames=["hand_x"] * 3),
    "inputs that are none": lambda m: m.update(inputNames=[1, 2, 3]),
    "a range for too few": lambda m: m.update(inRanges=[1]),
    "a range that is no number": lambda m: m.update(outRange=None),
    "no ranges": lambda m: m.pop("inBases"),
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_network_is_refused_and_the_next_one_is_not(change):
    damaged, whole, _ = nets.read(described(change))
    with pytest.raises(BadRequest):
        damaged()
    assert whole()


@pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())
def test_what_describes_no_models_is_refused(text):
    with pytest.raises(BadRequest):
        nets.read(text.encode())


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one), max_leaves=5
)


@given(st.sampled_from(sorted(json.loads(SAVED)["modelSet"][0])), VALUES)
def test_any_other_value_gives_a_network_or_one_sentence(key, value):
    for give in nets.read(described(lambda model: model.update({key: value}))):
        assert give is None or "\n" not in refused(give)
