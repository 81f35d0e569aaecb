"""A mapping fitted again while the show runs: swapped in between ticks by a morph, or told and left alone."""

import os
import shutil
import threading
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.mapping.fit import fit
from livegan.mapping.fitted import FILE
from livegan.show import watch
from livegan.show.watch import Watch
from livegan.show.wiring import MORPH
from tests.mapping.teaching import POSES, teach
from tests.shows import STEADY, play, show_of

DANCE = "\n[mapping.dance]\noutputs = 'anchors'\n"
BODY = "rate = 60\nfeatures = { x = 0.0, y = 0.0, turn = 0.0 }\n"


class Loads:
    """Something to watch: a file, what it loads as, and what was swapped in."""

    def __init__(self, path) -> None:
        self.path, self.swapped, self.error = path, [], None

    def __call__(self):
        if self.error:
            raise self.error
        return self.path.read_text()

    def swap(self, place: int, route: str | None, why_not: str) -> None:
        self.swapped.append((place, why_not or route))


@pytest.fixture
def loads(tmp_path, monkeypatch):
    """A watch whose own thread sleeps, so that a test looks when it likes."""
    monkeypatch.setattr(watch, "EVERY", 3600.0)
    one = Loads(tmp_path / "fit")
    one.path.write_text("first")
    watching = Watch([None, (one.path, one)], one.swap)
    yield one, watching
    watching.close()


def replaced(path, text: str) -> None:
    path.with_name("new").write_text(text)
    os.replace(path.with_name("new"), path)


def test_what_has_not_changed_is_left_alone(loads):
    one, watching = loads
    watching.look()
    assert one.swapped == []


def test_what_has_changed_is_swapped_once_in_its_place(loads):
    one, watching = loads
    replaced(one.path, "second")
    watching.look()
    watching.look()
    assert one.swapped == [(1, "second")]


def test_what_cannot_be_used_is_told_until_it_can(loads):
    one, watching = loads
    one.error = BadRequest("the fit is damaged")
    replaced(one.path, "third")
    watching.look()
    assert one.swapped == [(1, "the fit is damaged; the mapping from before plays on")]
    assert watching.notes == {1: "the fit is damaged; the mapping from before plays on"}
    one.error = None
    replaced(one.path, "fourth")
    watching.look()
    assert one.swapped[1:] == [(1, "fourth")]
    assert watching.notes == {}


def test_a_fit_that_vanishes_changes_nothing_and_is_taken_when_it_is_back(loads):
    one, watching = loads
    one.path.unlink()
    watching.look()
    assert (one.swapped, watching.notes) == ([], {})
    replaced(one.path, "back")
    watching.look()
    assert one.swapped == [(1, "back")]


def test_closing_ends_its_thread(loads):
    _, watching = loads
    watching.close()
    assert "watch" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def fits(tmp_path):
    """A patch with a mapping, and two more fits to put in its place: one of other looks, and a damaged one."""
    path = tmp_path / "show.toml"
    path.write_text(STEADY.replace("rate = 60\n", BODY) + DANCE)
    mapping = teach(tmp_path / "dance")
    fit(mapping)
    other = teach(tmp_path / "other" / "dance", POSES[::-1].copy())
    fit(other)
    broken = tmp_path / "broken"
    broken.write_bytes(b"\0" + (other / FILE).read_bytes()[1:])
    return path, mapping / FILE, other / FILE, broken


def settled(ticks: list, count: int = 12) -> bool:
    """Whether the look has rested for some ticks."""
    return len(ticks) > count and all(np.array_equal(a.look.w, b.look.w) for a, b in pairwise(ticks[-count:]))


def put(source, target) -> bool:
    """Put a copy in place of the target, at once."""
    shutil.copy(source, target.with_name("new"))
    os.replace(target.with_name("new"), target)
    return True


def test_a_new_fit_takes_over_between_ticks_without_a_jump_and_a_damaged_one_not_at_all(fits, monkeypatch):
    monkeypatch.setattr(watch, "EVERY", 0.05)
    path, mine, other, broken = fits
    ticks = []
    with show_of(path, observe=ticks.append) as one:
        play(one, partial(settled, ticks), partial(put, other, mine))
        before = len(ticks)
        play(one, lambda: not np.array_equal(ticks[-1].look.w, ticks[before - 1].look.w), partial(settled, ticks))
        swapped = ticks[before - 1 :]
        assert one.notes() == []
        play(one, partial(put, broken, mine), one.notes, lambda: len(ticks) > 20 and settled(ticks))
        notes = one.notes()
    way = np.linalg.norm(swapped[-1].look.w - swapped[0].look.w)
    assert way > 0.1
    for a, b in pairwise(swapped):
        # One tick's share of the morph; a swap begins up to two pictures before it is first seen.
        assert np.linalg.norm(b.look.w - a.look.w) <= way * ((b.due - a.due) / MORPH + 0.25)
    assert np.array_equal(ticks[-1].look.w, swapped[-1].look.w)
    assert len(notes) == 1
    assert "damaged" in notes[0]
    assert "plays on" in notes[0]
