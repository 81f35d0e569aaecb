"""Water: the picture above it upside down, broken by ripples, deep at our feet, glittering under the sun."""

import cv2
import numpy as np

from livegan.training.skies.air import Light, mixed
from livegan.training.skies.fields import Field, Plane, smooth
from livegan.training.skies.view import View


def water(view: View, light: Light) -> Light:
    """`light` with water from its line down to the picture's foot."""
    scene = view.scene
    if not scene.water:
        return light
    rng = scene.dice("water")
    line = scene.horizon + (0.002 if scene.land == "sea" else 0.024)
    below = np.maximum(view.y - line, 0)
    wind = rng.uniform(0.15, 1.0) if scene.time != "storm" else rng.uniform(0.7, 1.3)
    waves = _waves(view, below, rng)
    shown = _mirrored(view, light, line, below, wind * waves)
    clear = 0.9 - (0.3 + 0.3 * min(wind, 1)) * smooth(0, 0.42, below) + 0.1 * wind * waves * smooth(0, 0.1, below)
    surface = mixed(scene.palette.deep * (0.6 + 0.4 * shown.mean()), shown * 0.94, np.clip(clear, 0, 1))
    surface = surface + _glitter(view, waves, below, wind)[..., None] * scene.palette.glow
    edge = smooth(-0.6 / view.size, 0.6 / view.size, view.y - line) * np.ones_like(waves)
    return mixed(light, surface, edge)


def _waves(view: View, below: Field, rng: np.random.Generator) -> Field:
    """Ripples in perspective, about mean 0 and deviation 1."""
    texels, near = 5.0, below + 0.012
    away = texels / near
    footprint = texels / near**2 / view.size
    u, v = (view.x - 0.5) * away * 2.5, away * 2.5
    swell = Plane(rng, 1.5, 2.2).seen(u, v, footprint)
    ripples = Plane(rng, 1.15, 1.6).seen(2.7 * u, 2.7 * v, 2.7 * footprint)
    return 0.7 * swell + 0.4 * ripples


def _mirrored(view: View, light: Light, line: float, below: Field, waves: Field) -> Light:
    """What the surface shows of the picture above it; ripples draw it out downwards."""
    size, depth = view.size, smooth(0, 0.3, below)
    rows = line - below * 1.25 - 0.012 - waves * (0.008 + 0.026 * depth)
    columns = view.x + waves * 0.005 * depth
    places = [np.ascontiguousarray(np.broadcast_to(at * size - 0.5, waves.shape), np.float32) for at in (columns, rows)]
    drawn_out = cv2.GaussianBlur(light, (0, 0), sigmaX=size / 200, sigmaY=size / 90)
    return cv2.remap(drawn_out, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _glitter(view: View, waves: Field, below: Field, wind: float) -> Field:
    """The sun's or moon's road, broken into sparks towards us."""
    scene = view.scene
    if scene.behind or scene.time == "storm":
        return np.zeros_like(waves)
    wide = 0.022 + 0.16 * below * (0.5 + wind)
    road = np.exp(-(((view.x - scene.sun_at[0]) / wide) ** 2)) * smooth(0, 0.012, below)
    sparks = smooth(0.1, 1.7, waves + 0.6 * road) + 0.25 * np.exp(-below / 0.08)
    strength = (0.55 if scene.night else 0.5 + 0.8 * scene.low) * np.exp(-below / 0.5)
    return np.clip(strength * road * sparks, 0, 1.4)
