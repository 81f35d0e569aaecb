"""The look: the complete state of a picture, frozen; morphing is arithmetic on two looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import atan2, cos, pi, sin
from types import MappingProxyType

import numpy as np

_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Look:
    """Everything that a generator needs to draw one picture.

    w: float32 [num_ws, w_dim], untruncated. psi: truncation, w_avg + psi * (w - w_avg), on the first `cutoff`
    layers (None: all). noise: "const", "none" or "random"; noise_strength scales it; noise_seed draws "random".
    numbers: effect numbers by name. z, seed and model (sha256) are where w came from, when it is known, so that
    another model can redraw the look. label: class weights float32 [classes], or None. transform: how the picture
    is moved, turned and zoomed, [3, 3] as `transform` makes it, for generators that can; None: as in their file.
    """

    w: np.ndarray
    psi: float = 1.0
    cutoff: int | None = None
    noise: str = "const"
    noise_seed: int = 0
    noise_strength: float = 1.0
    numbers: Mapping[str, float] = field(default_factory=lambda: _NONE)
    label: np.ndarray | None = None
    transform: np.ndarray | None = None
    z: np.ndarray | None = None
    seed: int | None = None
    model: str = ""

    def with_(self, **changes: object) -> "Look":
        """The same look with some fields changed."""
        return replace(self, **changes)


def mix(a: Look, b: Look, amount: float) -> Look:
    """Morph from `a` (amount 0) to `b` (amount 1), straight in w; what cannot be mixed is taken from the nearer.

    A transform turns the shorter way round; a look without one counts as not moved.
    """
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
        transform=_moved_between(a.transform, b.transform, amount),
        z=None,
        seed=None,
    )


def is_finite(look: Look) -> bool:
    """Whether every number that is drawn with is one."""
    scalars = [look.psi, look.noise_strength, *look.numbers.values()]
    return bool(np.isfinite(look.w).all() and np.isfinite(scalars).all())


def _between(a: float | None, b: float | None, amount: float) -> float:
    if a is None or b is None:
        return b if a is None else a
    return (1.0 - amount) * a + amount * b


def transform(translate: tuple[float, float] = (0.0, 0.0), rotate: float = 0.0, zoom: float = 1.0) -> np.ndarray:
    """How a picture is to move: zoomed, then turned, then moved; float32 [3, 3] for `Look.transform`.

    translate: to the right and down, in widths of the picture. rotate: radians, against the clock. zoom: above zero,
    2 is twice as large.
    """
    c, s = zoom * cos(rotate), zoom * sin(rotate)
    return np.array([[c, s, translate[0]], [-s, c, translate[1]], [0.0, 0.0, 1.0]], np.float32)


def _moved_between(a: np.ndarray | None, b: np.ndarray | None, amount: float) -> np.ndarray | None:
    """Between two transforms: the angle, the stretch that is left without it, and the place, each by itself.

    Straight from one matrix to the other the picture would shrink on the way, to nothing in a half turn.
    """
    if a is None and b is None:
        return None
    a, b = (transform() if one is None else one for one in (a, b))
    start, end = (atan2(one[0, 1] - one[1, 0], one[0, 0] + one[1, 1]) for one in (a, b))
    way = (end - start + pi) % (2 * pi) - pi
    unturned = [transform(rotate=-angle)[:2, :2] @ one[:2, :2] for angle, one in ((start, a), (end, b))]
    mixed = (1.0 - amount) * a + np.float32(amount) * b
    stretch = (1.0 - amount) * unturned[0] + amount * unturned[1]
    mixed[:2, :2] = transform(rotate=start + amount * way)[:2, :2] @ stretch
    return mixed.astype(np.float32)


def seeded_z(seed: int, z_dim: int) -> np.ndarray:
    """The z [z_dim] that StyleGAN tools draw for a seed: numpy's legacy normal generator, as float32."""
    return np.random.RandomState(seed).randn(z_dim).astype(np.float32)
