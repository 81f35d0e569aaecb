"""Sound as numbers: how loud, where in the spectrum, how it changes, its pitch and its beat, hop by hop.

All memory goes by the sound's own samples, never by a clock, so that a live sound, a clip and a replay give the
same. Must never take silence for a sound, nor amplify it into one.
"""

import numpy as np

from livegan.frame import Feature
from livegan.senses.beat import Beat, Onsets
from livegan.senses.pitch import Pitch, midi

HOP = 0.01
"""Seconds between two frames."""

SPAN = 4
"""Hops that a frame is made of; it tells of their middle."""

RANGE = 48.0
"""Decibels between 0 and 1 of level, peak and bands; 1 is the loudest that fits."""

LOUD = -12.0
"""Decibels, below the loudest that fits, to which the automatic gain brings the loud parts of a sound."""

SILENCE = 1.0
"""Seconds below the floor after which a sound is over."""

FADE = 6.0
"""Decibels above the floor over which a sound comes in."""

TONE, NOISE = 0.85, 0.7
"""How sure a pitch is, from 0 to 1, when it is first believed, and when no longer."""

_MOST = 8.0  # a float sample may be anything that a driver says
_BANDS = 36
_LOWEST, _HIGHEST = 40.0, 16_000.0
_DARK, _BRIGHT = 50.0, 12_800.0


class Gain:
    """Decibels that bring the loud parts of a sound to `LOUD`, or `fixed`.

    What is below `floor` decibels changes nothing, and what is far below the loud parts (a room between two songs)
    hardly does.
    """

    ATTACK, RELEASE, PAUSE = 0.3, 8.0, 60.0
    PART, MARGIN = 24.0, 26.0

    def __init__(self, fixed: float | None, floor: float) -> None:
        self._fixed, self._floor = fixed, floor
        self._loud, self._heard = floor, 0.0

    def step(self, level: float, hop: float) -> float:
        """Take the level (decibels) of one hop of so many seconds; returns the gain."""
        if self._fixed is not None:
            return self._fixed
        if level > self._floor:
            loud = self._loud if self._heard else level
            self._loud = loud + (level - loud) * (1 - np.exp(-hop / self._slowness(level, loud)))
            self._heard += hop
        return LOUD - max(self._loud, self._floor + self.MARGIN)

    def _slowness(self, level: float, loud: float) -> float:
        """Seconds in which the loud parts follow this level; quickly when the sound is new."""
        if level > loud:
            return self.ATTACK
        usual = self.RELEASE if level > loud - self.PART else self.PAUSE
        return usual * float(np.clip(self._heard, self.ATTACK, self.RELEASE)) / self.RELEASE


class Spectrum:
    """The power of `length` samples at `rate`, and what of it lies between `edges` (hertz, rising)."""

    def __init__(self, rate: float, length: int, edges: np.ndarray) -> None:
        self._window = np.hanning(length + 1)[:-1]
        self._scale = 2 / (length * float((self._window**2).sum()))
        self._edges = np.minimum(edges, rate / 2) * length / rate + 0.5
        self.hertz = np.arange(length // 2 + 1) * rate / length

    def power(self, sound: np.ndarray) -> np.ndarray:
        """Of each frequency; together the mean square, less an offset, which is no sound."""
        spectrum = np.fft.rfft(sound * self._window)
        power = (spectrum.real**2 + spectrum.imag**2) * self._scale
        power[:2] = 0
        return power

    def bands(self, power: np.ndarray) -> np.ndarray:
        """Between each edge and the next; bands narrower than the spectrum's steps share one."""
        below = np.concatenate(([0.0], np.cumsum(power)))
        return np.diff(np.interp(self._edges, np.arange(len(below)), below))


def decibels(power: np.ndarray | float) -> np.ndarray:
    """Of a mean square: 0 for a square wave from -1 to 1, -3 for a sine; at least -120."""
    return 10 * np.log10(np.maximum(power, 1e-12))


def chosen(bands: int) -> list[Feature]:
    """What a sound tells, in the order of `Sound.step`."""
    names = ["level", "peak", *(f"band.{number}" for number in range(1, bands + 1))]
    return [
        *(Feature(name, group="sound", unit=0.25) for name in names),
        Feature("centroid", group="sound", unit=0.15),
        Feature("flux", group="sound", unit=0.25),
        Feature("confidence", group="sound", unit=0.5),
        Feature("onset", "event", "sound"),
        Feature("pitch", group="pitch", unit=3),
        Feature("tempo", group="beat", unit=20),
        Feature("phase", "angle", "beat"),
        Feature("beat", "event", "beat"),
    ]


class Sound:
    """Takes `hop` samples (mono, -1..1) after each other; tells of the moment `delay` seconds before their end.

    rate: samples a second. gain: decibels, None sets itself. floor: decibels below which it is silent. pitch: the
    lowest and the highest that it may have, hertz.
    """

    def __init__(self, rate: float, bands: int, gain: float | None, floor: float, pitch: tuple[float, float]) -> None:
        self.hop = round(rate * HOP)
        self._seconds = self.hop / rate
        self.delay = SPAN / 2 * self._seconds
        length, highest = SPAN * self.hop, min(_HIGHEST, 0.45 * rate)
        self._whole = Spectrum(rate, length, np.geomspace(_LOWEST, highest, bands + 1))
        self._late = Spectrum(rate, length // 2, np.geomspace(_LOWEST, highest, _BANDS + 1))
        self._brightness = np.log2(np.maximum(self._whole.hertz, 1.0) / _DARK) / np.log2(_BRIGHT / _DARK)
        self._floor, self._gain, self._tone = floor, Gain(gain, floor), Pitch(rate, length, *pitch)
        self._onsets, self._beat = Onsets(self._seconds), Beat(self._seconds)
        self._kept, self._hops = np.zeros(length, np.float32), 0
        self._quiet, self._toned = np.inf, False
        self._note = self._centroid = 0.0

    def forget(self, lost: float) -> None:
        """What comes next begins `lost` seconds too late; the gain stays as it is, and the beat goes on."""
        self._onsets.forget()
        self._hops = 0
        for _ in range(min(round(lost / self._seconds), 1000)):
            self._beat.step(0.0)

    def step(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Values float32 [features] and present bool [groups] as in `chosen`; None until there are `SPAN` hops."""
        bounded = np.clip(np.nan_to_num(samples), -_MOST, _MOST)
        self._kept = np.concatenate((self._kept[self.hop :], bounded), dtype=np.float32)
        self._hops += 1
        if self._hops < SPAN:
            self._beat.step(0.0)
            return None
        power = self._whole.power(self._kept)
        level = float(decibels(power.sum()))
        self._quiet = 0.0 if level > self._floor else self._quiet + self._seconds
        if not self._quiet:
            amplitude = np.sqrt(power)
            self._centroid = float(np.clip(amplitude @ self._brightness / amplitude.sum(), 0.0, 1.0))
        gain = self._gain.step(level, self._seconds)
        loudness = self._loudness(power, level, gain)
        rise, onset = self._risen(gain)
        confidence = self._pitched()
        pulse = self._beat.step(rise)
        values = [*loudness, self._centroid, min(rise, 1.0), confidence, onset, self._note]
        values += [pulse.tempo, 2 * np.pi * pulse.phase, pulse.beat]
        return np.array(values, np.float32), np.array([self._quiet < SILENCE, self._toned, pulse.known])

    def _loudness(self, power: np.ndarray, level: float, gain: float) -> np.ndarray:
        """Level, peak and bands, 0..1; a band that has its even share of the power reads as the level does."""
        middle = self._kept[self.hop : -self.hop]
        bands = self._whole.bands(power)
        found = decibels(np.array([10 ** (level / 10), np.abs(middle).max() ** 2, *bands * len(bands)]))
        return np.clip(1 + (found + gain) / RANGE, 0.0, 1.0) * np.clip((level - self._floor) / FADE, 0.0, 1.0)

    def _risen(self, gain: float) -> tuple[float, float]:
        """By how much the spectrum rises in the middle, and how strong a sound that begins there is, or 0."""
        power = self._late.bands(self._late.power(self._kept[len(self._kept) // 2 :]))
        rise, began = self._onsets.step(np.log10(1 + 1000 * np.sqrt(power * 10 ** (gain / 10))))
        return rise, min(rise, 1.0) if began and not self._quiet else 0.0

    def _pitched(self) -> float:
        """How sure the pitch is; the note stays the last one that was believed."""
        hertz, confidence = (0.0, 0.0) if self._quiet else self._tone.of(self._kept)
        self._toned = confidence > (NOISE if self._toned else TONE)
        if self._toned:
            self._note = midi(hertz)
        return confidence
