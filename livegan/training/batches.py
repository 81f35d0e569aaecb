"""Which pictures a step is shown, in an order that depends on nothing but seed and step, and which are measured.

Every picture is shown once before any is shown again; reads the dataset, writes nothing.
"""

from functools import lru_cache

import numpy as np

_ORDER = 0x0DE5


@lru_cache(maxsize=2)
def _shuffled(count: int, seed: int, round_: int) -> np.ndarray:
    return np.random.default_rng([_ORDER, seed, round_]).permutation(count)


def places(count: int, batch: int, seed: int, number: int) -> np.ndarray:
    """Which of `count` pictures step `number` (from 0) is shown, [batch]."""
    first = number * batch
    found, end = [], first + batch
    while first < end:
        round_, start = divmod(first, count)
        taken = _shuffled(count, seed, round_)[start : start + end - first]
        found.append(taken)
        first += len(taken)
    return np.concatenate(found)


def evenly(indices: np.ndarray, most: int) -> np.ndarray:
    """At most so many of them, from all places alike: in a set that was read by name, of all that it shows."""
    return indices[np.linspace(0, len(indices) - 1, min(most, len(indices))).round().astype(np.int64)]


def shrunk(pictures: np.ndarray, size: int) -> np.ndarray:
    """Pictures uint8 [N, H, H, 3] in `size` pixels, of which H is a multiple: the mean of each square."""
    count, height = pictures.shape[:2]
    if height == size:
        return pictures
    side = height // size
    squares = pictures.reshape(count, size, side, size, side, 3)
    return (squares.mean((2, 4), dtype=np.float32) + 0.5).astype(np.uint8)
