"""Sketches: drawn in the order they were asked for, in the time that the show leaves."""

import numpy as np
import pytest

from livegan.generators.base import Done
from livegan.latent.look import Look
from livegan.show.sketch import SIDE, Sketches, thumbnail
from tests.fakes import Inline

PERIOD = 1 / 30


class Painter:
    """A generator, as far as sketches need one: each look one grey."""

    def start(self, look: Look) -> Done:
        return Done(np.full((320, 480, 3), int(look.w[0, 0]), np.uint8))


def looks(count: int) -> list[Look]:
    return [Look(np.full((1, 1), value, np.float32)) for value in range(count)]


@pytest.mark.parametrize(("took", "pictures"), [(0.2, 13), (0.5, 14), (0.8, 50)])
def test_all_are_drawn_in_order_within_the_time_to_spare(took, pictures):
    sketches, heard = Sketches(Painter(), Inline()), []
    for look in looks(12):
        sketches.ask(look, lambda drawn: heard.append(int(drawn[0, 0, 0])))
    steps = 0
    while len(heard) < 12 and steps < 1000:
        sketches.step(PERIOD, took * PERIOD)
        steps += 1
    assert heard == [*range(12)]
    assert steps <= pictures + 2


def test_a_show_without_time_to_spare_still_gets_one_now_and_then():
    sketches, heard = Sketches(Painter(), Inline()), []
    sketches.ask(looks(1)[0], heard.append)
    for _ in range(100):
        sketches.step(PERIOD, 1.2 * PERIOD)
    assert len(heard) == 1


def test_what_is_forgotten_is_not_drawn():
    sketches, heard = Sketches(Painter(), Inline()), []
    for look in looks(5):
        sketches.ask(look, heard.append)
    sketches.forget()
    for _ in range(20):
        sketches.step(PERIOD, 0.1 * PERIOD)
    assert heard == []


@pytest.mark.parametrize("size", [(16, 16), (1024, 1024), (300, 900)])
def test_a_thumbnail_is_small_and_not_bent(size):
    small = thumbnail(np.zeros((*size, 3), np.uint8))
    assert max(small.shape) <= SIDE
    assert small.shape[0] / small.shape[1] == pytest.approx(size[0] / size[1], rel=0.05)
