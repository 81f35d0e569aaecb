"""Boxes, thumbnails and the shapes that the operator's view is painted with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.show.paint import Box, Sheet, Thumbnails, within

RED, CLEAR = (255, 0, 0), (0, 0, 0, 0)


def painted(paint, size=(200, 100)):
    """The alpha of what `paint` painted on an empty sheet, [h, w]."""
    sheet = Sheet(size, CLEAR)
    paint(sheet)
    return np.array(sheet.image)[..., 3]


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 400))
def test_pieces_and_rest_never_overlap_nor_leave_the_box(width, height, cut):
    box = Box(10, 20, 10 + width, 20 + height)
    for piece, rest in (box.upper(cut), box.lower(cut), box.west(cut)):
        assert piece.width * piece.height + rest.width * rest.height <= width * height
        for part in (piece, rest):
            assert not part.width or box.left <= part.left <= part.right <= box.right
            assert not part.height or box.top <= part.top <= part.bottom <= box.bottom


def test_cutting_nothing_off_the_bottom_leaves_no_gap():
    assert Box(0, 0, 9, 9).lower(0)[1] == Box(0, 0, 9, 9)


@pytest.mark.parametrize("box", [Box(10, 10, 90, 60), Box(0, 0, 1, 1), Box(5, 5, 5, 50), Box(9, 9, 2, 2)])
@pytest.mark.parametrize("radius", [0, 1, 12, 500])
def test_a_panel_stays_in_its_box(box, radius):
    alpha = painted(lambda sheet: sheet.panel(box, RED, radius))
    assert (alpha[box.top : box.bottom, box.left : box.right].max(initial=0) > 0) == (box.width * box.height > 0)
    alpha[box.top : box.bottom, box.left : box.right] = 0
    assert not alpha.any()


def test_a_bar_grows_with_its_share():
    def reach(share):
        sheet = Sheet((200, 100), CLEAR)
        sheet.bar(Box(0, 40, 200, 60), share, RED)
        return int((np.asarray(sheet.image)[50, :, 0] == 255).sum())

    assert [reach(share) for share in (0, 0.5, 1)] == [0, 100, 200]
    assert reach(7.0) == 200
    assert reach(float("nan")) == 0


def test_a_ring_is_filled_clockwise_from_above_and_hollow_inside():
    sheet = Sheet((100, 100), CLEAR)
    sheet.ring(Box(0, 0, 100, 100), 10, 0.25, RED)
    image = np.asarray(sheet.image)
    assert image[20, 80, 0] > 200
    assert image[80, 20, 0] < 60 < image[80, 20, 3]
    assert image[50, 50, 3] == 0


def test_text_ends_centres_or_begins_where_it_is_told():
    for align, columns in ((0.0, slice(0, 100)), (1.0, slice(100, 200))):
        alpha = painted(lambda sheet, at=align: sheet.text((100, 10), "calm", 30, RED, align=at))
        assert not alpha[:, columns].any()
        assert alpha.any()


@pytest.mark.parametrize("digit", "0378")
def test_a_lone_digit_is_in_the_middle(digit):
    rows = np.nonzero(painted(lambda sheet: sheet.headline(Box(0, 0, 200, 100), (digit,), 80)).any(axis=1))[0]
    assert abs((rows[0] + rows[-1]) / 2 - 50) <= 3


@pytest.mark.parametrize("shape", [(160, 160), (90, 160), (1, 1), (3, 500)])
def test_a_thumbnail_covers_its_place_and_is_made_once(shape):
    thumbnails, picture = Thumbnails(), np.full((*shape, 3), 200, np.uint8)
    made = thumbnails.of(picture, 60, 40)
    assert made.size == (60, 40)
    assert made.getpixel((30, 20)) == (200, 200, 200, 255)
    assert made.getpixel((0, 0))[3] < 128
    assert thumbnails.of(picture, 60, 40) is made
    assert thumbnails.of(picture.copy(), 60, 40) is not made


def test_only_the_last_thumbnails_are_kept():
    thumbnails = Thumbnails(kept=2)
    pictures = [np.zeros((8, 8, 3), np.uint8) for _ in range(3)]
    first = thumbnails.of(pictures[0], 8, 8)
    for picture in pictures[1:]:
        thumbnails.of(picture, 8, 8)
    assert thumbnails.of(pictures[0], 8, 8) is not first


@given(st.floats())
def test_a_share_is_a_share(share):
    assert 0 <= within(share) <= 1
