"""The empty sky: from the horizon to the zenith, the sun or the moon and its glow, stars, the Milky Way."""

import cv2
import numpy as np

from livegan.training.skies.fields import Field, fractal, smooth
from livegan.training.skies.palettes import Colour
from livegan.training.skies.view import View

Light = np.ndarray
"""float32 [H, W, 3], linear; 1 is white, the sun is more."""


def mixed(a: Light | Colour, b: Light | Colour, share: Field) -> Light:
    """From `a` where `share` is 0 to `b` where it is 1."""
    return a + (b - a) * share[..., None]


def sky(view: View) -> Light:
    """The air, brighter and warmer towards the sun, with a faint unevenness as of thin haze."""
    scene, paint = view.scene, view.scene.palette
    high = np.clip(view.elevation / np.deg2rad(62), 0, 1)
    wander = fractal(scene.dice("air"), (view.size, view.size), (2, 1), 0.4) * 0.02
    high = np.clip(high + wander, 0, 1)
    light = mixed(paint.horizon, paint.middle, smooth(0.0, 0.42, high) * 0.5 + np.clip(high / 0.42, 0, 1) * 0.5)
    light = mixed(light, paint.zenith, smooth(0.18, 1.05, high))
    return light + _glow(view)[..., None] * paint.glow


def _glow(view: View) -> Field:
    """Light scattered around the sun, lying along the horizon when it is low."""
    scene = view.scene
    strength = 0.16 if scene.night else 0.55 if scene.time == "storm" else 0.8
    if scene.behind:
        return np.zeros((view.size, view.size), np.float32)
    lying = np.hypot((view.azimuth - scene.sun[0]) * 0.45, (view.elevation - scene.sun[1]) * 1.3)
    near, wide = np.exp(-view.sun / 0.07), np.exp(-view.sun / 0.26)
    return strength * (0.55 * near + 0.3 * wide + 0.3 * scene.low * np.exp(-lying / 0.2))


def sun(view: View) -> Light:
    """The disc itself, to be added; a low one is larger and deeper in colour, as it seems to the eye."""
    scene = view.scene
    if scene.behind or scene.night or scene.time == "storm":
        return np.zeros((view.size, view.size, 3), np.float32)
    radius = 0.016 + 0.02 * scene.low * scene.dice("sun").uniform(0.4, 1)
    disc = smooth(radius + 1.2 * scene.fov / view.size, radius - 1.2 * scene.fov / view.size, view.sun)
    return (disc * (2.2 - 0.9 * scene.low))[..., None] * (0.4 + 0.6 * scene.palette.glow)


def moon(view: View) -> tuple[Light, Field]:
    """The moon's light to be added, and where it hides the stars; its phase leans away from the day's side."""
    scene, shape = view.scene, (view.size, view.size)
    if scene.behind or not scene.night:
        return np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32)
    rng = scene.dice("moon")
    radius, lean = rng.uniform(0.026, 0.05), rng.uniform(-0.6, 0.6)
    x = (view.azimuth - scene.sun[0]) / radius
    y = (scene.sun[1] - view.elevation) / radius
    x, y = x * np.cos(lean) - y * np.sin(lean), x * np.sin(lean) + y * np.cos(lean)
    edge = 1.3 * scene.fov / view.size / radius
    disc = smooth(1 + edge, 1 - edge, np.hypot(x, y))
    depth = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    turn = rng.uniform(-2.2, 2.2) * rng.random() ** 0.5
    lit = smooth(-0.1, 0.25, depth * np.cos(turn) + x * np.sin(turn))
    seas = 1 - 0.22 * smooth(0.1, 1.2, fractal(rng, shape, (24, 24), 0.6))
    tint = np.array((1, 0.95, 0.86), np.float32)
    return (disc * (0.05 + 0.95 * lit * seas))[..., None] * tint, disc


def stars(view: View) -> Light:
    """Stars of all brightnesses and the Milky Way, fading towards the horizon and the moon."""
    scene = view.scene
    rng = scene.dice("stars")
    light = _milky_way(view) + _points(view, rng)
    veil = smooth(0.0, 0.45, view.elevation) * (1 - 0.6 * (not scene.behind) * np.exp(-view.sun / 0.2))
    return light * veil[..., None]


def _points(view: View, rng: np.random.Generator) -> Light:
    count = int(rng.uniform(250, 700))
    places, size = rng.random((count, 2)) * (1, view.scene.horizon), view.size
    bright = 0.05 / (rng.random(count) + 0.035) ** 1.1 * (size / 256) ** 2
    warm = rng.normal(0, 0.12, count)
    colours = bright[:, None] * np.stack([1 + warm, np.ones(count), 1.08 - warm], 1)
    light = np.zeros((size, size, 3), np.float32)
    at = np.minimum((places * size).astype(int), size - 1)
    np.add.at(light, (at[:, 1], at[:, 0]), colours.astype(np.float32))
    near = cv2.GaussianBlur(light, (0, 0), 0.62 * size / 256)
    return 1.1 * near + 1.6 * cv2.GaussianBlur(light, (0, 0), 2.2 * size / 256)


def _milky_way(view: View) -> Light:
    rng = view.scene.dice("milky way")
    turn, across = rng.uniform(0.5, 2.6), rng.uniform(0.25, 0.75)
    x, y = view.x - across, view.y - 0.3
    off = x * np.sin(turn) - y * np.cos(turn)
    bend = off + 0.03 * fractal(rng, (view.size, view.size), (3, 3))
    clouds = 1 + 0.45 * fractal(rng, (view.size, view.size), (5, 5), 0.6)
    dust = smooth(0.9, -0.2, fractal(rng, (view.size, view.size), (7, 7), 0.6) - 0.9 * np.exp(-((bend / 0.05) ** 2)))
    band = np.exp(-((bend / 0.13) ** 2)) * np.clip(clouds, 0, 2) * (0.35 + 0.65 * dust)
    tint = np.array((0.075, 0.08, 0.11), np.float32) * rng.uniform(0.2, 1.2)
    return band[..., None] * tint
