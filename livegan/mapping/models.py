"""Fitted models at work: features in, outputs out, in well under a millisecond; plain numpy, float32.

Nothing here fits (see solve.py) or touches a file.
A model belongs to one thread, for it reuses its scratch space.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from livegan.mapping.encoding import Encoding


class Model(Protocol):
    """Turns one row of features into outputs."""

    size: int

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O] for raw features [F]; NaN features are parts that are not seen."""

    def distance(self, values: np.ndarray) -> float:
        """How far the nearest example is, in units of clearly visible movement."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` needs to make the same model again, beside its settings."""

    def settings(self) -> dict[str, float]:
        """The plain numbers that `from_arrays` needs."""


@dataclass(frozen=True)
class Centres:
    """Examples that were kept, as points float32 [M, D], and the distances of one row to all of them."""

    encoding: Encoding
    points: np.ndarray
    _scratch: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_scratch", np.empty_like(self.points))

    def squared(self, values: np.ndarray) -> np.ndarray:
        """Squared distances float32 [M], in units, from one row of raw features [F]."""
        # |x|^2 - 2xc + |c|^2 is quicker and loses the digits that tell near poses apart.
        np.subtract(self.points, self.encoding.encode(values), out=self._scratch)
        return np.einsum("ij,ij->i", self._scratch, self._scratch)

    def distance(self, values: np.ndarray) -> float:
        """Distance to the nearest, in units."""
        return float(np.sqrt(self.squared(values).min()))

    def arrays(self) -> dict[str, np.ndarray]:
        encoding = self.encoding
        return {
            "centre": encoding.centre,
            "scale": encoding.scale,
            "angles": encoding.angles.astype(np.float32),
            "points": self.points,
        }


@dataclass(frozen=True)
class NormalisedRBF:
    """Weights over looks, never negative, with the sum 1: a pose taught for a look gives that look.

    What each example asks for is weighted by the Gaussian bell at it, over the sum of all bells (Moody and
    Darken 1989). The width is mixed from those of the near examples, then shared by all bells: poses close
    together are told apart, poses far apart pass smoothly into each other, and far away the nearest wins.

    width: float32 [M], squared width at each example, units^2. mass: float32 [M], height of each bell: a pose
    that was held for long counts no more than one that was held shortly. targets: float32 [M, K], the weights
    that each example asks for; those of one that asks for a single look are 0 but for a 1.
    """

    centres: Centres
    width: np.ndarray
    mass: np.ndarray
    targets: np.ndarray
    _heights: np.ndarray = field(init=False, repr=False, compare=False)
    _least: np.float32 = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_heights", self.targets * self.mass[:, None])
        object.__setattr__(self, "_least", np.float32(1e-3) * self.width.min())

    @property
    def size(self) -> int:
        return self.targets.shape[1]

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Weights float32 [K]."""
        squared = self.centres.squared(values)
        nearest = squared.min()
        near = (nearest + self._least) / (squared + self._least)
        near *= near
        width = (near @ self.width) / near.sum()
        # Relative to the nearest bell, which so counts 1: without it all bells are 0 far away.
        weights = np.exp((nearest - squared) / (2 * width)) @ self._heights
        return weights / weights.sum()

    def distance(self, values: np.ndarray) -> float:
        """Distance to the nearest kept example, in units."""
        return self.centres.distance(values)

    def arrays(self) -> dict[str, np.ndarray]:
        return self.centres.arrays() | {"width": self.width, "mass": self.mass, "targets": self.targets}

    def settings(self) -> dict[str, float]:
        return {"radius": self.centres.encoding.radius}


@dataclass(frozen=True)
class Ridge:
    """Gaussian kernel ridge regression for any numbers; far from every example it tends to their mean.

    bells [M, U] and targets [U, O] are kept apart where few targets repeat (a look taught with many rows):
    18 layers of w from 500 examples of 5 looks would else cost a hundred times as much. low, high: float32
    [O], bounds that contradicting examples cannot drive the outputs beyond.
    """

    centres: Centres
    width: float
    bells: np.ndarray
    targets: np.ndarray | None
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def size(self) -> int:
        return len(self.mean)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O]."""
        squared = self.centres.squared(values)
        squared *= np.float32(-0.5 / self.width)
        outputs = np.exp(squared, out=squared) @ self.bells
        if self.targets is not None:
            outputs = outputs @ self.targets
        outputs += self.mean
        return np.clip(outputs, self.low, self.high, out=outputs)

    def distance(self, values: np.ndarray) -> float:
        """Distance to the nearest kept example, in units."""
        return self.centres.distance(values)

    def arrays(self) -> dict[str, np.ndarray]:
        own = {"bells": self.bells, "mean": self.mean, "low": self.low, "high": self.high}
        targets = {} if self.targets is None else {"targets": self.targets}
        return self.centres.arrays() | own | targets

    def settings(self) -> dict[str, float]:
        return {"radius": self.centres.encoding.radius, "width": self.width}


@dataclass(frozen=True)
class Direct:
    """The features, in their order, are the outputs; `rest` [O] stands in for what is not seen."""

    rest: np.ndarray

    @property
    def size(self) -> int:
        return len(self.rest)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O], which are the values."""
        return np.where(np.isnan(values), self.rest, values).astype(np.float32)

    def distance(self, values: np.ndarray) -> float:
        """Always 0: there are no examples to be far from."""
        return 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        return {"rest": self.rest}

    def settings(self) -> dict[str, float]:
        return {}


def from_arrays(kind: str, arrays: Dict[str, np.ndarray], settings: Dict[str, float]) -> Model:
    """The model of `kind` ("rbf", "ridge") from what its `arrays` and `settings` gave; the inverse of both.

    Raises ValueError in a few words when a part is missing, has another shape or type, or is not finite.
    """
    parts = _Parts(arrays, settings)
    model = {"rbf": _rbf, "ridge": _ridge}[kind](parts)
    if unknown := set(arrays) - parts.taken:
        raise ValueError(f"it holds {min(unknown)}, which a {kind} has not")
    return model


@dataclass(frozen=True)
class _Parts:
    """Arrays and numbers that are checked as they are taken."""

    arrays: Dict[str, np.ndarray]
    numbers: Dict[str, float]
    taken: set[str] = field(default_factory=set)

    def array(self, name: str, *shape: int) -> np.ndarray:
        """The float32 array `name` of `shape`, where -1 is any length above 0."""
        array = self.arrays.get(name)
        self.taken.add(name)
        if array is None:
            raise ValueError(f"{name} is missing")
        if array.dtype != np.float32 or array.ndim != len(shape) or not array.size:
            raise ValueError(f"{name} has the wrong shape or type")
        if any(want not in (-1, have) for want, have in zip(shape, array.shape, strict=True)):
            raise ValueError(f"{name} has the shape {array.shape}, {shape} was wanted")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
        return np.ascontiguousarray(array)

    def positive(self, name: str, *shape: int) -> np.ndarray:
        array = self.array(name, *shape)
        if array.min() <= 0:
            raise ValueError(f"{name} must be above 0")
        return array

    def number(self, name: str) -> float:
        value = self.numbers.get(name)
        if value is None or not 0 < value < 1e30:
            raise ValueError(f"{name} must be a number above 0, found {value}")
        return value


def _centres(parts: _Parts) -> Centres:
    centre = parts.array("centre", -1)
    scale, angles = parts.array("scale", len(centre)), parts.array("angles", len(centre))
    encoding = Encoding(centre, scale, angles != 0, parts.number("radius"))
    return Centres(encoding, parts.array("points", -1, encoding.size))


def _rbf(parts: _Parts) -> NormalisedRBF:
    centres = _centres(parts)
    count = len(centres.points)
    targets = parts.array("targets", count, -1)
    if targets.min() < 0 or abs(targets.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError("the weights that an example asks for are not weights")
    return NormalisedRBF(centres, parts.positive("width", count), parts.positive("mass", count), targets)


def _ridge(parts: _Parts) -> Ridge:
    centres, mean = _centres(parts), parts.array("mean", -1)
    targets = parts.array("targets", -1, len(mean)) if "targets" in parts.arrays else None
    bells = parts.array("bells", len(centres.points), len(mean) if targets is None else len(targets))
    low, high = parts.array("low", len(mean)), parts.array("high", len(mean))
    return Ridge(centres, parts.number("width"), bells, targets, mean, low, high)
