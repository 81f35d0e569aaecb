"""Doubt: the same pose taught for another look is noticed, however the sensor shakes; other poses are not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livegan.frame import Feature
from livegan.mapping import doubt
from livegan.mapping.taught import Taught, TaughtLook


def taught(*rounds, units=1.0):
    """Rounds 1, 2, ... of (look or -1, rows)."""
    rows = np.concatenate([np.asarray(rows, np.float32) for _, rows in rounds])
    sizes = [len(rows) for _, rows in rounds]
    return Taught(
        features=tuple(Feature(f"f{i}", unit=units) for i in range(rows.shape[1])),
        looks=tuple(TaughtLook(f"look {i}", seed=i) for i in range(4)),
        rows=rows,
        look=np.repeat([look for look, _ in rounds], sizes),
        outputs=(None,) * len(rows),
        rounds=np.repeat(np.arange(len(rounds)) + 1, sizes),
        version="1",
    )


def held(draw, pose, noise, count):
    return pose + draw.normal(size=(count, len(pose))) * noise


@given(
    seed=st.integers(0, 10**6),
    features=st.sampled_from([2, 11, 33, 100]),
    noise=st.floats(0.05, 0.2),
    counts=st.tuples(st.integers(5, 70), st.integers(5, 70)),
    unit=st.floats(0.1, 10),
)
def test_a_pose_taught_again_for_another_look_is_noticed_and_one_two_units_away_is_not(
    seed, features, noise, counts, unit
):
    draw = np.random.default_rng(seed)
    pose, way = draw.normal(size=(2, features)) * 3
    other = pose + way * 2 / np.linalg.norm(way)
    first, second = (held(draw, pose, noise, count) for count in counts)
    away = held(draw, other, noise, counts[1])
    assert doubt.against(taught((0, first * unit), (1, second * unit), units=unit), 2) == [(1, "look 0")]
    assert doubt.against(taught((0, first * unit), (1, away * unit), units=unit), 2) == []


def test_a_pose_taken_a_little_otherwise_is_the_same_pose():
    draw = np.random.default_rng(0)
    pose = np.array([1.0, -2, 0.5])
    again = pose + np.array([0.4, -0.3, 0.3])
    assert doubt.against(taught((0, held(draw, pose, 0.02, 60)), (1, held(draw, again, 0.02, 60))), 2) == [
        (1, "look 0")
    ]


def test_a_movement_through_an_old_pose_contradicts_it_and_one_beside_it_does_not():
    draw = np.random.default_rng(0)
    way = np.linspace(-6, 6, 200)
    pose = held(draw, np.zeros(3), 0.1, 30)
    for height, found in ((0.3, [(1, "look 0")]), (3.0, [])):
        through = np.stack([way, np.full(200, height), 0 * way], axis=1)
        assert doubt.against(taught((0, pose), (1, through)), 2) == found


def test_only_older_rounds_of_other_looks_count():
    same = np.zeros((5, 3))
    rounds = taught((0, same), (1, same), (2, same + 5), (-1, same), (0, same), (1, same))
    assert doubt.against(rounds, 5) == [(2, "look 1")]
    assert doubt.against(rounds, 1) == []
    assert doubt.against(rounds, 4) == []
    assert doubt.against(rounds, 99) == []


def test_single_examples_are_compared_too():
    assert doubt.against(taught((0, [[0, 0]]), (1, [[0.2, 0.2]])), 2) == [(1, "look 0")]
    assert doubt.against(taught((0, [[0, 0]]), (1, [[2, 0]])), 2) == []
