"""The pitch of a stretch of sound, and how sure that is.

Must never name a pitch of its own: what is no tone gets a low confidence, and whoever asks decides.
"""

import numpy as np

NEAR = 0.9
"""The first peak that is so near to the highest is the period; a higher one later is a multiple of it."""

_FAINT = 1e-9


def midi(hertz: float) -> float:
    """The MIDI note number of a frequency, 69 for 440 Hz; a semitone is 1."""
    return 69 + 12 * float(np.log2(hertz / 440))


class Pitch:
    """The pitch in the middle of `length` samples at `rate`, between `lowest` and `highest` hertz.

    McLeod and Wyvill 2005, "A smarter way to find pitch". Like YIN (de Cheveigné and Kawahara 2002) it looks for the
    lag at which sound repeats itself, but compares stretches that lie around the middle for every lag: of a glide it
    tells the pitch of one known moment.
    """

    def __init__(self, rate: float, length: int, lowest: float, highest: float) -> None:
        self._rate, self._length = rate, length
        self._first = max(2, int(rate / highest))
        self._last = min(length // 2, int(np.ceil(rate / lowest))) + 2
        self._size = 1 << (length + self._last).bit_length()

    def of(self, sound: np.ndarray) -> tuple[float, float]:
        """Hertz and confidence (0..1) of samples [length]; hertz is 0 where nothing repeats itself."""
        likeness = self._likeness(sound)
        lag = self._period(likeness)
        if lag is None:
            return 0.0, 0.0
        before, here, after = likeness[lag - 1 : lag + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
        height = here - 0.25 * (before - after) * shift
        return self._rate / (lag + shift), float(np.clip(height, 0.0, 1.0))

    def _likeness(self, sound: np.ndarray) -> np.ndarray:
        """How much the sound is like itself, -1 to 1, for each lag from 0."""
        spectrum = np.fft.rfft(sound, self._size)
        product = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, self._size)[: self._last + 1]
        energy = np.concatenate(([0.0], np.cumsum(sound.astype(np.float64) ** 2)))
        lag = np.arange(self._last + 1)
        both = energy[self._length - lag] + energy[-1] - energy[lag]
        return 2 * product / (both + _FAINT)

    def _period(self, likeness: np.ndarray) -> int | None:
        """The lag of the first peak that is nearly the highest, after the stretch above 0 that belongs to lag 0."""
        start = max(self._first, int(np.argmax(likeness <= 0)))
        highest = likeness[start:].max()
        if highest <= 0 or (likeness > 0).all():
            return None
        first = start + int(np.argmax(likeness[start:] >= NEAR * highest))
        end = np.append(likeness[first:], 0.0) <= 0
        lag = first + int(np.argmax(likeness[first : first + int(np.argmax(end))]))
        return lag if start < lag < len(likeness) - 1 else None
