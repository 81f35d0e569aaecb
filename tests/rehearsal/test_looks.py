"""Kept looks: what is written is read again, and a damaged file is one sentence."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.looks import Kept, colour_of, dumped, free_name, load, same

Z = np.linspace(-1, 1, 8, dtype=np.float32)
W = np.linspace(0, 2, 24, dtype=np.float32).reshape(3, 8)
LOOKS = (
    Kept(TaughtLook("rose", 7, None, W, 0.8, "abc"), (200, 10, 30), np.full((4, 6, 3), 9, np.uint8)),
    Kept(TaughtLook("a look / with ümlaut", None, Z, None, 0.5, "abc")),
    Kept(TaughtLook("mixed", None, None, W)),
)


def test_looks_come_back_as_they_were(tmp_path):
    path = tmp_path / "looks"
    path.write_bytes(dumped(LOOKS))
    for found, kept in zip(load(path), LOOKS, strict=True):
        assert found.name == kept.name
        assert found.colour == kept.colour
        assert same(found.look, kept.look)
        assert (found.picture is None) == (kept.picture is None)
    assert np.array_equal(load(path)[0].picture, LOOKS[0].picture)


def test_without_a_file_nothing_is_kept(tmp_path):
    assert load(tmp_path / "none") == ()


def written_and_read(path: Path, kept: Kept) -> tuple[Kept, ...]:
    path.write_bytes(dumped((kept,)))
    return load(path)


@pytest.mark.parametrize(
    "broken",
    [
        replace(LOOKS[0], look=TaughtLook("empty")),
        replace(LOOKS[0], look=replace(LOOKS[0].look, w=W * np.nan)),
        replace(LOOKS[0], look=replace(LOOKS[0].look, w=Z)),
        replace(LOOKS[0], look=replace(LOOKS[0].look, psi=99.0)),
        replace(LOOKS[0], picture=np.zeros((4, 4), np.uint8)),
        replace(LOOKS[0], look=replace(LOOKS[0].look, name="")),
    ],
)
def test_what_is_no_look_is_refused(tmp_path, broken):
    path = tmp_path / "looks"
    with pytest.raises((BadRequest, ValueError)):
        written_and_read(path, broken)


@given(st.binary(max_size=64), st.integers(0, 10_000))
def test_damaged_bytes_are_one_sentence(tmp_path_factory, junk, at):
    path = tmp_path_factory.mktemp("looks") / "looks"
    data = dumped(LOOKS)
    at %= len(data)
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    with contextlib.suppress(BadRequest):
        assert isinstance(load(path), tuple)


def test_same_looks_are_told_by_what_they_are_drawn_from():
    rose = LOOKS[0].look
    assert same(rose, replace(rose, name="other", w=None))
    assert not same(rose, replace(rose, seed=8))
    assert not same(rose, replace(rose, psi=0.7))
    assert not same(LOOKS[1].look, LOOKS[2].look)


def test_a_name_that_is_taken_gets_a_number():
    assert free_name("rose", set()) == "rose"
    assert free_name("rose", {"rose", "rose 2"}) == "rose 3"


@pytest.mark.parametrize(("colour", "strongest"), [((200, 30, 20), 0), ((20, 180, 40), 1), ((30, 40, 160), 2)])
def test_the_colour_is_that_of_what_is_colourful(colour, strongest):
    picture = np.full((32, 32, 3), 90, np.uint8)
    picture[:10] = colour
    assert int(np.argmax(colour_of(picture))) == strongest
