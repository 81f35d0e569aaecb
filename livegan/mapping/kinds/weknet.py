"""Wekinator's neural network: one small net for each output, taught example by example with backpropagation.

As Weka's MultilayerPerceptron does it, down to its random numbers, so that the same examples give the same net.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("number",)
TOGETHER = True
SEES = "values"
SLOW = True

RATE, MOMENTUM = 0.3, 0.2
# So many examples at a time their effect on the first layer is added up before it is written into its weights.
_BLOCK = 32
# How many steps, and weights in all of them, are worth waiting for, when it is not to be exact.
_STEPS, _WEIGHTS = 150_000, 6e8


class Settings(base.Settings):
    """layers of hidden nodes, of `hidden` nodes each; 0: as many as there are inputs.

    exact: all 500 epochs, however long that takes; else fewer where there are very many examples.
    """

    layers: int = Field(1, ge=0, le=3)
    hidden: int = Field(0, ge=0, le=1000)
    epochs: int = Field(500, ge=1, le=10_000)
    exact: bool = False


@dataclass(frozen=True)
class Runs:
    """Nets side by side: inputs to -1..1 by middle and half range [F], layers [O, in + 1, out] (the threshold first)
    with sigmoids between, and the last number back by middle and half range [O]; all float64."""

    middle: np.ndarray
    half: np.ndarray
    layers: tuple[np.ndarray, ...]
    out_middle: np.ndarray
    out_half: np.ndarray

    @property
    def inputs(self) -> int:
        return len(self.middle)

    @property
    def size(self) -> int:
        return len(self.out_middle)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Numbers float64 [O] of a row [F]."""
        nodes = ((x - self.middle) / self.half)[None, None]
        for layer in self.layers[:-1]:
            nodes = _sigmoid(layer[:, :1] + nodes @ layer[:, 1:])
        last = self.layers[-1]
        return self.out_middle + self.out_half * (last[:, :1] + nodes @ last[:, 1:])[:, 0, 0]

    def arrays(self) -> dict[str, np.ndarray]:
        layers = {f"layer.{index}": layer for index, layer in enumerate(self.layers)}
        ranges = {"middle": self.middle, "half": self.half, "out_middle": self.out_middle, "out_half": self.out_half}
        return ranges | layers

    def settings(self) -> dict[str, float]:
        return {}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays`; raises ValueError."""
        parts = Parts(arrays, settings)
        middle, out_middle = parts.doubles("middle", -1), parts.doubles("out_middle", -1)
        half = parts.positive("half", len(middle), dtype=np.float64)
        before, layers = len(middle), []
        while f"layer.{len(layers)}" in arrays:
            layers.append(parts.doubles(f"layer.{len(layers)}", len(out_middle), before + 1, -1))
            before = layers[-1].shape[2]
        if not layers or before != 1:
            raise ValueError("its last layer does not give one number")
        runs = cls(middle, half, tuple(layers), out_middle, parts.doubles("out_half", len(out_middle)))
        parts.refuse_more("weknet")
        return runs


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: [N, F]. y: [N, O]. Each net is the one that Weka makes of its column alone (Weka 3.6 source, and measured)."""
    draw = _java(seed)
    order = _shuffled(len(x), draw)
    sizes = [x.shape[1], *[settings.hidden or x.shape[1]] * settings.layers, 1]
    start = _begun(sizes, draw)
    middle, half = _range(x)
    out_middle, out_half = _range(y)
    half = np.where(half == 0, 1, half)
    wanted = (y - out_middle) / np.where(out_half == 0, 1, out_half)
    epochs = settings.epochs if settings.exact else _affordable(settings.epochs, len(x), y.shape[1], start)
    layers = _taught((x[order] - middle) / half, wanted[order], start, epochs, RATE)
    return Runs(middle, half, tuple(layers), out_middle, out_half)


def _affordable(epochs: int, rows: int, outputs: int, start: list[np.ndarray]) -> int:
    weights = outputs * sum(layer.size for layer in start)
    return max(min(epochs, _STEPS // rows, int(_WEIGHTS // (rows * weights))), 1)


def _range(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    return (high + low) / 2, (high - low) / 2


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(a, -45, 45)))


def _java(seed: int) -> Iterator[int]:
    """The 48-bit states of java.util.Random (its documentation gives the formula)."""
    state = (seed ^ 0x5DEECE66D) & (1 << 48) - 1
    while True:
        state = (state * 0x5DEECE66D + 0xB) & (1 << 48) - 1
        yield state


def _below(bound: int, draw: Iterator[int]) -> int:
    """nextInt(bound)."""
    if bound & (bound - 1) == 0:
        return bound * (next(draw) >> 17) >> 31
    while True:
        bits = next(draw) >> 17
        if bits - bits % bound + bound - 1 < 1 << 31:
            return bits % bound


def _weight(draw: Iterator[int]) -> float:
    """nextDouble(), as a first weight in -0.05..0.05."""
    return ((next(draw) >> 22 << 27) + (next(draw) >> 21)) * 2.0**-53 * 0.1 - 0.05


def _shuffled(rows: int, draw: Iterator[int]) -> np.ndarray:
    order = list(range(rows))
    for last in range(rows - 1, 0, -1):
        other = _below(last + 1, draw)
        order[last], order[other] = order[other], order[last]
    return np.array(order)


def _begun(sizes: list[int], draw: Iterator[int]) -> list[np.ndarray]:
    """First weights, layers [in + 1, out], drawn in the order in which Weka builds its nodes."""
    layers = [np.zeros((before + 1, after)) for before, after in pairwise(sizes)]
    layers[-1][0, 0] = _weight(draw)
    for index, layer in enumerate(layers[:-1]):
        for node in range(layer.shape[1]):
            layer[0, node] = _weight(draw)
            for before in range(1, layer.shape[0] if index else 1):
                layer[before, node] = _weight(draw)
    ends = [layers[0], layers[-1]] if len(layers) > 1 else layers
    for layer in ends:
        for before in range(1, layer.shape[0]):
            layer[before] = [_weight(draw) for _ in range(layer.shape[1])]
    return layers


def _taught(x: np.ndarray, wanted: np.ndarray, start: list[np.ndarray], epochs: int, rate: float) -> list[np.ndarray]:
    """Layers [O, in + 1, out]; nets that grow beyond all bounds are taught again at half the rate, as Weka does."""
    layers = _Teaching.begun(start, wanted.shape[1], rate).over(x, wanted, epochs)
    lost = ~np.all([np.isfinite(layer).all(axis=(1, 2)) for layer in layers], axis=0)
    if lost.any():
        again = _taught(x, wanted[:, lost], start, epochs, rate / 2)
        for layer, better in zip(layers, again, strict=True):
            layer[lost] = better
    return layers


@dataclass
class _Teaching:
    """Nets being taught side by side: the first layer [F + 1, O * H], the others [O, in + 1, out], and how each moves.

    The first layer is by far the largest, and all nets see the same rows: within a block of examples what they add to
    it is only remembered, which gives the same numbers for a tenth of the work.
    """

    first: np.ndarray
    others: list[np.ndarray]
    rate: float
    outputs: int

    def __post_init__(self) -> None:
        self.moves_first = np.zeros_like(self.first)
        self.moves = [np.zeros_like(layer) for layer in self.others]
        steps = np.arange(_BLOCK + 1)
        self.fading = MOMENTUM**steps
        summed = (1 - self.fading) / (1 - MOMENTUM)
        self.carried = MOMENTUM * summed
        self.summed = self.rate * summed
        apart = steps[:-1, None] - steps[:-1]
        self.between = np.where(apart > 0, self.summed[np.maximum(apart, 0)], 0)

    @classmethod
    def begun(cls, start: list[np.ndarray], outputs: int, rate: float) -> Self:
        others = [np.repeat(layer[None], outputs, axis=0) for layer in start[1:]]
        return cls(np.tile(start[0], outputs), others, rate, outputs)

    def over(self, x: np.ndarray, wanted: np.ndarray, epochs: int) -> list[np.ndarray]:
        rows = np.concatenate((np.ones((len(x), 1)), x), axis=1)
        blocks = [slice(at, at + _BLOCK) for at in range(0, len(x), _BLOCK)]
        seen = [(rows[block], wanted[block], self._alike(rows[block])) for block in blocks]
        with np.errstate(all="ignore"):
            for _ in range(epochs):
                for block in seen:
                    self._block(*block)
        first = self.first.reshape(len(self.first), self.outputs, -1).swapaxes(0, 1)
        return [np.ascontiguousarray(first), *self.others]

    def _alike(self, rows: np.ndarray) -> np.ndarray:
        return self.between[: len(rows), : len(rows)] * (rows @ rows.T)

    def _block(self, rows: np.ndarray, wanted: np.ndarray, alike: np.ndarray) -> None:
        count = len(rows)
        sums = rows @ self.first + self.carried[:count, None] * (rows @ self.moves_first)
        errors = np.empty_like(sums)
        for step in range(count):
            sums[step] += alike[step, :step] @ errors[:step]
            errors[step] = self._step(sums[step].reshape(self.outputs, -1), wanted[step]).reshape(-1)
        ago = count - np.arange(count)
        self.first += self.carried[count] * self.moves_first + rows.T @ (self.summed[ago, None] * errors)
        self.moves_first *= self.fading[count]
        self.moves_first += rows.T @ (self.rate * self.fading[ago - 1, None] * errors)

    def _step(self, sums: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """The errors [O, H] at the sums [O, H] of the first layer; the others have learned then."""
        nodes = []
        for layer in self.others:
            filled = np.empty((self.outputs, sums.shape[1] + 1))
            filled[:, 0] = 1
            np.divide(1, 1 + np.exp(-sums), out=filled[:, 1:])
            nodes.append(filled)
            sums = (filled[:, None] @ layer)[:, 0]
        error = wanted[:, None] - sums
        for layer, move, node in zip(self.others[::-1], self.moves[::-1], nodes[::-1], strict=True):
            inner = node[:, 1:]
            before = (layer[:, 1:] @ error[:, :, None])[:, :, 0] * inner * (1 - inner)
            move *= MOMENTUM
            move += (self.rate * node)[:, :, None] * error[:, None]
            layer += move
            error = before
        return error
