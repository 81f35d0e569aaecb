"""Lettering: no text can break a drawing, and none is wider than its room."""

from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.show.lettering import largest, length, shortened, stamp, wrapped

ANY = st.text(st.characters(codec=None), max_size=80)
HARD = ["", " ", "\n\t", "\x00\x07", "\udce4 half", "x" * 5000, "grün", "日本", "\u202eright to left", "a\u0301" * 50]


@settings(max_examples=60, deadline=None)
@given(ANY | st.sampled_from(HARD), st.integers(12, 60), st.floats(0, 900), st.booleans())
def test_a_line_is_never_wider_than_its_room(text, size, width, bold):
    line = shortened(text, size, width, bold)
    assert not line or length(line, size, bold) <= width
    assert stamp(line, size, bold).width >= 1


@settings(max_examples=60, deadline=None)
@given(ANY | st.sampled_from(HARD), st.floats(0, 600), st.integers(0, 4))
def test_lines_are_as_many_as_allowed_and_fit(text, width, most):
    lines = wrapped(text, 20, width, most)
    assert len(lines) <= most
    assert all(not line or length(line, 20) <= width for line in lines)


def test_what_fits_is_whole_and_what_does_not_ends_in_dots():
    assert shortened("red  sky\n", 20, 500) == "red sky"
    assert wrapped("one two three", 20, 60, 5) == ("one", "two", "three")
    cut = shortened("a very long name of a look", 20, 100)
    assert cut.endswith("...")
    assert "a very long name of a look".startswith(cut[:-3])
    assert wrapped("one two three four five six", 20, 60, 2)[-1].endswith("...")


def test_a_headline_is_as_large_as_its_room_allows():
    (word,), size = largest("hold", 600, 300, 400)
    assert length(word, size, bold=True) <= 600
    assert largest("hold", 300, 300, 400)[1] < size
    assert largest("hold", 600, 300, 50)[1] == 50
    lines, _ = largest("next: night lake", 600, 400, 200)
    assert lines == ("next:", "night lake")


def test_accents_are_letters_and_not_boxes():
    assert stamp("é", 40, False).tobytes() != stamp("ü", 40, False).tobytes()
