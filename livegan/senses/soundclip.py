"""A sound file that plays as if it were a sound card: at its own speed, from the moment it was opened.

Must never give sound before its time, nor fall behind: what should have been heard long ago is left out.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from livegan.clock import Clock
from livegan.errors import Lost
from livegan.senses.samples import KEPT, Heard, mono


class SoundClip:
    """A sound that plays at its own speed from the moment it was opened; began: seconds, when this lap began."""

    def __init__(self, path: Path, channel: int | None, loop: bool, clock: Clock) -> None:
        self._path, self._channel, self._loop, self._clock = path, channel, loop, clock
        self._blocks = decoded(self._path, self._channel)
        self.rate, self._kept = next(self._blocks, (0.0, np.empty(0, np.float32)))
        if not len(self._kept):
            raise Lost(f"the clip {self._path} holds no sound: choose another")
        self._number = self._lap = 0
        self._start = self.began = clock.now()

    def next(self, count: int, until: float) -> Heard | None:
        """The next `count` samples once they were played; None if that is not before `until`, or it is over."""
        due = self._start + (self._number + count) / self.rate
        if due > until:
            self._clock.sleep_until(until)
            return None
        self._clock.sleep_until(due)
        late = self._clock.now() - due
        lost = self._skip(late) if late > KEPT else 0.0
        samples = self._taken(count)
        if len(samples) < count:
            self._clock.sleep_until(until)
            return None
        end = self._start + self._number / self.rate
        return Heard(samples, end, self._clock.now() - end, lost)

    def _skip(self, seconds: float) -> float:
        """Leave out so much of the sound; whole laps of it at once."""
        count = round(seconds * self.rate)
        if self._lap:
            self._number += count // self._lap * self._lap
            count %= self._lap
        while count > 0 and (skipped := len(self._taken(min(count, round(self.rate))))):
            count -= skipped
        return seconds

    def _taken(self, count: int) -> np.ndarray:
        """The next `count` samples, of two laps if need be; fewer at the end of what does not loop."""
        while len(self._kept) < count:
            block = next(self._blocks, (0.0, None))[1]
            if block is None and not self._loop:
                break
            self._kept = np.concatenate((self._kept, block if block is not None else self._again()))
        taken, self._kept = self._kept[:count], self._kept[count:]
        self._number += len(taken)
        return taken

    def _again(self) -> np.ndarray:
        """The first block of the next lap."""
        self._blocks = decoded(self._path, self._channel)
        end = self._number + len(self._kept)
        self._lap = self._lap or end
        self.began = self._start + end / self.rate
        return next(self._blocks)[1]

    def close(self) -> None:
        self._blocks.close()


def decoded(path: Path, channel: int | None) -> Iterator[tuple[float, np.ndarray]]:
    """The sound of a file, block by block: samples a second, and samples mono float32 -1..1. Raises Lost."""
    try:
        with av.open(str(path)) as file:
            if not file.streams.audio:
                raise Lost(f"the clip {path} has no sound: choose another")
            stream = file.streams.audio[0]
            floats = av.AudioResampler("fltp", rate=stream.rate)
            for packed in file.decode(stream):
                for frame in floats.resample(packed):
                    yield float(stream.rate), mono(frame.to_ndarray().T, channel)
    except av.FFmpegError as error:
        raise Lost(f"the clip {path} cannot be read: {error.strerror}; choose or convert another") from error
