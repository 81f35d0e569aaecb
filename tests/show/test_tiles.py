"""The grid and the strip of looks: which are seen, the chosen one's frame, places without a picture."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.show.board import Board, Cell
from livegan.show.paint import MARK, Box, Sheet, Thumbnails
from livegan.show.tiles import STRIP, grid, grid_size, strip, window

GREEN = np.full((160, 160, 3), (0, 200, 0), np.uint8)
CELLS = tuple(Cell(GREEN, f"seed {i}", str(i)) for i in range(9))


def drawn(paint, size=(900, 500)):
    """The colours that `paint` painted on an empty sheet, [h, w, 3]."""
    sheet = Sheet(size, (0, 0, 0, 0))
    paint(sheet)
    return np.asarray(sheet.image)[..., :3]


def count(image, colour):
    return int((image == colour).all(axis=-1).sum())


@given(st.integers(1, 60), st.integers(1, 6), st.integers(20, 900), st.integers(20, 700))
def test_every_place_of_a_grid_lies_in_its_room(cells, columns, width, height):
    across, down = grid_size(CELLS[:1] * cells, columns, Box(0, 0, width, height))
    rows = -(-cells // columns)
    assert across == 1 or columns * (across + 12) - 12 <= width
    assert down == 1 or rows * (down + 12) - 12 <= height


def test_places_are_as_wide_as_the_pictures():
    wide = (Cell(None), Cell(np.zeros((90, 160, 3), np.uint8)))
    width, height = grid_size(wide, 2, Box(0, 0, 800, 800))
    assert width / height == pytest.approx(16 / 9, abs=0.02)


def test_the_chosen_one_is_framed():
    def of(cells):
        board = Board(grid=cells, columns=3)
        return drawn(lambda sheet: grid(sheet, Box(20, 20, 880, 480), board, Thumbnails()))

    plain, marked = of(CELLS), of((*CELLS[:4], replace(CELLS[4], chosen=True), *CELLS[5:]))
    assert count(plain, MARK) == 0
    assert count(marked, MARK) > 500
    changed = np.argwhere((plain != marked).any(axis=-1))
    assert (abs(changed.mean(axis=0) - (250, 450)) < 60).all()


def test_a_look_without_its_picture_has_a_calm_place():
    board = Board(grid=(Cell(None, "seed 1", "1"), *CELLS[1:]), columns=3)
    empty = drawn(lambda sheet: grid(sheet, Box(0, 0, 900, 500), board, Thumbnails()))
    full = drawn(lambda sheet: grid(sheet, Box(0, 0, 900, 500), replace(board, grid=CELLS), Thumbnails()))
    assert 0 < count(empty, (0, 200, 0)) < count(full, (0, 200, 0))


@given(st.integers(0, 60), st.none() | st.integers(0, 59), st.integers(0, 1300))
def test_the_chosen_look_is_always_among_those_seen(count, chosen, width):
    chosen = None if chosen is None or chosen >= count else chosen
    first, last = window(count, chosen, width)
    assert 0 <= first <= last <= count
    assert (first, last) == (0, count) or last - first >= max((width - 72) // 94, 1)
    if chosen is not None:
        assert first <= chosen < last
    elif count:
        assert last == count


@pytest.mark.parametrize("amount", [1, 3, 11, 40])
@pytest.mark.parametrize("width", [372, 1216])
def test_the_strip_stays_in_its_box(amount, width):
    kept = tuple(Cell(GREEN, "a very long name " * 9, colour=(250, 0, 0), chosen=i == 2) for i in range(amount))
    image = drawn(lambda sheet: strip(sheet, Box(20, 40, 20 + width, 40 + STRIP), kept, Thumbnails()), (1280, 200))
    assert count(image, (250, 0, 0)) > 100
    image = image.copy()
    image[40 : 40 + STRIP, 20 : 20 + width] = 0
    assert not image.any()
