import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from livegan.settings import PictureSource, Seconds, Settings, TakeFile

SECONDS, SOURCE, TAKE = TypeAdapter(Seconds), TypeAdapter(PictureSource), TypeAdapter(TakeFile)


class Wave(Settings):
    """Settings of a test."""

    height: float = 1.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120 ms", 0.12), ("2 s", 2.0), ("1.5 min", 90.0), (" 40  ms ", 0.04), (0.5, 0.5), (3, 3.0), ("-1 s", -1.0)],
)
def test_times_are_numbers_or_texts_with_a_unit(text, seconds):
    assert SECONDS.validate_python(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["soon", "2 parsec", "ms", "", "2s", "two s", "1 2 s"])
def test_a_time_that_is_none_is_told_with_what_would_be_right(text):
    with pytest.raises(ValidationError, match=r'"500 ms" or "2 s" is wanted'):
        SECONDS.validate_python(text)


@given(st.floats(0.001, 1e4))
def test_units_say_the_same(seconds):
    texts = [f"{1e3 * seconds!r} ms", f"{seconds!r} s", f"{seconds / 60!r} min"]
    assert all(math.isclose(SECONDS.validate_python(text), seconds, rel_tol=1e-9) for text in texts)


@pytest.mark.parametrize("wrong", [{"hieght": 1}, {"height": float("nan")}, {"height": float("inf")}, {"height": "x"}])
def test_unknown_keys_wrong_types_and_nan_are_errors(wrong):
    with pytest.raises(ValidationError):
        Wave.model_validate(wrong)


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        Wave().height = 2.0


def test_cameras_are_taken_as_named_and_clips_are_found(tmp_path):
    clip = tmp_path / "walk.mp4"
    clip.touch()
    assert SOURCE.validate_python("camera:0") == "camera:0"
    assert SOURCE.validate_python("camera:C920: the left one") == "camera:C920: the left one"
    assert SOURCE.validate_python("clip:walk.mp4", context={"near": tmp_path}) == f"clip:{clip}"
    assert SOURCE.validate_python(f"clip:{clip}") == f"clip:{clip}"


@pytest.mark.parametrize("wrong", ["0", "camera", "camera:", "clip:", "http://example.org/a.mp4", "file:walk.mp4"])
def test_other_sources_are_refused(wrong):
    with pytest.raises(ValidationError, match="a source is"):
        SOURCE.validate_python(wrong)


@pytest.mark.parametrize(("kind", "name"), [(SOURCE, "clip:gone.mp4"), (TAKE, "gone.safetensors")])
def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path, kind, name):
    with pytest.raises(ValidationError, match=r"there is no \w+ \"gone\."):
        kind.validate_python(name, context={"near": tmp_path})
