"""A dark sheet of paper to draw figures on: text, lines and bars with smooth edges.

Knows nothing of what is drawn on it.
"""

from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

INK, SOFT, LINE = (240, 240, 235), (160, 166, 174), (52, 57, 64)
ACCENT, WARN = (120, 230, 200), (245, 176, 92)
_GROUND, _PANEL = (13, 15, 18), (24, 27, 32)

LEADING = 1.4
"""Heights of a letter from one line of text to the next."""

_FINE = 2  # drawn so many times as large, for smooth edges


class Paper:
    """A sheet of `size` (width, height) pixels; all places and sizes are in its pixels, from the top left."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._image = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), _GROUND)
        self._pen = ImageDraw.Draw(self._image)

    def image(self) -> Image.Image:
        """What was drawn so far."""
        return self._image.resize(self._size, Image.Resampling.BOX)

    def panel(self, box: Box) -> None:
        """A part of the page, a little lighter."""
        self._pen.rounded_rectangle(_fine(box), 12 * _FINE, _PANEL)

    def bar(self, box: Box, colour: Colour) -> None:
        """A filled bar."""
        self._pen.rounded_rectangle(_fine(box), 2 * _FINE, colour)

    def dot(self, at: Point, radius: float, colour: Colour) -> None:
        """A filled dot around a point."""
        self._pen.ellipse(_fine((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)), colour)

    def line(self, points: Sequence[Point], width: int, colour: Colour) -> None:
        """A line through points."""
        self._pen.line([_fine(point) for point in points], colour, width * _FINE, "curve")

    def area(self, points: Sequence[Point], colour: Colour) -> None:
        """The area under a curve, and the curve itself; the first and the last point are on the ground."""
        dimmed = tuple((a + 3 * b) // 4 for a, b in zip(colour, _PANEL, strict=True))
        self._pen.polygon([_fine(point) for point in points], dimmed)
        self.line(points[1:-1], 2, colour)

    def text(self, at: Point, text: str, size: int, colour: Colour, anchor: str = "la") -> None:
        """One line of text; `anchor` as Pillow's: "la" from its top left, "ra" from its top right."""
        self._pen.text(_fine(at), text, colour, _font(size), anchor)

    def lines(self, at: Point, text: str, size: int, width: float, colour: Colour) -> float:
        """Text in lines of at most `width`; the y below the last."""
        lines = self.wrapped(text, size, width)
        for number, line in enumerate(lines):
            self.text((at[0], at[1] + number * LEADING * size), line, size, colour)
        return at[1] + len(lines) * LEADING * size

    def wrapped(self, text: str, size: int, width: float) -> list[str]:
        """The lines of a text, each at most `width` long if no word is longer."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._length(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def fitted(self, text: str, size: int, width: float) -> str:
        """The text, or as much of it as fits into `width` and dots."""
        if self._length(text, size) <= width:
            return text
        while text and self._length(f"{text}...", size) > width:
            text = text[:-1]
        return f"{text}..."

    def _length(self, text: str, size: int) -> float:
        return self._pen.textlength(text, _font(size)) / _FINE


def _fine(places: Sequence[float]) -> tuple[float, ...]:
    return tuple(_FINE * place for place in places)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size * _FINE)
