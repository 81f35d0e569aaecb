"""Pictures that are the same to the eye, though not to the byte: other sizes, other compressions.

A perceptual hash finds who might be one (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
2010), a small copy decides, since all pictures of one kind have hashes that are near. Keeps a kilobyte for each.
"""

import cv2
import numpy as np

_BITS = 8
"""Of 63 that may differ."""

_SIDE, _LEVELS = 16, 16
"""Small copies may differ by so many levels of 255 anywhere. (On average, a body moving in a room is none.)"""


class Duplicates:
    """The pictures so far."""

    def __init__(self) -> None:
        self._hashes = np.empty(256, np.uint64)
        self._small = np.empty((256, _SIDE, _SIDE, 3), np.uint8)
        self._names: list[str] = []

    def same(self, pixels: np.ndarray, name: str) -> str | None:
        """The name of the picture that `pixels` [H, W, 3] is again; when there is none, it is one more."""
        code, small, count = perceptual_hash(pixels), _shrunk(pixels), len(self._names)
        near = np.flatnonzero(np.bitwise_count(self._hashes[:count] ^ code) <= _BITS)
        if len(near):
            apart = np.abs(self._small[near].astype(np.int16) - small).max((1, 2, 3))
            if apart.min() <= _LEVELS:
                return self._names[near[apart.argmin()]]
        if count == len(self._hashes):
            self._hashes, self._small = (np.concatenate([a, np.empty_like(a)]) for a in (self._hashes, self._small))
        self._hashes[count], self._small[count] = code, small
        self._names.append(name)
        return None


def perceptual_hash(pixels: np.ndarray) -> np.uint64:
    """64 bits: which low frequencies of the grey picture are above their median."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    waves = cv2.dct(cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32))[:8, :8].ravel()
    waves[0] = 0  # the brightness of the whole says nothing
    return np.packbits(waves > np.median(waves)).view(">u8")[0].astype(np.uint64)


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
