"""The loop choose, teach, play, correct, on a fake clock with real files: what a performer does, and every mistake."""

import re

import numpy as np
import pytest

from livegan.mapping.examples import FILE as EXAMPLES
from livegan.mapping.examples import Examples
from livegan.mapping.fitted import FILE as FIT
from livegan.rehearsal.looks import FILE as LOOKS
from livegan.rehearsal.looks import load
from tests.rehearsal.rig import Rig

QUICK = "count = 1.0\nseconds = 1.0\n"
POSES = {"a": [0.0, 0.0, 0.0], "b": [4.0, 0.0, 0.0], "c": [0.0, 4.0, 0.0]}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rig(tmp_path):
    one = Rig(tmp_path, QUICK)
    one.go(2.0)
    return one


def teach(rig: Rig, name: str, seed: int, pose: list[float], seconds: float = 3.0) -> str:
    """Choose the look of a seed, keep it, take a pose, teach."""
    rig.ask(rig.rehearsal.choosing.seed, seed)
    rig.ask(rig.rehearsal.keep, name)
    rig.pose = np.array(pose)
    rig.go(0.5)
    reply = rig.ask(rig.rehearsal.teach)
    rig.go(seconds)
    return reply


def taught(rig: Rig) -> None:
    for seed, (name, pose) in enumerate(POSES.items(), 10):
        assert teach(rig, name, seed, pose).startswith("teaching"), name


def played(rig: Rig, pose: list[float]) -> np.ndarray:
    """The w that is on stage after the body has been in a pose for a while."""
    rig.pose = np.array(pose)
    return rig.go(3.0)[-1].look.w


def wanted(rig: Rig, name: str) -> np.ndarray:
    return rig.rehearsal.choosing.drawn(rig.rehearsal.choosing.named(name)).w


def near(rig: Rig, pose: list[float], w: np.ndarray | str) -> float:
    """How far what is played in a pose is from a look, relative to the usual distance between looks."""
    looks = [wanted(rig, one) for one in POSES]
    usual = np.median([np.linalg.norm(a - b) for i, a in enumerate(looks) for b in looks[:i]])
    return float(np.linalg.norm(played(rig, pose) - (wanted(rig, w) if isinstance(w, str) else w)) / usual)


def test_three_looks_taught_by_showing_play(rig):
    taught(rig)
    for name, pose in POSES.items():
        assert near(rig, pose, name) < 0.1
    with Examples.read_only(rig.rehearsal.lectern.rounds.folder / EXAMPLES) as examples:
        counts = examples.counts()
    assert set(counts) == set(POSES)
    assert min(counts.values()) >= 20


@pytest.mark.parametrize("size", [0.002, 100.0])
def test_numbers_of_any_size_are_taught_where_the_examples_show_what_a_movement_is(tmp_path, size):
    rig = Rig(tmp_path, QUICK, unit=0.0)
    rig.go(2.0)
    poses = {name: [size * value for value in pose] for name, pose in POSES.items()}
    for seed, (name, pose) in enumerate(poses.items(), 10):
        assert teach(rig, name, seed, pose).startswith("teaching"), name
        assert rig.rehearsal.lectern.question is None
    for name, pose in poses.items():
        assert near(rig, pose, name) < 0.1


def test_while_a_look_is_chosen_or_taught_it_is_on_stage_and_the_mapping_is_muted(rig):
    taught(rig)
    rig.rehearsal.choosing.seed(99)
    rig.pose = np.array(POSES["a"])
    last = rig.go(2.0)[-1]
    assert np.array_equal(last.look.w, rig.rehearsal.choosing.chosen.w)
    rig.rehearsal.teach()
    looks = [tick.look.w for tick in rig.go(1.5)]
    assert np.abs(np.diff(looks, axis=0)).max() < 1e-5


def test_a_look_chosen_while_the_last_one_is_fitted_stays_chosen(rig):
    fits, woken = rig.rehearsal.lectern.fits, []
    fits._wake = lambda wake=fits._wake: woken.append(wake)
    teach(rig, "a", 10, POSES["a"], seconds=2.2)
    rig.rehearsal.choosing.seed(77)
    woken[0]()
    rig.go(3.0)
    assert rig.rehearsal.choosing.chosen.seed == 77
    assert rig.rehearsal.lectern.plays


def test_undo_and_redo_go_all_the_way_back_and_forth(rig):
    versions, fits = [rig.rehearsal.lectern.rounds.version], []
    for seed, (name, pose) in enumerate(POSES.items(), 10):
        teach(rig, name, seed, pose)
        versions.append(rig.rehearsal.lectern.rounds.version)
        fits.append((rig.rehearsal.lectern.rounds.folder / FIT).read_bytes())
    assert len(set(versions)) == 4
    for step in (2, 1):
        assert rig.ask(rig.rehearsal.undo).startswith("undone: teaching")
        assert rig.ask(rig.rehearsal.undo).startswith("undone: keeping")
        rig.go(1.0)
        assert rig.rehearsal.lectern.rounds.version == versions[step]
        assert (rig.rehearsal.lectern.rounds.folder / FIT).read_bytes() == fits[step - 1]
        assert len(load(rig.one.plan.path.with_suffix("") / LOOKS)) == step
    rig.ask(rig.rehearsal.undo)
    rig.go(0.2)
    assert rig.show.wires[0].route is None
    rig.ask(rig.rehearsal.undo)
    assert rig.ask(rig.rehearsal.undo) == "error: there is nothing to undo"
    for _ in range(6):
        assert rig.ask(rig.rehearsal.redo).startswith("done again")
        rig.go(0.2)
    assert rig.ask(rig.rehearsal.redo).startswith("error: there is nothing to redo")
    assert rig.rehearsal.lectern.rounds.version == versions[3]
    assert near(rig, POSES["c"], "c") < 0.1


def test_looks_are_taught_along_principal_directions_and_smoothed(tmp_path):
    rig = Rig(tmp_path, QUICK, mapping='outputs = "pca:16"\nsmooth = "100 ms"\n')
    rig.go(2.0)
    taught(rig)
    assert rig.show.wires[0].route.mapping.outputs == "pca:16"
    for name, pose in POSES.items():
        assert near(rig, pose, name) < 0.1
    assert 0 < rig.show.wires[0].route.smoothing.adds <= 0.1


def test_rounds_are_listed_left_out_and_taken_back_and_all_of_it_undone(rig):
    taught(rig)
    lectern = rig.rehearsal.lectern
    version, fit = lectern.rounds.version, (lectern.rounds.folder / FIT).read_bytes()
    assert re.fullmatch(r"1 a, \d+ examples; 2 b, \d+ examples; 3 c, \d+ examples", lectern.told())
    assert lectern.leave_out((lectern.round(2),)) == "leaving out round 2"
    rig.go(0.5)
    assert "2 b, " in lectern.told()
    assert lectern.told().count("left out") == 1
    assert near(rig, POSES["b"], "b") > 0.5
    assert rig.ask(lectern.round, 2) == "error: round 2 was left out already"
    assert rig.ask(lectern.take_back, 1) == "error: round 1 was never left out"
    assert rig.ask(lectern.take_back, 9) == "error: there is no round 9: rounds lists those that were taught"
    assert lectern.take_back(2) == "taking back round 2"
    rig.go(0.5)
    assert near(rig, POSES["b"], "b") < 0.1
    assert lectern.leave_out_all() == "leaving out rounds 1, 2, 3"
    rig.go(0.5)
    assert not lectern.plays
    assert rig.ask(lectern.leave_out_all).startswith("error: no round counts")
    assert rig.ask(rig.rehearsal.undo) == "undone: leaving out rounds 1, 2, 3"
    rig.go(0.5)
    assert (lectern.rounds.version, (lectern.rounds.folder / FIT).read_bytes()) == (version, fit)
    rig.ask(rig.rehearsal.undo)
    rig.go(0.2)
    assert [one.kept for one in lectern.rounds.all.values()] == [True, False, True]
    rig.ask(rig.rehearsal.undo)
    rig.go(0.2)
    assert [one.kept for one in lectern.rounds.all.values()] == [True] * 3
    rig.ask(rig.rehearsal.redo)
    rig.go(0.2)
    assert [one.kept for one in lectern.rounds.all.values()] == [True, False, True]


def test_after_something_new_nothing_can_be_redone(rig):
    taught(rig)
    rig.rehearsal.undo()
    rig.rehearsal.choosing.seed(5)
    rig.rehearsal.keep("new")
    assert rig.ask(rig.rehearsal.redo) == (
        "error: there is nothing to redo: something else was done since the last undo"
    )


def test_the_picture_is_frozen_and_the_pose_taught_for_it(rig):
    taught(rig)
    pose = [2.0, 2.0, 3.0]
    rig.pose = np.array([1.0, 1.0, 0.0])
    rig.go(1.0)
    assert rig.rehearsal.correct().startswith("frozen")
    held = rig.rehearsal.show.steering.frozen.w
    rig.pose = np.array(pose)
    rig.go(1.0)
    assert rig.rehearsal.correct().startswith("teaching")
    rig.go(4.0)
    assert near(rig, pose, held) < 0.1


def test_the_same_pose_for_another_look_raises_a_question_and_both_answers_are_good(rig):
    taught(rig)
    teach(rig, "d", 50, POSES["a"])
    question = rig.rehearsal.lectern.question
    assert '"a"' in question.sentence
    assert question.rounds == (1,)
    assert rig.rehearsal.replace() == "round 1 left out"
    rig.go(2.0)
    assert near(rig, POSES["a"], "d") < 0.1
    rig.rehearsal.undo()
    rig.go(1.0)
    assert [one.id for one in rig.rehearsal.lectern.rounds.kept] == [1, 2, 3, 4]
    assert rig.rehearsal.lectern.question is not None


def test_a_question_is_over_when_its_rounds_are_left_out_otherwise(rig):
    taught(rig)
    teach(rig, "d", 50, POSES["a"])
    assert rig.rehearsal.lectern.question is not None
    rig.rehearsal.lectern.leave_out_all()
    rig.go(1.0)
    assert rig.ask(rig.rehearsal.replace).startswith("error: no question is open")
    rig.rehearsal.undo()
    rig.go(1.0)
    assert [one.id for one in rig.rehearsal.lectern.rounds.kept] == [1, 2, 3, 4]


def test_keep_answers_the_question(rig):
    taught(rig)
    teach(rig, "d", 50, POSES["a"])
    assert rig.rehearsal.keep() == "both are kept"
    assert rig.rehearsal.lectern.question is None


def test_several_looks_are_taught_unattended(rig):
    for seed, name in enumerate("abc", 10):
        rig.rehearsal.choosing.seed(seed)
        rig.rehearsal.keep(name)
    assert rig.rehearsal.teach(3) == "teaching a, b, c: take the pose"
    for pose in POSES.values():
        rig.pose = np.array(pose)
        rig.go(2.0 + 2 / 25)
    rig.go(2.0)
    for name, pose in POSES.items():
        assert near(rig, pose, name) < 0.1


def test_hold_to_record_lasts_as_long_as_it_is_held(rig):
    rig.rehearsal.choosing.seed(3)
    rig.rehearsal.record(True)
    rig.go(2.0)
    assert rig.rehearsal.teaching.state == "recording"
    rig.rehearsal.record(False)
    rig.go(1.0)
    (one,) = rig.rehearsal.lectern.rounds.kept
    assert 45 <= one.written <= 55
    assert rig.rehearsal.record(False) == "recorded"


def test_a_pose_held_still_starts_teaching_once(tmp_path):
    rig = Rig(tmp_path, QUICK + 'still = "1 s"\n')
    rig.pose = np.array([3.0, 0.0, 0.0])
    rig.go(3.0)
    assert rig.rehearsal.teaching.state == "idle"
    rig.rehearsal.choosing.seed(1)
    rig.pose = np.array([0.0, 3.0, 0.0])
    rig.go(1.7)
    assert rig.rehearsal.teaching.state == "counting"
    rig.go(4.0)
    assert len(rig.rehearsal.lectern.rounds.kept) == 1
    rig.rehearsal.choosing.seed(2)
    rig.go(4.0)
    assert len(rig.rehearsal.lectern.rounds.kept) == 1


def test_kept_looks_are_there_again_with_their_pictures(rig, tmp_path):
    taught(rig)
    again = Rig(tmp_path)
    kept = again.rehearsal.choosing.kept
    assert [one.name for one in kept] == [*POSES]
    assert all(one.picture.shape == (32, 32, 3) for one in kept)
    again.go(2.0)
    assert near(again, POSES["b"], "b") < 0.1


def test_a_fit_that_is_not_of_its_examples_is_mended_when_the_show_opens(rig, tmp_path):
    taught(rig)
    rounds = rig.rehearsal.lectern.rounds
    with Examples.open(rounds.folder / EXAMPLES) as examples:
        examples.keep(2, False)
    again = Rig(tmp_path)
    again.go(1.0)
    assert again.show.wires[0].route.mapping.version == again.rehearsal.lectern.rounds.version
    assert len(again.show.wires[0].route.mapping.looks) == 2


def test_cancelling_leaves_nothing_behind(rig):
    rig.rehearsal.choosing.seed(3)
    rig.rehearsal.teach()
    rig.go(1.5)
    assert rig.rehearsal.teaching.state == "recording"
    assert rig.rehearsal.cancel() == "cancelled"
    rig.go(1.0)
    assert rig.rehearsal.lectern.rounds.kept == []
    assert not rig.rehearsal.teaching.busy
    assert rig.ask(rig.rehearsal.cancel).startswith("error: nothing is under way")


def test_every_mistake_is_one_sentence(rig):
    rehearsal = rig.rehearsal
    assert rig.ask(rehearsal.teach).startswith("error: no look is chosen")
    assert rig.ask(rehearsal.teach, 3) == "error: 3 looks are to be taught and 0 are kept: keep more, or teach fewer"
    assert rig.ask(rehearsal.choosing.pick, 3).startswith("error: there is no grid")
    assert rig.ask(rehearsal.choosing.step, 1).startswith("error: no look is kept yet")
    rehearsal.choosing.seed(1)
    rehearsal.keep("one")
    assert rig.ask(rehearsal.keep, "one") == 'error: there is already a look "one": choose another name'
    assert rig.ask(rehearsal.keep, "two") == 'error: this look is kept already, as "one"'
    assert rig.ask(rehearsal.check).startswith("error: nothing was taught yet")
    assert rig.ask(rehearsal.refit).startswith("error: nothing was taught yet")
    assert rig.ask(rehearsal.lag, 100).startswith("error: nobody moved along yet")
    assert rig.ask(rehearsal.choosing.named, "none").startswith('error: no look "none" is kept; there are one')
    assert all(sentence.error for sentence in rehearsal.said)


def test_nobody_in_view_is_told_before_and_after_recording(rig):
    rig.rehearsal.choosing.seed(1)
    rig.pose = None
    rig.go(3.0)
    assert rig.ask(rig.rehearsal.teach) == ('error: nobody is in view of "body": step in front of it, then teach')
    rig.pose = np.zeros(3)
    rig.go(2.0)
    rig.rehearsal.teach()
    rig.pose = None
    rig.go(4.0)
    assert "nobody was in view" in rig.rehearsal.said[-1].sentence
    assert rig.rehearsal.lectern.rounds.kept == []
    assert not rig.rehearsal.teaching.busy


def test_a_look_of_another_kind_of_model_cannot_be_drawn_and_stays(rig):
    from dataclasses import replace

    rig.rehearsal.choosing.seed(1)
    kept = rig.rehearsal.choosing.keep("one")
    strange = replace(kept, look=replace(kept.look, seed=None, z=np.zeros(3, np.float32), w=None))
    rig.rehearsal.choosing.change((strange,), "a test")
    assert rig.ask(rig.rehearsal.choosing.step, 1).startswith(
        'error: the look "one" comes from another kind of model and cannot be drawn by pattern'
    )


def test_nothing_else_is_chosen_while_a_look_is_taught(rig):
    rig.rehearsal.choosing.seed(1)
    rig.rehearsal.teach()
    assert rig.ask(rig.rehearsal.choices).startswith("error: a look is being taught")
    assert rig.ask(rig.rehearsal.keep).startswith("error: a look is being taught")


def test_looks_that_cannot_be_drawn_are_told_before_several_are_taught(rig):
    from dataclasses import replace

    rig.rehearsal.choosing.seed(1)
    kept = rig.rehearsal.choosing.keep("one")
    strange = replace(kept, look=replace(kept.look, name="strange", seed=None, z=np.zeros(3, np.float32), w=None))
    rig.rehearsal.choosing.change((kept, strange), "a test")
    assert "comes from another kind of model" in rig.ask(rig.rehearsal.teach, 2)
    assert not rig.rehearsal.teaching.busy


def test_a_scribe_that_cannot_write_is_told_and_the_show_goes_on(rig):
    taught(rig)
    rig.scribe.broken = "the disk is full"
    before = rig.rehearsal.lectern.rounds.version
    teach(rig, "d", 40, [3.0, 3.0, 3.0])
    assert any("the disk is full" in one.sentence for one in rig.rehearsal.said)
    assert rig.rehearsal.lectern.rounds.version == before
    rig.scribe.broken = ""
    rig.rehearsal.choosing.seed(41)
    rig.ask(rig.rehearsal.teach)
    rig.go(4.0)
    assert rig.rehearsal.lectern.rounds.version != before


def test_far_from_everything_taught_the_picture_rests(rig):
    taught(rig)
    rest = rig.show.rest(0.0).w
    assert np.allclose(played(rig, [100.0, -100.0, 50.0]), rest)
    assert rig.ticks[-1].known == 0.0


def test_moving_along_teaches_with_the_performers_lag(rig):
    for seed, name in enumerate("abc", 10):
        rig.rehearsal.choosing.seed(seed)
        rig.rehearsal.keep(name)
    assert rig.rehearsal.move_along(30.0).startswith("move along")
    along, behind, poses = rig.rehearsal.along, 0.3, np.array([*POSES.values()])
    while along.running:
        path, begun = along._path, along._begun
        if begun is not None:
            rig.pose = path.weights(rig.clock.time - behind - begun) @ poses
        rig.go(0.04)
    rig.go(2.0)
    assert any("ms behind the looks" in one.sentence for one in rig.rehearsal.said)
    for name, pose in POSES.items():
        assert near(rig, pose, name) < 0.15
    (one,) = rig.rehearsal.lectern.rounds.kept
    takes = rig.rehearsal.lectern.rounds.folder / "takes"
    assert {file.name for file in (takes / "1").iterdir()} == {"path.json", "looks.safetensors", "body.safetensors"}
    assert rig.rehearsal.lag(250.0).startswith("taught again")
    rig.go(2.0)
    assert [round_.id for round_ in rig.rehearsal.lectern.rounds.kept] == [one.id + 1]


def test_without_kept_looks_the_walk_is_moved_along_with(rig):
    poses = np.array([*POSES.values(), [0.0, 0.0, 4.0]])
    rig.rehearsal.move_along(20.0)
    along = rig.rehearsal.along
    while along.running:
        if along._begun is not None:
            rig.pose = along._path.weights(rig.clock.time - along._begun) @ poses
        rig.go(0.04)
    rig.go(2.0)
    looks = rig.show.wires[0].route.mapping.looks
    assert [(look.name, look.seed) for look in looks] == [(f"walk {n}", n) for n in (1, 2, 3, 4)]


def test_a_check_makes_a_page(rig):
    taught(rig)
    rig.rehearsal.check()
    for place in np.linspace(0, 1, 530):
        rig.pose = 4 * np.array([abs(np.sin(9 * place)), abs(np.cos(7 * place)), 0.0])
        rig.go(0.04)
    page = rig.one.plan.path.with_suffix("") / "check.png"
    assert page.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert page.with_suffix(".txt").read_text()
