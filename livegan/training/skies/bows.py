"""The rainbow: a bright arc, a second one with its colours reversed, and the darker band between (Alexander's)."""

import numpy as np

from livegan.training.skies.air import Light, mixed
from livegan.training.skies.fields import Field, fractal, smooth
from livegan.training.skies.view import View

# From the inner edge to the outer one, linear light: violet, blue, cyan, green, yellow, orange, red.
_COLOURS = (
    (0.5, 0.1, 0.9),
    (0.12, 0.22, 1),
    (0.05, 0.65, 0.85),
    (0.15, 0.9, 0.2),
    (1, 0.9, 0.1),
    (1, 0.4, 0.05),
    (1, 0.08, 0.06),
)
_PLACES = np.linspace(0.08, 0.92, len(_COLOURS))


def rainbow(view: View, light: Light) -> Light:
    """`light` with the rainbow of the sun at our back, radii of 40 to 44 and 54 to 48 degrees around its shadow."""
    scene = view.scene
    if not scene.bow:
        return light
    off = np.rad2deg(view.apart(scene.sun[0] - np.pi, -scene.sun[1]))
    patches = fractal(scene.dice("bow"), (view.size, view.size), (3, 3), 0.4)
    strength = scene.bow * np.clip(0.9 + 0.22 * patches, 0.3, 1.2) * smooth(-0.05, 0.12, view.elevation)
    between = smooth(43, 45.5, off) * smooth(51, 48.5, off)
    inside = smooth(43, 39, off) * smooth(0, 40, off)
    light = light * (1 - 0.2 * strength * between + 0.16 * strength * inside)[..., None]
    light = _arc(light, (off - 39.2) / 5.4, 0.72 * strength)
    return _arc(light, (55.2 - off) / 7.0, 0.34 * strength)


def _arc(light: Light, across: Field, strength: Field) -> Light:
    """`light` with the colours from the inner edge, where `across` is 0, to the outer, where it is 1."""
    colour = np.stack([np.interp(across, _PLACES, channel) for channel in zip(*_COLOURS, strict=True)], -1)
    body = smooth(0, 0.3, across) * smooth(1, 0.75, across) * strength
    return mixed(light, colour.astype(np.float32) * (0.35 + 0.85 * light.max(-1, keepdims=True)), body)
