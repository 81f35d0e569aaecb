"""Named numbers taught in a show: set by hand, a pose taken, taught, played; and what was taught is changed again."""

import numpy as np
import pytest

from livegan.mapping.editing import Edit
from livegan.mapping.examples import FILE as EXAMPLES
from livegan.mapping.examples import Examples
from livegan.mapping.mapping import read_settings
from tests.rehearsal.rig import Rig

QUICK = "count = 1.0\nseconds = 1.0\n"
NUMBERS = 'outputs = ["psi", "glow"]\n'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rig(tmp_path):
    one = Rig(tmp_path, QUICK, mapping=NUMBERS)
    one.go(1.0)
    return one


def teach(rig: Rig, pose: list[float], **values: float) -> str:
    for name, value in values.items():
        rig.ask(rig.rehearsal.numbers().set, name, value)
    rig.pose = np.array(pose)
    rig.go(0.5)
    reply = rig.ask(rig.rehearsal.teach)
    rig.go(3.0)
    return reply


def played(rig: Rig, pose: list[float]) -> list[float]:
    """The numbers that are on stage after the body has been in a pose for a while."""
    rig.pose = np.array(pose)
    look = rig.go(2.0)[-1].look
    return [look.psi, look.numbers.get("glow", np.nan)]


def wanted(rig: Rig) -> np.ndarray:
    with Examples.read_only(rig.rehearsal.lectern.rounds.folder / EXAMPLES) as examples:
        return np.array(examples.read().outputs)


def test_numbers_are_set_taught_and_play(rig):
    assert teach(rig, [0, 0, 0], psi=0.2, glow=1.0) == "teaching psi 0.2, glow 1: take the pose"
    assert teach(rig, [4, 0, 0], psi=0.9, glow=3.0).startswith("teaching")
    assert played(rig, [0, 0, 0]) == pytest.approx([0.2, 1.0], abs=0.02)
    assert played(rig, [4, 0, 0]) == pytest.approx([0.9, 3.0], abs=0.02)
    middle = played(rig, [2, 0, 0])
    assert 0.3 < middle[0] < 0.8
    assert read_settings(rig.rehearsal.lectern.rounds.folder).model == "each"


def test_what_is_set_is_on_stage_at_once_and_until_the_mapping_plays_again(rig):
    rig.ask(rig.rehearsal.numbers().set, "psi", 0.33)
    assert rig.go(0.2)[-1].look.psi == pytest.approx(0.33)
    rig.ask(rig.rehearsal.play)
    assert rig.go(2.0)[-1].look.psi == pytest.approx(0.8)


def test_an_output_that_is_not_recorded_keeps_what_it_was_taught(rig):
    teach(rig, [0, 0, 0], psi=0.2, glow=1.0)
    rig.ask(rig.rehearsal.numbers().record, "glow", False)
    assert teach(rig, [4, 0, 0], psi=0.9, glow=3.0) == "teaching psi 0.9, glow 3 (not recorded): take the pose"
    assert np.isnan(wanted(rig)[-1]).tolist() == [False, True]
    assert played(rig, [4, 0, 0]) == pytest.approx([0.9, 1.0], abs=0.02)
    assert rig.ask(rig.rehearsal.numbers().record, "psi", False).startswith('error: "psi" is the last')


def test_one_example_is_recorded_now(rig):
    rig.ask(rig.rehearsal.numbers().set, "psi", 0.4)
    assert rig.ask(rig.rehearsal.example) == "one example of psi 0.4, glow 0"
    rig.go(0.5)
    assert len(wanted(rig)) == 1


def test_a_correction_begins_with_what_the_mapping_gave(rig):
    teach(rig, [0, 0, 0], psi=0.2, glow=1.0)
    teach(rig, [4, 0, 0], psi=0.9, glow=3.0)
    played(rig, [4, 0, 0])
    assert rig.ask(rig.rehearsal.correct).startswith("frozen")
    rig.pose = np.array([0.0, 4.0, 0.0])
    rig.go(0.5)
    assert rig.ask(rig.rehearsal.correct).startswith("teaching psi 0.9")
    rig.go(3.0)
    assert played(rig, [0, 4, 0]) == pytest.approx([0.9, 3.0], abs=0.05)


def test_a_round_is_changed_and_the_change_undone(rig):
    teach(rig, [0, 0, 0], psi=0.2, glow=1.0)
    teach(rig, [4, 0, 0], psi=0.9, glow=3.0)
    rig.rehearsal.taught(change=True).edit(2, Edit(name="psi", value=0.5), "psi 0.5 in round 2")
    rig.go(1.0)
    assert played(rig, [4, 0, 0]) == pytest.approx([0.5, 3.0], abs=0.02)
    assert "2 of numbers" in rig.rehearsal.lectern.told()
    assert rig.ask(rig.rehearsal.undo) == "undone: psi 0.5 in round 2"
    rig.go(1.0)
    assert played(rig, [4, 0, 0]) == pytest.approx([0.9, 3.0], abs=0.02)
    rig.ask(rig.rehearsal.redo)
    rig.go(1.0)
    assert played(rig, [4, 0, 0]) == pytest.approx([0.5, 3.0], abs=0.02)
    rig.rehearsal.taught(change=True).edit(1, Edit(name="body.x", value=2.0, row=1), "x")
    rig.go(1.0)
    assert rig.rehearsal.said[-1].error is False
    rig.rehearsal.taught(change=True).edit(4, Edit(name="nose", value=2.0), "x")
    rig.go(0.2)
    assert any('no "nose"' in one.sentence and one.error for one in rig.rehearsal.said)


def test_every_mistake_is_one_sentence(rig):
    rehearsal = rig.rehearsal
    assert rig.ask(rehearsal.teach).startswith("error: no numbers are set: set psi to a value")
    assert rig.ask(rehearsal.teach_all).startswith("error: the mapping own gives numbers, not looks")
    assert rig.ask(rehearsal.teach, 2).startswith("error: the mapping own gives numbers, not looks")
    assert rig.ask(rehearsal.move_along, 20.0).startswith("error: the mapping own gives numbers")
    assert rig.ask(rehearsal.numbers().set, "zoom", 1.0) == 'error: the mapping has no output "zoom"; it has psi, glow'
    assert rig.ask(rehearsal.teach_to, "other").startswith('error: no mapping "other" can be taught; there are own')


def test_looks_have_no_numbers_to_set(tmp_path):
    rig = Rig(tmp_path, QUICK)
    assert rig.ask(rig.rehearsal.numbers).startswith("error: the mapping own makes looks and has no numbers to set")


def test_two_mappings_are_taught_in_one_show_each_with_its_own(tmp_path):
    rig = Rig(tmp_path, QUICK, mapping=f"[mapping.fx]\n{NUMBERS}")
    rig.go(1.0)
    assert [*rig.rehearsal.courses.all] == ["own", "fx"]
    rig.ask(rig.rehearsal.choosing.seed, 3)
    rig.ask(rig.rehearsal.keep, "rose")
    rig.ask(rig.rehearsal.teach)
    rig.go(3.0)
    assert rig.ask(rig.rehearsal.teach_to, "fx") == "what is taught is fx"
    teach(rig, [0, 0, 0], psi=0.3, glow=2.0)
    look = rig.go(1.0)[-1].look
    assert look.psi == pytest.approx(0.3, abs=0.02)
    rose = rig.rehearsal.choosing.drawn(rig.rehearsal.choosing.named("rose")).w
    assert np.abs(look.w - rose).max() < 0.05
    assert [len(course.lectern.rounds.kept) for course in rig.rehearsal.courses.all.values()] == [1, 1]
    rig.ask(rig.rehearsal.undo)
    rig.go(0.5)
    assert [len(course.lectern.rounds.kept) for course in rig.rehearsal.courses.all.values()] == [1, 0]
