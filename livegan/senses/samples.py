"""Samples on their way from a sound card's own thread to whoever makes numbers of them, and when they were heard.

The card's thread only copies, into memory that is there already; it never waits, nor is it ever waited for.
"""

from dataclasses import dataclass

import numpy as np

KEPT = 1.0
"""Seconds of sound that are kept."""

JUMP = 0.1
"""Seconds by which the times of the card must be off before they count as a gap, not as jitter."""


@dataclass(frozen=True)
class Heard:
    """A hop of sound, mono float32; end: seconds, just after its last sample was heard.

    waiting: seconds of sound behind it that are there already. lost: seconds of sound missing before it.
    """

    samples: np.ndarray
    end: float
    waiting: float
    lost: float = 0.0
    complaint: str = ""


class Samples:
    """The last seconds of a sound. count: samples that came so far; heard: seconds, when the last of them came."""

    def __init__(self, rate: float, channels: int) -> None:
        self._ring = np.zeros((round(rate * KEPT), channels), np.float32)
        self.count, self.heard = 0, -np.inf
        self.first = (0, -np.inf)
        """The number of the first sample of the last block, and when it was heard."""

    def put(self, block: np.ndarray, began: float, now: float) -> None:
        """Copy a block, float32 [samples, channels], whose first sample was heard at `began`; the card's thread."""
        start = self.count % len(self._ring)
        fits = min(len(block), len(self._ring) - start)
        self._ring[start : start + fits] = block[:fits]
        self._ring[: len(block) - fits] = block[fits:]
        self.first = (self.count, began)
        self.count += len(block)
        self.heard = now

    def since(self, start: int, count: int) -> np.ndarray | None:
        """So many samples from number `start` on, float32 [count, channels]; None when they are gone already."""
        places = np.arange(start, start + count) % len(self._ring)
        found = self._ring[places]
        # What is being written now was the oldest; half of the ring is far from it.
        return found if self.count - start <= len(self._ring) // 2 else None


class Timeline:
    """When each sample was heard: blocks come now early, now late, samples do not.

    A delay-locked loop (Adriaensen 2005, "Using a DLL to filter time"), of the first order: cards drift slowly.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._start: float | None = None
        self._number, self._blocks = -1, 0

    def hear(self, number: int, at: float) -> float:
        """Learn when a sample was heard; returns the seconds of sound that are missing before it, or 0."""
        if number == self._number:
            return 0.0
        self._number, self._blocks = number, self._blocks + 1
        start = at - number / self._rate
        if self._start is None:
            self._start = start
        off = start - self._start
        if abs(off) > JUMP:
            self._start, self._blocks = start, 1
            return max(off, 0.0)
        self._start += off * max(0.05, 1 / self._blocks)
        return 0.0

    def at(self, number: float) -> float:
        """Seconds on our clock when a sample was heard."""
        return self._start + number / self._rate


def mono(samples: np.ndarray, channel: int | None) -> np.ndarray:
    """One channel (from 1; the last one where there are fewer) of samples [n, channels], or the mean of all."""
    return samples.mean(axis=1) if channel is None else samples[:, min(channel, samples.shape[1]) - 1]
