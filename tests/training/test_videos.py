"""A stranger's video is frames or a reason, whatever is wrong with it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.training.pictures import Unfit
from livegan.training.videos import Moments, begins, frames
from tests.training import odd


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A video of two pictures, and room for another."""
    path = tmp_path_factory.mktemp("films") / "short.avi"
    odd.film(path, 10, title="CafXX")
    return path.read_bytes(), path.with_name("changed.avi")


def test_a_title_in_latin_1_is_no_damage(short):
    content, path = short
    assert b"CafXX" in content
    path.write_bytes(content.replace(b"CafXX", b"Caf\xe9\xff"))
    assert len(list(frames(path, Moments(0.5)))) == 2


@given(places=st.lists(st.tuples(st.integers(12, 5000), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_changed_bytes_are_frames_or_a_reason(short, places):
    content, path = bytearray(short[0]), short[1]
    for place, value in places:
        content[place % len(content)] = value
    path.write_bytes(content)
    with suppress(Unfit):
        assert len(list(frames(path, Moments(0.5)))) <= 10


def test_what_the_decoder_fails_with_is_a_reason(short, monkeypatch):
    def fails(*_):
        raise ValueError("stranger than thought")

    path = short[1].with_name("whole.avi")
    path.write_bytes(short[0])
    monkeypatch.setattr("livegan.training.videos._upright", fails)
    with pytest.raises(Unfit, match=r"damaged video \(ValueError\)"):
        list(frames(path, Moments()))


@pytest.mark.parametrize("name", ["plain.jpg", "plain.png", "animated.webp"])
def test_a_picture_begins_as_no_video_does(short, name):
    assert begins(short[0][:16])
    assert begins(odd.BAD["film.mp4"][0][:16])
    assert not begins(odd.GOOD[name][:16])
    assert not begins(b"")
