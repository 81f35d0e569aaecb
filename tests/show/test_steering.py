"""Choosing, freezing, safe and black: each eased, each undone by itself, nothing ever jumps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.latent.look import Look
from livegan.show.steering import FADE, MORPH, Steering

PERIOD = 1 / 30
SAFE = Look(np.full((1, 4), -10.0, np.float32))
DEEDS = ["freeze", "thaw", "safe", "unsafe", "black", "light", "choose", "play"]


def look(value: float) -> Look:
    return Look(np.full((1, 4), value, np.float32))


class Played:
    """A steering that is asked at a steady rate, with a mapping that plays 1."""

    def __init__(self) -> None:
        self.steering = Steering(lambda moment: SAFE)
        self.moment = 100.0

    def go(self, seconds: float, playing: float = 1.0) -> tuple[list[float], list[float]]:
        found = []
        for _ in range(round(seconds / PERIOD)):
            self.moment += PERIOD
            found.append(self.steering.steer(look(playing), self.moment))
        return [float(one.w.mean()) for one, _ in found], [light for _, light in found]

    def do(self, deed: str) -> None:
        steering = self.steering
        {
            "freeze": lambda: steering.freeze(True),
            "thaw": lambda: steering.freeze(False),
            "safe": lambda: steering.make_safe(True),
            "unsafe": lambda: steering.make_safe(False),
            "black": lambda: setattr(steering, "black", True),
            "light": lambda: setattr(steering, "black", False),
            "choose": lambda: steering.choose(lambda moment: look(5.0)),
            "play": lambda: steering.choose(None),
        }[deed]()


def test_untouched_the_mappings_play():
    assert Played().go(1.0) == ([1.0] * 30, [1.0] * 30)


def test_a_frozen_picture_is_held_while_the_mapping_plays_on_and_goes_back_to_it_by_a_morph():
    one = Played()
    one.go(0.5, 3.0)
    one.do("freeze")
    assert set(one.go(2.0, 7.0)[0]) == {3.0}
    one.do("thaw")
    values, _ = one.go(2.0, 7.0)
    assert values[0] == 3.0
    assert values == sorted(values)
    assert values[-1] == 7.0


@pytest.mark.parametrize(("on", "off", "value"), [("choose", "play", 5.0), ("safe", "unsafe", -10.0)])
def test_it_goes_over_to_another_look_and_back(on, off, value):
    one = Played()
    one.go(0.5)
    one.do(on)
    assert one.go(MORPH + 0.1)[0][-1] == value
    one.do(off)
    assert one.go(MORPH + 0.1)[0][-1] == 1.0


def test_the_higher_command_shows_and_the_lower_shows_again():
    one = Played()
    one.go(0.5)
    for deed in ("choose", "safe"):
        one.do(deed)
        one.go(1.0)
    assert one.go(0.1)[0][-1] == -10.0
    one.do("unsafe")
    assert one.go(1.0)[0][-1] == 5.0


def test_black_fades_and_comes_back_and_leaves_the_look_alone():
    one = Played()
    one.go(0.5)
    one.do("black")
    values, lights = one.go(FADE + 0.1)
    assert set(values) == {1.0}
    assert lights == sorted(lights, reverse=True)
    assert 0.9 < lights[0] < 1.0
    assert lights[-1] == 0.0
    one.do("light")
    assert one.go(FADE + 0.1)[1][-1] == 1.0


def test_freezing_before_the_first_picture_holds_nothing():
    one = Played()
    one.do("freeze")
    assert one.steering.frozen is None
    assert one.go(0.1)[0][0] == 1.0


@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.floats(0.0, 1.0)), max_size=20))
def test_whatever_is_commanded_the_picture_never_jumps(deeds):
    one = Played()
    values, lights = one.go(0.2)
    for deed, seconds in deeds:
        one.do(deed)
        more, darker = one.go(seconds)
        values, lights = values + more, lights + darker
    # From the end of one morph to the start of the next, over the widest way there is.
    assert np.abs(np.diff(values)).max() <= 15.0 * PERIOD / MORPH + 1e-4
    assert np.abs(np.diff(lights)).max() <= PERIOD / FADE + 1e-6
    assert min(lights) >= 0.0
    assert max(lights) <= 1.0
