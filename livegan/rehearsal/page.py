"""One page about a check: what to do, and what was seen that says so; a PNG, drawn with nothing but Pillow.

Draws what it is given; judges nothing and writes no file.
"""

import io
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from livegan.mapping.review import KNOWN, REACHED, Review, Watched
from livegan.rehearsal.paper import ACCENT, INK, LEADING, LINE, SOFT, WARN, Box, Colour, Paper
from livegan.senses.skeleton import figures

SIZE = (1600, 1100)

Lines = Sequence[tuple[tuple[float, float], tuple[float, float]]]
"""A stick figure: lines between points (x, y), y downwards."""

_EDGE, _GAP = 48, 20
_ROW = 26


def page(
    title: str, review: Review, watched: Watched, colours: Mapping[str, Colour] | None = None, figure: Lines = ()
) -> bytes:
    """The page as a PNG, 1600 x 1100.

    colours: of the looks, by name. figure: the pose to teach next, as `figure_of` makes it.
    """
    paper = Paper(SIZE)
    right, bottom = SIZE[0] - _EDGE, SIZE[1] - _EDGE
    paper.text((_EDGE, 36), title, 42, INK)
    paper.text((right, 54), f"{review.seconds:.0f} s of free movement", 20, SOFT, "ra")
    _numbers(paper, review, (_EDGE, 108, 1096, 222))
    _advice(paper, review, (_EDGE, 242, 1096, 500))
    _pose(paper, review, figure, (1116, 108, right, 500))
    _confidence(paper, review, watched, (_EDGE, 520, right, 704))
    thirds = np.linspace(_EDGE, right + _GAP, 4).astype(int)
    boxes = [(int(a), 724, int(b) - _GAP, bottom) for a, b in pairwise(thirds)]
    _looks(paper, review, colours or {}, boxes[0])
    _features(paper, review, boxes[1])
    _latency(paper, review, watched, boxes[2])
    return _png(paper)


def figure_of(names: Sequence[str], values: np.ndarray, aspect: float = 1.0) -> list:
    """The stick figure in a row of the show's values, from the raw landmarks (INPUT.raw.NAME.x and .y).

    aspect: width over height of the camera's picture. Empty when there are none, or nobody was seen.
    """
    return [((aspect * a, b), (aspect * c, d)) for (a, b), (c, d) in figures(names, values)]


def _numbers(paper: Paper, review: Review, box: Box) -> None:
    """The four numbers that a performer asks for first."""
    met = sum(share >= REACHED for _, share in review.reached)
    jitter = "-" if review.jitter is None else f"{review.jitter:.1%}"
    latency = "-" if review.latency is None else f"{1e3 * review.latency[0]:.0f} ms"
    told = [
        (f"{met} of {len(review.reached)}", "looks reached"),
        (f"{1 - review.far:.0%}", "of the time known"),
        (jitter, "of a look: trembling at rest" if review.jitter is not None else "nobody rested"),
        (latency, "from movement to picture"),
    ]
    width = (box[2] - box[0] - 3 * _GAP) / 4
    for place, (number, meaning) in enumerate(told):
        left = box[0] + place * (width + _GAP)
        paper.panel((left, box[1], left + width, box[3]))
        paper.text((left + 20, box[1] + 14), number, 42, INK)
        paper.text((left + 20, box[1] + 74), meaning, 17, SOFT)


def _advice(paper: Paper, review: Review, box: Box) -> None:
    """Every sentence, as large as there is room for all."""
    y, width = _headed(paper, box, "What to do"), box[2] - box[0] - 68

    def height(size: int) -> float:
        return sum(len(paper.wrapped(one, size, width)) * LEADING * size + size / 2 for one in review.advice)

    size = next((size for size in (22, 20, 18, 16) if height(size) < box[3] - y - 8), 14)
    for sentence in review.advice:
        paper.dot((box[0] + 27, y + 0.62 * size), 4, ACCENT)
        y = paper.lines((box[0] + 44, y), sentence, size, width, INK) + size / 2


def _pose(paper: Paper, review: Review, figure: Lines, box: Box) -> None:
    y = _headed(paper, box, "Teach this pose next" if review.unknown else "Nothing left to teach")
    if review.unknown is None:
        paper.lines((box[0] + 22, y), "Every pose you held was near one you taught.", 18, box[2] - box[0] - 44, SOFT)
        return
    said = f"at {review.moment:.1f} s, {review.unknown.distance:.1f} clear movements from the nearest you taught"
    foot = box[3] - 62
    paper.lines((box[0] + 22, foot), said, 18, box[2] - box[0] - 44, SOFT)
    if figure:
        _stick(paper, figure, (box[0] + 30, y + 6, box[2] - 30, foot - 16))
    else:
        for word in review.unknown.differs:
            y = paper.lines((box[0] + 22, y + 10), word, 26, box[2] - box[0] - 44, INK)


def _stick(paper: Paper, figure: Lines, box: Box) -> None:
    """The figure as large as it fits, in the middle."""
    points = np.array(figure, float)
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    room = np.array([box[2] - box[0], box[3] - box[1]])
    scale = float((room / np.maximum(high - low, 1e-6)).min())
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    for a, b in ((points - (low + high) / 2) * scale + middle).tolist():
        paper.line([a, b], 5, ACCENT)
        for joint in (a, b):
            paper.dot(joint, 3, ACCENT)


def _confidence(paper: Paper, review: Review, watched: Watched, box: Box) -> None:
    """How well each moment's pose is known, over time."""
    top = _headed(paper, box, "How well your poses were known")
    left, right, bottom = box[0] + 70, box[2] - 24, box[3] - 34
    times = watched.times - watched.times[0]
    span = max(float(times[-1]), 1e-6)
    nobody = np.isnan(watched.values).all(axis=1)
    known = np.where(nobody, 0.0, np.nan_to_num(watched.confidence.astype(float)))

    def place(moment: float, share: float) -> tuple[float, float]:
        return left + (right - left) * moment / span, bottom - (bottom - top) * share

    for share, word in ((1.0, "taught"), (KNOWN, ""), (0.0, "new")):
        paper.line([place(0, share), place(span, share)], 1, LINE)
        paper.text((left - 10, place(0, share)[1] - 10), word, 15, SOFT, "ra")
    step = max(1, len(times) // 700)
    curve = [place(t, k) for t, k in zip(times[::step], known[::step], strict=True)]
    paper.area([place(float(times[0]), 0.0), *curve, place(float(times[::step][-1]), 0.0)], ACCENT)
    for second in np.arange(0, span + 1e-6, _tick(span)):
        paper.text((place(second, 0)[0], bottom + 6), f"{second:g} s", 15, SOFT, "ma")
    if review.unknown:
        x = place(review.moment, 0)[0]
        paper.line([(x, top - 4), (x, bottom)], 2, WARN)
        ends = x > right - 160
        paper.text((x + (-10 if ends else 10), bottom - 26), "teach this one", 17, WARN, "ra" if ends else "la")


def _looks(paper: Paper, review: Review, colours: Mapping[str, Colour], box: Box) -> None:
    y, rows = _headed(paper, box, "How far each look was reached"), _fitting(box)
    shown = review.reached
    if len(shown) > rows:
        shown = sorted(shown, key=lambda one: one[1])[: rows - 1]
    for name, share in shown:
        weak = share < REACHED
        _bar(paper, box, y, name, share, f"{share:.0%}", colours.get(name, ACCENT), WARN if weak else INK)
        y += _ROW
    _rest(paper, box, y, len(review.reached) - len(shown), "reached better")
    paper.text((box[2] - 22, box[1] + 22), f"{REACHED:.0%} counts", 15, SOFT, "ra")


def _features(paper: Paper, review: Review, box: Box) -> None:
    y, rows = _headed(paper, box, "What each movement does"), _fitting(box)
    ranked = sorted(review.influence, key=lambda one: -one[1])
    shown = ranked if len(ranked) <= rows else ranked[: rows - 1]
    most = max(ranked[0][1], 1e-6)
    for name, share in shown:
        word = "never moved" if name in review.unmoved else "nothing" if name in review.idle else f"{share:.2f}"
        ink = SOFT if name in (*review.unmoved, *review.idle) else INK
        _bar(paper, box, y, _spoken(name), share / most, word, ACCENT, ink)
        y += _ROW
    _rest(paper, box, y, len(ranked) - len(shown), "that do less")


def _latency(paper: Paper, review: Review, watched: Watched, box: Box) -> None:
    """A histogram of the latency of each picture."""
    y = _headed(paper, box, "Latency of each picture")
    if review.latency is None:
        paper.text((box[0] + 22, y), "not measured", 18, SOFT)
        return
    measured = 1e3 * np.asarray(watched.latency, float)
    middle, p99 = (1e3 * seconds for seconds in review.latency)
    half = max(20.0, 1.2 * (p99 - middle), 1.2 * (middle - float(np.percentile(measured, 1))))
    counts, edges = np.histogram(measured, 31, (middle - half, middle + half))
    left, right, top, bottom = box[0] + 22, box[2] - 22, y + 30, box[3] - 36
    wide = (right - left) / len(counts)
    for place, count in enumerate(counts):
        high = (bottom - top) * count / max(counts.max(), 1)
        paper.bar((left + place * wide + 1, bottom - high, left + (place + 1) * wide - 1, bottom), ACCENT)
    paper.line([(left, bottom), (right, bottom)], 1, LINE)
    for at, anchor in ((edges[0], "la"), (middle, "ma"), (edges[-1], "ra")):
        paper.text((left + (right - left) * (at - edges[0]) / (2 * half), bottom + 8), f"{at:.0f} ms", 15, SOFT, anchor)
    paper.text((left, y - 4), f"median {middle:.0f} ms, 99 of 100 below {p99:.0f} ms", 16, SOFT)


def _headed(paper: Paper, box: Box, head: str) -> float:
    """A panel with a heading; the y below it."""
    paper.panel(box)
    paper.text((box[0] + 22, box[1] + 16), head, 22, INK)
    return box[1] + 58


def _fitting(box: Box) -> int:
    return int((box[3] - box[1] - 66) // _ROW)


def _bar(paper: Paper, box: Box, y: float, name: str, share: float, word: str, colour: Colour, ink: Colour) -> None:
    left, right = box[0] + 180, box[2] - 118
    paper.text((left - 14, y), paper.fitted(name, 16, 144), 16, ink, "ra")
    paper.bar((left, y + 4, right, y + 17), LINE)
    if share > 0:
        paper.bar((left, y + 4, left + max(3.0, (right - left) * min(share, 1.0)), y + 17), colour)
    paper.text((right + 12, y), word, 16, ink)


def _rest(paper: Paper, box: Box, y: float, count: int, what: str) -> None:
    if count:
        paper.text((box[0] + 180, y), f"and {count} more {what}", 16, SOFT)


def _spoken(name: str) -> str:
    """INPUT.left_wrist.y as "left wrist y"."""
    return (name.partition(".")[2] or name).replace("_", " ").replace(".", " ")


def _tick(span: float) -> float:
    return next(step for step in (1, 2, 5, 10, 30, 60, 300, np.inf) if span / step <= 12)


def _png(paper: Paper) -> bytes:
    kept = io.BytesIO()
    paper.image().save(kept, "PNG")
    return kept.getvalue()
