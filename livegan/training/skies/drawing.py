"""One sky from its number: the scene from far to near, then what an eye makes of that much light.

The same seed, number and size give the same bytes; no picture depends on another.
"""

import cv2
import numpy as np

from livegan.training.skies.air import Light, moon, sky, stars, sun
from livegan.training.skies.aurora import aurora
from livegan.training.skies.bows import rainbow
from livegan.training.skies.clouds import bars, deck, feathers, heaps, rays
from livegan.training.skies.land import land
from livegan.training.skies.palettes import srgb
from livegan.training.skies.scene import Scene
from livegan.training.skies.view import View
from livegan.training.skies.water import water
from livegan.training.skies.weather import lightning, rain

_SHOULDER = 0.72

_LEAST = 128
"""Smaller pictures are drawn at this size and made smaller: there is no room for their clouds."""


def drawn(scene: Scene, size: int) -> np.ndarray:
    """The picture of a scene, uint8 [size, size, 3]."""
    if size < _LEAST:
        return cv2.resize(drawn(scene, _LEAST), (size, size), interpolation=cv2.INTER_AREA)
    view = View(scene, size)
    light = _heaven(view)
    if scene.aurora:
        light = light + aurora(view)
    light = rays(view, heaps(view, bars(view, deck(view, feathers(view, light)))))
    light = lightning(view, rain(view, rainbow(view, light)))
    return _seen(water(view, land(view, light)), scene.dice("grain"))


def _heaven(view: View) -> Light:
    """Everything beyond the clouds."""
    light = sky(view) + sun(view)
    if not view.scene.night:
        return light
    face, hidden = moon(view)
    return light + stars(view) * (1 - hidden)[..., None] + face


def _seen(light: Light, rng: np.random.Generator) -> np.ndarray:
    """Light as levels: what dazzles blooms and rolls off to white; noise of one level hides the steps."""
    size = len(light)
    bright = np.minimum(np.maximum(light - 0.8, 0), 3)
    light = light + 0.35 * cv2.GaussianBlur(bright, (0, 0), size / 28)
    over = np.maximum(light - _SHOULDER, 0)
    light = np.minimum(light, _SHOULDER) + (1 - _SHOULDER) * (1 - np.exp(-over / (1 - _SHOULDER)))
    noise = rng.random((size, size, 1), np.float32) - rng.random((size, size, 1), np.float32)
    return np.clip(srgb(np.clip(light, 0, 1)) * 255 + 0.5 + 0.7 * noise, 0, 255).astype(np.uint8)
