"""MIDI's bytes made whole messages, whatever way they come in.

Must never lose a note-off. That is why it is here: mido 1.3's parser drops messages in running status, and those that a
clock's byte came into the middle of, both of which the MIDI 1.0 specification allows.
"""

from collections.abc import Iterable, Iterator

Message = tuple[int, ...]
"""A status byte of 0x80 or more and its 0 to 2 data bytes, each at most 127."""

_LENGTHS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2, 0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}
_REALTIME = 0xF8


class Stream:
    """Bytes on their way to being messages; system exclusive is left out, however long it is."""

    def __init__(self) -> None:
        self._status = 0
        self._data: list[int] = []

    def feed(self, data: Iterable[int]) -> Iterator[Message]:
        """The messages that these bytes (0..255) complete; what is none is left out without a word."""
        for byte in data:
            if byte >= _REALTIME:
                yield (byte,)  # between the bytes of another message, which goes on
            elif message := self._status_byte(byte) if byte >= 0x80 else self._data_byte(byte):
                yield message

    def _status_byte(self, byte: int) -> Message | None:
        self._data = []
        self._status = byte if _length(byte) else 0
        return (byte,) if _length(byte) == 0 else None

    def _data_byte(self, byte: int) -> Message | None:
        if not self._status:
            return None
        self._data.append(byte)
        if len(self._data) < _length(self._status):
            return None
        message = self._status, *self._data
        self._data = []
        if self._status >= 0xF0:  # only channel messages may leave their status out the next time
            self._status = 0
        return message


def _length(status: int) -> int | None:
    """Data bytes of a message with this status; None for system exclusive and what is not defined."""
    return _LENGTHS.get(status if status >= 0xF0 else status & 0xF0)
