"""The distance is what closed forms say, and behaves as a distance whatever the features are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.training.frechet import Gaussian, Moments, distance

NUMBERS = st.floats(-50, 50, width=32)
SETS = st.tuples(st.integers(2, 12), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(arrays(np.float32, shape, elements=NUMBERS), arrays(np.float32, shape, elements=NUMBERS))
)
"""Two sets of as many features, often fewer pictures than features, often flat."""


def gaussian(features, parts=1):
    moments = Moments()
    for part in np.array_split(features, parts):
        moments.add(part)
    return moments.gaussian()


def rounding(*sets):
    """What rounding may leave of a square root of numbers as large as these."""
    return 1e-5 * (1 + sum(np.square(one, dtype=np.float64).sum() for one in sets))


def test_gaussians_with_diagonal_covariances():
    dice = np.random.default_rng(0)
    (mean, other), (spread, wider) = dice.normal(size=(2, 9)), dice.uniform(0.1, 3, (2, 9))
    found = distance(Gaussian(mean, np.diag(spread**2)), Gaussian(other, np.diag(wider**2)))
    assert found == pytest.approx(((mean - other) ** 2).sum() + ((spread - wider) ** 2).sum())


def test_covariances_that_do_not_commute():
    """Of 2 x 2 matrices, the trace of the square root is sqrt(trace + 2 sqrt(determinant))."""
    one, other = np.array([[2.0, 1.2], [1.2, 1.0]]), np.array([[1.0, -0.7], [-0.7, 3.0]])
    product = one @ other
    shared = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))
    found = distance(Gaussian(np.zeros(2), one), Gaussian(np.zeros(2), other))
    assert found == pytest.approx(np.trace(one) + np.trace(other) - 2 * shared)


def test_mean_and_covariance_are_those_of_all_parts():
    features = np.random.default_rng(1).normal(3, 2, (57, 5)).astype(np.float32)
    found = gaussian(features, 4)
    np.testing.assert_allclose(found.mean, features.mean(0, np.float64))
    np.testing.assert_allclose(found.covariance, np.cov(features.astype(np.float64), rowvar=False))


@given(SETS)
def test_it_is_nothing_to_itself_and_the_same_both_ways(sets):
    one, other = map(gaussian, sets)
    assert distance(one, one) <= rounding(sets[0])
    assert distance(one, other) == pytest.approx(distance(other, one), abs=rounding(*sets))
    assert distance(one, other) >= 0


@given(SETS, st.integers(0, 2**32 - 1))
def test_a_shift_counts_as_its_square_and_a_turn_of_both_not_at_all(sets, seed):
    features, others = (one.astype(np.float64) for one in sets)
    dice = np.random.default_rng(seed)
    shift = dice.normal(size=features.shape[1])
    shifted = distance(gaussian(features), gaussian(features + shift))
    assert shifted == pytest.approx(shift @ shift, abs=rounding(features, shift))
    turn, _ = np.linalg.qr(dice.normal(size=(features.shape[1],) * 2))
    turned = distance(gaussian(features @ turn), gaussian(others @ turn))
    assert turned == pytest.approx(distance(gaussian(features), gaussian(others)), abs=rounding(features, others))
