"""The log of a training as a page: losses, augmentation, speed and quality over its steps; a PNG.

Draws what it is given and writes no file.
"""

import io
from collections.abc import Sequence

from livegan.rehearsal.paper import ACCENT, INK, LINE, SOFT, WARN, Box, Paper
from livegan.training.logbook import Line

SIZE = (1600, 1000)

_EDGE, _GAP = 40, 20
_FIGURES = [
    ("Losses", [("d_loss", "discriminator"), ("g_loss", "generator")]),
    ("Distance to pictures never shown (lower is better)", [("quality", "")]),
    ("Augmentation", [("ada_p", "p"), ("real_sign", "known as real")]),
    ("Pictures a second", [("speed", "")]),
]
_FID = ("FID (lower is better)", [("fid", "")])
_MOST = 700
"""Points of a curve; a longer log is drawn by the means of its lines."""

Points = list[tuple[float, float]]


def plot(lines: Sequence[Line]) -> bytes:
    """The page of a log, 1600 x 1000; FID has a place on it where it was measured."""
    paper = Paper(SIZE)
    last = max((line.step for line in lines), default=0)
    measured = any(line.fid is not None for line in lines)
    for box, (title, columns) in zip(_boxes(measured), [*_FIGURES, _FID], strict=False):
        curves = [(label, _points(lines, name)) for name, label in columns]
        _figure(paper, box, title, curves, max(1, last))
    out = io.BytesIO()
    paper.image().save(out, "PNG")
    return out.getvalue()


def _boxes(more: bool) -> list[Box]:
    """Of four figures, or of five: the last one under the second, beside a fourth that is half as wide."""
    width, height = (SIZE[0] - 2 * _EDGE - _GAP) / 2, (SIZE[1] - 2 * _EDGE - _GAP) / 2
    right, low = _EDGE + width + _GAP, _EDGE + height + _GAP
    half = (width - _GAP) / 2
    lowest = [(right, half), (right + half + _GAP, half)] if more else [(right, width)]
    places = [(_EDGE, _EDGE, width), (right, _EDGE, width), (_EDGE, low, width), *((x, low, w) for x, w in lowest)]
    return [(x, y, x + wide, y + height) for x, y, wide in places]


def _points(lines: Sequence[Line], name: str) -> Points:
    """Steps and values that were measured, thinned."""
    found = [(float(line.step), float(getattr(line, name))) for line in lines if getattr(line, name) is not None]
    each = -(-len(found) // _MOST) or 1
    parts = [found[first : first + each] for first in range(0, len(found), each)]
    return [(part[-1][0], sum(value for _, value in part) / len(part)) for part in parts]


def _figure(paper: Paper, box: Box, title: str, curves: list[tuple[str, Points]], last: int) -> None:
    paper.panel(box)
    paper.text((box[0] + 24, box[1] + 18), title, 22, INK)
    values = [value for _, points in curves for _, value in points]
    if not values:
        return
    low, high = min(0.0, *values), max(values)
    high = high if high > low else low + 1
    inner = (box[0] + 84, box[1] + 70, box[2] - 30, box[3] - 50)
    for share in (0.0, 0.5, 1.0):
        y = inner[3] - share * (inner[3] - inner[1])
        paper.line([(inner[0], y), (inner[2], y)], 1, LINE)
        paper.text((inner[0] - 10, y - 9), f"{low + share * (high - low):.3g}", 16, SOFT, "ra")
        x = inner[0] + share * (inner[2] - inner[0])
        paper.text((x, inner[3] + 12), f"{share * last:,.0f}", 16, SOFT, "ma")
    right = box[2] - 24
    for (label, points), colour in zip(curves, (ACCENT, WARN), strict=False):
        _curve(paper, inner, points, (low, high, last), colour)
        if points:
            paper.text((right, box[1] + 20), f"{label} {points[-1][1]:.3g}".strip(), 18, colour, "ra")
            right -= 230


def _curve(paper: Paper, box: Box, points: Points, limits: tuple[float, float, int], colour: tuple) -> None:
    low, high, last = limits
    placed = [
        (
            box[0] + step / last * (box[2] - box[0]),
            box[3] - (value - low) / (high - low) * (box[3] - box[1]),
        )
        for step, value in points
    ]
    if len(placed) > 1:
        paper.line(placed, 2, colour)
    for place in placed if len(placed) < 60 else []:
        paper.dot(place, 3, colour)
