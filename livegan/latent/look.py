"""The look: the complete state of a picture, frozen; morphing is arithmetic on two looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Look:
    """Everything that a generator needs to draw one picture.

    w: float32 [num_ws, w_dim], untruncated. psi: truncation, w_avg + psi * (w - w_avg), on the first `cutoff`
    layers (None: all). noise: "const", "none" or "random"; noise_strength scales it; noise_seed draws "random".
    numbers: effect numbers by name. z, seed and model (sha256) are where w came from, when it is known, so that
    another model can redraw the look. label: class weights float32 [classes], or None.
    """

    w: np.ndarray
    psi: float = 1.0
    cutoff: int | None = None
    noise: str = "const"
    noise_seed: int = 0
    noise_strength: float = 1.0
    numbers: Mapping[str, float] = field(default_factory=lambda: _NONE)
    label: np.ndarray | None = None
    z: np.ndarray | None = None
    seed: int | None = None
    model: str = ""

    def with_(self, **changes: object) -> "Look":
        """The same look with some fields changed."""
        return replace(self, **changes)


def mix(a: Look, b: Look, amount: float) -> Look:
    """Morph from `a` (amount 0) to `b` (amount 1), straight in w; what cannot be mixed is taken from the nearer."""
    if amount <= 0.0:
        return a
    if amount >= 1.0:
        return b
    near = a if amount < 0.5 else b
    names = a.numbers.keys() | b.numbers.keys()
    numbers = {name: _between(a.numbers.get(name), b.numbers.get(name), amount) for name in names}
    return replace(
        near,
        w=(1.0 - amount) * a.w + np.float32(amount) * b.w,
        psi=_between(a.psi, b.psi, amount),
        noise_strength=_between(a.noise_strength, b.noise_strength, amount),
        numbers=numbers,
        z=None,
        seed=None,
    )


def _between(a: float | None, b: float | None, amount: float) -> float:
    if a is None or b is None:
        return b if a is None else a
    return (1.0 - amount) * a + amount * b


def seeded_z(seed: int, z_dim: int) -> np.ndarray:
    """The z [z_dim] that StyleGAN tools draw for a seed: numpy's legacy normal generator, as float32."""
    return np.random.RandomState(seed).randn(z_dim).astype(np.float32)
