"""A take of somebody moving along teaches other mappings, and compares them, without her."""

import numpy as np
import pytest

from livegan import files
from livegan.control import retaking
from livegan.errors import BadRequest
from livegan.mapping.mapping import Mapping
from tests.rehearsal.rig import Rig

POSES = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 4.0, 2.0]])
BEHIND = 0.2


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """The folder of a show in which somebody moved along three looks."""
    folder = tmp_path_factory.mktemp("taken")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        rig = Rig(folder, "count = 0.2\nseconds = 0.2\n")
        rig.go(1.0)
        for seed, name in enumerate("abc", 10):
            rig.rehearsal.choosing.seed(seed)
            rig.rehearsal.keep(name)
        rig.rehearsal.move_along(24.0)
        along = rig.rehearsal.along
        while along.running:
            if along._begun is not None:
                rig.pose = along._path.weights(rig.clock.time - BEHIND - along._begun) @ POSES
            rig.go(0.04)
        rig.go(1.0)
    return folder


@pytest.fixture(autouse=True)
def here(taken, monkeypatch):
    monkeypatch.chdir(taken)


def test_another_mapping_is_taught_with_fewer_features(taken):
    said: list[str] = []
    retaking.refit("own", "1", "fewer", "body.x, body.y", None, None, said.append)
    behind = float(said[0].split()[1])
    assert abs(behind - 1e3 * BEHIND) < 60
    one = Mapping.load(files.find("mappings", "fewer"))
    assert one.features == ("body.x", "body.y")
    for place, pose in enumerate(POSES):
        assert one(pose[:2].astype(np.float32))[place] > 0.85


def test_two_mappings_are_compared(taken):
    retaking.refit("own", "1", "same", None, None, None, lambda told: None)
    retaking.refit("own", "1", "late", None, 500.0, None, lambda told: None)
    said: list[str] = []
    retaking.compare("own", "same", "1", "skies", said.append)
    retaking.compare("own", "late", "1", "skies", said.append)
    apart = [float(text.split("looks are ")[1].split("%")[0]) for text in said if "looks are" in text]
    assert apart[0] < apart[1]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("own", "9", "new", None), "there is no take in"),
        (("own", "1", "own", None), 'there is already a mapping "own"'),
        (("own", "1", "new", "body.nose"), 'the take has no feature "body.nose"'),
        (("none", "1", "new", None), 'there is no mapping "none"'),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_makes_nothing(taken, asked, says):
    with pytest.raises(BadRequest, match=says):
        retaking.refit(*asked, None, None, lambda told: None)
    assert not (taken / "mappings" / "new").exists()


@pytest.mark.parametrize("damage", ["path.json", "looks.safetensors", "body.safetensors"])
def test_a_damaged_take_is_one_sentence(taken, tmp_path, damage):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(taken / "mappings" / "own" / "takes" / "1", copy)
    (copy / damage).write_bytes(b"{}")
    with pytest.raises(BadRequest):
        retaking.refit("own", str(copy), "new", None, None, None, lambda told: None)
