"""Fractal fields: the one material of which clouds, ridges, ripples and mist are made.

Octaves come from lattices that do not know the picture's size, so a larger picture of the same dice is the same
picture, finer. Knows nothing of skies.
"""

import cv2
import numpy as np

Field = np.ndarray
"""float32 [H, W]."""

_SIDE = 512  # texels of a plane; it repeats after them
_BLURS = (0.0, 2.5, 9.0, 30.0)  # texels; finer than a pixel of the far plane would shimmer


def smooth(low: float, high: float, x: Field) -> Field:
    """0 below `low`, 1 above `high`, and no edge between; falls instead where low > high."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def fractal(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int], gain: float = 0.5, ridged: bool = False
) -> Field:
    """Noise with about mean 0 and deviation 1, [H, W]; `cells` are the lattice's rows and columns of the first octave.

    ridged: sharp crests instead, as of mountains (Musgrave, "Texturing and Modeling", 2003).
    """
    rng = _own(rng)
    total, weight, energy = np.zeros(shape, np.float32), 1.0, 0.0
    rows, columns = cells
    while columns <= shape[1] / 1.5 and (rows <= shape[0] / 1.5 or shape[0] == 1):
        lattice = rng.standard_normal((rows, columns), np.float32)
        octave = cv2.resize(lattice, shape[::-1], interpolation=cv2.INTER_CUBIC)
        total += weight * (1.1 - 1.6 * np.abs(octave) if ridged else octave)
        weight, energy = weight * gain, energy + weight * weight
        rows, columns = (1 if shape[0] == 1 else 2 * rows), 2 * columns
    return total / (0.75 * np.sqrt(energy))


def lumps(rng: np.random.Generator, size: int, cells: int, gain: float = 0.5) -> Field:
    """Rounded lumps as on a cauliflower, 0 in the creases to about 1, [size, size].

    1 less the distance to the nearest point of a jittered grid (Worley, SIGGRAPH 1996), in octaves.
    """
    rng = _own(rng)
    total, weight, weights = np.zeros((size, size), np.float32), 1.0, 0.0
    while cells <= size / 5:
        grid = np.stack(np.mgrid[:cells, :cells], -1) + rng.random((cells, cells, 2))
        points = np.minimum((grid * (size / cells)).astype(int), size - 1).reshape(-1, 2)
        empty = np.ones((size, size), np.uint8)
        empty[points[:, 0], points[:, 1]] = 0
        distance = cv2.distanceTransform(empty, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * (cells / size)
        total += weight * np.clip(1 - distance * distance * 1.4, 0, 1)
        weights, weight, cells = weights + weight, weight * gain, 2 * cells
    return cv2.GaussianBlur(total / weights, (0, 0), size / 256)


def _own(rng: np.random.Generator) -> np.random.Generator:
    """Dice of its own, since how often they fall depends on the size, and what is drawn next must not."""
    return np.random.default_rng(rng.integers(2**63))


class Plane:
    """An endless fractal plane, seen from below or above; it fades to its mean where it is too far to be resolved."""

    def __init__(self, rng: np.random.Generator, slope: float, stretch: float = 1.0) -> None:
        """slope: how fast the spectrum falls, 1.5 rough to 2.2 soft. stretch: features are so much longer in x."""
        y, x = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None]
        frequency = np.hypot(y, x * stretch)
        frequency[0, 0] = np.inf
        # The largest features are damped, or one cloud would be the whole sky.
        spectrum = np.fft.rfft2(rng.standard_normal((_SIDE, _SIDE), np.float32))
        spectrum *= (frequency**-slope / (1 + (0.008 / frequency) ** 3)).astype(np.float32)
        fall = -2 * (np.pi * np.hypot(y, x).astype(np.float32)) ** 2
        levels = [np.fft.irfft2(spectrum * np.exp(fall * blur * blur)) for blur in _BLURS]
        deviation = levels[0].std()
        self._levels = [level / deviation for level in levels]

    def seen(self, u: Field, v: Field, footprint: Field) -> Field:
        """The plane at places in texels, [H, W]; footprint [H, 1] is the texels that a pixel covers."""
        columns, rows = (np.mod(place, _SIDE).astype(np.float32) for place in np.broadcast_arrays(u, v))
        level = np.interp(footprint, (1.5, 4, 14, 45), range(len(_BLURS))).astype(np.float32)
        total = np.zeros(columns.shape, np.float32)
        for number, texels in enumerate(self._levels):
            share = np.clip(1 - np.abs(level - number), 0, 1)
            if share.any():
                total += share * cv2.remap(texels, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return total


def marched(field: Field, sun: tuple[float, float], steps: int, reach: float) -> Field:
    """How much of `field` lies between each place and the sun's place in the picture, on average, [H, W].

    sun: (x, y) in pictures' sides, also outside. reach: how far is looked, in sides.
    """
    size = len(field)
    y, x = (np.mgrid[:size, :size] + 0.5).astype(np.float32) / size
    away = np.hypot(sun[0] - x, sun[1] - y) + 1e-3
    towards = (sun[0] - x) / away * size, (sun[1] - y) / away * size
    total = np.zeros_like(field)
    for step in range(1, steps + 1):
        far = np.minimum(reach * (step / steps) ** 1.5, away)
        places = x * size - 0.5 + towards[0] * far, y * size - 0.5 + towards[1] * far
        total += cv2.remap(field, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return total / steps
