"""The pieces of the operator's view: each tells what it should, in its box, however much or little there is."""

import numpy as np
import pytest

from livegan.show import panels
from livegan.show.board import Board
from livegan.show.paint import GOOD, INK, SOFT, WARN, Box, Sheet

BOX = Box(100, 100, 500, 400)
KEYS = (("T, page down", "teach: count down, then record this pose"), ("H", "this view"), ("F", "freeze the picture"))


def drawn(paint):
    """What `paint` painted on an empty sheet, [600, 700, 4]; nothing of it outside BOX."""
    sheet = Sheet((700, 600), (0, 0, 0, 0))
    paint(sheet)
    image = np.array(sheet.image)
    inside = image[BOX.top : BOX.bottom, BOX.left : BOX.right].copy()
    image[BOX.top : BOX.bottom, BOX.left : BOX.right] = 0
    assert not image.any()
    return inside


def height_of_ink(image):
    rows = np.nonzero((image[..., :3] == INK).all(axis=-1).any(axis=1))[0]
    return rows[-1] - rows[0] + 1


@pytest.mark.parametrize("shape", [(1, 1), (480, 640), (2000, 50), (50, 2000)])
def test_a_camera_of_any_shape_lies_in_its_place(shape):
    picture = np.full((*shape, 3), 200, np.uint8)
    image = drawn(lambda sheet: panels.camera(sheet, BOX, picture, [((0.1, 0.1), (0.9, 0.9))]))
    assert (image[..., 0] == 140).any()


def test_a_limb_outside_the_picture_is_not_drawn():
    for limb in (((0.5, 0.2), (1.5, 0.2)), ((0.5, 0.2), (float("nan"), 0.2))):
        with_limb, without = (drawn(lambda sheet, s=s: panels.camera(sheet, BOX, None, s)) for s in ([limb], []))
        assert np.array_equal(with_limb, without)


def test_a_number_is_a_third_of_the_view_high():
    for number in ("3", "10"):
        sheet = Sheet((1280, 720), (0, 0, 0, 0))
        panels.big(sheet, Box(600, 96, 1248, 455), Board(mode="counting", big=number, share=0.5))
        assert height_of_ink(np.asarray(sheet.image)) >= 240


@pytest.mark.parametrize("word", ["hold", "next: night lake", "3", "10", "word " * 60, "x" * 300, "?"])
@pytest.mark.parametrize("share", [None, 0.0, 0.4, 1.0, float("nan")])
def test_big_words_stay_in_their_box(word, share):
    assert height_of_ink(drawn(lambda sheet: panels.big(sheet, BOX, Board(big=word, share=share)))) >= 10


def test_big_words_have_a_dark_ground_behind_them():
    assert drawn(lambda sheet: panels.big(sheet, BOX, Board(big="hold")))[150, :, 3].min() > 200


def test_confidence_is_a_length_and_a_colour():
    def bar(known):
        return drawn(lambda sheet: panels.confidence(sheet, Box(100, 100, 500, 140), known))[20, :260, :3]

    assert (bar(1.0)[100] == GOOD).all()
    assert (bar(0.0)[100] != GOOD).any()
    lit = [int((bar(known)[:, 0] > 90).sum()) for known in (0.0, 0.4, 0.8)]
    assert lit == sorted(set(lit))


def test_every_input_is_seen_before_what_they_say_of_themselves():
    found = [(f"input {i}", "wrong", "something that is far too long to be told " * 4) for i in range(5)]
    image = drawn(lambda sheet: panels.inputs(sheet, Box(100, 100, 500, 250), found, ["a note"] * 9))
    dots = (image[:150, 10, :3] == WARN).all(axis=-1)
    assert np.count_nonzero(np.diff(dots.astype(int)) == 1) == 5


def test_the_newest_sentence_is_told_first_and_errors_have_their_colour():
    long = "a sentence that goes on and on " * 5
    told = panels.said_lines((("first", False), ("disk full", True), ("old", False), (long, False)), 300, 20, 4)
    assert [ink for _, ink in told] == [SOFT, INK, INK, INK]
    assert panels.said_lines((("a", False), ("b", True)), 300, 20, 4) == [("a", SOFT), ("b", WARN)]
    assert [line for line, _ in panels.said_lines(tuple((w, False) for w in "abcde"), 300, 20, 4)] == ["c", "d", "e"]
    assert panels.said_lines((), 300, 20, 4) == []


@pytest.mark.parametrize("amount", [1, 5, 30, 60])
def test_everything_in_the_list_of_keys_is_there(amount):
    listed = tuple((f"{key} {n}", does) for n, (key, does) in zip(range(amount), KEYS * 20, strict=False))
    placed = panels.arranged(listed, 850, 460)
    assert [text for _, _, text, _, key in placed if key] == [key for key, _ in listed]
    assert max(x for x, *_ in placed) < 850
    assert max(y + size * 1.28 for _, y, _, size, _ in placed) <= 461
    text = " ".join(text for *_, text, _, key in placed if not key)
    assert text == " ".join(does for _, does in listed)


def test_a_shorter_list_has_larger_letters():
    assert panels.arranged(KEYS, 850, 460)[0][3] > panels.arranged(KEYS * 20, 850, 460)[0][3]


def test_far_too_many_keys_are_cut_and_stay_in_their_box():
    many = tuple((f"key {i} " * 9, "does very much " * 9) for i in range(400))
    assert drawn(lambda sheet: panels.keys(sheet, BOX, many)).any()


def test_clock_numbers_and_title_have_their_place_on_one_line():
    rows = [("latency " * 20, "9" * 200)] * 12
    panel = Box(100, 100, 500, 158)
    image = drawn(lambda sheet: panels.header(sheet, panel, "frozen", "dancer " * 50, rows))
    assert not image[58:].any()
    assert (image[4, 20, :3] == panels.MODES["frozen"][1]).all()


@pytest.mark.parametrize("text", ["Let go?", "why " * 300, "x" * 999])
def test_a_question_fills_its_box_with_a_colour_of_its_own(text):
    image = drawn(lambda sheet: panels.question(sheet, BOX, text))
    assert (image[5, 20:-20, :3] == (250, 196, 84)).all()
