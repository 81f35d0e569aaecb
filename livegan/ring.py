"""The one crossing between processes for features and pixels: a ring of slots in shared memory.

One process writes, any number read, and neither side ever waits: a writer that is stopped or killed, even in the
middle of a slot, can neither tear what a reader sees nor hold the reader up. A slot is believed when its sequence
is even and unchanged around the copy, and its checksum is right.
"""

import contextlib
import struct
import zlib
from dataclasses import dataclass
from multiprocessing import shared_memory

import numpy as np

from livegan.frame import Frame

_HEAD = struct.Struct("<Q")
_PLACE = struct.Struct("<II")
_SLOT = struct.Struct("<QQddIIBBHII")  # sequence, count, seen, written, bytes, crc, type, cut, groups, height, width
_TYPES = (np.dtype("<f4"), np.dtype("u1"))
_START = 64


@dataclass(frozen=True)
class Arrival:
    """A frame as it came out of a ring, with when it was written there (seconds, the writer's clock)."""

    frame: Frame
    written: float


class Ring:
    """Frames of one writer; made by the parent, attached by name in children."""

    def __init__(self, memory: shared_memory.SharedMemory, owner: bool) -> None:
        self._memory = memory
        self._owner = owner
        self._slots, self._size = _PLACE.unpack_from(memory.buf, 8)
        self.name = memory.name

    @classmethod
    def create(cls, slots: int, size: int) -> "Ring":
        """A new ring of `slots` frames of at most `size` bytes of data and presence each."""
        memory = shared_memory.SharedMemory(create=True, size=_START + slots * (_SLOT.size + size))
        _PLACE.pack_into(memory.buf, 8, slots, size)
        return cls(memory, owner=True)

    @classmethod
    def attach(cls, name: str) -> "Ring":
        """The ring that another process made."""
        return cls(shared_memory.SharedMemory(name=name), owner=False)

    @property
    def count(self) -> int:
        """The count of the newest frame; 0 before the first."""
        return _HEAD.unpack_from(self._memory.buf, 0)[0]

    def write(self, frame: Frame, written: float) -> None:
        """Put `frame` after the newest; its count is given here. Raises ValueError when it is too large."""
        data, present = np.ascontiguousarray(frame.data), np.asarray(frame.present, bool)
        payload = data.nbytes + present.nbytes
        if payload > self._size:
            raise ValueError(f"a frame of {payload} bytes does not fit a ring made for {self._size}")
        count = self.count + 1
        at, buffer = self._at(count), self._memory.buf
        body = at + _SLOT.size
        _HEAD.pack_into(buffer, at, 2 * count - 1)
        buffer[body : body + data.nbytes] = memoryview(data).cast("B")
        buffer[body + data.nbytes : body + payload] = present.tobytes()
        shape = data.shape[:2] if data.ndim == 3 else (0, 0)
        crc = zlib.crc32(buffer[body : body + payload])
        kind, groups = _TYPES.index(data.dtype), present.size
        _SLOT.pack_into(
            buffer, at, 2 * count - 1, count, frame.seen, written, payload, crc, kind, frame.cut, groups, *shape
        )
        _HEAD.pack_into(buffer, at, 2 * count)
        _HEAD.pack_into(buffer, 0, count)

    def read(self, count: int) -> Arrival | None:
        """The frame with this count; None when it is gone, not there yet, or was being written."""
        at, buffer = self._at(count), self._memory.buf
        sequence, found, seen, written, size, crc, kind, cut, groups, height, width = _SLOT.unpack_from(buffer, at)
        if sequence != 2 * count or found != count or size > self._size or kind >= len(_TYPES) or groups > size:
            return None
        payload = bytes(buffer[at + _SLOT.size : at + _SLOT.size + size])
        if _HEAD.unpack_from(buffer, at)[0] != 2 * count or zlib.crc32(payload) != crc:
            return None
        data = np.frombuffer(payload, _TYPES[kind], count=(size - groups) // _TYPES[kind].itemsize)
        present = np.frombuffer(payload, bool, offset=size - groups)
        if height:
            data = data.reshape(height, width, -1)
        return Arrival(Frame(data, seen, present, count, bool(cut)), written)

    def since(self, count: int) -> list[Arrival]:
        """Every frame newer than `count` that is still there, oldest first."""
        newest = self.count
        first = max(count + 1, newest - self._slots + 2)
        arrivals = (self.read(number) for number in range(first, newest + 1))
        return [arrival for arrival in arrivals if arrival is not None]

    def newest(self) -> Arrival | None:
        """The newest frame that can be read; None when there is none."""
        newest = self.count
        for number in range(newest, max(0, newest - self._slots + 1), -1):
            if arrival := self.read(number):
                return arrival
        return None

    def close(self) -> None:
        """Let go of the memory; the ring's maker also takes it away. May be called twice."""
        self._memory.close()
        if self._owner:
            self._owner = False
            with contextlib.suppress(FileNotFoundError):
                self._memory.unlink()

    def _at(self, count: int) -> int:
        return _START + (count % self._slots) * (_SLOT.size + self._size)
