"""The outline of whoever stands before a camera, as numbers and as a mask for the stage.

Works on masks alone, whoever made them. Must never speak of somebody where there is nothing but noise.
"""

import cv2
import numpy as np

from livegan.frame import Feature

SIDE = 256
"""Longest side of a mask in pixels; MediaPipe's networks see no finer."""

HALF = 0.5
"""Confidence above which a pixel belongs to the body."""

STRAY = 0.005
"""Share of the outline that may lie beyond each end of its extent: specks are no hands."""

ROUND = 0.2
"""Stretch below which an outline has no direction, and keeps the one that it had."""

GONE = 1.0
"""Seconds after which whoever comes is another one."""

_SOFT = 1.2
_BOX = slice(5, 9)
_UNITS = {"area": 0.05, "x": 0.1, "y": 0.1, "width": 0.1, "height": 0.1}
_UNITS |= {"left": 0.1, "right": 0.1, "top": 0.1, "bottom": 0.1, "stretch": 0.2, "fill": 0.1}


def sized(mask: np.ndarray) -> np.ndarray:
    """A mask, float32 [height, width] in 0..1, with its longest side at most SIDE pixels."""
    scale = SIDE / max(mask.shape)
    if scale >= 1:
        return mask.copy()
    height, width = (max(1, round(length * scale)) for length in mask.shape)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)


def soft(mask: np.ndarray) -> np.ndarray:
    """A mask for the stage, uint8 [height, width, 1], of float32 [height, width]: doubts decided, edges soft."""
    sure = np.clip((mask - 0.3) / 0.4, 0.0, 1.0)
    return np.rint(255 * cv2.GaussianBlur(sure, (0, 0), _SOFT)).astype(np.uint8)[..., None]


class Outline:
    """An outline followed from frame to frame. smallest: share of the picture below which it is nobody's.

    features: area (share of the picture); x, y (its centre), left, right, top, bottom, width, height, in 0..1 of the
    picture, x to the right, y down; lean (radians, of its longest direction from upright to the picture's right);
    stretch (0 round, to 1 a line); fill (share of its box that it fills).
    """

    features = (
        *(Feature(name, unit=unit) for name, unit in _UNITS.items()),
        Feature("lean", "angle", unit=0.3),
    )

    def __init__(self, smallest: float) -> None:
        self._smallest = smallest
        self._values = np.zeros(len(self.features), np.float32)
        self.forget()

    def forget(self) -> None:
        """What was seen before is somewhere else now."""
        self._here, self._lean, self._seen = False, 0.0, -np.inf

    def follow(self, mask: np.ndarray, seen: float) -> tuple[np.ndarray, bool, bool]:
        """What is known at `seen` seconds of a mask, float32 [height, width] in 0..1 with square pixels.

        Gives values float32 [features] (those before where nobody is), whether somebody is there, and whether this is
        somebody new: after a pause, or elsewhere at once. Whoever is there stays until half of `smallest` is left.
        """
        body = mask > HALF
        self._here = body.mean() >= self._smallest * (0.5 if self._here else 1.0)
        if not self._here:
            return self._values, False, False
        before, self._values = self._values, self._measured(body)
        new = seen - self._seen > GONE or _apart(before[_BOX], self._values[_BOX])
        self._seen = seen
        return self._values, True, new

    def _measured(self, body: np.ndarray) -> np.ndarray:
        (x, left, right), (y, top, bottom) = _along(body.sum(axis=0)), _along(body.sum(axis=1))
        width, height, area = right - left, bottom - top, body.mean()
        lean, stretch = direction(body)
        if stretch >= ROUND:
            # Both ends of a line look alike: it is the one that is nearer to where it was.
            self._lean += (lean - self._lean + np.pi / 2) % np.pi - np.pi / 2
            self._lean = (self._lean + np.pi) % (2 * np.pi) - np.pi
        fill = min(1.0, area / (width * height))
        numbers = area, x, y, width, height, left, right, top, bottom, stretch, fill, self._lean
        return np.array(numbers, np.float32)


def _apart(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two boxes (left, right, top, bottom) have nothing in common."""
    low, high = np.maximum(one[::2], other[::2]), np.minimum(one[1::2], other[1::2])
    return bool((low > high).any())


def _along(mass: np.ndarray) -> tuple[float, float, float]:
    """Centre and both ends of what lies along an axis, in 0..1 of it; mass: [pixels]."""
    edges = np.linspace(0.0, 1.0, len(mass) + 1)
    share = np.concatenate(([0.0], np.cumsum(mass))) / mass.sum()
    low, high = np.interp((STRAY, 1 - STRAY), share, edges)
    centre = (mass * (edges[:-1] + edges[1:]) / 2).sum() / mass.sum()
    return float(centre), float(low), float(high)


def direction(body: np.ndarray) -> tuple[float, float]:
    """Where the longest direction of bool [height, width] points, and how much longer it is than across.

    Radians from upright to the picture's right, modulo pi; 0 (round) to 1 (a line). By the second moments.
    """
    y, x = np.nonzero(body)
    spread = np.cov(x, y, bias=True) + np.eye(2) / 12  # a pixel has a width too
    across, along = np.sqrt(np.linalg.eigvalsh(spread))
    (xx, xy), (_, yy) = spread
    return float(0.5 * np.arctan2(-2 * xy, yy - xx)), float(1 - across / along)
