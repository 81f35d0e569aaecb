"""What a storm does beside its clouds: veils of rain, and lightning."""

import cv2
import numpy as np

from livegan.training.skies.air import Light, mixed
from livegan.training.skies.fields import fractal, smooth
from livegan.training.skies.view import View

_FINE = 16  # parts of a pixel, for lines with smooth edges


def rain(view: View, light: Light) -> Light:
    """`light` behind slanted veils of rain, for some storms."""
    scene = view.scene
    rng = scene.dice("rain")
    if scene.time != "storm" or rng.random() < 0.4:
        return light
    slant, size = rng.uniform(-0.35, 0.35), view.size
    columns = fractal(rng, (1, 2 * size), (1, 7), 0.45)
    places = ((view.x + slant * view.y + 0.5) * size).astype(np.float32) * np.ones_like(view.y)
    veil = cv2.remap(columns, places, np.zeros_like(places), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    where = np.exp(-(((view.x + slant * view.y - rng.random()) / rng.uniform(0.12, 0.3)) ** 2))
    tall = smooth(0.34, 0.1, view.elevation) * smooth(-0.02, 0.03, view.elevation)
    thick = np.clip(0.72 + 0.2 * veil, 0, 1) * where * tall
    return mixed(light, 0.65 * scene.palette.shade + 0.3 * scene.palette.middle, 0.75 * thick)


def lightning(view: View, light: Light) -> Light:
    """`light` with one bolt and the clouds that it lights, for a few storms."""
    scene = view.scene
    rng = scene.dice("lightning")
    if scene.time != "storm" or scene.bow or rng.random() < 0.6:
        return light
    start = np.array((rng.uniform(0.15, 0.85), rng.uniform(0.12, 0.28)))
    end = np.array((start[0] + rng.normal(0, 0.1), scene.horizon + 0.01))
    bolt = np.zeros((view.size, view.size), np.float32)
    _strike(bolt, rng, _path(rng, start, end), 1.0)
    core = cv2.GaussianBlur(bolt, (0, 0), 0.5 * view.size / 256)
    halo = sum(weight * cv2.GaussianBlur(bolt, (0, 0), wide * view.size) for weight, wide in ((1.4, 0.012), (4, 0.05)))
    flash = np.exp(-(((view.x - start[0]) / 0.3) ** 2) - ((view.y - start[1]) / 0.2) ** 2)
    tint = np.array((0.78, 0.8, 1.0), np.float32)
    return light * (1 + 0.6 * flash)[..., None] + (1.5 * core + 0.5 * halo)[..., None] * tint


def _path(rng: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A broken line from `start` to `end`, its middles displaced again and again, [33, 2]."""
    points = np.stack([start, end])
    for _ in range(5):
        middles = (points[1:] + points[:-1]) / 2
        off = np.linalg.norm(points[1:] - points[:-1], axis=1, keepdims=True)
        middles += rng.normal(0, 0.11, middles.shape) * off * (1, 0.4)
        points = np.insert(points, range(1, len(points)), middles, axis=0)
    return points


def _strike(bolt: np.ndarray, rng: np.random.Generator, path: np.ndarray, power: float) -> None:
    """Draw a path into `bolt`, with the branches that leave it."""
    points = np.round(path * len(bolt) * _FINE).astype(np.int32)
    width = max(1, round((1.2 * power) * len(bolt) / 256))
    drawn = cv2.polylines(np.zeros(bolt.shape, np.uint8), [points], False, 255, width, cv2.LINE_AA, shift=4)
    np.maximum(bolt, drawn.astype(np.float32) / 255 * power, out=bolt)
    for place in np.flatnonzero(rng.random(len(path) - 8) < 0.1 * power):
        way = (path[-1] - path[place]) * rng.uniform(0.25, 0.6)
        turn = rng.uniform(0.4, 0.9) * rng.choice([-1, 1])
        aside = np.array((way[0] - turn * abs(way[1]), way[1]))
        _strike(bolt, rng, _path(rng, path[place], path[place] + aside), 0.45 * power)
