"""Holding still: a new pose held long enough counts once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livegan.frame import Feature
from livegan.rehearsal.still import CALM, Still

FEATURES = [Feature("x", unit=2.0), Feature("y", unit=0.5)]
PERIOD = 1 / 30


def watch(poses: list[list[float] | None], seconds: float = 1.0, still: Still | None = None) -> list[int]:
    """Which of these poses, one a frame, count as held."""
    still = still or Still(FEATURES, seconds)
    rows = [None if pose is None else np.array(pose, np.float32) for pose in poses]
    return [i for i, row in enumerate(rows) if still.held(row, 100.0 + i * PERIOD)]


def test_a_pose_held_for_a_second_counts_once():
    assert len(found := watch([[1.0, 1.0]] * 120)) == 1
    assert 26 <= found[0] <= 31


def test_the_next_pose_counts_again_but_only_after_a_clear_movement():
    assert len(watch([[1.0, 1.0]] * 60 + [[9.0, 1.0]] * 60)) == 2
    assert len(watch([[1.0, 1.0]] * 60 + [[1.5, 1.0]] * 60)) == 1


def test_movement_is_measured_in_units():
    moving = [[0.0, 0.01 * i] for i in range(120)]
    assert watch(moving) == []
    assert watch([[4 * y, 0.0] for _, y in moving]) == []
    assert len(watch([[0.1 * y, 0.0] for _, y in moving])) == 1


def test_where_nobody_knows_the_unit_it_is_that_of_a_fader():
    still = Still([Feature("x", unit=0), Feature("y", unit=0)], 1.0)
    assert len(watch([[0.5, 0.5]] * 60 + [[0.9, 0.5]] * 60, still=still)) == 2


def test_nobody_holds_no_pose():
    assert watch([None] * 120) == []
    assert watch(([[1.0, 1.0]] * 20 + [None]) * 6) == []


def test_without_seconds_it_never_asks():
    assert watch([[1.0, 1.0]] * 120, still=Still(FEATURES, None)) == []


@given(st.lists(st.floats(-0.4, 0.4), min_size=90, max_size=90))
def test_noise_within_calm_is_a_pose_and_noise_beyond_is_none(noise):
    shift = [[2.0 * CALM * n, 0.0] for n in noise]
    assert len(watch(shift)) == 1
    assert watch([[20.0 * x + (i % 2), y] for i, (x, y) in enumerate(shift)]) == []
