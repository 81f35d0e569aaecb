"""Lettering for the operator's view: how long a text is, where it breaks, how large it can be, and its mask.

Never fails for a text: half characters are replaced, and letters that no font here has become the nearest plain one.
All is measured and drawn once and kept, because the same words are drawn ten times a second.
"""

import math
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

LEADING = 1.28
"""Height of a line of text, in its size."""
DENSE, BASE, CAPITAL = 1.08, 0.98, 0.71
"""Between the lines of a headline; from a line's top to its base; height of capitals and digits; in the size."""

_WORLD = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "arial.ttf", "Arial.ttf", "Helvetica.ttc")
_LONGEST = 400


def length(text: str, size: int, bold: bool = False) -> float:
    """Pixels from the beginning of a line to its end."""
    return _font(size, text.isascii()).getlength(_plain(text)) + (_weight(size) * 2 if bold else 0)


@lru_cache(4096)
def shortened(text: str, size: int, width: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with dots."""
    text = " ".join(text.split())
    if len(text) <= _LONGEST and length(text, size, bold) <= width:
        return text
    fits, breaks = 0, min(len(text), _LONGEST) + 1
    while breaks - fits > 1:
        half = (fits + breaks) // 2
        fits, breaks = (half, breaks) if length(f"{text[:half]}...", size, bold) <= width else (fits, half)
    return f"{text[:fits].rstrip()}..." if fits else ""


@lru_cache(1024)
def wrapped(text: str, size: int, width: float, most: int, bold: bool = False) -> tuple[str, ...]:
    """The text in at most `most` lines; what does not fit is left away, with dots."""
    words, lines = text[: _LONGEST * 4].split(), []
    while words and len(lines) < most:
        count = 1
        while count < len(words) and length(" ".join(words[: count + 1]), size, bold) <= width:
            count += 1
        last = len(lines) == most - 1
        lines.append(shortened(" ".join(words if last else words[:count]), size, width, bold))
        words = words[count:]
    return tuple(lines)


@lru_cache(256)
def largest(text: str, width: int, height: int, most: int, lines: int = 2) -> tuple[tuple[str, ...], int]:
    """The lines and the size, at most `most`, at which the whole text fits width x height."""
    size = most
    while size > 20:
        found = wrapped(text, size, width, lines, bold=True)
        if " ".join(found) == " ".join(text.split()) and (len(found) * DENSE - DENSE + CAPITAL) * size <= height:
            return found, size
        size = size * 15 // 16
    return wrapped(text, size, width, lines, bold=True), size


@lru_cache(1024)
def stamp(text: str, size: int, bold: bool) -> Image.Image:
    """A line of text as a mask, L, `LEADING` sizes high, its base `BASE` sizes below the top."""
    weight = _weight(size) if bold else 0
    mask = Image.new("L", (max(math.ceil(length(text, size, bold)) + 2, 1), math.ceil(size * LEADING)))
    at = (weight, round(size * BASE))
    face = _font(size, text.isascii())
    ImageDraw.Draw(mask).text(at, _plain(text), 255, face, "ls", stroke_width=weight)
    return mask


def _weight(size: int) -> int:
    return round(size / 40) if size > 26 else 0


@lru_cache(256)
def _font(size: int, ascii_only: bool) -> ImageFont.FreeTypeFont:
    """Pillow's own letters where they suffice; for all others a font of this system, when it has one of these."""
    for name in () if ascii_only else _WORLD:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


@lru_cache(2048)
def _plain(text: str) -> str:
    """Without what cannot be drawn (half characters); letters with accents become plain ones where no font has them."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if text.isascii() or isinstance(_font(20, False).path, str):
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
