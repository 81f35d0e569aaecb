"""Looks as the operator's view shows them: the grid to choose from, and the strip of those that were kept.

A picture that is still being drawn has a calm place; what does not fit is counted, never squeezed or covered.
"""

from collections.abc import Sequence

from livegan.show.board import Board, Cell
from livegan.show.lettering import length, shortened
from livegan.show.paint import FAINT, GAP, HOLLOW, INK, MARK, NIGHT, SOFT, Box, Sheet, Thumbnails

TILE = 72
"""Pixels of a kept look's picture."""
STRIP = TILE + 52
"""Height of the strip of kept looks."""

_PITCH, _MORE = 94, 36


def grid_size(cells: Sequence[Cell], columns: int, room: Box) -> tuple[int, int]:
    """The (width, height) of one place, so that all lie in `room`, as wide for its height as the pictures are."""
    shape = next((cell.picture.shape for cell in cells if cell.picture is not None), (1, 1))
    aspect = min(max(shape[1] / shape[0], 0.5), 2.0)
    rows = -(-len(cells) // columns)
    width, height = (room.width + GAP) // columns - GAP, (room.height + GAP) // rows - GAP
    return max(min(width, int(height * aspect)), 1), max(min(height, int(width / aspect)), 1)


def grid(sheet: Sheet, box: Box, board: Board, thumbnails: Thumbnails) -> None:
    """Looks to choose from, each with the key that picks it."""
    columns = max(board.columns, 1)
    width, height = grid_size(board.grid, columns, box)
    rows = -(-len(board.grid) // columns)
    whole = box.middle(columns * (width + GAP) - GAP, rows * (height + GAP) - GAP)
    for number, cell in enumerate(board.grid):
        down, across = divmod(number, columns)
        left, top = whole.left + across * (width + GAP), whole.top + down * (height + GAP)
        place = Box(left, top, left + width, top + height)
        _tile(sheet, place, cell, thumbnails, min(34, height // 3))
        if cell.caption and height > 80:
            _caption(sheet, place, cell)


def _tile(sheet: Sheet, box: Box, cell: Cell, thumbnails: Thumbnails, badge: int) -> None:
    """A picture or a calm place for it, the frame of the chosen one, and its key in the corner."""
    if cell.chosen:
        edge = 3 + min(box.width, box.height) // 50
        sheet.panel(box.inside(-edge), MARK, 8 + edge)
    if cell.picture is None:
        sheet.panel(box, HOLLOW, 8)
        sheet.text((box.left + box.width // 2, (box.top + box.bottom) // 2 - 24), "...", 32, FAINT, align=0.5)
    else:
        sheet.stick(thumbnails.of(cell.picture, box.width, box.height), box)
    if cell.key and badge > 8:
        badge = badge if len(cell.key) < 3 else badge * 2 // 3
        word = shortened(cell.key, badge, box.width - 14, True)
        tag = box.upper(badge + 8)[0].west(max(round(length(word, badge, True)) + 14, badge + 8))[0]
        sheet.panel(tag, MARK if cell.chosen else NIGHT, 8)
        sheet.headline(tag, (word,), badge, NIGHT if cell.chosen else INK)


def _caption(sheet: Sheet, box: Box, cell: Cell) -> None:
    sheet.shade(box, 34)
    inner = box.lower(34)[0].inside(10, 0)
    if cell.colour:
        dot, inner = inner.west(18, 8)
        sheet.panel(dot.middle(18, 18), cell.colour, 9)
    sheet.text((inner.left, inner.top + 4), cell.caption, 20, INK, inner.width)


def strip(sheet: Sheet, box: Box, kept: Sequence[Cell], thumbnails: Thumbnails) -> None:
    """The kept looks: those around the chosen one, or the newest, where they do not all fit."""
    sheet.panel(box)
    inner = box.inside(12, 10)
    first, last = window(len(kept), next((i for i, c in enumerate(kept) if c.chosen), None), inner.width)
    if first:
        _more(sheet, inner, first)
    if last < len(kept):
        _more(sheet, Box(inner.right - _MORE, inner.top, inner.right, inner.bottom), len(kept) - last)
    seen = inner if last - first == len(kept) else inner.middle((last - first) * _PITCH, inner.height)
    for cell in kept[first:last]:
        place, seen = seen.west(_PITCH - 8, 8)
        _kept(sheet, place, cell, thumbnails)


def window(count: int, chosen: int | None, width: int) -> tuple[int, int]:
    """Which of `count` kept looks are seen in `width` pixels: from the first up to before the second."""
    if count * _PITCH <= width + 8:
        return 0, count
    seen = max((width - 2 * _MORE) // _PITCH, 1)
    first = count - seen if chosen is None else min(max(chosen - seen // 2, 0), count - seen)
    return first, first + seen


def _more(sheet: Sheet, box: Box, count: int) -> None:
    sheet.text((box.left + _MORE // 2, box.top + TILE // 2 - 12), f"+{count}", 19, SOFT, 44, 0.5)


def _kept(sheet: Sheet, box: Box, cell: Cell, thumbnails: Thumbnails) -> None:
    left = (box.left + box.right - TILE) // 2
    _tile(sheet, Box(left, box.top, left + TILE, box.top + TILE), cell, thumbnails, 20)
    sheet.panel(Box(left, box.top + TILE + 6, left + TILE, box.top + TILE + 12), cell.colour or FAINT, 3)
    ink = INK if cell.chosen else SOFT
    sheet.text(((box.left + box.right) // 2, box.top + TILE + 13), cell.caption, 17, ink, box.width, 0.5)
