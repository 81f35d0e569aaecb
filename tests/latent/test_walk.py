"""The walk: closed, smooth, even, inside what it passes, and the same every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.latent.look import seeded_z
from livegan.latent.walk import Walk, walk_points

points = st.integers(1, 6).flatmap(lambda count: arrays(np.float32, (count, 1, 3), elements=st.floats(-4, 4, width=32)))


def w_of(z):
    return np.repeat(z[:, None], 2, axis=1)


def eight():
    return walk_points(11, 8, w_of, 64)


def way(walk, count=4000):
    """The whole loop [count, numbers], at even times."""
    loops = np.arange(count) / count
    return np.array([walk.at(share / walk.rate) for share in loops]).reshape(count, -1).astype(np.float64)


def test_points_are_those_of_the_seeds():
    made = eight()
    assert made.shape == (8, 2, 64)
    np.testing.assert_array_equal(made[3, 0], seeded_z(14, 64))


@given(points, st.floats(0.001, 10), st.floats(-1e4, 1e4))
def test_it_is_closed_and_bounded_and_the_same_every_time(w_points, rate, t):
    walk = Walk(w_points, rate)
    w = walk.at(t)
    assert w.dtype == np.float32
    assert w.shape == w_points.shape[1:]
    np.testing.assert_array_equal(w, Walk(w_points, rate).at(t))
    np.testing.assert_allclose(w, walk.at(t + 1 / rate), atol=1e-2)
    span = np.ptp(w_points, axis=0) + 1e-3
    assert (w >= w_points.min(axis=0) - span).all()
    assert (w <= w_points.max(axis=0) + span).all()


def test_it_passes_every_look_in_order():
    made = eight()
    walked = way(Walk(made, 0.05))
    apart = np.linalg.norm(walked[:, None] - made.reshape(1, 8, -1), axis=2)
    assert apart.min(axis=0).max() < 0.05
    assert apart.argmin(axis=0).tolist() == sorted(apart.argmin(axis=0).tolist())


def test_it_has_no_corner_and_no_jump_where_it_closes():
    walk = Walk(eight(), 0.05)
    # A corner stays as sharp however closely one looks; a curve is four times straighter in quarter steps.
    assert sharpest(way(walk, 4000)) < sharpest(way(walk, 1000)) / 3
    assert sharpest(way(walk, 4000)) < 0.1


def sharpest(walked):
    """The largest angle between two steps that follow each other, also where the loop closes."""
    steps = np.roll(walked, -1, axis=0) - walked
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    return np.arccos(np.clip((steps * np.roll(steps, -1, axis=0)).sum(axis=1), -1, 1)).max()


def test_its_pace_is_even():
    walked = way(Walk(eight(), 0.05))
    pace = np.linalg.norm(np.roll(walked, -1, axis=0) - walked, axis=1)
    assert pace.max() / pace.min() < 1.1
    uneven = eight()
    uneven[4:] *= 5
    walked = way(Walk(uneven, 0.05))
    pace = np.linalg.norm(np.roll(walked, -1, axis=0) - walked, axis=1)
    assert pace.max() / pace.min() < 1.1


def test_one_loop_takes_one_over_the_rate():
    walk, slower = Walk(eight(), 0.05), Walk(eight(), 0.025)
    np.testing.assert_allclose(walk.at(3.0), slower.at(6.0), atol=1e-5)
    np.testing.assert_allclose(walk.at(0), eight()[0], atol=1e-5)
    assert np.abs(walk.at(10.0) - walk.at(0)).max() > 0.1


def test_one_point_or_no_pace_stands_still():
    made = eight()
    np.testing.assert_allclose(Walk(made[:1], 0.1).at(3.3), made[0], atol=1e-6)
    np.testing.assert_allclose(Walk(made[[0, 0, 0]], 0.1).at(3.3), made[0], atol=1e-6)
    np.testing.assert_allclose(Walk(made, 0.0).at(99.0), made[0], atol=1e-6)


@pytest.mark.parametrize(
    ("w_points", "rate"),
    [
        (np.zeros((0, 1, 2)), 1),
        (np.full((3, 1, 2), np.nan), 1),
        (np.ones((3, 1, 2)), -1),
        (np.ones((3, 1, 2)), np.nan),
    ],
)
def test_what_cannot_be_walked_is_refused(w_points, rate):
    with pytest.raises(ValueError, match="a walk needs"):
        Walk(w_points, rate)
