"""What torch.save wrote, read without torch: the zip archive of today and the stream of before 2020.

Nothing is unpacked to disk, nothing is decompressed, and a number is read only when somebody asks for it.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from livegan.errors import BadRequest
from livegan.importers.limits import Budget
from livegan.importers.machine import Machine, Named, Standin
from livegan.importers.records import WIDTHS, Storage

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_ENTRIES = 50_000
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError)
_KINDS = {
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "DoubleStorage": "f8",
    "BFloat16Storage": "bf16",
    "IntStorage": "i4",
    "LongStorage": "i8",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "b1",
}
Names = Mapping[tuple[str, str], Standin]


def old(data: bytes, names: Names, budget: Budget) -> object:
    """The object in a stream as torch.save wrote it before zip archives, and still writes storages. BadRequest."""
    stream, storages = io.BytesIO(data), _Storages()
    machine = Machine(names, budget, storages.of)
    magic, version, system = machine.load(stream), machine.load(stream), machine.load(stream)
    if magic != MAGIC or version != _VERSION:
        raise BadRequest("it holds data that claims to be torch's and is not")
    if isinstance(system, dict) and system.get("little_endian") is False:
        raise BadRequest("it was written on a big-endian machine, which livegan cannot read")
    found, order = machine.load(stream), machine.load(stream)
    if not isinstance(order, list) or len(order) > _ENTRIES:
        raise BadRequest("it holds torch data without a list of its storages")
    for key in order:
        storages.place(key, stream)
    return found


def archive(data: bytes, names: Names, budget: Budget) -> object:
    """The object in a zip archive of torch.save. Raises BadRequest."""
    file = _opened(data)
    entries = _entries(file, len(data))
    root = _root(entries)
    if _content(file, entries, f"{root}byteorder", b"little") != b"little":
        raise BadRequest("it was written on a big-endian machine, which livegan cannot read")
    pickled = _content(file, entries, f"{root}data.pkl")
    storages = _Storages(lambda key: _content(file, entries, f"{root}data/{key}"))
    return Machine(names, budget, storages.of).load(io.BytesIO(pickled))


def _opened(data: bytes) -> zipfile.ZipFile:
    """Stays open as long as its numbers may be asked for; it lies in memory and holds nothing else."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN:
        raise BadRequest("it is a damaged zip archive: copy or download it again") from None


def _entries(file: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    infos = file.infolist()
    entries = {info.filename: info for info in infos}
    if len(entries) != len(infos) or len(infos) > _ENTRIES:
        raise BadRequest("it is a zip archive with too many entries or with one name twice")
    if any(info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 for info in infos):
        raise BadRequest("it is a compressed or encrypted zip archive, which torch does not write: unpack it first")
    if sum(info.file_size for info in infos) > size:
        raise BadRequest("it is a zip archive that claims to hold more than it does")
    return entries


def _root(entries: dict[str, zipfile.ZipInfo]) -> str:
    """The folder that everything lies in, with its slash."""
    roots = [name.removesuffix("data.pkl") for name in entries if name.split("/")[1:] == ["data.pkl"]]
    if any(name.split("/")[1:2] == ["code"] for name in entries):
        raise BadRequest("it is a TorchScript program, which livegan never runs: get the checkpoint it was made from")
    if len(roots) != 1:
        raise BadRequest("it is a zip archive that torch did not write: unpack it and import what is inside")
    return roots[0]


def _content(
    file: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str, default: bytes | None = None
) -> bytes:
    if name not in entries:
        if default is None:
            raise BadRequest("it lacks a part of its numbers: copy or download it again")
        return default
    try:
        return file.read(entries[name])
    except _BROKEN:
        raise BadRequest("it is a damaged zip archive: copy or download it again") from None


class _Storages:
    """The storages that a torch file refers to, each once. read: finds the bytes of one by its key."""

    def __init__(self, read: Callable[[str], bytes] | None = None) -> None:
        self._read = read
        self._found: dict[str, Storage] = {}

    def of(self, reference: object) -> Storage:
        """('storage', kind, key, where it lay, how many numbers, and in old files a view that must be None)."""
        if not isinstance(reference, tuple) or len(reference) not in (5, 6) or reference[0] != "storage":
            raise BadRequest("it refers to data in an unexpected way")
        kind, key, _, count, *view = reference[1:]
        named = type(kind) is Named and kind.module == "torch" and kind.name in _KINDS
        if not named or type(key) is not str or any(part is not None for part in view):
            raise BadRequest("it refers to numbers of an unknown kind")
        if key not in self._found:
            read = (lambda: self._read(key)) if self._read else None
            self._found[key] = Storage(_KINDS[kind.name], count, read)
        return self._found[key]

    def place(self, key: object, stream: io.BytesIO) -> None:
        """The numbers of the storage `key`, that lie in the stream here: a count and the bytes."""
        storage = self._found.get(key) if type(key) is str else None
        (count,) = struct.unpack("<q", stream.read(8).ljust(8, b"\xff"))
        if storage is None or count != storage.count or storage.data is not None:
            raise BadRequest("it holds numbers that nothing refers to")
        storage.data = stream.read(count * WIDTHS[storage.code])
