"""MIDI ports without a driver: the bytes that a test sends come in at the real input."""

from collections.abc import Callable, Sequence

from livegan.errors import Lost


class FakePorts:
    """A machine's MIDI ports. present: their names now. open: how many are listened to."""

    def __init__(self, *names: str) -> None:
        self.present, self.open, self.broken = [*names], 0, False
        self.listening = ""

    def __call__(self) -> "FakePorts":
        """As the input opens them."""
        return self

    def names(self) -> list[str]:
        if self.broken:
            raise Lost("the MIDI ports cannot be listed")
        return [*self.present]

    def listen(self, place: int, hear: Callable[[Sequence[int]], None]) -> None:
        self.listening, self._hear, self.open = self.present[place], hear, self.open + 1

    def send(self, *data: int) -> None:
        """Bytes, at once."""
        if self.listening in self.present:
            self._hear(data)

    def close(self) -> None:
        self.open = 0
