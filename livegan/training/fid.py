"""FID: how far a generator's pictures are from those it learns from, to a network that a person brought.

The Frechet distance between features of all real pictures and of as many generated ones, within limits. Real ones are
looked at once, and what is needed of them is kept as a file. Holds no set in memory; changes nothing of a training.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livegan.files import write_atomic
from livegan.training import frechet
from livegan.training.batches import evenly
from livegan.training.frechet import Gaussian, Moments

REAL, GENERATED = 50_000, 10_000
"""At most so many are looked at."""

FILE = "fid.safetensors"

_PART = 32
"""Pictures that the network sees at once."""

_UNREADABLE = (OSError, SafetensorError, ValueError, KeyError)
Say = Callable[[str], None]


class Network(Protocol):
    """What looks at pictures. sha256: of the file that its weights came from."""

    sha256: str

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """Of pictures uint8 [N, H, W, 3], [N, D]."""


class Fid:
    """A measure that takes minutes on a processor, tells how far it is, and gives up when `stop` says so.

    chosen: indices of real pictures, of whose classes as many pictures are to be generated; none before `begin`.
    """

    def __init__(self, network: Network, say: Say, progress: Say, stop: Callable[[], bool]) -> None:
        self._network, self._say, self._progress, self._stop = network, say, progress, stop
        self._real: Gaussian | None = None
        self.chosen = np.zeros(0, np.int64)

    def begin(self, out: Path, there: np.ndarray, read: Callable[[np.ndarray], np.ndarray], key: str) -> None:
        """Look at the real pictures with the indices `there`, or take what was kept of them in the folder `out`.

        read: their pixels, uint8 [N, H, W, 3]. key: tells them, as they are read, from any others. Raises Failure.
        """
        real = evenly(there, REAL)
        self.chosen = evenly(real, GENERATED)
        self._say(
            f"FID looks at {len(real):,} pictures of the set once, and at {len(self.chosen):,} new ones at each "
            "checkpoint; with a larger --every that is less often."
        )
        key = f"{key} {len(real)} {self._network.sha256}"
        self._real = _kept(out / FILE, key)
        if self._real is None:
            parts = (read(part) for part in np.split(real, range(_PART, len(real), _PART)))
            self._real = self._looked(parts, f"{len(real):,} pictures of the set")
            if self._real is not None:
                arrays = {"mean": self._real.mean, "covariance": self._real.covariance}
                write_atomic(out / FILE, save(arrays, {"of": key}))

    def distance(self, pictures: Iterable[np.ndarray]) -> float | None:
        """Of generated pictures, as many as are `chosen`, in parts; None where it was told to stop."""
        if self._real is None:
            return None
        found = self._looked(pictures, f"{len(self.chosen):,} new pictures")
        return None if found is None else frechet.distance(self._real, found)

    def _looked(self, parts: Iterable[np.ndarray], what: str) -> Gaussian | None:
        moments = Moments()
        for part in parts:
            for few in np.split(part, range(_PART, len(part), _PART)):
                if self._stop():
                    return None
                moments.add(self._network.features(few))
                self._progress(f"FID: {moments.count:,} of {what}")
        return moments.gaussian()


def _kept(path: Path, key: str) -> Gaussian | None:
    try:
        with safe_open(path, "numpy") as file:
            if (file.metadata() or {})["of"] == key:
                return Gaussian(file.get_tensor("mean"), file.get_tensor("covariance"))
    except _UNREADABLE:  # it is only made again
        pass
    return None
