"""The kinds that stand in for Weka's: the same networks from the same examples, the same trees, the same votes."""

import json
from pathlib import Path

import numpy as np
import pytest

from livegan.mapping import c45
from livegan.mapping.kinds import bayes, boost, knn, linear, tree, weknet

PROJECT = Path(__file__).parents[2] / "data" / "wekinator" / "project-A-regression" / "current"


def examples():
    """Inputs and outputs of a project that Wekinator saved; NaN where an output was not recorded."""
    rows = (PROJECT / "currentData.arff").read_text().split("@data")[1].split()
    cells = [line.rsplit(",", 6)[1:] for line in (row for row in rows if row.count(",") > 5)]
    numbers = np.array([[np.nan if cell == "?" else float(cell) for cell in row] for row in cells])
    return numbers[:, :3], numbers[:, 3:]


@pytest.mark.parametrize("output", range(3))
def test_the_network_is_the_one_that_wekinator_trained(output):
    x, y = examples()
    asked = ~np.isnan(y[:, output])
    runs = weknet.fit(x[asked], y[asked][:, [output]], weknet.Settings())
    told = json.loads((PROJECT / "modelSetDescription.json").read_text())["modelSet"][output]["nodes"]
    last = [float(told[0][key]) for key in ("Threshold", "Node 1", "Node 2", "Node 3")]
    np.testing.assert_allclose(runs.layers[1][0, :, 0], last, atol=2e-4)
    keys = ("Threshold", "Attrib hand_x", "Attrib hand_y", "Attrib hand_z")
    first = [[float(node[key]) for node in told[1:]] for key in keys]
    np.testing.assert_allclose(runs.layers[0][0], first, atol=2e-4)


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_nets_side_by_side_are_those_taught_one_by_one_example_by_example(layers):
    """Against backpropagation as the books write it."""
    draw = np.random.default_rng(layers)
    x, y = draw.uniform(-1, 1, size=(41, 2)), draw.normal(size=(41, 2))
    settings = weknet.Settings(layers=layers, hidden=3, epochs=3)
    runs = weknet.fit(x, y, settings)
    for output in range(2):
        plain = plainly_taught(x, y[:, output], settings)
        for found, wanted in zip(runs.layers, plain, strict=True):
            np.testing.assert_allclose(found[output], wanted, atol=1e-12)


def plainly_taught(x, y, settings):
    draw = weknet._java(0)
    order = weknet._shuffled(len(x), draw)
    layers = weknet._begun([x.shape[1], *[settings.hidden] * settings.layers, 1], draw)
    moves = [np.zeros_like(layer) for layer in layers]
    x, y = (2 * (one - one.min(axis=0)) / np.ptp(one, axis=0) - 1 for one in (x, y))
    for row, wanted in list(zip(x[order], y[order], strict=True)) * settings.epochs:
        nodes = [np.array([1, *row])]
        for layer in layers[:-1]:
            nodes.append(np.array([1, *(1 / (1 + np.exp(-(nodes[-1] @ layer))))]))
        error = wanted - nodes[-1] @ layers[-1]
        for layer, move, node in zip(layers[::-1], moves[::-1], nodes[::-1], strict=True):
            before = (layer @ error * node * (1 - node))[1:]
            move[:] = 0.3 * np.outer(node, error) + 0.2 * move
            layer += move
            error = before
    return layers


def test_first_weights_come_from_the_random_numbers_of_java():
    # new java.util.Random(0): nextInt(10) twice, then nextDouble() of Random(42).
    draw = weknet._java(0)
    assert [weknet._below(10, draw) for _ in range(4)] == [0, 8, 9, 7]
    assert (weknet._weight(weknet._java(42)) + 0.05) / 0.1 == pytest.approx(0.7275636800328681, abs=1e-15)


def test_a_net_that_runs_away_is_taught_more_slowly():
    x = np.linspace(-1, 1, 12)[:, None] * np.ones(60)
    runs = weknet.fit(x, np.sign(x[:, :1]), weknet.Settings(hidden=200))
    assert all(np.isfinite(layer).all() for layer in runs.layers)


def test_very_many_examples_are_gone_through_less_often_unless_it_is_to_be_exact():
    assert weknet._affordable(500, 300, 1, [np.zeros((4, 3))]) == 500
    assert weknet._affordable(500, 100_000, 16, [np.zeros((35, 34))]) == 1


@pytest.mark.parametrize("exponent", [1, 3])
def test_a_polynomial_is_found_again(exponent):
    draw = np.random.default_rng(1)
    x = draw.uniform(-2, 5, size=(40, 2))
    y = 3 + sum(x**power @ draw.normal(size=(2, 2)) for power in range(1, exponent + 1))
    runs = linear.fit(x, y, linear.Settings(exponent=exponent))
    np.testing.assert_allclose(np.array([runs.predict(row) for row in 2 * x]) - y_at(x, y, runs), 0, atol=1e-4)
    np.testing.assert_allclose([runs.predict(row) for row in x], y, atol=1e-5)


def y_at(x, y, runs):
    """The polynomial through the examples, far beyond them, by interpolation in each input."""
    powers = len(runs.slopes)
    terms = [np.ones(len(x)), *(x[:, i] ** p for i in range(2) for p in range(1, powers + 1))]
    found = np.linalg.lstsq(np.stack(terms, axis=1), y, rcond=None)[0]
    far = [np.ones(len(x)), *((2 * x[:, i]) ** p for i in range(2) for p in range(1, powers + 1))]
    return np.stack(far, axis=1) @ found


def test_inputs_that_tell_the_same_share_what_is_learnt():
    x = np.linspace(0, 1, 20)[:, None] * [1.0, 1.0, 0.0]
    runs = linear.fit(x, 4 * x[:, :1], linear.Settings())
    np.testing.assert_allclose(runs.slopes[0, :, 0], [2, 2, 0], atol=1e-6)


def test_smoothed_probabilities_are_those_that_wekinator_sent():
    x = np.arange(50.0)[:, None]
    runs = knn.fit(x, 1 + (x > 20) + (x > 40), knn.Settings(smoothed=True), 3)
    np.testing.assert_allclose(runs.predict(np.array([3.0])), [0.0185185, 0.9444444, 0.0185185, 0.0185185], atol=1e-6)


def test_all_that_are_as_near_as_the_last_vote():
    x = np.array([[0.0], [2.0], [2.0], [9.0]])
    runs = knn.fit(x, np.array([[1.0], [2.0], [2.0], [3.0]]), knn.Settings(k=2), 3)
    np.testing.assert_allclose(runs.predict(np.array([1.5])), [0, 0, 1, 0])
    np.testing.assert_allclose(runs.predict(np.array([1.0])), [0, 1 / 3, 2 / 3, 0])


def test_an_input_beyond_its_range_counts_less_from_then_on():
    x, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0], [2.0]])
    there, far = np.array([0.6, 0.3]), np.array([0.5, 100.0])
    for smoothed, wanted in ((True, 2), (False, 1)):
        runs = knn.fit(x, y, knn.Settings(smoothed=smoothed), 2)
        assert runs.predict(there).argmax() == 1
        runs.predict(far)
        assert runs.predict(there).argmax() == wanted


def test_a_tree_splits_at_a_value_that_was_taught():
    x = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [8.0, 5.0], [9.0, 5.0], [10.0, 5.0]])
    trees = tree.fit(x, np.array([[1.0]] * 3 + [[2.0]] * 3), tree.Settings(), 2).trees
    assert trees.feature.tolist() == [0, -1, -1]
    assert trees.threshold[0] == 3.0
    assert tree.fit(x, np.array([[1.0]] * 3 + [[2.0]] * 3), tree.Settings(depth=1), 2).trees.threshold[0] == 5.5


def test_a_tree_cuts_what_only_learns_noise_by_heart():
    draw = np.random.default_rng(0)
    x = draw.uniform(size=(200, 3))
    y = 1.0 + (x[:, 0] > 0.5)
    y[draw.choice(200, 10, replace=False)] = 1
    trees = tree.fit(x, y[:, None], tree.Settings(), 2).trees
    assert len(trees.feature) < 15
    given = np.array([trees.leaves(row)[0].argmax() for row in x])
    assert (given == 1 + (x[:, 0] > 0.5)).mean() > 0.95


@pytest.mark.parametrize(
    ("total", "wrong", "feared"), [(6, 0, 1.236), (9, 0, 1.287), (1, 0, 0.75), (16, 1, 1.512), (3, 3, 0)]
)
def test_the_mistakes_that_are_feared(total, wrong, feared):
    # The upper ends of the confidence intervals at 25 % that Quinlan (1993, page 42) prints, times the examples.
    assert c45._feared(total, wrong) == pytest.approx(feared, rel=0.05, abs=1e-9)


def test_boosting_learns_what_one_stump_cannot():
    draw = np.random.default_rng(5)
    x = draw.uniform(-1, 1, size=(300, 2))
    y = 1.0 + (np.abs(x[:, 0]) > 0.5)
    right = {}
    for rounds in (1, 60):
        runs = boost.fit(x, y[:, None], boost.Settings(rounds=rounds, base="stump"), 2)
        right[rounds] = np.mean([runs.predict(row).argmax() == wanted for row, wanted in zip(x, y, strict=True)])
    assert right[1] < 0.8 < 0.95 < right[60]


def test_boosting_stops_with_a_tree_that_is_always_right():
    x = np.linspace(0, 1, 30)[:, None]
    runs = boost.fit(x, 1.0 + (x > 0.4), boost.Settings(), 2)
    assert len(runs.trees.roots) == 1


def test_bayes_weighs_every_input():
    draw = np.random.default_rng(2)
    owner = np.arange(200) % 2
    x = draw.normal(size=(200, 3)) + owner[:, None] * [3, 0, 1]
    runs = bayes.fit(x, owner[:, None] + 1.0, bayes.Settings(), 2)
    assert np.mean([runs.predict(row).argmax() == one + 1 for row, one in zip(x, owner, strict=True)]) > 0.9
    assert runs.predict(np.array([1.5, 0, 0.5]))[1:] == pytest.approx([0.5, 0.5], abs=0.25)
