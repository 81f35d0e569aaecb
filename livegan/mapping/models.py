"""Fitted models at work: features in, outputs out, in well under a millisecond; plain numpy, float32.

Nothing here fits (see solve.py) or touches a file.
A model belongs to one thread, for it reuses its scratch space.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from livegan.mapping.encoding import Encoding
from livegan.mapping.parts import Parts


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
class Points:
    """Examples that were kept, float32 [M, D], in units, and how far they are from one point."""

    places: np.ndarray
    _scratch: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_scratch", np.empty_like(self.places))

    def squared(self, point: np.ndarray) -> np.ndarray:
        """Squared distances float32 [M] from a point [D]."""
        # |x|^2 - 2xc + |c|^2 is quicker and loses the digits that tell near poses apart.
        np.subtract(self.places, np.float32(point), out=self._scratch)
        return np.einsum("ij,ij->i", self._scratch, self._scratch)


@dataclass(frozen=True)
class Centres:
    """Examples that were kept, and how one row of raw features becomes a point beside them."""

    encoding: Encoding
    points: Points

    def squared(self, values: np.ndarray) -> np.ndarray:
        """Squared distances float32 [M], in units, from one row of raw features [F]."""
        return self.points.squared(self.encoding.encode(values))

    def distance(self, values: np.ndarray) -> float:
        """Distance to the nearest, in units."""
        return float(np.sqrt(self.squared(values).min()))

    def arrays(self) -> dict[str, np.ndarray]:
        return encoding_arrays(self.encoding) | {"points": self.points.places}


def encoding_arrays(encoding: Encoding) -> dict[str, np.ndarray]:
    """The arrays that make an encoding, beside its radius."""
    angles = encoding.angles.astype(np.float32)
    return {"centre": encoding.centre, "scale": encoding.scale, "angles": angles}


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


def bell(squared: np.ndarray, width: float) -> np.ndarray:
    """How high a bell of a squared width is at squared distances: Matern's, of smoothness 3/2.

    From few examples it finds more than Gauss's, which is too smooth to bend where they want it (docs/mapping.md).
    """
    # With a float32 the distances stay float32.
    root = np.sqrt(squared * squared.dtype.type(3 / width))
    return (1 + root) * np.exp(-root)


@dataclass(frozen=True)
class Bells:
    """Kernel ridge regression for any numbers; far from every example it tends to their mean.

    heights [M, U] and targets [U, O] are kept apart where few targets repeat (a look taught with many rows):
    18 layers of w from 500 examples of 5 looks would else cost a hundred times as much. low, high: float32
    [O], bounds that contradicting examples cannot drive the outputs beyond. scale: float32 [D], what the points were
    multiplied by.
    """

    scale: np.ndarray
    points: Points
    width: float
    heights: np.ndarray
    targets: np.ndarray | None
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def inputs(self) -> int:
        return self.points.places.shape[1]

    @property
    def size(self) -> int:
        return len(self.mean)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs float32 [O] of a point [D]."""
        outputs = bell(self.points.squared(x * self.scale), self.width) @ self.heights
        if self.targets is not None:
            outputs = outputs @ self.targets
        outputs += self.mean
        return np.clip(outputs, self.low, self.high, out=outputs)

    def arrays(self) -> dict[str, np.ndarray]:
        own = {"weights": self.scale, "points": self.points.places, "bells": self.heights}
        ends = {"mean": self.mean, "low": self.low, "high": self.high}
        return own | ends | ({} if self.targets is None else {"targets": self.targets})

    def settings(self) -> dict[str, float]:
        return {"width": self.width}

    @classmethod
    def from_parts(cls, arrays: Dict[str, np.ndarray], settings: Dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts = Parts(arrays, settings)
        scale, mean = parts.positive("weights", -1), parts.array("mean", -1)
        points = parts.array("points", -1, len(scale))
        targets = parts.array("targets", -1, len(mean)) if "targets" in arrays else None
        heights = parts.array("bells", len(points), len(mean) if targets is None else len(targets))
        low, high = parts.array("low", len(mean)), parts.array("high", len(mean))
        parts.refuse_more("row of bells")
        return cls(scale, Points(points), parts.number("width"), heights, targets, mean, low, high)


@dataclass(frozen=True)
class Ridge:
    """Bells over raw features."""

    encoding: Encoding
    bells: Bells
    _near: Centres = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = self.bells.points.places / self.bells.scale
        object.__setattr__(self, "_near", Centres(self.encoding, Points(places)))

    @property
    def size(self) -> int:
        return self.bells.size

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O]."""
        return self.bells.predict(self.encoding.encode(values))

    def distance(self, values: np.ndarray) -> float:
        """Distance to the nearest kept example, in units."""
        return self._near.distance(values)

    def arrays(self) -> dict[str, np.ndarray]:
        return encoding_arrays(self.encoding) | self.bells.arrays()

    def settings(self) -> dict[str, float]:
        return {"radius": self.encoding.radius} | self.bells.settings()


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
    return {"rbf": _rbf, "ridge": _ridge}[kind](Parts(arrays, settings))


def encoding_from(parts: Parts) -> Encoding:
    """The inverse of `encoding_arrays`; raises ValueError."""
    centre = parts.array("centre", -1)
    scale, angles = parts.array("scale", len(centre)), parts.array("angles", len(centre))
    return Encoding(centre, scale, angles != 0, parts.number("radius"))


def centres_from(parts: Parts) -> Centres:
    """The inverse of `Centres.arrays`; raises ValueError."""
    encoding = encoding_from(parts)
    return Centres(encoding, Points(parts.array("points", -1, encoding.size)))


def _rbf(parts: Parts) -> NormalisedRBF:
    centres = centres_from(parts)
    count = len(centres.points.places)
    targets = parts.array("targets", count, -1)
    if targets.min() < 0 or abs(targets.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError("the weights that an example asks for are not weights")
    model = NormalisedRBF(centres, parts.positive("width", count), parts.positive("mass", count), targets)
    parts.refuse_more("rbf")
    return model


def _ridge(parts: Parts) -> Ridge:
    encoding = encoding_from(parts)
    own = {name: array for name, array in parts.arrays.items() if name not in encoding_arrays(encoding)}
    bells = Bells.from_parts(own, parts.numbers)
    if bells.inputs != encoding.size:
        raise ValueError(f"points has the shape {bells.points.places.shape}, (-1, {encoding.size}) was wanted")
    return Ridge(encoding, bells)
