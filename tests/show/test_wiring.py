from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.latent.look import Look
from livegan.latent.space import WSpace
from livegan.show.wiring import MORPH, Route, Wire

BASE = Look(np.zeros((1, 4), np.float32), psi=0.7, noise_strength=0.5, numbers={"glow": 1.0}, model="abc")
HERE = np.ones(1)
SEEN = np.full(3, 0.5, np.float32)


@dataclass
class Always:
    """A mapping that gives the same for everything."""

    value: float
    places: np.ndarray
    known: float = 1.0

    def __call__(self, values: np.ndarray) -> np.ndarray:
        if np.isnan(self.value):
            raise ValueError("not finite")
        return np.full(4, self.value, np.float32)

    def confidence(self, values: np.ndarray) -> float:
        return self.known


def route(value: float, places: tuple[int, ...] = (0, 2), inputs: tuple[int, ...] = (0,)) -> Route:
    return Route(Always(value, np.array(places)), WSpace(1, 4), inputs)


@given(st.floats(0, 1))
def test_a_look_goes_as_far_as_its_input_is_there(weight):
    look, _ = route(8.0).look(SEEN, np.array([weight]), BASE)
    assert np.allclose(look.w, 8 * weight, atol=1e-5)


def test_the_input_that_is_there_least_decides():
    two = route(8.0, inputs=(0, 2))
    assert np.allclose(two.look(SEEN, np.array([1.0, 0.0, 0.25]), BASE)[0].w, 2.0)
    assert two.look(SEEN, np.array([1.0, 1.0, 0.0]), BASE) == (BASE, None)


def test_features_never_seen_leave_the_look_alone():
    values = np.array([np.nan, 1.0, np.nan], np.float32)
    assert route(8.0).look(values, HERE, BASE) == (BASE, None)
    assert route(8.0, places=(1, 2)).look(values, HERE, BASE)[0] is not BASE


def test_what_outputs_say_nothing_about_is_taken_from_the_look_before():
    look, _ = route(8.0).look(SEEN, HERE, BASE)
    assert (look.psi, look.noise_strength, look.numbers, look.model) == (0.7, 0.5, {"glow": 1.0}, "abc")


def test_a_new_mapping_takes_over_by_a_morph_from_the_look_that_was_there():
    wire = Wire(route(0.0))
    wire.look(SEEN, HERE, BASE, 99.0)
    wire.swap(route(10.0))
    shares = np.linspace(0, 1, 11)
    found = [float(wire.look(SEEN, HERE, BASE, 100.0 + share * MORPH).w.mean()) for share in shares]
    assert np.allclose(found, 10 * shares, atol=1e-4)
    assert wire.look(SEEN, HERE, BASE, 200.0).w.mean() == 10.0


def test_a_swap_during_a_morph_does_not_jump():
    wire = Wire(route(0.0))
    wire.look(SEEN, HERE, BASE, 99.0)
    wire.swap(route(10.0))
    wire.look(SEEN, HERE, BASE, 100.0)
    middle = wire.look(SEEN, HERE, BASE, 100.0 + MORPH / 2).w.mean()
    wire.swap(route(-10.0))
    assert wire.look(SEEN, HERE, BASE, 100.0 + MORPH / 2).w.mean() == middle


def test_an_old_mapping_is_not_asked_once_it_is_gone():
    wire = Wire(route(np.nan))
    with pytest.raises(ValueError, match="finite"):
        wire.look(SEEN, HERE, BASE, 99.0)
    wire.swap(route(10.0))
    assert wire.look(SEEN, HERE, BASE, 100.0).w.mean() == 10.0


@given(st.floats(0, 1))
def test_far_from_everything_taught_the_look_stays_at_rest(known):
    one = Route(Always(8.0, np.array([0]), known), WSpace(1, 4), (0,))
    look, told = one.look(SEEN, HERE, BASE)
    assert told.known == known
    assert np.allclose(look.w, 8 * known, atol=1e-5)


def test_without_a_mapping_the_look_is_that_of_the_base():
    wire = Wire(None)
    assert wire.look(SEEN, HERE, BASE, 99.0) is BASE
    assert wire.known is None
    wire.swap(route(8.0))
    assert wire.look(SEEN, HERE, BASE, 100.0).w.mean() == 0.0
    assert wire.look(SEEN, HERE, BASE, 100.0 + MORPH).w.mean() == 8.0
