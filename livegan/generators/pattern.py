"""A generator without weights: flowing bands of colour that move with w. The reference fake, and a picture to rest on.

Plain numpy; a pure function of the look. With `bits` it also paints a clock that a test can read from any copy of
the picture.
"""

from pathlib import Path

import numpy as np
from pydantic import Field

from livegan.generators.base import Done, Generator, GeneratorSettings, Info, Picture
from livegan.latent.look import Look

DIM = 16
BITS = 24
TICK = 1e-4
"""Seconds that the lowest of the painted bits stands for."""


class PatternSettings(GeneratorSettings):
    """size: of the square picture in pixels. bits: paint the look's number `clock` as black and white cells."""

    size: int = Field(256, ge=32, le=2048)
    bits: bool = False


class Pattern(Generator):
    """Draws by arithmetic; z and w are 16 numbers, of which 2 move, 6 bend and 8 colour."""

    Settings = PatternSettings
    weighs = False

    def __init__(self, settings: PatternSettings, path: Path | None) -> None:
        self._bits = settings.bits
        side = np.linspace(-1, 1, settings.size, dtype=np.float32)
        self._x, self._y = side[None, :], side[:, None]
        spread = np.ones(DIM, np.float32)
        size = (settings.size, settings.size)
        controls = ("clock",) if settings.bits else ()
        mean = np.zeros(DIM, np.float32)
        self.info = Info("pattern", DIM, DIM, 1, 3, size, 0, mean, spread, controls=controls)

    def w(self, z: np.ndarray, label: np.ndarray | None = None) -> np.ndarray:
        """z, normalised to a mean square of 1, is w."""
        z = np.asarray(z, np.float32)
        return (z / np.sqrt(np.mean(z * z, axis=1, keepdims=True) + 1e-8))[:, None, :]

    def images(self, looks: list[Look]) -> np.ndarray:
        """As the contract says; there is only one path."""
        return np.stack([self._drawn(look).transpose(2, 0, 1) for look in looks]).astype(np.float32) / 127.5 - 1

    def start(self, look: Look) -> Picture:
        """Draw at once."""
        return Done(self._drawn(look))

    def _drawn(self, look: Look) -> np.ndarray:
        w = look.w[0] * np.float32(look.psi)
        height = self._height(w)
        palette = _palette(w[8:])
        picture = palette[(height * 1023).astype(np.uint16)]
        if self._bits:
            _paint_bits(picture, look.numbers.get("clock", 0.0))
        return picture

    def _height(self, w: np.ndarray) -> np.ndarray:
        """A landscape of folded waves, 0..1 [size, size]."""
        x, y = self._x - 0.35 * w[0], self._y - 0.35 * w[1]
        u = x + 0.32 * np.sin(2.1 * y + 1.3 * w[2]) + 0.1 * np.sin(5.0 * y - 2 * w[3])
        v = y + 0.32 * np.sin(1.9 * x - 1.3 * w[4]) + 0.1 * np.sin(4.6 * x + 2 * w[5])
        rings = np.sqrt(u * u + v * v + 0.05) * (3.2 + 0.9 * w[6])
        folds = np.sin(rings + w[7]) + 0.5 * np.sin(2.4 * u - 1.7 * v + 1.5 * w[2])
        return 0.5 + folds * np.float32(1 / 3.01)


def _palette(w: np.ndarray) -> np.ndarray:
    """1,024 colours along smooth waves, uint8 [1024, 3]."""
    along = np.linspace(0, 1, 1024, dtype=np.float32)[:, None]
    hue = np.array([0.0, 0.23, 0.47], np.float32) + 0.16 * w[:3] + 0.25 * w[3]
    wave = 0.5 + 0.5 * np.cos(2 * np.pi * ((0.75 + 0.12 * w[4]) * along + hue))
    light = 0.12 + 0.88 * np.sin(np.pi * (0.12 + 0.76 * along)) ** 2 * (0.85 + 0.15 * np.tanh(w[5]))
    glint = (0.35 + 0.2 * np.tanh(w[7])) * np.exp(-(((along - 0.5 - 0.12 * np.tanh(w[6])) / 0.035) ** 2))
    return (np.clip(wave * light + glint, 0, 1) * 255).astype(np.uint8)


def _paint_bits(picture: np.ndarray, seconds: float) -> None:
    """White and black cells along the top, the highest bit at the left."""
    width = picture.shape[1]
    number = round(max(0.0, seconds) / TICK) & (2**BITS - 1)
    places = BITS - 1 - (2 * np.arange(width) + 1) * BITS // (2 * width)
    picture[: -(-width // BITS)] = (255 * (number >> places & 1))[:, None]


def read_bits(picture: np.ndarray) -> float:
    """The clock, in seconds, on a picture uint8 [H, W, 3] painted in 64 pixels or more, and scaled to as many."""
    height, width = picture.shape[:2]
    row = picture[height // (2 * BITS), :, 1]
    lit = [int(row[(2 * place + 1) * width // (2 * BITS)] > 127) for place in range(BITS)]
    return sum(bit << (BITS - 1 - place) for place, bit in enumerate(lit)) * TICK
