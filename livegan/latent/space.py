"""Latent spaces: what turns the outputs of a mapping into a look. Plain numpy but for the w of a ZSpace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from scipy.special import ndtri

from livegan.latent.directions import Directions
from livegan.latent.look import Look

WOf = Callable[..., np.ndarray]

# How near to 0 and 1 a uniform number may come: 4.75 standard deviations.
EDGE = 1e-6
# Fewer numbers than this could be all within 0..1 by chance.
_ENOUGH = 32
# How far psi and the noise may be pushed; beyond it pictures are only noise and numbers may overflow.
_FAR = 4.0


class Space(Protocol):
    """Turns outputs into a look."""

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for outputs float32 [O]; what they say nothing about is taken from `base`."""


@dataclass(frozen=True)
class Anchors:
    """Outputs are weights over looks; w, and psi where it is given, are their weighted means.

    looks_w: float32 [K, num_ws, w_dim], untruncated. psi: float32 [K], or None for the psi of the base.
    """

    looks_w: np.ndarray
    psi: np.ndarray | None = None

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for weights [K], whose sum is 1."""
        w = np.tensordot(outputs, self.looks_w, axes=1).astype(np.float32, copy=False)
        psi = base.psi if self.psi is None else float(outputs @ self.psi)
        return base.with_(w=w, psi=psi, z=None, seed=None)


@dataclass(frozen=True)
class WSpace:
    """Outputs are w: [w_dim] for all layers alike, or [num_ws * w_dim] layer by layer."""

    num_ws: int
    w_dim: int

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for w; raises ValueError when the outputs are of neither length."""
        rows = np.asarray(outputs, np.float32).reshape(-1, self.w_dim)
        w = np.repeat(rows, self.num_ws, axis=0) if len(rows) == 1 else rows.reshape(self.num_ws, self.w_dim)
        return base.with_(w=w, z=None, seed=None)


@dataclass(frozen=True)
class ZSpace:
    """Outputs are z; `uniform` ones, within 0..1, go through the normal quantile first.

    w_of: that of the generator, z [1, z_dim] and label [1, classes] or None to w [1, num_ws, w_dim].
    """

    w_of: WOf
    shape: Literal["normal", "uniform"] = "normal"

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for z [z_dim]; its class weights are those of the base."""
        z = np.asarray(outputs, np.float32)
        if self.shape == "uniform":
            z = normal_of_uniform(z)
        label = None if base.label is None else base.label[None]
        return base.with_(w=self.w_of(z[None], label)[0], z=z, seed=None)


@dataclass(frozen=True)
class PcaSpace:
    """Outputs are standard deviations along principal directions; all 0 is the average look."""

    directions: Directions
    num_ws: int

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The look for numbers [K], the same w for all layers."""
        w = self.directions.mean + np.asarray(outputs, np.float32) @ self.directions.steps
        return base.with_(w=np.repeat(w[None], self.num_ws, axis=0), z=None, seed=None)


@dataclass(frozen=True)
class Layers:
    """Another space that decides only the layers of w from `first` to `last`, counted from 0; the rest is the base."""

    space: Space
    first: int
    last: int

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The base with these layers of what the other space makes."""
        w = base.w.copy()
        w[self.first : self.last + 1] = self.space.look(outputs, base).w[self.first : self.last + 1]
        return base.with_(w=w, z=None, seed=None)


@dataclass(frozen=True)
class Numbers:
    """Outputs are numbers by name: psi and noise_strength of the look, all others its effect numbers."""

    names: Sequence[str]

    def look(self, outputs: np.ndarray, base: Look) -> Look:
        """The base with these numbers, in the order of the names."""
        named = {name: float(value) for name, value in zip(self.names, outputs, strict=True)}
        fields = {name: min(max(named.pop(name), -_FAR), _FAR) for name in ("psi", "noise_strength") if name in named}
        return base.with_(numbers={**base.numbers, **named}, **fields)


def normal_of_uniform(values: np.ndarray) -> np.ndarray:
    """Numbers spread evenly over 0..1 as normal ones, float32; beyond EDGE they stay at 4.75."""
    inside = np.clip(np.asarray(values, np.float64), EDGE, 1 - EDGE)
    return ndtri(inside).astype(np.float32)


def looks_uniform(z: np.ndarray) -> bool:
    """Whether a z seems to hold even numbers of 0..1, which want `shape = "uniform"`: for a hint.

    A normal z never does: half of its 32 or more numbers are negative. Mean and spread may be four standard
    errors from those of the uniform distribution, 1/2 and 1/sqrt(12).
    """
    z = np.asarray(z, np.float64)
    if z.size < _ENOUGH or not ((z >= 0) & (z <= 1)).all():
        return False
    root = np.sqrt(z.size)
    return bool(abs(z.mean() - 0.5) < 4 * 0.2887 / root and abs(z.std() - 0.2887) < 4 * 0.1291 / root)
