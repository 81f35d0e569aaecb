"""Props held into real footage: printed tags and coloured shapes, drawn with perspective and seen through a lens."""

from dataclasses import dataclass

import cv2
import numpy as np

FOCAL = 1.2
"""Of the camera that sees the props, in picture heights."""

FINE = 4
"""Every pixel of a prop is the mean of so many by so many."""

MODULE = 16
"""Pixels of a printed tag's module; its white margin is one module wide."""


@dataclass(frozen=True)
class Held:
    """How a prop is held.

    x, y: its middle in 0..1 of the picture. size: its side in picture heights as if it faced the camera. angle: radians
    clockwise. away: radians by which it is turned away, about the axis that lies `axis` radians in the picture.
    """

    x: float
    y: float
    size: float
    angle: float = 0.0
    away: float = 0.0
    axis: float = 0.0


def corners(held: Held, width: int, height: int, scale: float = 1.0) -> np.ndarray:
    """Where the corners of a square of `scale` times the prop's side are: [4, 2] pixels, clockwise, top left first."""
    c, s = np.cos(held.angle), np.sin(held.angle)
    flat = scale / 2 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) @ np.array([(c, s), (-s, c)])
    axis, across = np.array((np.cos(held.axis), np.sin(held.axis))), np.array((-np.sin(held.axis), np.cos(held.axis)))
    leaning = np.outer(flat @ axis, axis) + np.outer(flat @ across, across) * np.cos(held.away)
    far, farther = FOCAL / held.size, flat @ across * np.sin(held.away)
    middle = np.array((held.x - 0.5, held.y - 0.5)) * (width / height, 1) / held.size
    seen = (leaning + middle) * (FOCAL / (far + farther))[:, None]
    return (seen * height + (width / 2, height / 2) - 0.5).astype(np.float32)


def tag(number: int, dictionary: str = "DICT_4X4_50") -> np.ndarray:
    """A printed tag with its margin, uint8 RGB; neither ink nor paper is perfect."""
    whole = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    printed = cv2.aruco.generateImageMarker(whole, number, MODULE * (whole.markerSize + 2))
    printed = np.pad(printed, MODULE, constant_values=255)
    return (25 + 0.78 * printed[..., None] * np.ones(3)).astype(np.uint8)


def with_tag(picture: np.ndarray, printed: np.ndarray, held: Held) -> np.ndarray:
    """The picture with a printed tag in it; what is outside the tag's margin is as it was."""
    (height, width), side = picture.shape[:2], len(printed)
    to = corners(held, width, height, side / (side - 2 * MODULE))
    low = np.maximum(np.floor(to.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(to.max(axis=0)).astype(int) + 2, (width, height))
    size = tuple(int(n) for n in high - low)
    paper = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32) - 0.5
    turn = cv2.getPerspectiveTransform(paper, (FINE * (to - low) + (FINE - 1) / 2).astype(np.float32))
    cover = cv2.warpPerspective(np.full((side, side), 255, np.uint8), turn, (FINE * size[0], FINE * size[1]))
    drawn = cv2.warpPerspective(printed, turn, (FINE * size[0], FINE * size[1]), borderMode=cv2.BORDER_REPLICATE)
    drawn, cover = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (drawn, cover))
    return _laid(picture, drawn, cover, low, high)


def with_shape(picture: np.ndarray, colour: tuple[int, int, int], held: Held, long: float = 1.0) -> np.ndarray:
    """The picture with an ellipse in it; size: picture heights of the circle of its area; long: its axes' ratio."""
    height, width = picture.shape[:2]
    axes = held.size * height * FINE / 2 * np.array((np.sqrt(long), 1 / np.sqrt(long)))
    middle, reach = np.array((held.x * width, held.y * height)), axes.max() / FINE + 2
    low = np.maximum(np.floor(middle - reach).astype(int), 0)
    high = np.minimum(np.ceil(middle + reach).astype(int), (width, height))
    size, part = tuple(int(n) for n in high - low), 2**4
    cover = np.zeros((FINE * size[1], FINE * size[0]), np.uint8)
    whole = [tuple(np.rint(part * pair).astype(int).tolist()) for pair in (FINE * (middle - low) - 0.5, axes)]
    cv2.ellipse(cover, *whole, np.degrees(held.angle), 0, 360, 255, -1, shift=4)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    return _laid(picture, np.full((*size[::-1], 3), colour), cover, low, high)


def _laid(picture: np.ndarray, drawn: np.ndarray, cover: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    there, share, after = np.s_[low[1] : high[1], low[0] : high[0]], cover[..., None] / 255, picture.copy()
    after[there] = picture[there] * (1 - share) + drawn * share
    return after


def through_a_lens(
    picture: np.ndarray, seed: int, blur: float = 1.0, grain: float = 5.0, light: float = 1.0
) -> np.ndarray:
    """A picture as a camera sees it: blur in pixels, grain in grey levels, light as a factor; uint8."""
    soft = cv2.GaussianBlur(picture, (0, 0), blur).astype(np.float32) * light
    noise = np.random.default_rng(seed).standard_normal(soft.shape, np.float32)
    return np.clip(soft + grain * noise, 0, 255).astype(np.uint8)
