"""Tempo and place in the beat, from MIDI's 24 clocks a quarter note.

A pure function of the messages and when they came; must never run on by itself.
"""

from collections import deque

import numpy as np

CLOCKS = 24
"""MIDI clocks in a beat (a quarter note)."""

SILENCE = 0.5
"""Seconds without a clock after which it has stopped without saying so; at 5 beats a minute it still runs."""


class MidiClock:
    """What the sender of the clock plays; one that never says start is taken to play from its first clock on.

    tempo: beats a minute, 0 until two clocks came. phase: 0 to 1 through the beat.
    """

    def __init__(self) -> None:
        self.tempo = self.phase = 0.0
        self._playing: bool | None = None
        self._place = -1
        self._times: deque[float] = deque(maxlen=CLOCKS + 1)

    def clock(self, at: float) -> bool:
        """A clock that came at `at` seconds; whether it begins a beat."""
        if self._times and at - self._times[-1] > SILENCE:
            self._times.clear()
        self._times.append(at)
        self._measure()
        if self._playing is None:
            self._playing = True
        if not self._playing:
            return False
        self._place += 1
        self.phase = self._place % CLOCKS / CLOCKS
        return self._place % CLOCKS == 0

    def start(self) -> None:
        """Play from the beginning: the next clock is the first of the first beat."""
        self._place, self._playing = -1, True

    def resume(self) -> None:
        """Play on from where it stopped (MIDI calls this continue)."""
        self._playing = True

    def stop(self) -> None:
        """Stay where it is, though clocks may go on coming."""
        self._playing = False

    def seek(self, sixteenths: int) -> None:
        """Go to a song position, in sixteenths from the beginning."""
        self._place = sixteenths * CLOCKS // 4 - 1

    def running(self, now: float) -> bool:
        """Whether it plays, and clocks come."""
        return bool(self._playing and self._times and now - self._times[-1] <= SILENCE)

    def _measure(self) -> None:
        """The tempo is the slope of a line through the clocks of the last beat: ports deliver them unevenly."""
        count = len(self._times)
        if count < 2:
            return
        number = np.arange(count) - (count - 1) / 2
        period = number @ (np.array(self._times) - self._times[0]) / (number @ number)
        if period > 0:
            self.tempo = float(60 / (CLOCKS * period))
