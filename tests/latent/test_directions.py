"""Principal directions: at right angles, widest first, always the same, and what they say of a look gives it back."""

import numpy as np
import pytest

from livegan.latent.directions import Directions, pca_count, principal
from livegan.latent.look import Look
from livegan.latent.space import PcaSpace

Z_DIM, W_DIM, NUM_WS = 12, 8, 5
STRETCH = np.array([3, 2, 1, 0.5, 0.2, 0.1, 0, 0])
TURN = np.linalg.qr(np.random.default_rng(2).normal(size=(W_DIM, W_DIM)))[0]
MIDDLE = np.arange(W_DIM, dtype=float)


def w_of(z: np.ndarray) -> np.ndarray:
    """A normal w around MIDDLE that spreads along TURN as STRETCH says, the same in all layers."""
    w = (z[:, :W_DIM] * STRETCH) @ TURN + MIDDLE
    return np.repeat(w[:, None], NUM_WS, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def directions() -> Directions:
    return principal(w_of, Z_DIM)


def test_they_are_those_in_which_w_spreads_widest_first(directions):
    assert directions.steps.shape == (6, W_DIM)
    assert directions.steps.dtype == directions.mean.dtype == np.float32
    assert np.allclose(np.linalg.norm(directions.steps, axis=1), STRETCH[:6], rtol=0.05)
    units = directions.steps / np.linalg.norm(directions.steps, axis=1, keepdims=True)
    assert np.allclose(units @ units.T, np.eye(6), atol=1e-4)
    assert (np.abs(np.sum(units * TURN[:6], axis=1)) > 0.99).all()
    assert np.allclose(directions.mean, MIDDLE, atol=0.2)


def test_they_are_always_the_same_and_point_one_way(directions):
    again = principal(w_of, Z_DIM)
    assert np.array_equal(again.steps, directions.steps)
    mirrored = principal(lambda z: w_of(-z), Z_DIM)
    assert np.allclose(mirrored.steps, directions.steps, atol=0.1)
    assert (directions.steps[np.arange(6), np.abs(directions.steps).argmax(axis=1)] > 0).all()


def test_what_lies_along_them_comes_back_as_w(directions):
    base = Look(np.zeros((NUM_WS, W_DIM), np.float32), psi=0.6, seed=3, z=np.zeros(2))
    space = PcaSpace(directions, NUM_WS)
    average = space.look(np.zeros(6, np.float32), base)
    assert np.allclose(average.w, directions.mean)
    assert (average.psi, average.seed, average.z) == (0.6, None, None)
    w = w_of(np.random.default_rng(1).normal(size=(1, Z_DIM)))[0]
    there = directions.along(w)
    assert there.dtype == np.float32
    assert np.allclose(space.look(there, base).w, w, atol=1e-3)
    assert np.allclose(directions.first(2).along(w), there[:2], atol=1e-5)
    layered = w + np.arange(NUM_WS, dtype=np.float32)[:, None] - 2
    assert np.allclose(directions.along(layered), there, atol=1e-4)


def test_how_many_are_asked_for():
    assert pca_count("pca:16") == 16
    assert [pca_count(other) for other in ("anchors", "w", ("pca:1",), None)] == [None] * 4
