"""What the operator's view is painted with: boxes to lay things out in, lettering, panels, bars, rings, pictures.

Knows nothing of shows or boards. What costs time (letters, smooth corners, scaled pictures) is made once and kept,
because a view is drawn ten times a second beside a show.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from livegan.show.board import Colour
from livegan.show.lettering import BASE, CAPITAL, DENSE, LEADING, shortened, stamp

INK, SOFT, FAINT = (244, 244, 238), (178, 184, 190), (84, 92, 100)
GOOD, CARE, WARN, MARK = (110, 220, 130), (250, 196, 84), (255, 122, 98), (255, 221, 92)
NIGHT, PANEL, HOLLOW = (10, 12, 16), (13, 16, 21, 222), (38, 43, 50, 255)
GAP = 12


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; it may be empty when there is no room left."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Never below 0."""
        return max(self.right - self.left, 0)

    @property
    def height(self) -> int:
        """Never below 0."""
        return max(self.bottom - self.top, 0)

    def upper(self, height: int, gap: int = GAP) -> "tuple[Box, Box]":
        """A piece off the top, and the rest below a gap."""
        cut = min(self.top + height, self.bottom)
        return Box(self.left, self.top, self.right, cut), Box(self.left, cut + gap, self.right, self.bottom)

    def lower(self, height: int, gap: int = GAP) -> "tuple[Box, Box]":
        """A piece off the bottom, and the rest above a gap; without height, nothing is cut off."""
        cut = max(self.bottom - height, self.top)
        rest = Box(self.left, self.top, self.right, cut - gap) if height else self
        return Box(self.left, cut, self.right, self.bottom), rest

    def west(self, width: int, gap: int = GAP) -> "tuple[Box, Box]":
        """A piece off the left, and the rest beside a gap."""
        cut = min(self.left + width, self.right)
        return Box(self.left, self.top, cut, self.bottom), Box(cut + gap, self.top, self.right, self.bottom)

    def inside(self, across: int, down: int | None = None) -> "Box":
        """The box without its margins."""
        down = across if down is None else down
        return Box(self.left + across, self.top + down, self.right - across, self.bottom - down)

    def middle(self, width: int, height: int) -> "Box":
        """A box of that size in the middle of this one."""
        left, top = (self.left + self.right - width) // 2, (self.top + self.bottom - height) // 2
        return Box(left, top, left + width, top + height)


class Thumbnails:
    """Pictures at the size they are shown at, with round corners; the last `kept` of them, known by identity."""

    def __init__(self, kept: int = 256) -> None:
        self._kept = kept
        self._made: OrderedDict[tuple[int, int, int], tuple[np.ndarray, Image.Image]] = OrderedDict()

    def of(self, picture: np.ndarray, width: int, height: int) -> Image.Image:
        """`picture` (uint8 [h, w, 3]) cut and scaled to cover width x height, as RGBA."""
        key = id(picture), width, height
        if key not in self._made:
            # The array is kept beside what was made of it: so its identity cannot become another's.
            self._made[key] = picture, _covering(picture, width, height)
            if len(self._made) > self._kept:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key][1]


class Sheet:
    """A drawing in the making, RGBA, translucent where nothing covers the audience's picture."""

    def __init__(self, size: tuple[int, int], backdrop: tuple[int, int, int, int]) -> None:
        self.image = Image.new("RGBA", size, backdrop)
        self.pen = ImageDraw.Draw(self.image)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        ink: Colour = INK,
        width: float = math.inf,
        align: float = 0.0,
        bold: bool = False,
    ) -> None:
        """One line with its top at `at`, shortened to `width`; align: 0 begins there, 0.5 is centred, 1 ends there."""
        mask = stamp(shortened(text, size, width, bold), size, bold)
        self.image.paste(ink, (round(at[0] - align * mask.width), round(at[1])), mask)

    def lines(self, at: tuple[float, float], lines: tuple[str, ...], size: int, ink: Colour = INK) -> float:
        """Lines one below the other; the y below the last."""
        for number, line in enumerate(lines):
            self.text((at[0], at[1] + number * size * LEADING), line, size, ink)
        return at[1] + len(lines) * size * LEADING

    def headline(self, box: Box, lines: tuple[str, ...], size: int, ink: Colour = INK) -> None:
        """Lines centred in `box` by their capitals, so that a lone number really is in the middle."""
        tall = ((len(lines) - 1) * DENSE + CAPITAL) * size
        y = (box.top + box.bottom - tall) / 2 - (BASE - CAPITAL) * size
        for line in lines:
            self.text(((box.left + box.right) / 2, y), line, size, ink, align=0.5, bold=True)
            y += DENSE * size

    def panel(self, box: Box, ink: tuple[int, ...] = PANEL, radius: int = 12) -> None:
        """A filled box with smooth round corners; it replaces what was there."""
        if not box.width or not box.height:
            return
        radius = min(radius, box.width // 2, box.height // 2)
        for part in (box.inside(radius, 0), box.inside(0, radius)):
            if part.width and part.height:
                self.pen.rectangle((part.left, part.top, part.right - 1, part.bottom - 1), ink)
        for across, down in ((0, 0), (0, 1), (1, 0), (1, 1)) if radius else ():
            at = (box.right - radius if across else box.left, box.bottom - radius if down else box.top)
            self.image.paste(ink, at, _corner(radius, across, down))

    def frame(self, ink: Colour, width: int) -> None:
        """A border round the whole drawing."""
        self.pen.rectangle((0, 0, self.image.width - 1, self.image.height - 1), None, ink, width)

    def shade(self, tile: Box, tall: int) -> None:
        """Darken the lowest `tall` pixels of a picture that fills `tile`."""
        self.image.paste((8, 10, 14), (tile.left, tile.bottom - tall), _veil(tile.width, tile.height, tall))

    def bar(self, box: Box, share: float, ink: Colour) -> None:
        """How much of a whole, 0..1."""
        self.panel(box, HOLLOW, box.height // 2)
        reached = round(box.width * within(share))
        if reached:
            self.panel(Box(box.left, box.top, box.left + max(reached, box.height), box.bottom), ink, box.height // 2)

    def ring(self, box: Box, width: int, share: float, ink: Colour) -> None:
        """How much of a whole, 0..1, clockwise from above, as a ring that fills the square `box`."""
        whole = _border(box.width, box.height, width, box.width // 2)
        self.image.paste(HOLLOW, (box.left, box.top), whole)
        part = Image.new("L", whole.size)
        ImageDraw.Draw(part).pieslice((-9, -9, box.width + 9, box.height + 9), -90, -90 + 360 * within(share), 255)
        self.image.paste(ink, (box.left, box.top), ImageChops.multiply(whole, part))

    def stick(self, picture: Image.Image, box: Box) -> None:
        """A thumbnail at the top left of `box`."""
        self.image.paste(picture, (box.left, box.top), picture)


def within(share: float) -> float:
    """The share, or the nearest to it in 0..1; 0 for what is no number."""
    return share if 0.0 <= share <= 1.0 else float(share > 1.0)


def _covering(picture: np.ndarray, width: int, height: int) -> Image.Image:
    image = Image.fromarray(picture)
    zoom = max(width / image.width, height / image.height)
    across, down = width / zoom, height / zoom
    left, top = (image.width - across) / 2, (image.height - down) / 2
    cut = image.resize((width, height), Image.Resampling.BILINEAR, (left, top, left + across, top + down))
    cut.putalpha(_rounded(width, height, 8))
    return cut


@lru_cache(64)
def _rounded(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius * 4, 255)
    return mask.reduce(4)


@lru_cache(64)
def _veil(width: int, height: int, tall: int) -> Image.Image:
    return _rounded(width, height, 8).crop((0, height - tall, width, height)).point([i * 5 // 8 for i in range(256)])


@lru_cache(64)
def _border(width: int, height: int, line: int, radius: int) -> Image.Image:
    mask = _rounded(width, height, radius).copy()
    hole = _rounded(width - 2 * line, height - 2 * line, max(radius - line, 0))
    mask.paste(0, (line, line), hole)
    return mask


@lru_cache(256)
def _corner(radius: int, across: int, down: int) -> Image.Image:
    disc = _rounded(radius * 2, radius * 2, radius)
    return disc.crop((across * radius, down * radius, (across + 1) * radius, (down + 1) * radius))
