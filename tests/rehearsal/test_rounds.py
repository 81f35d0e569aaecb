"""Rounds: nothing is true before the scribe has answered, and rows wait until their look is known."""

from pathlib import Path

import numpy as np
import pytest

from livegan.frame import Feature
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.rounds import Rounds
from tests.rehearsal.clerks import Patient

LOOK = TaughtLook("rose", seed=7)
ROWS = np.zeros((2, 1), np.float32)
BEGUN = {"version": "id:0", "next_round": 3, "looks": ["noon"], "rounds": []}


@pytest.fixture
def scribe():
    return Patient()


@pytest.fixture
def rounds(scribe):
    return Rounds(Path("own"), [Feature("body.x")], {"features": ["body.x"]}, scribe, lambda call: call())


def test_rows_wait_for_the_name_of_their_look_and_come_in_order(rounds, scribe):
    one = rounds.start(LOOK)
    rounds.add(one, ROWS)
    rounds.add(one, ROWS)
    assert scribe.does == ["begin", "look"]
    scribe.answer(**BEGUN)
    scribe.answer(look="rose (2)", looks=["noon", "rose (2)"])
    assert scribe.does == ["round", "rows", "rows"]
    assert scribe.answer(version="id:1").words == {"do": "round", "round": 3, "look": "rose (2)", "folder": "own"}
    assert [scribe.answer(version="id:2", count=2).words["first"] for _ in range(2)] == [0, 2]
    assert (one.id, one.look, one.written, rounds.version) == (3, "rose (2)", 4, "id:2")
    assert rounds.kept == [one]


def test_a_round_ends_when_all_of_it_is_on_disk(rounds, scribe):
    ended = []
    one = rounds.start(LOOK)
    scribe.answer(**BEGUN)
    scribe.answer(look="rose", looks=["rose"])
    rounds.add(one, ROWS)
    rounds.end(one, ended.append)
    scribe.answer(version="id:1")
    assert ended == []
    scribe.answer(version="id:2", count=2)
    assert ended == [one]


def test_a_round_without_rows_ends_and_leaves_nothing(rounds, scribe):
    ended = []
    one = rounds.start(LOOK)
    rounds.end(one, ended.append)
    scribe.answer(**BEGUN)
    scribe.answer(look="rose", looks=["rose"])
    assert ended == [one]
    assert (scribe.does, rounds.kept) == ([], [])


@pytest.mark.parametrize("failing", [0, 1, 2, 3])
def test_whatever_fails_is_told_once_and_ends_the_round(rounds, scribe, failing):
    ended = []
    one = rounds.start(LOOK)
    rounds.add(one, ROWS)
    rounds.end(one, ended.append)
    answers = [BEGUN, {"look": "rose", "looks": ["rose"]}, {"version": "id:1"}, {"version": "id:2", "count": 2}]
    for place, words in enumerate(answers):
        if scribe.asked:
            scribe.answer(**({"error": "the disk is full"} if place == failing else words))
    assert ended == [one]
    assert one.error == "the disk is full"


def test_keeping_out_and_back_is_true_when_it_is_answered(rounds, scribe):
    rounds.begin(lambda error: None)
    scribe.answer(**{**BEGUN, "rounds": [{"id": 1, "look": "noon", "kept": True, "count": 5}]})
    told = []
    rounds.keep([1], False, told.append)
    assert len(rounds.kept) == 1
    scribe.answer(version="id:9")
    assert (rounds.kept, rounds.version, told) == ([], "id:9", [""])
    rounds.keep([1], True, told.append)
    scribe.answer(error="read-only")
    assert (rounds.kept, rounds.version, told[-1]) == ([], "id:9", "read-only")


def test_beginning_fails_once_and_may_be_tried_again(rounds, scribe):
    told = []
    rounds.begin(told.append)
    rounds.begin(told.append)
    assert scribe.does == ["begin"]
    scribe.answer(error="another mapping's features")
    rounds.begin(told.append)
    scribe.answer(**BEGUN)
    assert (told, rounds.ready) == (["another mapping's features", ""], True)


def test_looks_are_known_by_their_names_in_the_examples(rounds, scribe):
    told = []
    rounds.know([LOOK, TaughtLook("dusk", seed=8)], lambda names, error: told.append((names, error)))
    scribe.answer(**BEGUN)
    scribe.answer(look="rose (2)", looks=["noon", "rose (2)"])
    assert told == []
    scribe.answer(look="dusk", looks=["noon", "rose (2)", "dusk"])
    assert told == [(["rose (2)", "dusk"], "")]
    assert rounds.looks == ["noon", "rose (2)", "dusk"]
