"""What lies below: ridge behind ridge, each paler for the air before it, and meadows or woods at our feet."""

import cv2
import numpy as np

from livegan.training.skies.air import Light, mixed
from livegan.training.skies.fields import Field, Plane, fractal, smooth
from livegan.training.skies.view import View


def land(view: View, light: Light) -> Light:
    """`light` with the far shore or hills, and the ground down to the picture's foot where there is no water."""
    scene = view.scene
    rng = scene.dice("land")
    if scene.land == "sea":
        return light
    air = haze(view, light)
    count = {"plain": 2, "hills": 4, "mountains": 5}[scene.land]
    for number in range(count):
        near = number / count
        light = mixed(light, _slope(view, air, near, rng), _cover(view, rng, number, count))
    return light if scene.water else mixed(light, _ground(view, air, rng), _cover(view, rng, count, count))


def haze(view: View, light: Light) -> Light:
    """The colour of the air in front of far things: that of the sky at the horizon there, [1, W, 3]."""
    row = int(view.scene.horizon * view.size)
    strip = light[row - view.pixels(0.05) : row].mean(0, keepdims=True)
    return cv2.GaussianBlur(strip, (0, 0), view.size / 12, borderType=cv2.BORDER_REPLICATE)[:1]


def _cover(view: View, rng: np.random.Generator, number: int, count: int) -> Field:
    """1 below the skyline of ridge `number`, 0 above, with a smooth edge of a pixel."""
    scene, near = view.scene, number / count
    mountains = scene.land == "mountains" and near < 0.7
    rise = {"plain": 0.012, "hills": 0.035, "mountains": 0.06}[scene.land] * (1.15 - 0.5 * near)
    line = fractal(rng, (1, view.size), (1, int(rng.integers(2, 5))), 0.44 if mountains else 0.36, mountains)
    if not mountains and near > 0.3 and scene.land != "plain":
        line = line + 0.1 * np.abs(fractal(rng, (1, view.size), (1, 24), 0.7))  # tree tops
    line = 2.2 * np.tanh(line / 2.2)
    sunk = 0.02 if scene.water else 0.03 + 0.2 * near**1.6
    lift = 0.05 * (1 - near) * mountains
    top = scene.horizon + sunk * (number > 0) - lift - rise * line
    top = np.minimum(top, scene.horizon + (0.02 if scene.water else 0.3))
    return smooth(-0.7 / view.size, 0.7 / view.size, view.y - top)


def _slope(view: View, air: Light, near: float, rng: np.random.Generator) -> Light:
    """A hillside in the sun's light, faint with distance, mist at its foot."""
    scene = view.scene
    folds = fractal(rng, (view.size, view.size), (9, 6), 0.6)
    side = 1.0 if scene.sun_at[0] > 0.5 else -1.0
    across = np.gradient(cv2.GaussianBlur(folds, (0, 0), view.size / 200), axis=1) * view.size / 30
    front = 0.6 if scene.behind else 0.34
    struck = np.clip(front - side * 0.35 * across, 0, 1) * (1 if scene.behind else 0.8)
    ground = _earth(view, struck + 0.04 * folds)
    misty = smooth(-0.02, 0.035, view.y - scene.horizon - 0.1 * near) * (0.25 if scene.time == "dawn" else 0.12)
    return mixed(ground, air, np.clip(0.86 - 0.78 * near**0.7 + misty * np.ones_like(folds), 0, 1))


def _earth(view: View, struck: Field) -> Light:
    """The ground's colour where so much sun strikes it."""
    paint = view.scene.palette
    return paint.land * (0.55 * paint.shade + 0.12 + mixed(0 * paint.light, 1.1 * paint.light, struck))


def _ground(view: View, air: Light, rng: np.random.Generator) -> Light:
    """Open country in perspective: patches of field and grass, darker towards us."""
    scene = view.scene
    below = np.maximum(-view.elevation, 0) + 0.05
    texels, turn = 16.0, rng.uniform(-0.5, 0.5)
    away = texels / np.tan(below)
    footprint = texels / np.sin(below) ** 2 * scene.fov / view.size
    u, v = away * np.sin(view.azimuth + turn), away * np.cos(view.azimuth + turn)
    patches, grass = Plane(rng, 1.9).seen(u, v, footprint), Plane(rng, 1.1).seen(3 * u, 3 * v, 3 * footprint)
    struck = (0.55 if scene.behind else 0.36) + 0.2 * patches + 0.08 * grass
    near = smooth(scene.horizon, 1.0, view.y)
    earth = _earth(view, np.clip(struck, 0.02, 1)) * (1 - 0.35 * near)[..., None]
    warm = np.clip(0.5 + 0.3 * patches, 0, 1)[..., None] * np.array((0.25, 0.08, -0.05), np.float32)
    return mixed(earth * (1 + warm), air, 0.3 * np.exp(-(below - 0.05) / 0.09) * np.ones_like(struck))
