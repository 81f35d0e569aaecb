"""What one picture of a sky is of: the time, where the sun is, what the weather does, what lies below.

Everything that is drawn asks the scene, so that the light of all of it agrees. Draws nothing.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from livegan.training.skies.palettes import TIMES, Palette, palette

_SHARES = (0.23, 0.2, 0.24, 0.17, 0.16)
_ELEVATIONS = {"dawn": (0.5, 13), "noon": (26, 52), "dusk": (-2, 11), "night": (9, 42), "storm": (7, 30)}
_BEHIND = {"dawn": 0.3, "noon": 0.45, "dusk": 0.2, "night": 0.35, "storm": 0.6}
_BOWED = {"dawn": 0.55, "noon": 0.3, "dusk": 0.5, "night": 0.0, "storm": 0.75}
_COVERS = {"dawn": (0.0, 0.6), "noon": (0.0, 0.6), "dusk": (0.0, 0.7), "night": (0.0, 0.4), "storm": (0.75, 1.0)}


@dataclass(frozen=True)
class Scene:
    """Angles in radians, azimuth 0 ahead; horizon in pictures' sides from the top.

    fov: of the whole width. sun: (azimuth, elevation) of the sun, at night of the moon; behind: at our back.
    cover: of clouds, 0 to 1. bow, aurora: how strong, 0 for none. land: "plain", "hills", "mountains" or "sea".
    """

    seed: tuple[int, int]
    time: str
    palette: Palette
    fov: float
    horizon: float
    sun: tuple[float, float]
    behind: bool
    cover: float
    bow: float
    aurora: float
    land: str
    water: bool

    def dice(self, what: str) -> np.random.Generator:
        """The random numbers of one part of the picture, whatever else is drawn."""
        return np.random.default_rng([*self.seed, zlib.crc32(what.encode())])

    @property
    def label(self) -> int:
        """The number of its time of day."""
        return TIMES.index(self.time)

    @property
    def night(self) -> bool:
        """Whether its light is the moon's."""
        return self.time == "night"

    @property
    def low(self) -> float:
        """How low the sun is: 1 at the horizon, 0 from 25 degrees up."""
        return float(np.clip(1 - np.rad2deg(self.sun[1]) / 25, 0, 1))

    @property
    def sun_at(self) -> tuple[float, float]:
        """Where the sun is in the picture, (x, y) in sides; when behind, where its light comes from."""
        azimuth, elevation = self.sun
        if self.behind:
            return (1.6 if np.sin(azimuth) > 0 else -0.6), -0.5
        return 0.5 + azimuth / self.fov, self.horizon - elevation / self.fov


def scene(seed: int, number: int) -> Scene:
    """The scene of picture `number` of the set `seed`."""
    rng = np.random.default_rng([seed, number])
    time = str(rng.choice(TIMES, p=_SHARES))
    behind = bool(rng.random() < _BEHIND[time])
    bow = float(rng.uniform(0.35, 1)) if behind and rng.random() < _BOWED[time] else 0.0
    low, high = _ELEVATIONS[time]
    # A rainbow stands as high as the sun is low, and is seen whole only through a wide lens.
    elevation = np.deg2rad(min(rng.uniform(low, high), 20) if bow else rng.uniform(low, high))
    fov = np.deg2rad(rng.uniform(88, 104) if bow else rng.uniform(48, 88))
    water = bool(rng.random() < 0.55)
    land = rng.choice(["plain", "hills", "mountains", "sea"], p=[0.22, 0.36, 0.24, 0.18])
    return Scene(
        seed=(seed, number),
        time=time,
        palette=palette(time, rng),
        fov=float(fov),
        horizon=float(rng.uniform(0.62, 0.7)),
        sun=(_azimuth(rng, fov, behind), float(elevation)),
        behind=behind,
        cover=float(rng.uniform(*_COVERS[time])),
        bow=bow,
        aurora=float(rng.uniform(0.5, 1)) if time == "night" and rng.random() < 0.5 else 0.0,
        land=str(land),
        water=water or land == "sea",
    )


def _azimuth(rng: np.random.Generator, fov: float, behind: bool) -> float:
    """In the picture, or so far behind us that a rainbow's middle is in it."""
    return float(np.pi + rng.uniform(-0.35, 0.35) if behind else rng.uniform(-0.38, 0.38) * fov)
