import os

import pytest

from livegan import files
from livegan.errors import BadRequest, Failure


def test_what_is_written_is_there_with_its_folders_and_nothing_else(tmp_path):
    path = tmp_path / "a" / "b" / "look.json"
    files.write_atomic(path, b"one")
    files.write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert [found.name for found in path.parent.iterdir()] == ["look.json"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, broken):
    path = tmp_path / "look.json"
    files.write_atomic(path, b"old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, refuse)
    with pytest.raises(Failure, match=r"^could not write .*look\.json: No space left on device; [^\n]*$"):
        files.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["look.json"]


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "look.json"
    files.write_atomic(path, b"old")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(path, b"new")
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b"old"]


def test_a_name_is_looked_for_near_the_patch_then_here_then_in_the_room_then_among_what_came_along(
    tmp_path, monkeypatch
):
    near, here = tmp_path / "near", tmp_path / "here"
    places = [near / "dancer.toml", here / "dancer.toml", here / "patches" / "dancer.toml"]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("")
    monkeypatch.chdir(here)
    for place in places:
        assert files.find("patches", "dancer", near, ".toml") == place
        place.unlink()
    assert files.find("patches", "dancer", near, ".toml") == (files.bundled("patches") / "dancer.toml").resolve()


def test_files_and_mappings_of_one_name_are_told_apart(tmp_path, monkeypatch):
    (tmp_path / "skies").mkdir()
    (tmp_path / "mappings" / "skies").mkdir(parents=True)
    (tmp_path / "mappings" / "skies" / "mapping.toml").touch()
    (tmp_path / "skies.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    assert files.find("models", "skies", suffix=".safetensors") == tmp_path / "skies.safetensors"
    assert files.find("mappings", "skies") == tmp_path / "mappings" / "skies"


@pytest.mark.parametrize(("room", "one"), [("patches", "patch"), ("mappings", "mapping"), ("media", "clip")])
def test_what_is_nowhere_is_one_sentence(tmp_path, room, one):
    with pytest.raises(BadRequest, match=rf'^there is no {one} "nowhere": looked in [^\n]*$') as error:
        files.find(room, "nowhere", tmp_path)
    assert str(tmp_path) in str(error.value)
    assert str(files.bundled(room)) in str(error.value)


@pytest.mark.parametrize("room", ["patches", "mappings", "models", "media"])
def test_every_room_comes_along(room):
    assert any(files.bundled(room).iterdir())
