"""The colours of the five times of day, as a painter would set them out.

Two palettes of a time are mixed for each picture, so that no two pictures share one. Numbers only.
"""

from dataclasses import dataclass, fields

import numpy as np

TIMES = ("dawn", "noon", "dusk", "night", "storm")
"""The classes of the set."""

Colour = np.ndarray
"""float32 [3], linear light."""


@dataclass(frozen=True)
class Palette:
    """zenith, middle, horizon: of the sky. glow: around the sun. light: what the sun gives clouds and hills;
    shade: what is turned away from it. land: the ground in that light. deep: water without a reflection."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    glow: Colour
    light: Colour
    shade: Colour
    land: Colour
    deep: Colour


# Columns as in Palette.
_PAINTS = {
    "dawn": (
        "4d74b4 b3a9d3 ffd8bc ffe3a6 ffd3b4 8a86b0 5d6a5a 3c5470",
        "5f94cb bfd3e2 ffe9bd fff1bc fff0d4 93a3bd 76865c 47687e",
        "3b5293 9081bd f7b0a6 ffc890 ffbba4 6a669a 4a4a56 333c66",
        "6fa3b9 b4d2d0 fbe4d2 ffedc6 fff0dc 8ba6b0 6f8470 3f6a78",
        "5a68a8 d49cb8 ffc48c ffd890 ffc09a 7d709a 5c5450 3f4668",
    ),
    "noon": (
        "1d5cb0 4c99de c0e1f2 f4fbff ffffff 8fa8c8 5f9a48 1f5f86",
        "1a74ba 55b6dd d0efee fffdf0 fffdf2 90b4c6 86ab4a 1c8090",
        "123f8a 3a7dcc aacfea fbfdff ffffff 7f9cc4 417f4c 174a78",
        "5a90c8 9cc5e5 e8f1f2 ffffff fffcf2 a4b8cc a2ae60 4a88a0",
        "2a66a8 78b2dc f2ead2 fff6dc fff6e0 98a6b8 b79a5c 2f7488",
    ),
    "dusk": (
        "2a3070 a84a72 ff8f42 ffcb62 ff9c5e 54406e 4a3a3a 2a2450",
        "241e60 7d3e94 ff7795 ffb878 ff8ca4 4c3878 3a3048 241c4c",
        "39608f c8a080 ffba62 ffe290 ffc684 74667c 5e5244 35506a",
        "141c50 4c4e96 e68f80 ffa062 e8949a 363a70 262a40 161c40",
        "1a5068 66989a ffc880 ffe29a ffcf94 587684 46503e 1c4450",
        "3a2a58 c0506a ffaa6a ffd080 ffa884 6a4468 50383c 34264a",
    ),
    "night": (
        "060c26 10214a 28467a a8c4ff 95aee0 131f42 0e1828 070e22",
        "04141f 0c2f40 1f5c68 a0e8f0 86c2cc 0e2a38 0c1e20 061820",
        "0c0826 221850 4a3478 c8b0ff a898dc 1c1640 161230 0c0a26",
        "0a1430 203460 5a6a90 e0e4ff b4bcdc 222e50 18202e 0c162c",
    ),
    "storm": (
        "223252 43628a a3c0cc fff0c0 d6dcdc 24324c 3a5250 1f3450",
        "20323a 42605e bcc69c fff4b8 d4dabc 22343a 34503a 1a383a",
        "282440 554c70 cc9a9c ffd8a0 dcb4b0 2c2842 3c364a 22203a",
        "2c3048 665c70 f4be72 ffe4a0 f4cc94 302e42 5a4a2c 2a2e40",
        "34506e 6888a0 dcdcd0 fff4d8 e8e4dc 44586e 4c6248 28485c",
    ),
}


def linear(levels: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1] as linear light, float32."""
    return np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, levels / 12.92).astype(np.float32)


def srgb(light: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] as sRGB."""
    return np.where(light > 0.0031308, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055, light * 12.92)


def palette(time: str, rng: np.random.Generator) -> Palette:
    """A palette of that time of day."""
    paints = _PAINTS[time]
    first, second = rng.choice(len(paints), 2, replace=False)
    # Mixed as seen, not as light, which would let the brighter one win; mostly one of them, or all would be alike.
    share = 0.5 + 0.5 * np.sign(rng.random() - 0.5) * rng.random() ** 0.4
    mixed = _levels(paints[first]) * share + _levels(paints[second]) * (1 - share)
    return Palette(*linear(np.clip(mixed * rng.uniform(0.94, 1.06, 3), 0, 1)))


def _levels(paint: str) -> np.ndarray:
    """sRGB of each of the colours, [8, 3] in [0, 1]."""
    assert len(paint.split()) == len(fields(Palette))
    return np.array([list(bytes.fromhex(colour)) for colour in paint.split()]) / 255
