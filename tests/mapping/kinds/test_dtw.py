"""Gestures: how far each is at every moment, which one it is, and how far through it a performer has come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.mapping.kinds import dtw

points = st.integers(1, 7).flatmap(lambda size: arrays(float, (size, 2), elements=st.floats(-5, 5, width=16)))
WAY = np.linspace(0, 1, 40)[:, None]
CIRCLE = np.concatenate((np.cos(6 * WAY), np.sin(6 * WAY)), axis=1) * 3
LINE = np.concatenate((4 * WAY, -4 * WAY), axis=1)


def plainly_warped(a, b):
    """The table as the books fill it."""
    table = np.full((len(a) + 1, len(b) + 1), np.inf)
    table[0, 0] = 0
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            table[i + 1, j + 1] = np.linalg.norm(one - other) + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return table[1:, 1:]


@given(points, points)
def test_warping_is_that_of_the_books(a, b):
    np.testing.assert_allclose(dtw._warped(a, b), plainly_warped(a, b), atol=1e-9)


@given(points, points)
def test_distances_are_those_of_the_nearest_stretch(last, series):
    runs = dtw.fit([series], np.array([1.0]), dtw.Settings(every=1, shortest=1), 1)
    wanted = min(plainly_warped(last[start:], series)[-1, -1] for start in range(len(last)))
    assert runs.distances(last, 1)[0] == pytest.approx(wanted, abs=1e-9)


def heard(runs, rows):
    following = runs.begin()
    return [following.hear(row) for row in rows]


def test_a_gesture_is_told_when_it_was_done_and_only_then():
    runs = dtw.fit([CIRCLE, LINE, CIRCLE * 1.1], np.array([1.0, 2, 1]), dtw.Settings(threshold=12), 3)
    assert runs.every == 4
    still = np.tile([[20.0, 20.0]], (30, 1))
    said = [one for one in heard(runs, np.concatenate((still, CIRCLE, still, LINE, still))) if one]
    assert len(said) == -(-170 // 4)
    assert [one.gesture for one in said if one.changed] == [1, 0, 2, 0]
    # Nothing is said of a gesture without examples, nor before enough was seen.
    assert np.isinf([one.distances[2] for one in said]).all()
    assert np.isinf(said[0].distances).all()
    assert np.isfinite(said[10].distances[:2]).all()


def test_rows_in_between_are_not_listened_to():
    runs = dtw.fit([LINE], np.array([1.0]), dtw.Settings(every=5), 1)
    assert [one is not None for one in heard(runs, LINE[:11])] == [place % 5 == 0 for place in range(11)]


def test_the_phase_goes_through_a_gesture():
    runs = dtw.fit([CIRCLE], np.array([1.0]), dtw.Settings(every=1), 1)
    phases = np.array([one.phase for one in heard(runs, CIRCLE)])[8:]
    assert np.abs(phases - np.linspace(0, 1, 40)[8:]).max() < 0.1


def test_a_short_example_makes_short_stretches_enough():
    assert dtw.fit([LINE[:3]], np.array([1.0]), dtw.Settings(every=1), 1).least == 3
