"""Clouds: feathers of ice high up, a deck in perspective, bars along the horizon, heaps with flat feet.

Each is lit from where the scene's sun is: bright at the edges before it, from the side or front when it is elsewhere.
"""

import cv2
import numpy as np

from livegan.training.skies.air import Light, mixed
from livegan.training.skies.fields import Field, Plane, fractal, lumps, marched, smooth
from livegan.training.skies.view import View


def feathers(view: View, light: Light) -> Light:
    """`light` with thin cirrus, drawn out by the wind."""
    scene = view.scene
    rng = scene.dice("feathers")
    if rng.random() < 0.35 or scene.time == "storm":
        return light
    plane, turn = Plane(rng, 1.75, rng.uniform(3, 7)), rng.uniform(-0.7, 0.7)
    u, v, footprint = _overhead(view, 0.16, 36)
    # Bent by a slow field, or they would be combed.
    bend = fractal(rng, (view.size, view.size), (3, 2), 0.5)
    u, v = u * np.cos(turn) - v * np.sin(turn) + 16 * bend, u * np.sin(turn) + v * np.cos(turn) + 9 * bend
    thick = smooth(0.3, 2.6, plane.seen(u, v, footprint) + 0.5 * bend) * rng.uniform(0.3, 0.85)
    before = 1 + 1.2 * np.exp(-view.sun / 0.3) * (not scene.behind)
    colour = scene.palette.light * (0.3 if scene.night else 1.0) * before[..., None]
    return mixed(light, np.minimum(colour, 1.3), thick * smooth(0.0, 0.2, view.elevation) * 0.8)


def deck(view: View, light: Light) -> Light:
    """`light` under a layer of clouds that goes to the horizon; a storm's leaves a bright gap there."""
    scene = view.scene
    rng = scene.dice("deck")
    if scene.cover < 0.12:
        return light
    plane = Plane(rng, rng.uniform(1.55, 1.9), rng.uniform(1.0, 2.2))
    noise = plane.seen(*_overhead(view, 0.11, rng.uniform(38, 70)))
    clear = 1.3 - 2.4 * scene.cover
    if scene.time == "storm":
        clear = clear + 1.6 * smooth(0.28, 0.02, view.elevation) - 0.4
    thick = smooth(clear, clear + 1.5, noise) * smooth(0.01, 0.1, view.elevation)
    return _lit(view, light, thick, soft=0.9)


def _overhead(view: View, height: float, texels: float) -> tuple[Field, Field, Field]:
    """Where each pixel meets a plane above us, in texels, and how many a pixel covers.

    height: an angle that keeps the plane's horizon from being infinitely far.
    """
    raised = np.maximum(view.elevation, 0) + height
    away = texels / np.tan(raised)
    footprint = texels / np.sin(raised) ** 2 * view.scene.fov / view.size
    return 256 + away * np.sin(view.azimuth), away * np.cos(view.azimuth), footprint


def _lit(view: View, light: Light, thick: Field, soft: float) -> Light:
    """`light` behind clouds of this optical thickness in [0, 1]: what they let through, and what they scatter."""
    scene = view.scene
    paint, before = scene.palette, 0.0 if scene.behind else np.exp(-view.sun / 0.35)
    shadow = marched(cv2.GaussianBlur(thick, (0, 0), view.size / 128), scene.sun_at, 5, 0.16)
    lit = np.exp(-2.6 * shadow) * (1 - 0.55 * thick * (not scene.behind)) + 0.25 * (1 - thick)
    lit = lit * (1 + 0.9 * before)
    colour = mixed(paint.shade, paint.light, np.clip(lit, 0, 1)) * (1 + 0.35 * before * lit)[..., None]
    # Far clouds take the colour of the air before them.
    colour = mixed(colour, light, 0.65 * np.exp(-np.maximum(view.elevation, 0) / 0.11) * np.ones_like(thick))
    return mixed(light, colour, np.clip(thick * 1.25, 0, 1) * soft)


def bars(view: View, light: Light) -> Light:
    """`light` with long thin clouds near the horizon, glowing from below at a low sun."""
    scene = view.scene
    rng = scene.dice("bars")
    if rng.random() < (0.25 if scene.low > 0.4 else 0.7):
        return light
    noise = fractal(rng, (view.size, view.size), (11, 2), 0.55)
    band = rng.uniform(0.08, 0.22)
    inside = np.exp(-(((view.elevation - band) / 0.12) ** 2)) * smooth(0, 0.04, view.elevation)
    thick = smooth(0.5, 1.7, noise + 0.5 * inside) * inside
    under = thick - np.roll(thick, view.pixels(0.008), axis=0)
    before = 0.4 if scene.behind else np.exp(-view.sun / 0.5)
    lit = np.clip(0.35 + 2.2 * under * scene.low + 0.4 * (1 - thick), 0, 1) * (0.45 + 0.75 * before)
    colour = mixed(scene.palette.shade, 0.5 * (scene.palette.light + scene.palette.glow), np.clip(lit, 0, 1))
    return mixed(light, colour, thick * 0.85)


def rays(view: View, light: Light) -> Light:
    """`light` with the beams that come through the gaps before the sun."""
    scene = view.scene
    if scene.behind or scene.night:
        return light
    bright = np.clip(light.mean(-1) - 0.45, 0, 1.2) * smooth(0.6, 0.1, view.sun)
    beams = cv2.GaussianBlur(marched(bright, scene.sun_at, 24, 0.4), (0, 0), view.size / 200)
    return light + (0.36 * beams)[..., None] * scene.palette.glow


def heaps(view: View, light: Light) -> Light:
    """`light` with cumulus from far to near, as many as the cover says."""
    scene = view.scene
    rng = scene.dice("heaps")
    many = {"noon": 5, "storm": 4, "dawn": 2, "dusk": 3, "night": 1}[scene.time]
    count = rng.integers(0, many + 1) if scene.cover < 0.7 else rng.integers(0, 3)
    for near in np.sort(rng.random(count)):
        light = _heap(view, light, float(near), rng)
    return light


def _heap(view: View, light: Light, near: float, rng: np.random.Generator) -> Light:
    """One cumulus; near: 0 at the horizon to 1 overhead."""
    scene = view.scene
    foot = scene.horizon - (0.03 + 0.3 * near**1.3 + 0.02 * rng.random())
    width = rng.uniform(0.2, 0.4) * (0.45 + 0.7 * near)
    middle, tall = rng.uniform(-0.1, 1.1), rng.uniform(0.3, 0.75)
    mass = _mass(view, rng, (middle, foot, width, tall))
    detail = lumps(rng, view.size, round(rng.uniform(13, 18) - 6 * near), 0.55)
    ragged = fractal(rng, (view.size, view.size), (9, 9), 0.6)
    height = mass + 0.42 * (detail - 0.5) + 0.09 * ragged
    flat = smooth(foot + 0.02 + 0.006 * ragged, foot - 0.012, view.y + 0 * view.x)
    cover = smooth(0.0, 0.26 + 0.12 * near, height) * flat
    thick = np.sqrt(np.clip(height, 0, 1.4))
    lit = _relief(view, mass, detail, width) * (0.45 + 0.55 * smooth(foot + 0.01, foot - 0.55 * width * tall, view.y))
    colour = _heap_colour(view, np.clip(lit, 0, 1.2), thick)
    hazy = (0.6 - 0.54 * near) * np.ones_like(cover)
    return mixed(light, mixed(colour, light, hazy), cover * rng.uniform(0.93, 1))


def _mass(view: View, rng: np.random.Generator, place: tuple[float, float, float, float]) -> Field:
    """The rough body: swellings side by side on one foot, above 0 inside."""
    middle, foot, width, tall = place
    total = np.zeros((view.size, view.size), np.float32)
    for _ in range(16):
        off = np.clip(rng.normal(0, 0.4), -0.7, 0.7)
        radius = width * rng.uniform(0.16, 0.36) * np.exp(-(off**2))
        rise = rng.random() * tall * width * np.exp(-1.5 * off * off)
        x, y = view.x - middle - off * width, view.y - foot + rise
        total += np.exp(3 * (1 - np.hypot(x, y) / radius).clip(-3))
    return np.log(total + 1e-3) / 3


def _relief(view: View, mass: Field, detail: Field, width: float) -> Field:
    """How much the sun strikes a heap whose body and lumps are taken for its relief, about 0 to 1."""
    scene = view.scene
    body = np.sqrt(np.clip(mass + 0.3, 0.02, 2))
    relief = cv2.GaussianBlur(0.6 * body + 0.22 * detail, (0, 0), view.size / 140) * width * view.size * 0.45
    slope_y, slope_x = np.gradient(relief)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    x, y = scene.sun_at[0] - view.x, scene.sun_at[1] - view.y
    away = np.hypot(x, y) + 0.15
    front = 0.75 if scene.behind else 0.28
    struck = (-slope_x * x / away - slope_y * y / away) * (1 - front) + front
    return np.clip(0.3 + 0.75 * struck / length, 0, 1)


def _heap_colour(view: View, lit: Field, thick: Field) -> Light:
    scene = view.scene
    paint, before = scene.palette, 0.0 if scene.behind else np.exp(-view.sun / 0.22)
    rim = before * np.exp(-thick / 0.25)
    colour = mixed(paint.shade, paint.light, np.clip(lit, 0, 1))
    return colour * (0.92 + 0.12 * lit)[..., None] + (0.9 * rim)[..., None] * paint.glow
