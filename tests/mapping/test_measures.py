"""Yardsticks against what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.frame import Feature
from livegan.mapping.encoding import encoding_of
from livegan.mapping.measures import apart, between, course, frames_in, smoothed, speed

TIMES = np.arange(120) / 30.0
numbers = st.floats(-100, 100, width=32)


def test_what_was_hidden_is_bridged_straight_also_for_angles():
    features = [Feature("x", unit=0.5), Feature("turn", "angle")]
    values = np.stack([TIMES, np.full(120, 3.1)], axis=1).astype(np.float32)
    whole = course(TIMES, values, encoding_of(features, values))
    holed = values.copy()
    holed[30:60, 0], holed[80:, 1] = np.nan, np.nan
    assert np.allclose(course(TIMES, holed, encoding_of(features, values)), whole, atol=1e-5)
    never = values.copy()
    never[:, 1] = np.nan
    assert np.isfinite(course(TIMES, never, encoding_of(features, never))).all()


@given(st.integers(1, 40), st.integers(0, 8))
def test_means_keep_what_is_constant_and_the_middle_of_what_is_straight(count, half):
    rows = np.stack([np.full(count, 3.0), np.arange(count)], axis=1)
    means = smoothed(rows, 2 * half + 1)
    assert means.shape == rows.shape
    assert np.allclose(means[:, 0], 3.0)
    inner = slice(half, count - half)
    assert np.allclose(means[inner, 1], rows[inner, 1])


def test_frames_are_odd_and_as_many_as_fit():
    assert frames_in(TIMES, 0.17) == 5
    assert frames_in(TIMES[:1], 0.17) % 2 == 1
    assert frames_in(TIMES, 1e-3) == 1


def test_speed_is_in_units_a_second_and_deaf_to_noise():
    dice = np.random.default_rng(0)
    moving = TIMES[:, None] * [3.0, 4.0]
    still = 0.1 * dice.normal(size=(120, 10))
    assert speed(TIMES, moving)[20:-20] == pytest.approx(5.0)
    assert speed(TIMES, still)[20:-20].max() < 0.6
    assert speed(TIMES[:1], moving[:1]).tolist() == [0.0]


@given(arrays(np.float32, (4, 3), elements=numbers), arrays(np.float32, (5, 3), elements=numbers))
def test_distances_are_those_of_euclid(some, others):
    direct = np.linalg.norm(some[:, None].astype(float) - others[None], axis=2)
    assert np.allclose(apart(some, others), direct, atol=1e-3)
    assert (np.diag(apart(some, some)) == 0).all()


def test_the_middle_distance_between_looks():
    assert between(np.array([[0, 0], [4, 0], [0, 3]])) == 4.0
    assert between(np.eye(512)) == pytest.approx(np.sqrt(2))
    assert between(np.ones((1, 2))) == between(np.ones((3, 2))) == 1.0
