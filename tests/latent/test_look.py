"""Looks: frozen, morphed without a jump at either end, and drawn from seeds as everybody draws them."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.latent.look import Look, mix, seeded_z, transform

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


ANGLES = st.floats(-3.1, 3.1)
SHIFTS = st.floats(-0.5, 0.5)
ZOOMS = st.floats(0.2, 5)


@given(SHIFTS, SHIFTS, ANGLES, ZOOMS)
def test_a_transform_zooms_then_turns_against_the_clock_then_moves(x, y, turn, zoom):
    found = transform((x, y), turn, zoom)
    assert (found.dtype, found.shape) == (np.float32, (3, 3))
    np.testing.assert_allclose(found @ [0, 0, 1], [x, y, 1], atol=1e-6)
    # What lies to the right of the middle goes up, which is towards smaller numbers, when the picture turns.
    right = [x + zoom * np.cos(turn), y - zoom * np.sin(turn), 1]
    np.testing.assert_allclose(found @ [1, 0, 1], right, atol=1e-5)
    assert np.linalg.det(found) == pytest.approx(zoom**2, rel=1e-4)


@given(ANGLES, st.floats(-3, 3), ZOOMS, ZOOMS, st.floats(0.01, 0.99))
def test_between_two_transforms_angle_zoom_and_place_go_their_own_way(turn, way, a, b, amount):
    start = SKY.with_(transform=transform((0.2, 0.0), turn, a))
    end = SEA.with_(transform=transform((0.0, -0.4), turn + way, b))
    zoom = (1 - amount) * a + amount * b
    wanted = transform((0.2 * (1 - amount), -0.4 * amount), turn + amount * way, zoom)
    np.testing.assert_allclose(mix(start, end, amount).transform, wanted, atol=1e-4)


def test_a_morph_turns_the_shorter_way_round():
    start, end = SKY.with_(transform=transform(rotate=3.0)), SEA.with_(transform=transform(rotate=-3.0))
    np.testing.assert_allclose(mix(start, end, 0.5).transform, transform(rotate=np.pi), atol=1e-5)


def test_a_look_without_a_transform_counts_as_not_moved():
    assert mix(SKY, SEA, 0.5).transform is None
    moved = SEA.with_(transform=transform((0.4, 0.0), 0.6, 3.0))
    np.testing.assert_allclose(mix(SKY, moved, 0.25).transform, transform((0.1, 0.0), 0.15, 1.5), atol=1e-5)
    assert mix(SKY, moved, 0.25).transform.dtype == np.float32


def test_a_seed_draws_what_stylegan_tools_draw():
    # numpy.random.RandomState(0).randn: the published sequence starts 1.7641, 0.4002, 0.9787.
    np.testing.assert_allclose(seeded_z(0, 3), [1.7640524, 0.4001572, 0.978738], rtol=1e-6)
    assert seeded_z(0, 3).dtype == np.float32
