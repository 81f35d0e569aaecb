"""Coloured props in a picture: where the largest patch of each colour is, how large, and which way it lies.

A colour is told by its hue alone, which light that is brighter or dimmer leaves as it is. Must never report a speck.
"""

import colorsys
import re
from dataclasses import dataclass

import cv2
import numpy as np

HUES = {
    "red": (345.0, 15.0),
    "orange": (15.0, 45.0),
    "yellow": (45.0, 70.0),
    "green": (70.0, 165.0),
    "cyan": (165.0, 195.0),
    "blue": (195.0, 255.0),
    "purple": (255.0, 290.0),
    "pink": (290.0, 345.0),
}
"""The hues that a name stands for, in degrees; from the first upwards to the second, through 360 if need be."""

_LONGEST = 320
"""Pixels of the longest side of the picture that is searched; a patch's middle is found to a fraction of one."""

_LONG, _ROUND = 1.4, 1.25
"""Length by breadth from which a patch lies some way, and below which it no longer does."""


@dataclass(frozen=True)
class Colour:
    """A range of hues in degrees, from `low` upwards to `high`."""

    low: float
    high: float


def colour(asked: str | tuple[float, float], tolerance: float, saturation: float) -> Colour:
    """The hues meant by a name, "#rrggbb" (so many degrees to either side) or two hues. Raises ValueError."""
    if not isinstance(asked, str):
        return Colour(*asked)
    if asked in HUES:
        return Colour(*HUES[asked])
    if not re.fullmatch("#[0-9a-fA-F]{6}", asked):
        raise ValueError(f'a colour is {", ".join(HUES)}, "#d02020" or two hues such as [340, 20], found "{asked}"')
    hue, own, _ = colorsys.rgb_to_hsv(*(int(asked[n : n + 2], 16) / 255 for n in (1, 3, 5)))
    if own < saturation:
        raise ValueError(
            f'"{asked}" is too pale to be told by its hue: its saturation is {own:.2f}, {saturation:g} is wanted'
        )
    return Colour((360 * hue - tolerance) % 360, (360 * hue + tolerance) % 360)


@dataclass(frozen=True)
class Blob:
    """A patch: x and y of its middle (0..1 of the picture, y down) and its size; and how it lies, if some way.

    size: the diameter of a circle of its area, in picture heights. axis: twice the radians, clockwise, from level to
    its long axis, since half a turn looks the same; None while it is about as broad as long.
    """

    x: float
    y: float
    size: float
    axis: float | None


class Blobs:
    """Follows the largest patch of one colour from picture to picture.

    least: the share of the picture that it covers when it appears; it may shrink to half of that. saturation,
    brightness: 0..1, what a pixel must have at least to have a hue at all.
    """

    def __init__(self, colour: Colour, least: float, saturation: float, brightness: float) -> None:
        hues = np.arange(256) * 360 / 256
        inside = (hues - colour.low) % 360 <= (colour.high - colour.low) % 360
        self._inside = np.where(inside, 255, 0).astype(np.uint8)
        self._low = tuple(int(np.ceil(255 * low)) for low in (saturation, brightness))
        self._least = least
        self.forget()

    def forget(self) -> None:
        """What was followed is somewhere else now."""
        self._middle: tuple[float, float] | None = None
        self._long = False

    def find(self, small: np.ndarray) -> Blob | None:
        """The patch in a picture as `searched`."""
        part = self._largest(self._alike(small))
        if part is None:
            self.forget()
            return None
        sums, (height, width) = cv2.moments(part, binaryImage=True), part.shape
        x, y = sums["m10"] / sums["m00"], sums["m01"] / sums["m00"]
        self._middle = (x + 0.5) / width, (y + 0.5) / height
        return Blob(*self._middle, 2 * np.sqrt(sums["m00"] / np.pi) / height, self._axis(sums))

    def _alike(self, small: np.ndarray) -> np.ndarray:
        hue, saturation, brightness = cv2.split(small)
        strong = (saturation >= self._low[0]) & (brightness >= self._low[1])
        alike = cv2.LUT(hue, self._inside) * strong
        return cv2.medianBlur(alike, 5)  # grain makes specks and holes

    def _largest(self, alike: np.ndarray) -> np.ndarray | None:
        """The largest patch alone, uint8 [h, w]; the one that was followed counts double, so that two never take
        turns; None when it is too small."""
        _, labels, facts, _ = cv2.connectedComponentsWithStats(alike)
        areas = facts[:, cv2.CC_STAT_AREA].astype(float)
        areas[0] = 0
        needed = self._least * alike.size
        if self._middle is not None:
            areas[labels[int(self._middle[1] * len(labels)), int(self._middle[0] * labels.shape[1])]] *= 2
            needed /= 2
        best = int(areas.argmax())
        return (labels == best).astype(np.uint8) if facts[best, cv2.CC_STAT_AREA] >= needed and best else None

    def _axis(self, sums: dict[str, float]) -> float | None:
        across, along, both = sums["mu20"], sums["mu02"], sums["mu11"]
        spread = np.hypot(across - along, 2 * both)
        longer, shorter = across + along + spread, max(across + along - spread, 1e-9)
        self._long = np.sqrt(longer / shorter) > (_ROUND if self._long else _LONG)
        return float(np.arctan2(2 * both, across - along)) if self._long else None


def searched(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 [height, width, 3] RGB as it is searched: shrunk, in hue, saturation and brightness."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LONGEST / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2HSV_FULL)
