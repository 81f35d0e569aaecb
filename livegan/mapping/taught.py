"""What was taught, as plain data: looks, and the examples that ask for them. Opens nothing."""

from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature


@dataclass(frozen=True)
class TaughtLook:
    """A look that examples refer to; where its w comes from is a seed, a z or the w itself.

    z: float32 [z_dim] or None. w: float32 [num_ws, w_dim], untruncated, or None. psi: its truncation. model:
    sha256 of the model that it was seen in.
    """

    name: str
    seed: int | None = None
    z: np.ndarray | None = None
    w: np.ndarray | None = None
    psi: float = 1.0
    model: str = ""


@dataclass(frozen=True)
class Taught:
    """All examples of the rounds that are kept.

    rows: float32 [N, F], NaN where a part was not seen. look: int [N], index into looks, or -1. outputs: for
    each example the numbers wanted, float32 [O], or None. rounds: int [N], ids. version: changes with every
    change of the examples.
    """

    features: tuple[Feature, ...]
    looks: tuple[TaughtLook, ...]
    rows: np.ndarray
    look: np.ndarray
    outputs: tuple[np.ndarray | None, ...]
    rounds: np.ndarray
    version: str


def padded(numbers: np.ndarray, size: int) -> np.ndarray:
    """Numbers wanted, float [..., O], for `size` outputs: NaN for those that were added behind them since."""
    more = max(size - numbers.shape[-1], 0)
    return np.concatenate((numbers, np.full((*numbers.shape[:-1], more), np.nan, numbers.dtype)), axis=-1)
