"""Another model while a show plays: asked for by name, on stage between ticks, taken back; faults change nothing."""

import shutil

import numpy as np
import pytest

from livegan.control.repertoire import COMMANDS
from livegan.latent.look import seeded_z
from livegan.show.fade import LASTS
from tests.generators.models import DATA, path_of
from tests.rehearsal.rig import FPS, Rig

SMALL = "stylegan2-ada-64"
CONDITIONAL = "stylegan2-ada-cond-32"


@pytest.fixture
def rig(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    shutil.copy(path_of(SMALL), tmp_path / "models" / "sea.safetensors")
    shutil.copy(path_of(SMALL), tmp_path / "own.safetensors")
    one = Rig(tmp_path, "count = 0.2\nseconds = 0.2\n")
    one.go(1.5)
    return one


def asked(rig: Rig, name: str, *values: object) -> str:
    return rig.ask(lambda: COMMANDS.run(rig.stand(), name, values))


def said(rig: Rig) -> str:
    return rig.rehearsal.said[-1].sentence


@pytest.mark.parametrize("name", ["sea", "own.safetensors", "own", "models/sea.safetensors"])
def test_a_model_comes_on_stage_with_its_own_pictures_and_goes_by_undo(rig, name):
    before = rig.show.generator.info
    assert asked(rig, "model", name).startswith(f"loading {name}")
    rig.go(0.1)
    assert said(rig).endswith("is on stage")
    assert rig.show.generator.info.size == (64, 64)
    assert rig.ticks[-1].look.w.shape == (10, 64)
    assert rig.show.stage.shown[-1][1].shape == (64, 64, 3)
    assert asked(rig, "undo").startswith("undone: the model ")
    rig.go(0.1)
    assert rig.show.generator.info.size == before.size
    assert said(rig) == "pattern is on stage"
    assert asked(rig, "redo").startswith("done again: the model ")
    rig.go(0.1)
    assert rig.show.generator.info.size == (64, 64)
    assert rig.show.meters.faults == 0


WRONG = [
    ("gone", 'no model "gone"'),
    ("../models/sea.safetensors", "in the current folder"),
    ("models/../../sea", "in the current folder"),
    ("..\\sea", "in the current folder"),
    ("/etc/hostname", "in the current folder"),
    ("C:\\sea.safetensors", "in the current folder"),
    ("\\\\elsewhere\\sea", "in the current folder"),
]


@pytest.mark.parametrize(("name", "says"), WRONG)
def test_a_name_that_is_none_is_refused_at_once(rig, name, says):
    before = rig.show.generator
    reply = asked(rig, "model", name)
    assert reply.startswith("error: ")
    assert says in reply
    rig.go(0.1)
    assert rig.show.generator is before


def damaged(folder) -> str:
    whole = bytearray((folder / "own.safetensors").read_bytes())
    (folder / "bad.safetensors").write_bytes(whole[: len(whole) // 2])
    return "bad"


def not_a_model(folder) -> str:
    (folder / "bad.pkl").write_bytes(b"nothing of a checkpoint")
    return "bad.pkl"


@pytest.mark.parametrize("make", [damaged, not_a_model])
def test_a_file_that_cannot_be_used_changes_nothing_and_is_told(rig, tmp_path, make):
    before, w = rig.show.generator, rig.ticks[-1].look.w.shape
    asked(rig, "model", make(tmp_path))
    ticks = rig.go(0.5)
    assert rig.show.generator is before
    assert said(rig).startswith("the model bad")
    assert rig.rehearsal.said[-1].error
    assert "\n" not in said(rig)
    assert all(tick.look.w.shape == w for tick in ticks)
    assert asked(rig, "undo") == "error: there is nothing to undo"


def test_a_checkpoint_from_elsewhere_is_imported_first(rig, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copy(DATA / f"{CONDITIONAL}.pkl", tmp_path / "theirs.pkl")
    asked(rig, "model", "theirs.pkl")
    rig.go(0.1)
    assert rig.show.generator.info.classes > 0
    assert rig.show.stage.shown[-1][1].shape == (32, 32, 3)
    assert [*(tmp_path / "cache").rglob("*.safetensors")]


def test_looks_are_redrawn_from_where_they_came(rig):
    for seed in (3, 4):
        asked(rig, "seed", seed)
        asked(rig, "keep")
    rig.go(0.5)
    pictures = [kept.picture for kept in rig.rehearsal.choosing.kept]
    asked(rig, "model", "sea")
    rig.go(1.0)
    generator, choosing = rig.show.generator, rig.rehearsal.choosing
    wanted = generator.w(seeded_z(4, generator.info.z_dim)[None])[0]
    assert np.allclose(rig.ticks[-1].look.w, wanted)
    assert [kept.name for kept in choosing.kept] == ["look 1", "look 2"]
    assert choosing.place == 1
    for kept, before in zip(choosing.kept, pictures, strict=True):
        assert not np.array_equal(kept.picture, before)
    asked(rig, "previous")
    rig.go(1.0)
    assert np.allclose(rig.ticks[-1].look.w, generator.w(seeded_z(3, generator.info.z_dim)[None])[0])


def test_a_taught_mapping_plays_on_in_the_new_model(rig):
    for seed, pose in ((5, [0, 0, 0]), (6, [4, 0, 0])):
        rig.pose = np.array(pose)
        rig.go(0.3)
        asked(rig, "seed", seed)
        asked(rig, "teach")
        rig.go(3.0)
    asked(rig, "model", "sea")
    rig.go(1.0)
    generator = rig.show.generator
    other, wanted = generator.w(np.stack([seeded_z(seed, generator.info.z_dim) for seed in (5, 6)]))
    off = np.linalg.norm(rig.ticks[-1].look.w - wanted)
    assert off < 0.1 * np.linalg.norm(other - wanted)


def test_it_waits_for_the_end_of_what_needs_the_present_model(rig):
    asked(rig, "seed", 5)
    assert asked(rig, "teach").startswith("teaching")
    asked(rig, "model", "sea")
    rig.go(0.1)
    assert rig.show.generator.info.name == "pattern"
    assert "when this is over" in said(rig)
    rig.go(4.0)
    assert rig.show.generator.info.name == "sea"
    assert rig.rehearsal.lectern.plays


def test_cancel_keeps_the_present_model(rig):
    asked(rig, "seed", 5)
    assert asked(rig, "teach").startswith("teaching")
    asked(rig, "model", "sea")
    rig.go(0.1)
    for _ in range(2):
        asked(rig, "cancel")
    rig.go(2.0)
    assert rig.show.generator.info.name == "pattern"


def test_of_several_the_last_one_comes(rig):
    waiting, errands = rig.rehearsal.changing, []
    waiting._errands = errands.append
    for name in ("sea", "pattern", "own"):
        asked(rig, "model", name)
    for errand in errands:
        errand()
    rig.go(0.1)
    assert rig.show.generator.info.name == "own"
    assert asked(rig, "undo") == "undone: the model own"


@pytest.mark.parametrize("seed", [None, 8])
def test_a_frozen_picture_stays_frozen(rig, seed):
    if seed is not None:
        asked(rig, "seed", seed)
        rig.go(1.0)
    asked(rig, "freeze", True)
    asked(rig, "model", "sea")
    looks = [tick.look for tick in rig.go(1.5)[-20:]]
    assert looks[0].w.shape == (10, 64)
    assert all(np.array_equal(look.w, looks[0].w) for look in looks)
    assert rig.show.steering.frozen is not None
    asked(rig, "freeze", False)
    rig.go(1.0)
    assert rig.show.meters.faults == 0


def test_what_was_on_stage_can_be_grabbed_only_where_the_shape_is_the_same(rig):
    asked(rig, "model", "pattern")
    rig.go(0.2)
    assert asked(rig, "grab", 0.5).endswith("ago")
    asked(rig, "play")
    asked(rig, "model", "sea")
    rig.go(1 / FPS)
    for _, look in rig.rehearsal.choosing._past:
        assert look.w.shape == (10, 64)


def test_the_picture_fades_over_and_no_picture_is_late(rig):
    asked(rig, "model", "sea")
    count = len(rig.show.stage.scenes)
    rig.go(2 * LASTS)
    shares = [scene.share for scene in rig.show.stage.scenes[count:] if scene.before is not None]
    assert len(shares) == pytest.approx(LASTS * FPS, abs=2)
    assert np.all(np.diff(shares) > 0)
    assert rig.show.stage.scenes[-1].before is None
    assert rig.show.meters.late == 0
