"""The pieces of the operator's view, each painted into the box that it is given: camera, words, bars, keys.

None of them knows where the others are; what has no room is left away, never painted over something else.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from livegan.show.board import Board, Colour
from livegan.show.lettering import LEADING, largest, length, shortened, wrapped
from livegan.show.paint import CARE, GOOD, INK, MARK, NIGHT, PANEL, SOFT, WARN, Box, Sheet, within

Limb = tuple[tuple[float, float], tuple[float, float]]
MODES: dict[str, tuple[str, Colour]] = {
    "playing": ("PLAYING", GOOD),
    "choosing": ("CHOOSING", (122, 190, 255)),
    "counting": ("GET READY", CARE),
    "recording": ("TEACHING", (255, 92, 92)),
    "along": ("PLAY ALONG", (255, 146, 206)),
    "frozen": ("FROZEN", (150, 230, 255)),
    "safe": ("SAFE", (196, 168, 255)),
    "black": ("BLACK", (225, 225, 225)),
}
STATES: dict[str, Colour] = {
    "live": GOOD,
    "silent": (230, 200, 90),
    "stale": (240, 150, 60),
    "wrong": WARN,
    "absent": (236, 88, 88),
}
SAID = 20
"""Size of the sentences."""

_LIMB, _LINE, _NOTE = (120, 240, 206), 28, 26
_DIMMED = [round(0.7 * i) for i in range(256)] * 3


def header(sheet: Sheet, box: Box, mode: str, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """The mode as a word, the show's name, and the clock's numbers, each above what it counts."""
    word, colour = MODES[mode]
    tag, rest = box.west(round(length(word, 30, True)) + 40, 20)
    sheet.panel(tag, colour, 12)
    sheet.headline(tag, (word,), 30, NIGHT)
    right = rest.right - 16 if rows else rest.right
    if rows:
        sheet.panel(rest)
    for what, value in reversed(rows):
        width = min(max(length(value, 23), length(what, 15)), 190)
        if right - width < rest.left + 60:
            break
        sheet.text((right, box.top + 3), value, 23, INK, width, 1.0)
        sheet.text((right, box.top + 32), what, 15, SOFT, width, 1.0)
        right -= round(width) + 26
    sheet.text((rest.left + 18, rest.top + 9), title, 28, INK, right - rest.left - 18)


def camera(sheet: Sheet, box: Box, picture: np.ndarray | None, skeleton: Sequence[Limb]) -> None:
    """The camera's picture, dimmed, with the skeleton in it; a limb that leaves the picture is not drawn."""
    sheet.panel(box)
    place = box
    if picture is None:
        sheet.text(((box.left + box.right) / 2, box.bottom - 38), "no camera picture", 20, SOFT, box.width, 0.5)
    else:
        height, width = picture.shape[:2]
        scale = min(box.width / width, box.height / height)
        place = box.middle(max(round(width * scale), 1), max(round(height * scale), 1))
        image = Image.fromarray(picture).resize((place.width, place.height), Image.Resampling.BILINEAR)
        sheet.image.paste(image.point(_DIMMED), (place.left, place.top))
    _skeleton(sheet, place, skeleton)


def _skeleton(sheet: Sheet, place: Box, skeleton: Sequence[Limb]) -> None:
    limbs = [
        [(place.left + x * place.width, place.top + y * place.height) for x, y in ends]
        for ends in skeleton
        if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in ends)
    ]
    line = max(place.height // 70, 2)
    for ink, width in ((NIGHT, 2 * line), (_LIMB, line)):
        for ends in limbs:
            sheet.pen.line(ends, ink, width)
    for x, y in {end for ends in limbs for end in ends}:
        sheet.pen.ellipse((x - line, y - line, x + line, y + line), INK)


def confidence(sheet: Sheet, box: Box, known: float) -> None:
    """How well the present pose is known: a bar, and a word for it."""
    known = within(known)
    colour = tuple(round(a + known * (b - a)) for a, b in zip(WARN, GOOD, strict=True))
    sheet.panel(box)
    bar, word = box.inside(14, 0).west(box.width - 124)
    sheet.bar(bar.inside(0, (box.height - 16) // 2), known, colour)
    sheet.text((word.right, box.top + 5), "known" if known >= 0.5 else "far", 24, colour, align=1.0)


def inputs_height(found: Sequence[object], notes: Sequence[str]) -> int:
    """The least room in which every input is seen, and two notes are begun."""
    return _LINE * len(found) + _NOTE * min(len(notes), 2)


def inputs(sheet: Sheet, box: Box, found: Sequence[tuple[str, str, str]], notes: Sequence[str]) -> None:
    """How each input is; then, as far as there is room, what each says of itself, and sentences for the operator."""
    y = box.top
    for number, (name, state, note) in enumerate(found[: box.height // _LINE]):
        sheet.panel(Box(box.left + 4, y + 7, box.left + 18, y + 21), STATES[state], 7)
        sheet.text((box.left + 30, y), name, 21, INK, box.width - 120)
        sheet.text((box.right, y), state, 21, STATES[state], 84, 1.0)
        others = inputs_height(found[number + 1 :], notes)
        y = _sentence(sheet, Box(box.left + 30, y + _LINE, box.right, box.bottom - others), note, SOFT)
    for note in notes:
        y = _sentence(sheet, Box(box.left + 4, y + 4, box.right, box.bottom), note, CARE)


def _sentence(sheet: Sheet, box: Box, text: str, ink: Colour) -> int:
    """In as many lines as there is room for, at most three; the y below them."""
    lines = wrapped(text, 17, box.width, min(int(box.height // (17 * LEADING)), 3))
    return round(sheet.lines((box.left, box.top), lines, 17, ink))


def said_lines(said: Sequence[tuple[str, bool]], width: int, size: int, most: int) -> list[tuple[str, Colour]]:
    """The newest three sentences in at most `most` lines of `width`, oldest first, each with its colour."""
    found: list[tuple[str, Colour]] = []
    for age, (text, wrong) in enumerate(reversed(said[-3:])):
        ink = WARN if wrong else SOFT if age else INK
        lines = wrapped(text, size, width, min(most - len(found), 1 if age else 3))
        found = [*((line, ink) for line in lines), *found]
    return found


def said(sheet: Sheet, box: Box, lines: Sequence[tuple[str, Colour]], size: int) -> None:
    """What `said_lines` gave, newest at the bottom."""
    sheet.panel(box)
    for number, (line, ink) in enumerate(lines):
        sheet.text((box.left + 16, box.top + 8 + number * size * LEADING), line, size, ink)


def progress(sheet: Sheet, box: Box, sentence: str, share: float) -> None:
    """Work that goes on beside playing."""
    sheet.panel(box)
    inner = box.inside(16, 8)
    sheet.text((inner.left, inner.top), sentence, SAID, INK, inner.width)
    sheet.bar(Box(inner.left, inner.bottom - 10, inner.right, inner.bottom), share, GOOD)


def question(sheet: Sheet, box: Box, text: str) -> None:
    """What needs an answer, on the colour of a warning sign."""
    sheet.panel(box, CARE, 14)
    inner = box.inside(28, 10)
    lines, size = largest(text, inner.width, inner.height, 64, max(3, inner.height // 60))
    sheet.headline(inner, lines, size, NIGHT)


def big(sheet: Sheet, box: Box, board: Board) -> None:
    """A word or number for three metres: a number a third of the view high, words as large as they fit."""
    sheet.panel(box, PANEL, 16)
    inner = box.inside(20, 8)
    most = sheet.image.height * 47 // 100 if board.big.isdigit() else 200
    if board.share is not None and len(board.big) == 1:
        side = min(inner.width, inner.height)
        line = max(side // 18, 4)
        sheet.ring(inner.middle(side, side), line, board.share, MODES[board.mode][1])
        most = min(most, round((side - 2 * line) * 1.06))
    elif board.share is not None:
        bar, inner = inner.lower(max(inner.height // 12, 10), max(inner.height // 12, 10))
        sheet.bar(bar, board.share, MODES[board.mode][1])
    lines, size = largest(board.big, inner.width, inner.height, max(most, 20))
    sheet.headline(inner, lines, size)


def keys(sheet: Sheet, box: Box, listed: tuple[tuple[str, str], ...]) -> None:
    """The list of keys in columns, at the largest size at which all of it fits."""
    sheet.panel(box)
    inner = box.inside(20, 14)
    for x, y, text, size, key in arranged(listed, inner.width, inner.height):
        sheet.text((inner.left + x, inner.top + y), text, size, MARK if key else INK)


Placed = tuple[float, float, str, int, bool]
"""A line of the list of keys: where, what, its size, and whether it is a key and not what that does."""


@lru_cache(32)
def arranged(listed: tuple[tuple[str, str], ...], width: int, height: int) -> tuple[Placed, ...]:
    """The list in as many columns of `height` as make the letters largest; only 12 px letters may be cut short."""
    for size in range(24, 12, -1):
        for columns in (1, 2, 3):
            if _columns(listed, size, width / columns, columns, height):
                # Lower columns that are all full look better than one full and one half empty.
                lower = (_columns(listed, size, width / columns, columns, height * part / 8) for part in range(4, 9))
                return next(placed for placed in lower if placed)
    return _columns(listed, 12, width / 3, 3, height, patient=True)


def _columns(
    listed: tuple[tuple[str, str], ...], size: int, width: float, columns: int, height: float, patient: bool = False
) -> tuple[Placed, ...]:
    """The list in columns of `width`; nothing where a line would be cut short or lost, unless `patient`."""
    label = min(max(length(key, size) for key, _ in listed), 0.4 * width)
    placed: list[Placed] = []
    column, y = 0, 0.0
    for key, does in listed:
        name, lines = shortened(key, size, label), wrapped(does, size, width - label - 2 * size, 2)
        tall = max(len(lines), 1) * size * LEADING
        if y + tall > height:
            column, y = column + 1, 0.0
        whole = " ".join((name, *lines)).split() == f"{key} {does}".split() and column < columns
        if not whole and not patient:
            return ()
        if column < columns:
            x = column * width
            placed.append((x, y, name, size, True))
            x += label + size * 0.8
            placed += [(x, y + n * size * LEADING, line, size, False) for n, line in enumerate(lines)]
        y += tall + size * 0.15
    return tuple(placed)
