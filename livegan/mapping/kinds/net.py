"""One neural network for all outputs that share it; scikit-learn trains it, on the whole set of examples at once."""

import warnings
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping.parts import Parts

TYPES = ("number",)
TOGETHER = True
SEES = "points"
SLOW = True


class Settings(base.Settings):
    """layers of `hidden` nodes each. decay: what keeps the weights small. steps: at most, of L-BFGS."""

    hidden: int = Field(32, ge=1, le=1000)
    layers: int = Field(1, ge=1, le=4)
    activation: Literal["tanh", "relu"] = "tanh"
    decay: float = Field(0.01, ge=0, le=100)
    steps: int = Field(150, ge=1, le=10_000)


@dataclass(frozen=True)
class Runs:
    """layers [in + 1, out], float64, the thresholds first; a `bend` (tanh, or the positive part) between them."""

    layers: tuple[np.ndarray, ...]
    relu: bool

    @property
    def inputs(self) -> int:
        return len(self.layers[0]) - 1

    @property
    def size(self) -> int:
        return self.layers[-1].shape[1]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Numbers float64 [O] of a point [D]."""
        for layer in self.layers[:-1]:
            x = layer[0] + x @ layer[1:]
            x = np.maximum(x, 0) if self.relu else np.tanh(x)
        return self.layers[-1][0] + x @ self.layers[-1][1:]

    def arrays(self) -> dict[str, np.ndarray]:
        return {f"layer.{index}": layer for index, layer in enumerate(self.layers)}

    def settings(self) -> dict[str, float]:
        return {"relu": self.relu}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> Self:
        """The inverse of `arrays` and `settings`; raises ValueError."""
        parts, layers, before = Parts(arrays, settings), [], -1
        while f"layer.{len(layers)}" in arrays:
            layers.append(parts.doubles(f"layer.{len(layers)}", before, -1))
            before = layers[-1].shape[1] + 1
        if not layers or len(layers[0]) < 2:
            raise ValueError("it has no layers")
        parts.refuse_more("net")
        return cls(tuple(layers), bool(settings.get("relu")))


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: points [N, D]. y: [N, O]."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    wide = np.sqrt((x * x).sum(axis=1).mean()) or 1.0
    mean, spread = y.mean(axis=0), y.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    net = MLPRegressor(
        hidden_layer_sizes=(settings.hidden,) * settings.layers,
        activation=settings.activation,
        alpha=settings.decay,
        solver="lbfgs",
        max_iter=settings.steps,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        wanted = (y - mean) / spread
        net.fit(x / wide, wanted if y.shape[1] > 1 else wanted[:, 0])
    weights, thresholds = list(net.coefs_), list(net.intercepts_)
    weights[0] = weights[0] / wide
    weights[-1], thresholds[-1] = weights[-1] * spread, thresholds[-1] * spread + mean
    layers = [np.concatenate((t[None], w)) for t, w in zip(thresholds, weights, strict=True)]
    return Runs(tuple(layers), settings.activation == "relu")
