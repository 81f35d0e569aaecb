"""The operator's view as one drawing: which pieces are shown, and where, so that none covers another.

Decides by what there is to show; it is told everything and asks nobody.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from livegan.show import panels, tiles
from livegan.show.board import Board
from livegan.show.lettering import LEADING
from livegan.show.paint import GAP, PANEL, Box, Sheet, Thumbnails

SIZE = (1280, 720)
_BACKDROP, _CLEAR = (8, 10, 14, 150), (0, 0, 0, 0)
_HEAD, _SIDE, _CONFIDENCE, _PROGRESS, _QUESTION = 58, 380, 40, 58, 108
_QUIET = ("playing", "choosing")
_WATCHING = ("counting", "recording", "along")
"""Modes in which the performer watches herself, and not a grid of looks."""


@dataclass(frozen=True)
class View:
    """Everything that one drawing shows. camera: uint8 [h, w, 3] or None. skeleton: lines of
    ((x, y), (x, y)) in 0..1 of the camera's picture. inputs: (name, state, note). whole: whether somebody asked
    for the view; else only the board is drawn, because it has something to tell."""

    title: str
    camera: np.ndarray | None
    skeleton: list[panels.Limb]
    inputs: list[tuple[str, str, str]]
    rows: list[tuple[str, str]]
    notes: list[str]
    board: Board = field(default_factory=Board)
    whole: bool = True


Subject = Literal["big", "grid", "question", "keys", "camera", "nothing"]


def subject(view: View) -> Subject:
    """What the most room belongs to."""
    board = view.board
    if board.big and (not board.grid or board.mode in _WATCHING):
        return "big"
    if board.grid:
        return "grid"
    if board.question:
        return "question"
    if not view.whole:
        return "camera" if board.mode in _WATCHING else "nothing"
    return "keys" if board.keys else "camera"


class Painter:
    """Draws view after view, and keeps the scaled pictures between them."""

    def __init__(self) -> None:
        self._thumbnails = Thumbnails()

    def draw(self, view: View) -> np.ndarray:
        """The operator's picture, uint8 [720, 1280, 4] RGBA, translucent where the audience's shines through."""
        main = subject(view)
        sheet = Sheet(SIZE, _CLEAR if main == "nothing" else _BACKDROP)
        board, whole = view.board, Box(0, 0, *SIZE)
        head, body = whole.inside(32, 22).upper(_HEAD, 16)
        panels.header(sheet, head, board.mode, view.title if view.whole else "", view.rows if view.whole else [])
        if board.question and main != "question":
            band, body = body.lower(_QUESTION)
            panels.question(sheet, band, board.question)
        self._body(sheet, body, view, main)
        if board.mode not in _QUIET:
            sheet.frame(panels.MODES[board.mode][1], 8)
        return np.asarray(sheet.image)

    def _body(self, sheet: Sheet, body: Box, view: View, main: Subject) -> None:
        board = view.board
        if main == "grid":
            side, rest = self._beside_grid(sheet, body, board)
            self._side(sheet, self._strip(sheet, _told(sheet, side, board), board), view)
        elif main == "keys":
            side, rest = self._strip(sheet, body, board).west(_SIDE)
            self._side(sheet, _told(sheet, side, board), view)
            panels.keys(sheet, rest, board.keys)
        elif main == "nothing":
            self._strip(sheet, _told(sheet, body, board, 32), board)
        else:
            body = self._strip(sheet, _told(sheet, body, board), board)
            side, rest = body.west(body.width if main == "camera" else 560)
            self._side(sheet, side, view, side.height)
            if main == "big":
                panels.big(sheet, rest, board)
            elif main == "question":
                panels.question(sheet, rest, board.question)

    def _beside_grid(self, sheet: Sheet, body: Box, board: Board) -> tuple[Box, Box]:
        """Paint the grid, and a word above it; the room that is left beside them."""
        columns = max(board.columns, 1)
        room = Box(body.left + _SIDE + 24, body.top + (98 if board.big else 6), body.right - 6, body.bottom - 6)
        width = columns * (tiles.grid_size(board.grid, columns, room)[0] + GAP) - GAP
        side, rest = body.west(body.width - width - 36, 24)
        if board.big:
            word, rest = rest.upper(86)
            panels.big(sheet, word, board)
        tiles.grid(sheet, rest.inside(6), board, self._thumbnails)
        return side, rest

    def _strip(self, sheet: Sheet, box: Box, board: Board) -> Box:
        """Paint the kept looks at the bottom, if there are any; the room above them."""
        place, rest = box.lower(tiles.STRIP if board.kept else 0)
        if board.kept:
            tiles.strip(sheet, place, board.kept, self._thumbnails)
        return rest

    def _side(self, sheet: Sheet, box: Box, view: View, most: int | None = None) -> None:
        """Camera (at most `most` high), confidence, and in the whole view how the inputs are."""
        known = view.board.confidence
        least = panels.inputs_height(view.inputs, view.notes) + 16
        watching = view.board.mode in _WATCHING
        listed = least if watching else min(least + 60, max(least, box.height // 3))
        below = (listed + GAP if view.whole else 0) + (_CONFIDENCE + GAP if known is not None else 0)
        below = min(below, box.height - 110) if watching else below
        tall, rest = min(box.height - below, most or box.width * 3 // 4), box
        if tall >= 60:
            picture, rest = box.upper(tall)
            panels.camera(sheet, picture, view.camera, view.skeleton)
        if known is not None and rest.height >= _CONFIDENCE:
            place, rest = rest.upper(_CONFIDENCE)
            panels.confidence(sheet, place, known)
        if view.whole and rest.height >= 40:
            sheet.panel(rest, PANEL)
            panels.inputs(sheet, rest.inside(12, 8), view.inputs, view.notes)


def _told(sheet: Sheet, box: Box, board: Board, size: int = panels.SAID) -> Box:
    """Paint sentences and work in progress at the bottom, beside each other where it is wide; the room above."""
    wide = bool(board.progress) and box.width > 800
    if board.progress and not wide:
        place, box = box.lower(_PROGRESS)
        panels.progress(sheet, place, *board.progress)
    width = 800 if wide else box.width
    lines = panels.said_lines(board.said, width - 32, size, 2 if board.question else 3 if board.big else 4)
    tall = round(len(lines) * size * LEADING) + 18 if lines else 0
    place, box = box.lower(max(tall, _PROGRESS if wide else 0))
    if board.progress and wide:
        panels.progress(sheet, place.west(width)[1].lower(_PROGRESS)[0], *board.progress)
    if lines:
        panels.said(sheet, place.west(width)[0].lower(tall)[0], lines, size)
    return box
