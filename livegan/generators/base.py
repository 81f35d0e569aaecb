"""The contract of a generator: it turns a look into a picture.

Nothing here reads pickles or downloads; weights come from safetensors only.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from pydantic import Field

from livegan.latent.directions import Directions, principal
from livegan.latent.look import Look
from livegan.settings import Settings


class GeneratorSettings(Settings):
    """What every `[generator]` table in a patch may hold."""

    kind: str | None = None
    psi: float = Field(0.8, ge=-4, le=4)


@dataclass(frozen=True)
class Info:
    """What a generator is: sizes, and the statistics of its w.

    w_avg: float32 [w_dim]; w_std: float32 [w_dim], the spread of w over the prior.
    size: (height, width) in pixels. device: what draws, and precision: in which type of number, where it multiplies.
    controls: names of the Look's numbers that it answers to.
    """

    name: str
    z_dim: int
    w_dim: int
    num_ws: int
    channels: int
    size: tuple[int, int]
    classes: int
    w_avg: np.ndarray
    w_std: np.ndarray
    sha256: str = ""
    device: str = "cpu"
    precision: str = ""
    controls: tuple[str, ...] = field(default=())


class Picture(ABC):
    """A picture under way; its pixels stay valid for eight more starts of the same generator."""

    @abstractmethod
    def wait(self) -> None:
        """Return when the pixels are there; raises what went wrong."""

    @property
    @abstractmethod
    def pixels(self) -> np.ndarray:
        """uint8 [height, width, 3] RGB; valid after `wait`."""


class Done(Picture):
    """A picture that was finished when it was started."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def wait(self) -> None:
        """Nothing is left to wait for."""

    @property
    def pixels(self) -> np.ndarray:
        return self._pixels


class Generator(ABC):
    """Turns looks into pictures; `start` is called from one thread, in order, and `w` from any.

    weighs: it needs a model file.
    """

    Settings: ClassVar[type[GeneratorSettings]] = GeneratorSettings
    weighs: ClassVar[bool] = True
    info: Info

    @abstractmethod
    def w(self, z: np.ndarray, label: np.ndarray | None = None) -> np.ndarray:
        """Map z [N, z_dim] to w [N, num_ws, w_dim], float32, untruncated; label float32 [N, classes]."""

    def use_threads(self, count: int | None) -> None:  # noqa: B027
        """Compute on so many threads of the processor, None as the settings say; holds for the thread that calls."""

    @cached_property
    def directions(self) -> Directions:
        """The principal directions of w; worked out once, in less than a second."""
        return principal(self.w, self.info.z_dim)

    @abstractmethod
    def images(self, looks: list[Look]) -> np.ndarray:
        """Pictures by the plain path, float32 [N, channels, height, width] in about [-1, 1]."""

    @abstractmethod
    def start(self, look: Look) -> Picture:
        """Start the picture of `look` on the fast path."""

    def close(self) -> None:  # noqa: B027
        """Give memory and devices back; may be called twice."""
