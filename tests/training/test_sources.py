"""Folders and zips of strangers: their names, and what is in them that is no picture."""

import os
import sys
import zipfile

import pytest

from livegan.training import sources
from livegan.training.dataset import Dataset
from livegan.training.pictures import Cut
from livegan.training.prepare import Wanted, prepare
from livegan.training.sources import LeftOut
from livegan.training.videos import Moments
from tests.training import odd


def prepared(source, out, **wanted):
    return prepare(Wanted(source, Cut(64), Moments(0.5), **wanted), out, lambda at, total, used: None)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_utf_8_are_shown_with_a_question_mark(tmp_path):
    source = tmp_path / os.fsdecode(b"caf\xe9")
    folder = source / os.fsdecode(b"bl\xfc")
    folder.mkdir(parents=True)
    odd.painting(1).save(folder / "a.png")
    odd.film(tmp_path / "film.avi", 10)
    (tmp_path / "film.avi").rename(folder / os.fsdecode(b"\xfc.avi"))
    assert prepared(source, tmp_path / "set", labels=True, mirror=True).left == []
    found = Dataset.open(tmp_path / "set")
    assert found.labels == ("bl?",)
    assert found.made["source"] == "caf?"
    assert len(found) == 6


def test_a_video_inside_a_zip_is_told_however_large(tmp_path, monkeypatch):
    odd.film(tmp_path / "film.avi", 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("a.png", odd.GOOD["plain.png"])
        out.write(tmp_path / "film.avi", "film.avi")
        out.writestr("large.mp4", odd.BAD["film.mp4"][0] + bytes(1 << 20))
    monkeypatch.setattr(sources, "MOST_BYTES", 1 << 20)
    left = prepared(tmp_path / "a.zip", tmp_path / "set").left
    why = "it is a video inside a zip: unpack it"
    assert left == [LeftOut(name, "not supported", why) for name in ("film.avi", "large.mp4")]
