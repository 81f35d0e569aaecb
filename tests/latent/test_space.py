"""Latent spaces: outputs become the look they stand for, and leave the rest of the base alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from livegan.latent.look import Look, seeded_z
from livegan.latent.space import Anchors, Layers, Numbers, WSpace, ZSpace, looks_uniform, normal_of_uniform

NUM_WS, W_DIM = 3, 4
BASE = Look(
    w=np.zeros((NUM_WS, W_DIM), np.float32),
    psi=0.7,
    noise="none",
    numbers={"glow": 0.5},
    label=np.array([0, 1], np.float32),
    z=np.ones(4, np.float32),
    seed=3,
    model="abc",
)


def w_of(z, label=None):
    shift = 0 if label is None else label @ np.array([[10], [20]], np.float32)
    return np.repeat((z + shift)[:, None], NUM_WS, axis=1)


def test_anchors_mix_the_looks():
    looks = np.random.default_rng(0).normal(size=(3, NUM_WS, W_DIM)).astype(np.float32)
    alone = Anchors(looks).look(np.array([0, 1, 0], np.float32), BASE)
    np.testing.assert_array_equal(alone.w, looks[1])
    mixed = Anchors(looks, np.array([0.2, 0.4, 1], np.float32)).look(np.array([0.5, 0.5, 0], np.float32), BASE)
    np.testing.assert_allclose(mixed.w, (looks[0] + looks[1]) / 2, rtol=1e-6)
    assert mixed.w.dtype == np.float32
    assert mixed.psi == pytest.approx(0.3)
    assert (alone.psi, alone.noise, alone.numbers, alone.seed, alone.z) == (
        0.7,
        "none",
        {"glow": 0.5},
        None,
        None,
    )


def test_layers_leave_the_others_alone():
    looks = np.ones((1, NUM_WS, W_DIM), np.float32)
    look = Layers(Anchors(looks, np.array([0.2], np.float32)), 1, 2).look(np.ones(1, np.float32), BASE)
    assert look.w[:, 0].tolist() == [0, 1, 1]
    assert (look.psi, look.z, look.seed, look.model) == (0.7, None, None, "abc")
    assert not BASE.w.any()


def test_w_goes_to_all_layers_or_to_each():
    space = WSpace(NUM_WS, W_DIM)
    one, each = np.arange(W_DIM, dtype=np.float32), np.arange(NUM_WS * W_DIM, dtype=np.float32)
    np.testing.assert_array_equal(space.look(one, BASE).w, [one] * NUM_WS)
    np.testing.assert_array_equal(space.look(each, BASE).w, each.reshape(NUM_WS, W_DIM))
    for wrong in (np.zeros(W_DIM + 1), np.zeros(2 * W_DIM)):
        with pytest.raises(ValueError, match="reshape"):
            space.look(wrong, BASE)


def test_z_goes_through_the_generator_with_the_class_of_the_base():
    z = np.array([0.5, -1, 2, 0], np.float32)
    look = ZSpace(w_of).look(z, BASE)
    np.testing.assert_array_equal(look.w, [z + 20] * NUM_WS)
    np.testing.assert_array_equal(look.z, z)
    assert look.seed is None
    np.testing.assert_array_equal(ZSpace(w_of).look(z, BASE.with_(label=None)).w, [z] * NUM_WS)


def test_uniform_numbers_are_quantiles_of_the_normal():
    values = np.array([0.5, 0.8413447, 0.1586553, 0, 1, -3, 7], np.float32)
    look = ZSpace(w_of, "uniform").look(values, BASE)
    np.testing.assert_allclose(look.z, [0, 1, -1, -4.7534, 4.7534, -4.7534, 4.7534], atol=1e-4)


def test_even_numbers_become_normal_ones():
    even = np.random.default_rng(1).uniform(size=4000)
    assert kstest(normal_of_uniform(even), "norm").pvalue > 0.01
    assert kstest(even, "norm").pvalue < 1e-6


@given(st.integers(0, 2**32 - 1))
def test_a_seeds_z_is_never_taken_for_even_numbers(seed):
    assert not looks_uniform(seeded_z(seed, 512))
    assert not looks_uniform(seeded_z(seed, 32))


@given(st.integers(0, 999), st.sampled_from([64, 512]))
def test_even_numbers_are_recognised(seed, size):
    even = np.random.default_rng(seed).uniform(size=size)
    root = np.sqrt(size)
    typical = abs(even.mean() - 0.5) * root < 1 and abs(even.std() - 0.2887) * root < 0.4
    assert looks_uniform(even) or not typical


def test_numbers_within_0_and_1_that_are_not_even_are_not_taken_for_even():
    draw = np.random.default_rng(0)
    assert not looks_uniform(np.full(512, 0.5))
    assert not looks_uniform(np.clip(np.abs(draw.normal(size=512)), 0, 1))
    assert not looks_uniform(0.5 + 0.1 * np.sin(np.arange(512)))
    assert not looks_uniform(draw.uniform(size=31))
    assert not looks_uniform(np.append(draw.uniform(size=100), np.nan))
    assert not looks_uniform(draw.uniform(size=100) * 1.5)


def test_numbers_reach_the_look_by_name():
    look = Numbers(["psi", "zoom", "glow", "noise_strength"]).look(np.array([0.25, 2, 3, 0.5], np.float32), BASE)
    assert (look.psi, look.noise_strength) == (0.25, 0.5)
    assert look.numbers == {"glow": 3.0, "zoom": 2.0}
    assert look.w is BASE.w
    assert BASE.numbers == {"glow": 0.5}
    with pytest.raises(ValueError, match="shorter"):
        Numbers(["psi", "zoom"]).look(np.array([1], np.float32), BASE)
