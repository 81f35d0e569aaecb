"""Models: weights that are weights, taught poses that are kept, and never a NaN however far a body goes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.frame import Feature
from livegan.mapping import solve
from livegan.mapping.encoding import encoding_of
from livegan.mapping.models import Direct, NormalisedRBF, Ridge, from_arrays

PLAIN = [Feature(f"f{i}") for i in range(4)]
TURNING = [Feature("x"), Feature("turn", kind="angle", unit=0.5), Feature("y", unit=0.25)]
single = st.floats(width=32, allow_nan=False, allow_infinity=False)
near = st.floats(-20, 20, width=32)


def rbf(rows, owner, features=PLAIN) -> NormalisedRBF:
    return mixture(rows, np.eye(max(owner) + 1)[owner], features)


def mixture(rows, wanted, features=PLAIN) -> NormalisedRBF:
    rows = np.asarray(rows, np.float32)
    return solve.anchors(encoding_of(features, rows), rows, np.asarray(wanted, np.float32))


def own(model, rows, owner):
    """The weight that each example's own look has at it."""
    return solve.own_weights(model, rows, np.eye(model.size)[owner])


def ridge(rows, outputs, features=PLAIN) -> Ridge:
    rows = np.asarray(rows, np.float32)
    return solve.ridge(encoding_of(features, rows), rows, np.asarray(outputs, np.float32))


def five_poses(seed=0, count=40, features=4):
    """Five poses, each held and moving a little."""
    draw = np.random.default_rng(seed)
    poses = draw.normal(size=(5, features)) * 2
    owner = np.arange(count) % 5
    return (poses[owner] + draw.normal(size=(count, features)) * 0.05).astype(np.float32), owner


@given(arrays(np.float32, (6, 4), elements=near), arrays(np.float32, 4, elements=single))
def test_weights_are_weights_wherever_the_body_goes(rows, there):
    weights = rbf(rows, [0, 0, 1, 1, 2, 2]).predict(there)
    assert weights.dtype == np.float32
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()
    assert abs(weights.sum() - 1) < 1e-5


@given(arrays(np.float32, (7, 4), elements=near), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_a_taught_pose_gives_its_own_look(rows, rest):
    owner = np.array([0, 1, 2, *rest])
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)[owner[:, None] != owner]
    assume(apart.min() > 0.1)
    assert own(rbf(rows, owner), rows, owner).min() > 0.9


def test_examples_that_were_thinned_out_keep_their_look_too():
    rows, owner = five_poses(count=2000)
    model = rbf(rows, owner)
    assert len(model.targets) <= solve.MOST_ANCHORS
    assert own(model, rows, owner).min() > 0.9


def test_far_away_the_nearest_look_wins():
    model = rbf([[0, 0, 0, 0], [4, 0, 0, 0], [0, 4, 0, 0]], [0, 1, 2])
    for far in (20.0, 1e6, 3e38, np.inf):
        assert model.predict(np.array([far, 0, 0, 0], np.float32))[1] > 0.99
        assert model.predict(np.array([0, far, 0, 0], np.float32))[2] > 0.99


@pytest.mark.parametrize("third", [0.5, 3.0, 20.0])
def test_between_two_poses_the_look_passes_smoothly_however_close_a_third_is(third):
    model = rbf([[0, 0, 0, 0], [10, 0, 0, 0], [0, third, 0, 0]], [0, 1, 2])
    way = np.linspace(0, 10, 400)
    weights = np.array([model.predict(np.array([x, 0, 0, 0], np.float32)) for x in way])
    assert weights[0, 0] > 0.9
    assert weights[-1, 1] > 0.9
    assert np.abs(np.diff(weights, axis=0)).max() < 0.03
    assert ((weights[:, 1] > 0.1) & (weights[:, 1] < 0.9)).mean() > 0.1


def test_holding_a_pose_for_longer_does_not_make_its_look_bigger():
    draw = np.random.default_rng(1)
    shake = draw.normal(size=(200, 4)) * 0.01
    there = np.array([2, 0, 0, 0])
    even = rbf(np.concatenate([shake[:10], there + shake[:10]]), [0] * 10 + [1] * 10)
    long = rbf(np.concatenate([shake, there + shake[:10]]), [0] * 200 + [1] * 10)
    middle = np.array([1, 0, 0, 0], np.float32)
    assert abs(even.predict(middle)[0] - 0.5) < 0.1
    assert abs(long.predict(middle)[0] - 0.5) < 0.1


@given(arrays(np.float32, 4, elements=near), arrays(np.float32, 4, elements=st.integers(-64, 64)))
def test_moving_everything_changes_nothing(there, shift):
    rows, owner = five_poses()
    outputs = np.eye(5)[owner]
    for fitted in (lambda rows: rbf(rows, owner), lambda rows: ridge(rows, outputs)):
        here, moved = fitted(rows), fitted(rows + shift)
        np.testing.assert_allclose(moved.predict(there + shift), here.predict(there), atol=0.02)
        assert moved.distance(there + shift) == pytest.approx(here.distance(there), abs=1e-3)


def test_units_rule_the_distance_and_the_spread_of_the_examples_does_not():
    features = [Feature("x", unit=0.1), Feature("y", unit=10.0)]
    model = rbf([[0, 0], [1, 0]], [0, 1], features)
    assert model.distance(np.array([0, 5], np.float32)) == pytest.approx(0.5)
    assert model.distance(np.array([0.05, 0], np.float32)) == pytest.approx(0.5, abs=1e-4)


def test_an_angle_has_no_seam():
    rows = np.array([[0, 3.1, 0], [0, 0.2, 0]], np.float32)
    model = rbf(rows, [0, 1], TURNING)
    across = np.array([0, 3.1 - 2 * np.pi, 0], np.float32)
    np.testing.assert_allclose(model.predict(across), model.predict(rows[0]), atol=1e-4)
    beyond = np.array([0, -3.1, 0], np.float32)
    assert model.predict(beyond)[0] > 0.9


@pytest.mark.parametrize("hidden", [[0], [1], [0, 2], [0, 1, 2]])
def test_a_part_that_is_not_seen_stands_at_the_centre_of_the_examples(hidden):
    rows = np.array([[0, 1, 0], [2, 2, 1], [4, 3, 5]], np.float32)
    encoding = encoding_of(TURNING, rows)
    there = np.array([1, 1.5, 2], np.float32)
    told = there.copy()
    there[hidden], told[hidden] = np.nan, encoding.centre[hidden]
    for model in (rbf(rows, [0, 1, 2], TURNING), ridge(rows, [[1], [2], [5]], TURNING)):
        np.testing.assert_array_equal(model.predict(there), model.predict(told))


def test_a_feature_that_no_example_saw_is_ignored():
    rows = np.array([[0, np.nan, 0], [3, np.nan, 1]], np.float32)
    model = rbf(rows, [0, 1], TURNING)
    for turn in (np.nan, 0.0, 3.0, np.inf):
        np.testing.assert_array_equal(model.predict(np.array([0, turn, 0], np.float32))[0] > 0.9, True)


def test_one_look_has_all_the_weight():
    assert rbf([[1, 2, 3, 4]], [0]).predict(np.array([9, 9, 9, 9], np.float32)).tolist() == [1.0]


def test_the_same_pose_for_two_looks_is_shared_not_a_crash():
    weights = rbf([[1, 2, 3, 4], [1, 2, 3, 4]], [0, 1]).predict(np.array([1, 2, 3, 4], np.float32))
    np.testing.assert_allclose(weights, [0.5, 0.5])


def movement(count=600, seed=0):
    """A movement from one look to the next and on to a third, with a sensor that shakes."""
    way = np.linspace(0, 2, count)
    rows = np.stack([4 * way, np.sin(3 * way), 0 * way, 0 * way], axis=1)
    shares = np.clip(1 - abs(way[:, None] - np.arange(3)), 0, 1)
    return (rows + np.random.default_rng(seed).normal(size=rows.shape) * 0.05).astype(np.float32), shares


def test_a_movement_through_mixtures_is_followed_smoothly():
    rows, shares = movement()
    model = mixture(rows[::2], shares[::2])
    assert len(model.targets) <= solve.MOST_ANCHORS
    assert solve.own_weights(model, rows[1::2], shares[1::2]).mean() > 0.95
    way = np.linspace(rows[0], rows[200], 1000)
    weights = np.array([model.predict(row) for row in way])
    assert np.abs(np.diff(weights, axis=0)).max() < 0.02


def test_mixtures_that_contradict_each_other_are_averaged_not_followed_in_steps():
    rows, shares = movement()
    shaken = np.abs(shares + np.random.default_rng(1).normal(size=shares.shape) * 0.1)
    model = mixture(rows, shaken / shaken.sum(axis=1, keepdims=True))
    assert solve.own_weights(model, rows, shares).mean() > 0.9
    way = np.linspace(rows[0], rows[200], 1000)
    weights = np.array([model.predict(row) for row in way])
    assert np.abs(np.diff(weights, axis=0)).max() < 0.02


@given(seed=st.integers(0, 10**6), size=st.floats(0.3, 20))
def test_a_pose_taught_for_one_look_keeps_it_beside_mixtures(seed, size):
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(8, 4)) * size
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)[np.triu_indices(8, 1)]
    assume(apart.min() > 0.1)
    shares = draw.dirichlet([0.5, 0.5, 0.5], 5)
    model = mixture(rows, np.concatenate([np.eye(3), shares]))
    assert own(model, rows[:3].astype(np.float32), np.arange(3)).min() > 0.9


def test_reach_is_how_far_apart_poses_of_other_looks_lie():
    points = np.array([[0, 0], [0, 0.1], [6, 0], [6, 0.1]])
    assert solve.reach(points, np.array([0, 0, 1, 1])) == pytest.approx(6)
    assert solve.reach(points / 60, np.array([0, 0, 1, 1])) == 1
    assert solve.reach(points, np.zeros(4)) == pytest.approx(12, rel=0.01)
    assert solve.reach(points[:1], np.zeros(1)) == 1


def test_ridge_gives_what_was_taught():
    rows, owner = five_poses()
    targets = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)[owner]
    missed = np.array([ridge(rows, targets).predict(row) for row in rows]) - targets
    assert np.sqrt((missed**2).mean()) < 0.05 * targets.std()


def test_ridge_follows_a_recorded_movement_also_when_it_is_thinned():
    way = np.linspace(0, 2 * np.pi, 900)
    rows = np.stack([np.cos(way), np.sin(way), way / 6, way * 0], axis=1)
    outputs = np.stack([np.sin(2 * way), np.cos(way)], axis=1)
    for step in (1, 9):
        model = ridge(rows[::step], outputs[::step])
        assert len(model.bells.points.places) <= solve.MOST_BELLS
        missed = np.array([model.predict(row) for row in rows[::7].astype(np.float32)]) - outputs[::7]
        assert np.abs(missed).max() < 0.1


@given(arrays(np.float32, 4, elements=single))
def test_ridge_never_explodes(there):
    rows, _ = five_poses()
    outputs = np.random.default_rng(4).uniform(-1, 1, size=(40, 2))
    given_outputs = ridge(rows, outputs).predict(there)
    assert np.isfinite(given_outputs).all()
    assert np.abs(given_outputs).max() <= 2


def test_far_away_ridge_tends_to_the_mean():
    rows, owner = five_poses()
    outputs = np.random.default_rng(4).normal(size=(5, 2))[owner]
    far = ridge(rows, outputs).predict(np.full(4, 1e5, np.float32))
    np.testing.assert_allclose(far, outputs.mean(axis=0), atol=1e-6)


def test_an_output_that_some_examples_do_not_ask_for_is_fitted_to_the_others():
    rows, owner = five_poses()
    outputs = np.stack([owner, owner * 2.0], axis=1)
    asked = outputs.copy()
    asked[::2, 1] = np.nan
    whole, partly = ridge(rows, outputs), ridge(rows, asked)
    both = [(whole.predict(row), partly.predict(row)) for row in rows]
    assert max(abs(a[0] - b[0]) for a, b in both) < 1e-5
    assert max(abs(a[1] - b[1]) for a, b in both) < 0.2


def test_few_repeated_targets_and_many_different_ones_give_the_same():
    rows, owner = five_poses()
    targets = np.random.default_rng(2).normal(size=(5, 12)).astype(np.float32)[owner]
    few, plain = ridge(rows, targets), ridge(rows, targets[:, :4])
    assert few.bells.targets is not None
    assert plain.bells.targets is None
    there = np.array([0.3, -0.2, 1, 0], np.float32)
    np.testing.assert_allclose(few.predict(there)[:4], plain.predict(there), atol=1e-4)


def test_direct_gives_its_features_and_rest_for_what_is_not_seen():
    model = Direct(np.array([0.5, 0.25], np.float32))
    np.testing.assert_array_equal(model.predict(np.array([np.nan, 3], np.float32)), [0.5, 3])


def test_the_same_prediction_twice_is_two_arrays():
    rows, owner = five_poses()
    for model in (rbf(rows, owner), ridge(rows, np.eye(5)[owner])):
        first = model.predict(rows[0])
        kept = first.copy()
        model.predict(rows[1])
        np.testing.assert_array_equal(first, kept)


def models():
    rows, owner = five_poses()
    return [
        ("rbf", rbf(rows, owner)),
        ("rbf", mixture(*movement(20))),
        ("ridge", ridge(rows, np.eye(5)[owner][:, [0, 1]])),
    ]


@pytest.mark.parametrize(("kind", "model"), models())
def test_a_model_comes_back_as_it_was(kind, model):
    again = from_arrays(kind, singles(model), model.settings())
    there = np.array([0.3, -0.2, 1, 0], np.float32)
    np.testing.assert_array_equal(again.predict(there), model.predict(there))
    assert again.distance(there) == model.distance(there)


@pytest.mark.parametrize(("kind", "model"), models())
def test_each_part_that_is_missing_or_wrong_is_named(kind, model):
    whole = singles(model)
    for name, array in whole.items():
        wrong = [
            None,
            array[:-1],
            array.astype(np.float64),
            array * np.nan,
            array[None],
            np.zeros(0, np.float32),
        ]
        for part in wrong:
            parts = whole | {name: part} if part is not None else {k: v for k, v in whole.items() if k != name}
            with pytest.raises(ValueError, match=r"missing|shape|finite"):
                from_arrays(kind, parts, model.settings())
    with pytest.raises(ValueError, match="extra"):
        from_arrays(kind, whole | {"extra": whole["centre"]}, model.settings())
    for name in model.settings():
        with pytest.raises(ValueError, match=rf"{name} must be"):
            from_arrays(kind, whole, model.settings() | {name: -1.0})


def singles(model):
    return {name: array.astype(np.float32) for name, array in model.arrays().items()}


@settings(max_examples=30)
@given(arrays(np.float32, (30, 2), elements=near), st.integers(1, 12))
def test_thinning_covers_what_it_leaves_out(points, most):
    kept = solve.thinned(points, most)
    assert 1 <= len(kept) == len(set(kept)) <= most
    apart = np.linalg.norm(points[:, None] - points[kept], axis=2).min(axis=1)
    others = np.linalg.norm(points[kept][:, None] - points[kept], axis=2) + 1e9 * np.eye(len(kept))
    assert apart.max() <= others.min() + 1e-3
