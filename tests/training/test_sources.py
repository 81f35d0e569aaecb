"""Folders and zips of strangers: their names, and what is in them that is no picture."""

import contextlib
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.training import sources
from livegan.training.dataset import Dataset
from livegan.training.pictures import Cut, Unfit
from livegan.training.prepare import Wanted, prepare
from livegan.training.sources import LeftOut, Offered
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


def offered(path):
    """All that a zip gives, unpacked; raises what it raises."""
    found = []
    for one in sources._zip(path, None)[1]():
        found.append(one)
        if isinstance(one, Offered):
            with contextlib.suppress(Unfit):
                one.read()
    return found


def test_a_file_without_a_name_does_not_end_a_zip(tmp_path):
    content = zipped({"1": b"", "a.png": odd.GOOD["plain.png"]})
    at = content.index(b"PK\x01\x02")
    nameless = bytearray(content)
    nameless[at + 28 : at + 32] = b"\0\0\1\0"  # the name's one byte is now something more about the file
    (tmp_path / "a.zip").write_bytes(nameless)
    assert [one.name for one in offered(tmp_path / "a.zip") if isinstance(one, Offered)][-1] == "a.png"


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_whatever_a_zips_directory_says_it_is_read_or_refused(changes):
    content = bytearray(zipped({"a/1.png": bytes(300), "a/2.png": bytes(range(250))}))
    begin = content.index(b"PK\x01\x02")
    for share, value in changes:
        content[begin + int(share * (len(content) - begin))] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(content)
        with contextlib.suppress(BadRequest):
            offered(path)


def zipped(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        for name, content in files.items():
            out.writestr(name, content)
    return whole.getvalue()
