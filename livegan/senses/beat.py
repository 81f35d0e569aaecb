"""Where sounds begin, and the beat that they keep: onsets, tempo and beat phase, hop by hop as the sound goes on.

Everything is causal and counted in hops of the sound; nothing here may ask a clock.
"""

from dataclasses import dataclass

import numpy as np

RISE = 0.12
"""By how much the spectrum must rise more than lately, on average over its bands (log10 of amplitude)."""

APART = 0.04
"""Seconds between two onsets, at least."""

MEMORY = 6.0
"""Seconds of rises by which the tempo is found: two bars of a slow piece."""

SURE = 2.5
"""Seconds of sound before a tempo is believed."""

_RECENT = 0.1
_EVERY = 0.05
_KNOWN, _LOST = 0.3, 0.12
_SLOWEST, _FASTEST, _USUAL, _OCTAVES = 55.0, 215.0, 120.0, 0.9
_ENOUGH = 0.3
_LATE = 0.5


class Onsets:
    """When a sound begins, by its spectrum's bands; `hop` seconds between two of them.

    Rises are measured against the loudest of the neighbouring bands two hops ago, so that vibrato is no onset
    (Boeck and Widmer 2013, "Maximum filter vibrato suppression for onset detection").
    """

    def __init__(self, hop: float) -> None:
        self._hop = hop
        self.forget()

    def forget(self) -> None:
        """What comes next does not follow what was."""
        self._before: list[np.ndarray] = []
        self._rises = np.zeros(2 + round(_RECENT / self._hop))
        self._since = self._apart = round(APART / self._hop)

    def step(self, bands: np.ndarray) -> tuple[float, bool]:
        """Take a hop's bands (log10 of amplitude); returns of the hop before it the rise, and whether a sound began."""
        self._before = [*self._before[-2:], bands]
        self._rises = np.append(self._rises[1:], self._rise())
        recent, rise, after = self._rises[:-2], self._rises[-2], self._rises[-1]
        self._since += 1
        peak = rise >= after and rise > recent[-2:].max() and rise - recent.mean() > RISE
        began = bool(peak and self._since >= self._apart)
        if began:
            self._since = 0
        return float(rise), began

    def _rise(self) -> float:
        if len(self._before) < 3:
            return 0.0
        before, _, bands = self._before
        edged = np.pad(before, 1, mode="edge")
        return float(np.maximum(bands - np.maximum(np.maximum(edged[:-2], edged[2:]), before), 0.0).mean())


@dataclass(frozen=True)
class Pulse:
    """tempo: beats a minute. phase: 0..1 through the beat. beat: one falls on this hop. known: whether there is any."""

    tempo: float
    phase: float
    beat: bool
    known: bool


class Beat:
    """A flywheel that rises keep in time; `hop` seconds between two of them.

    The tempo is the lag at whose multiples the rises come again, with a liking for 120 and for what it was; it may be
    an octave (twice or half) off what a person taps. The phase is where a comb of that period meets most rises; the
    wheel is turned towards it little by little, and goes on through breaks.
    """

    def __init__(self, hop: float) -> None:
        self._hop, self._every = hop, round(_EVERY / hop)
        self._rises = np.zeros(round(MEMORY / hop))
        self._heard = self._doubts = 0
        self._tempos = np.exp2(np.arange(np.log2(_SLOWEST), np.log2(_FASTEST), 0.005))
        self._liking = np.exp(-0.5 * (np.log2(self._tempos / _USUAL) / _OCTAVES) ** 2)
        self._bump = np.hanning(7)[1:-1] / np.hanning(7).sum()
        self._tempo, self._beats, self._told, self._known = 0.0, 0.0, 0, False

    def step(self, rise: float) -> Pulse:
        """Take the rise of one hop."""
        self._rises = np.append(self._rises[1:], rise)
        self._heard += 1
        self._beats += self._tempo / 60 * self._hop
        if self._heard % self._every == 0:
            self._listen()
        number = int(self._beats)
        beat, self._told = number > self._told and self._known, max(number, self._told)
        return Pulse(self._tempo, self._beats % 1.0, beat, self._known)

    def _listen(self) -> None:
        """Correct tempo and phase by the rises so far."""
        # One loud sound after a silence must not outweigh all that follows.
        rises = np.convolve(np.clip(self._rises - RISE, 0.0, _ENOUGH), self._bump, "same")
        tempo, clear = self._repeating(rises)
        known = self._heard * self._hop >= SURE and clear > (_LOST if self._known else _KNOWN)
        if known:
            self._turn(rises, tempo)
        self._known = known

    def _repeating(self, rises: np.ndarray) -> tuple[float, float]:
        """The tempo at which the rises come again, and how clearly (-1..1)."""
        size = len(rises)
        spectrum = np.fft.rfft(rises - rises.mean(), 2 * size)
        again = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[:size]
        again /= (again[0] + 1e-9) * (1 - np.arange(size) / size)
        lags = 60 / self._tempos / self._hop * np.arange(1, 5)[:, None]
        inside = lags < 0.6 * min(size, self._heard)
        found = np.interp(lags, np.arange(size), again) * inside
        clear = found.sum(axis=0) / np.maximum(inside.sum(axis=0), 1)
        near = np.exp(-((np.log2(self._tempos / max(self._tempo, 1.0)) / 0.05) ** 2))
        best = int(np.argmax(clear * self._liking * (1 + 0.3 * near * self._known)))
        return float(self._tempos[best]), float(clear[best])

    def _turn(self, rises: np.ndarray, tempo: float) -> None:
        """Turn the wheel towards this tempo, and its phase towards the rises."""
        near = abs(np.log2(tempo / max(self._tempo, 1.0))) < 0.1
        self._doubts = 0 if near else self._doubts + 1
        if near:
            self._tempo += 0.1 * (tempo - self._tempo)
        elif not self._known or self._doubts * _EVERY > 1.0:
            self._tempo, self._doubts = tempo, 0
        error = (self._phase(rises) - self._beats + 0.5) % 1.0 - 0.5
        self._beats += error * (0.1 if self._known else 1.0)

    def _phase(self, rises: np.ndarray) -> float:
        """How far through a beat it is now, 0..1, were beats where most rises are."""
        phases = np.arange(64) / 64
        period = 60 / self._tempo / self._hop
        beats = np.arange(int(min(len(rises), self._heard) / period))
        ago = (phases + beats[:, None]) * period
        found = np.interp(len(rises) - 1 - ago + _LATE, np.arange(len(rises)), rises)
        met = (found * 0.9 ** beats[:, None]).sum(axis=0)
        if self._known:
            met = met * (1 + 0.3 * np.cos(2 * np.pi * (phases - self._beats)))
        return float(phases[np.argmax(met)])
