"""Choosing: grids of the model's own prior, neighbours as near as asked, and what went by in the last half minute."""

import numpy as np
import pytest

from livegan.latent.look import seeded_z
from tests.rehearsal.rig import Rig


@pytest.fixture
def rig(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = Rig(tmp_path)
    one.go(1.0)
    return one


def test_a_grid_holds_twelve_looks_that_can_be_had_again_by_their_seeds(rig):
    choosing = rig.rehearsal.choosing
    choosing.fill()
    looks = [choice.look for choice in choosing.grid]
    assert len({look.seed for look in looks}) == 12
    for look in looks:
        assert np.array_equal(look.z, seeded_z(look.seed, len(look.z)))
        assert np.allclose(look.w, rig.show.generator.w(look.z[None])[0])
        assert look.psi == rig.show.rest(0.0).psi
    choosing.fill()
    assert not {look.seed for look in looks} & {choice.look.seed for choice in choosing.grid}


def test_the_pictures_of_a_grid_come_while_the_show_plays(rig):
    rig.rehearsal.choosing.fill()
    late = rig.show.meters.late
    rig.go(1.0)
    assert all(choice.picture is not None for choice in rig.rehearsal.choosing.grid)
    assert rig.show.meters.late == late


@pytest.mark.parametrize("known", ["by z", "by w alone"])
def test_neighbours_are_as_far_as_asked(rig, known):
    choosing = rig.rehearsal.choosing
    choosing.seed(3)
    if known == "by w alone":
        choosing.show(choosing.chosen.with_(z=None, seed=None))
    apart = {}
    for distance in (0.1, 0.3, 0.9):
        choosing.near(distance)
        first, *others = [choice.look.w for choice in choosing.grid]
        assert np.array_equal(first, choosing.chosen.w)
        assert len(others) == 8
        apart[distance] = np.median([np.linalg.norm(other - first) for other in others])
    assert apart[0.1] < 0.5 * apart[0.3] < 0.5 * apart[0.9]
    choosing.near()
    assert choosing.distance == 0.9


def test_what_went_by_is_grabbed(rig):
    choosing = rig.rehearsal.choosing
    for seed in range(4):
        choosing.seed(seed)
        rig.go(2.0)
    choosing.stop()
    rig.go(1.0)
    choosing.grab(2.0)
    assert choosing.chosen.seed == 3
    choosing.grab(4.2)
    assert choosing.chosen.seed == 2
    choosing.grab()
    assert {1, 2, 3} <= {choice.look.seed for choice in choosing.grid}


def test_only_half_a_minute_is_remembered(rig):
    choosing = rig.rehearsal.choosing
    choosing.seed(5)
    rig.go(1.0)
    choosing.seed(6)
    rig.go(33.0)
    choosing.grab()
    assert {choice.look.seed for choice in choosing.grid} == {6}


def test_kept_looks_are_gone_through_in_both_ways(rig):
    choosing = rig.rehearsal.choosing
    for seed in (1, 2, 3):
        choosing.seed(seed)
        choosing.keep(f"look of {seed}")
    choosing.stop()
    assert [choosing.step(1) and choosing.chosen.seed for _ in range(4)] == [1, 2, 3, 1]
    assert [choosing.step(-1) and choosing.chosen.seed for _ in range(2)] == [3, 2]
    choosing.rename("sea")
    assert choosing.named("sea") is choosing.kept[1]
    assert choosing.named("3").name == "look of 3"
    choosing.forget()
    assert [kept.name for kept in choosing.kept] == ["look of 1", "look of 3"]


def test_a_look_that_plays_is_kept_as_it_is(rig):
    choosing = rig.rehearsal.choosing
    kept = choosing.keep("now")
    assert np.array_equal(kept.look.w, rig.show.steering.look.w)
    rig.go(1.0)
    assert choosing.kept[0].picture is not None
