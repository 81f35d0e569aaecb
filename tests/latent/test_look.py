"""Looks: frozen, morphed without a jump at either end, and drawn from seeds as everybody draws them."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.latent.look import Look, mix, seeded_z

SKY = Look(w=np.zeros((2, 3), np.float32), psi=0.5, numbers={"glow": 1.0, "zoom": 2.0}, seed=1)
SEA = Look(w=np.ones((2, 3), np.float32), psi=1.0, noise="none", noise_strength=0.0, numbers={"glow": 3.0})


@given(st.floats(0, 1))
def test_a_morph_is_arithmetic_on_two_looks(amount):
    look = mix(SKY, SEA, amount)
    np.testing.assert_allclose(look.w, amount, atol=1e-6)
    assert look.w.dtype == np.float32
    assert look.psi == pytest.approx(0.5 + 0.5 * amount)
    assert look.noise_strength == pytest.approx(1 - amount)
    assert look.noise == ("const" if amount < 0.5 else "none")
    assert look.numbers["glow"] == pytest.approx(1 + 2 * amount)


def test_the_ends_of_a_morph_are_the_looks_themselves():
    assert mix(SKY, SEA, 0.0) is SKY
    assert mix(SKY, SEA, 1.0) is SEA
    assert mix(SKY, SEA, -1.0) is SKY
    assert mix(SKY, SEA, 2.0) is SEA


def test_a_morph_is_neither_of_the_seeds_and_keeps_numbers_that_one_has():
    look = mix(SKY, SEA, 0.25)
    assert look.seed is None
    assert look.numbers["zoom"] == 2.0


def test_a_look_is_frozen_and_changed_by_making_another():
    with pytest.raises(FrozenInstanceError):
        SKY.psi = 2.0
    assert SKY.with_(psi=2.0).psi == 2.0
    assert SKY.psi == 0.5


def test_a_seed_draws_what_stylegan_tools_draw():
    # numpy.random.RandomState(0).randn: the published sequence starts 1.7641, 0.4002, 0.9787.
    np.testing.assert_allclose(seeded_z(0, 3), [1.7640524, 0.4001572, 0.978738], rtol=1e-6)
    assert seeded_z(0, 3).dtype == np.float32
