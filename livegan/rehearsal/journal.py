"""The journal of a take that is being recorded: its chunks beside the file that it will be, each on disk at once.

A chunk that was acknowledged is never lost, changed or kept twice; one whose writing was cut short was never there.
"""

import hashlib
import os
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest, Failure
from livegan.files import sync_folder
from livegan.frame import Feature, Frame
from livegan.inputs.take import save_take
from livegan.letters import Letter, pack, unpack

_COLUMNS = ("data", "seen", "present", "cut")
_HEAD = 8 + 32  # the length of a chunk, and its sha256


class Journal:
    """What was told so far of the take `path`; one that a show left behind is gone on with."""

    def __init__(self, path: Path) -> None:
        self._take = path
        self._path = path.with_name(f".{path.name}.journal")
        self._begin()
        data = self._path.read_bytes() if self._path.is_file() else b""
        while (chunk := _chunk(data, self._size)) is not None:
            self._note(chunk)

    def add(self, first: int, columns: dict[str, np.ndarray]) -> None:
        """Add frames, the first being number `first`; on disk when this returns, and nothing happens the second time.

        columns: data, seen, present, cut, as in a take. Another beginning puts what was there aside. Raises
        BadRequest when frames are missing before them, Failure when the disk refuses.
        """
        lengths = {len(column) for column in columns.values()}
        if {*columns} != {*_COLUMNS} or len(lengths) != 1 or 0 in lengths:
            raise BadRequest(f"the frames for {self._take} have no {', '.join(_COLUMNS)} of one length")
        chunk = pack(Letter({"first": first}, columns))
        if self._known.get(first) == _digest(chunk):
            return
        try:
            if first == 0 and self._known:
                os.replace(self._path, self._path.with_suffix(".unfinished"))
                self._begin()
            if first != self._end:
                raise BadRequest(f"frame {first} of {self._take} was told where {self._end} was due: record it again")
            self._append(chunk)
        except OSError as error:
            raise Failure(
                f"could not write {self._path}: {error.strerror}; what was recorded before is there"
            ) from error
        self._note(chunk)

    def become_take(self, features: list[Feature]) -> None:
        """Write the take, on disk when this returns, and remove the journal; nothing happens the second time.

        Raises BadRequest when the frames are not those of a take, Failure when the disk refuses.
        """
        if not self._known and self._take.is_file():
            return
        save_take(self._take, features, self._frames())
        self._path.unlink(missing_ok=True)
        self._begin()

    def _begin(self) -> None:
        self._known: dict[int, bytes] = {}
        self._end = self._size = 0

    def _note(self, chunk: bytes) -> None:
        letter = unpack(chunk)
        self._known[letter.words["first"]] = _digest(chunk)
        self._end += len(letter.arrays["seen"])
        self._size += _HEAD + len(chunk)

    def _append(self, chunk: bytes) -> None:
        with self._path.open("ab") as file:
            file.truncate(self._size)  # of what a full disk or a kill cut short
            file.write(len(chunk).to_bytes(8, "little") + _digest(chunk) + chunk)
            file.flush()
            os.fsync(file.fileno())
        if not self._size:
            sync_folder(self._path.parent)

    def _frames(self) -> list[Frame]:
        data, frames, at = self._path.read_bytes() if self._known else b"", [], 0
        while (chunk := _chunk(data, at)) is not None:
            at += _HEAD + len(chunk)
            arrays = unpack(chunk).arrays
            rows = zip(*(arrays[name] for name in _COLUMNS), strict=True)
            frames += [Frame(row, float(seen), present, cut=bool(cut)) for row, seen, present, cut in rows]
        return frames


def _digest(chunk: bytes) -> bytes:
    return hashlib.sha256(chunk).digest()


def _chunk(data: bytes, at: int) -> bytes | None:
    """The chunk that begins at `at`, or None when there is none, or only a part."""
    start, end = at + _HEAD, at + _HEAD + int.from_bytes(data[at : at + 8], "little")
    chunk = data[start:end]
    return chunk if chunk and _digest(chunk) == data[at + 8 : start] else None
