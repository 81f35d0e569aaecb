"""Which notes are held, told in frames so that no strike and no release between two frames vanishes.

Must never end with a note held that was let go: however much came at once, the last change of a note is told last.
"""

from collections import deque

MOST = 8
"""Changes of one note that wait to be told; where there are more, the oldest go."""


class HeldNotes:
    """Notes 0..127 of 16 channels; a note is held as long as it is on any channel."""

    def __init__(self) -> None:
        self._holding: dict[int, set[int]] = {note: set() for note in range(128)}
        self._untold: dict[int, deque[float]] = {}

    def press(self, channel: int, note: int, velocity: float) -> None:
        """A note-on with its velocity, above 0 and up to 1."""
        self._holding[note].add(channel)
        self._change(note, velocity)

    def release(self, channel: int, note: int) -> None:
        """A note-off; of a note that is not held it changes nothing."""
        if channel in self._holding[note]:
            self._holding[note].discard(channel)
            if not self._holding[note]:
                self._change(note, 0.0)

    def release_all(self, channel: int | None = None) -> None:
        """Let go all notes of a channel, or of all of them."""
        for note, channels in self._holding.items():
            for held in [one for one in channels if channel in (None, one)]:
                self.release(held, note)

    def tell(self) -> dict[int, float]:
        """The next change of every note that has one: the velocity it was struck with, 0 when it was let go."""
        told = {note: changes.popleft() for note, changes in self._untold.items()}
        self._untold = {note: changes for note, changes in self._untold.items() if changes}
        return told

    @property
    def waiting(self) -> bool:
        """Whether there is a change to tell."""
        return bool(self._untold)

    def _change(self, note: int, velocity: float) -> None:
        self._untold.setdefault(note, deque(maxlen=MOST)).append(velocity)
