"""What moves in a picture, how fast and which way, without knowing what it is: optical flow, summed up in a grid.

Must never take for motion what only the light or the sensor does, nor look across a cut.
"""

from collections import deque

import cv2
import numpy as np

from livegan.frame import Feature

APART = 1 / 30
"""Seconds between the two pictures that are compared, as nearly as they come: so 25, 30, 50 and 60 fps agree."""

GAP = 0.25
"""Seconds without a picture after which the one before says nothing about motion any more."""

_SOFT = 1.2
"""Pixels of blur: without it fine texture aliases in the shrunk picture and slow motion is misread."""

_SHORTEST = 32
"""Pixels of the shortest side; DIS crashes on less."""

_NEAR, _WIDE = 9, 21
"""Pixels of the window that measures, and of the one that lends its motion to surfaces without texture."""

_FAINT = 12.0
"""Grey levels; pictures of less contrast are not stretched further, their noise would be all there is."""

_LEAST = 0.02
"""Noise that is always reckoned with, grey levels squared: what rounding leaves."""

_TEXTURE = 0.5
"""Squared slope, grey levels per pixel, of which half a vote is given."""

_EXPLAINED = 0.15, 0.4
"""Share of the change that motion must undo to be believed not at all, and wholly; of a change of light it undoes
next to nothing."""


def prepared(picture: np.ndarray, size: int) -> np.ndarray:
    """A picture as it is compared: its longest side `size`, grey, of equal brightness and contrast.

    picture: uint8 [height, width, 3] RGB. Gives float32 [h, w] in 0..255; light made brighter or dimmer, and a
    camera that adjusts itself, give nearly the same.
    """
    height, width = picture.shape[:2]
    scale = max(size / max(height, width), _SHORTEST / min(height, width))
    small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), _SOFT)
    return np.clip(128 + 48 * (grey - grey.mean()) / max(float(grey.std()), _FAINT), 0, 255)


def displaced(before: np.ndarray, now: np.ndarray, floor: float) -> np.ndarray:
    """By how many pixels every place has moved: float32 [h, w, 2], x right and y down; 0 where nothing shows motion.

    before, now: as `prepared`. floor: how many times the pictures' noise a change must be. DIS (Kroeger et al. 2016)
    finds the motion; a step of Lucas and Kanade (1981), blind to brightness, measures it to a fraction of a pixel.
    """
    found = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST).calc(_bytes(before), _bytes(now), None)
    across, down = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in before.shape[::-1]))
    undone = cv2.remap(
        now, across + found[..., 0], down + found[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    step, texture = _refined(before, undone)
    vote = (texture / (texture + _TEXTURE))[..., None]
    moved = found + step
    lent = cv2.blur(vote * moved, (_WIDE, _WIDE)) / (cv2.blur(vote, (_WIDE, _WIDE))[..., None] + 0.02)
    return (vote * moved + (1 - vote) * lent) * _belief(now - before, undone - before, floor)[..., None]


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture).astype(np.uint8)


def _mean(values: np.ndarray, window: int = _NEAR) -> np.ndarray:
    return cv2.blur(values, (window, window))


def _varied(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The covariance of two pictures in the window around each place."""
    return _mean(a * b) - _mean(a) * _mean(b)


def _refined(before: np.ndarray, undone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The motion still left after most was undone, at most a pixel [h, w, 2], and how much texture says so [h, w]."""
    middle = (before + undone) / 2
    x = cv2.Scharr(middle, cv2.CV_32F, 1, 0, scale=1 / 32)
    y = cv2.Scharr(middle, cv2.CV_32F, 0, 1, scale=1 / 32)
    left = undone - before
    xx, yy, xy, xt, yt = _varied(x, x), _varied(y, y), _varied(x, y), _varied(x, left), _varied(y, left)
    texture = np.maximum(xx + yy, 0)
    xx, yy = xx + 1, yy + 1  # where there is no texture nothing is left over
    step = np.stack((xy * yt - yy * xt, xy * xt - xx * yt), axis=-1) / (xx * yy - xy * xy)[..., None]
    return np.clip(step, -1, 1), texture


def _belief(change: np.ndarray, left: np.ndarray, floor: float) -> np.ndarray:
    """How far motion is believed, 0..1 [h, w]: the change is above the noise, and motion undoes it.

    The noise is what is left in the quietest fifth of the picture.
    """
    changed, remains = _varied(change, change), _varied(left, left)
    noise = max(float(np.percentile(remains, 20)), _LEAST)
    changed, remains = _mean(changed, _WIDE), _mean(remains, _WIDE)
    loud = _ramp(changed / noise, floor, 2 * floor)
    return loud * _ramp(1 - remains / np.maximum(changed, 1e-6), *_EXPLAINED)


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def summed(velocity: np.ndarray, columns: int, rows: int, directions: bool) -> np.ndarray:
    """The motion of a picture in a few numbers, float32, as `flow_features` names them.

    velocity: [h, w, 2] in picture heights per second, x right and y up. Expansion and turning are those of the
    similarity that fits the whole picture best by least squares.
    """
    height, width = velocity.shape[:2]
    x = ((np.arange(width) - (width - 1) / 2) / height)[None]
    y = (((height - 1) / 2 - np.arange(height)) / height)[:, None]
    speed = np.hypot(velocity[..., 0], velocity[..., 1]).astype(np.float32)
    along_x = (velocity * x[..., None]).mean(axis=(0, 1)) / (x * x).mean()
    along_y = (velocity * y[..., None]).mean(axis=(0, 1)) / (y * y).mean()
    expansion, turning = (along_x[0] + along_y[1]) / 2, (along_y[0] - along_x[1]) / 2
    whole = [speed.mean(), *velocity.mean(axis=(0, 1)), expansion, turning]
    each = np.dstack((speed, velocity)) if directions else speed
    cells = cv2.resize(each.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.concatenate((whole, cells.ravel())).astype(np.float32)


def flow_features(columns: int, rows: int, directions: bool) -> list[Feature]:
    """Of the whole picture, then of each cell, row by row from the top left; all one group."""
    units = {"amount": 0.05, "x": 0.05, "y": 0.05, "expansion": 0.1, "turning": 0.1}
    of_cell = ("amount", "x", "y") if directions else ("amount",)
    cells = {f"cell.{c}.{r}.{part}": 0.2 for r in range(rows) for c in range(columns) for part in of_cell}
    return [Feature(name, group="motion", unit=unit) for name, unit in {**units, **cells}.items()]


class Flow:
    """The motion of one stream of pictures, followed from frame to frame.

    columns, rows: of the grid. size: pixels of the longest side of what is compared. floor: as in `displaced`.
    """

    def __init__(self, columns: int, rows: int, directions: bool, size: int, floor: float) -> None:
        self._grid, self._size, self._floor = (columns, rows, directions), size, floor
        self._last = np.zeros(len(flow_features(*self._grid)), np.float32)
        self._known = False
        self._recent: deque[tuple[float, np.ndarray]] = deque()

    def forget(self) -> None:
        """What comes now is another scene."""
        self._recent.clear()

    def follow(self, picture: np.ndarray, seen: float) -> tuple[np.ndarray, bool]:
        """The motion up to `seen` seconds, and whether any is known yet: one picture alone shows none.

        picture: uint8 [height, width, 3] RGB. After a cut or a gap the values hold until two can be compared.
        """
        now = prepared(picture, self._size)
        if self._recent and (seen - self._recent[-1][0] > GAP or self._recent[-1][1].shape != now.shape):
            self.forget()
        if earlier := [one for one in self._recent if seen - one[0] > APART / 3]:
            then, before = min(earlier, key=lambda one: abs(seen - one[0] - APART))
            scale = np.array((1, -1), np.float32) / (now.shape[0] * (seen - then))
            self._last, self._known = summed(displaced(before, now, self._floor) * scale, *self._grid), True
        self._recent.append((seen, now))
        while seen - self._recent[0][0] > 2 * APART and len(self._recent) > 1:
            self._recent.popleft()
        return self._last, self._known
