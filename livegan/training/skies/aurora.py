"""Northern lights: folded curtains of rays, green below, violet above."""

import cv2
import numpy as np

from livegan.training.skies.air import Light
from livegan.training.skies.fields import fractal, smooth
from livegan.training.skies.view import View

_STEPS = 4000
_GREEN, _TEAL, _VIOLET = (np.array(c, np.float32) for c in ((0.16, 1.0, 0.36), (0.1, 0.75, 0.75), (0.75, 0.2, 0.85)))


def aurora(view: View) -> Light:
    """The light of one to three curtains, to be added, [H, W, 3]."""
    rng, size = view.scene.dice("aurora"), view.size
    light = np.zeros((size, size, 3), np.float32)
    lower = _GREEN + (_TEAL - _GREEN) * rng.random() ** 2
    upper = _TEAL + (_VIOLET - _TEAL) * rng.random() ** 0.6
    for _ in range(rng.integers(1, 4)):
        base, height = _hem(view, rng), rng.uniform(0.08, 0.17)
        # Each curtain is its lower edge smeared upwards; where it folds, its light adds up by itself.
        light += _risen(base, height)[..., None] * lower + _risen(base, 2.2 * height)[..., None] * upper * 0.5
    fade = smooth(0.0, 0.18, view.elevation)
    return light * (0.8 * view.scene.aurora * fade)[..., None]


def _hem(view: View, rng: np.random.Generator) -> np.ndarray:
    """The lower edge of a curtain, brighter where its rays are, [H, W]."""
    size, along = view.size, np.linspace(-0.3, 1.3, _STEPS, dtype=np.float32)

    def wave(cells: int, gain: float = 0.4) -> np.ndarray:
        return fractal(rng, (1, _STEPS), (1, cells), gain)[0]

    x = along + 0.1 * wave(4)
    low = rng.uniform(0.22, 0.5) * view.scene.horizon / 0.66
    y = low + rng.uniform(-0.25, 0.25) * (along - 0.5) + 0.045 * wave(4)
    rays = np.clip(0.8 + 0.24 * wave(32), 0.15, 2.0) * np.clip(0.65 + 0.4 * wave(3), 0.08, 1.5)
    inside = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
    hem = np.zeros((size, size), np.float32)
    places = (y[inside] * size).astype(int), (x[inside] * size).astype(int)
    np.add.at(hem, places, (rays[inside] * size / _STEPS * 1.6).astype(np.float32))
    return cv2.GaussianBlur(hem, (0, 0), sigmaX=size / 120, sigmaY=size / 60)


def _risen(hem: np.ndarray, height: float) -> np.ndarray:
    """The edge smeared upwards over `height` sides, fading."""
    length = int(3.5 * height * len(hem))
    fall = np.exp(-np.arange(length, dtype=np.float32) / (height * len(hem))) * 0.5
    return cv2.filter2D(hem, -1, fall[:, None], anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
