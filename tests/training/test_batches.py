"""Every picture is shown as often as any other, in an order that only the seed and the step decide."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livegan.training.batches import places, shrunk


@given(st.integers(1, 50), st.integers(1, 32), st.integers(0, 5), st.integers(1, 20))
def test_each_is_shown_once_before_any_is_shown_again(count, batch, seed, steps):
    shown = np.concatenate([places(count, batch, seed, number) for number in range(steps)])
    assert len(shown) == batch * steps
    for first in range(0, len(shown), count):
        part = shown[first : first + count]
        assert len(set(part)) == len(part)
    assert np.ptp(np.bincount(shown, minlength=count)) <= 1


def test_the_order_changes_with_the_seed_and_the_round():
    orders = {tuple(places(30, 30, seed, number)) for seed in range(3) for number in range(3)}
    assert len(orders) == 9
    assert (places(30, 8, 1, 7) == places(30, 8, 1, 7)).all()


def test_pictures_are_shrunk_by_the_mean_of_squares():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    found = shrunk(pictures, 4)
    assert found.dtype == np.uint8
    exact = pictures[1, 2:4, 4:6, 0].mean()
    assert abs(found[1, 1, 2, 0] - exact) <= 0.5
    assert shrunk(pictures, 8) is pictures
