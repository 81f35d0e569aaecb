"""Clicks for a countdown, on the system's sound device; silent, with the reason, where there is none.

Never keeps its caller waiting: opening a sound device can take long.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

RATE = 48_000
_LASTS = 0.06
_FADE = 90.0


def click(high: bool) -> np.ndarray:
    """A short tone that dies away, float32 [samples] at 48 kHz: 880 Hz, or 1,760 Hz when `high`."""
    t = np.arange(round(RATE * _LASTS)) / RATE
    return (0.4 * np.sin(2 * np.pi * (1760 if high else 880) * t) * np.exp(-_FADE * t)).astype(np.float32)


class Clicks:
    """Plays clicks one after the other. complaint: why the last one was not heard, or ""."""

    def __init__(self) -> None:
        self.complaint = ""
        self._player = ThreadPoolExecutor(1, "clicks")

    def play(self, high: bool) -> None:
        """Play a click soon; never waits."""
        self._player.submit(self._play, click(high))

    def close(self) -> None:
        """Play nothing more."""
        self._player.shutdown(cancel_futures=True)

    def _play(self, sound: np.ndarray) -> None:
        try:
            # Imported late: it fails where there is no PortAudio.
            import sounddevice

            sounddevice.play(sound, RATE, blocking=True)
            self.complaint = ""
        except Exception as error:
            self.complaint = f"the countdown cannot be heard ({' '.join(str(error).split())}): see to the sound device"
