"""Where pictures come from: a folder, a zip, videos. Each offers its pictures by name, and says what it leaves out.

Nothing is followed out of the folder, nothing of a zip is written anywhere, and nothing that is not a plain file is
opened: a pipe would wait for ever.
"""

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from livegan.errors import BadRequest
from livegan.training import videos
from livegan.training.pictures import MOST_BYTES, Unfit

_DEPTH, _MOST_FILES = 32, 200_000
_RATIO, _SMALL = 200, 1 << 20
"""A zip's file may unfold so many times; small ones may be as empty as they like."""

_UNFOLDED = 50
"""All of a zip's files together may be so many times as large as the zip, and a gigabyte."""


@dataclass(frozen=True)
class Offered:
    """One picture that may be read. name: within the source. label: its subfolder, or "".

    read: gives the file's bytes or a frame, raises Unfit; safe in another thread. at: how far the source is, in files.
    """

    name: str
    label: str
    read: Callable[[], bytes | Image.Image]
    at: float


@dataclass(frozen=True)
class LeftOut:
    """What is not used. kind: for counting; why: in words."""

    name: str
    kind: str
    why: str


Opened = Callable[[], Iterator[Offered | LeftOut]]


def opened(source: Path, moments: videos.Moments, seed: int | None) -> tuple[int, Opened]:
    """How many files are in a source, and a way to go through them, by name or shuffled by `seed`.

    Raises BadRequest when it is neither folder, zip nor video.
    """
    if source.is_dir():
        return _folder(source, moments, seed)
    if not source.is_file():
        raise BadRequest(f"there is no {source}: give a folder, a zip or a video, or the word skies")
    if zipfile.is_zipfile(source):
        return _zip(source, seed)
    if videos.is_video(source):
        return 1, lambda: _video(source, source.name, "", moments, 0)
    raise BadRequest(f"{source} is neither a folder, a zip nor a video (mp4, mov, mkv, webm, avi): give one of these")


def told(name: str) -> str:
    """A stranger's name as it may be shown: printable, and not too long."""
    text = "".join(c if c.isprintable() else "?" for c in name)
    return text if len(text) <= 160 else f"...{text[-157:]}"


def _folder(root: Path, moments: videos.Moments, seed: int | None) -> tuple[int, Opened]:
    found, left = [], []
    for one in _walk(root, root.resolve(), 0):
        (left if isinstance(one, LeftOut) else found).append(one)
        if len(found) > _MOST_FILES:
            raise BadRequest(f"{root} holds more than {_MOST_FILES:,} files: give a part of it")

    def offered() -> Iterator[Offered | LeftOut]:
        yield from left
        for at, path in enumerate(_ordered(found, seed)):
            parts = path.relative_to(root).parts
            name, label = told("/".join(parts)), told(parts[0]) if len(parts) > 1 else ""
            if videos.is_video(path):
                yield from _video(path, name, label, moments, at)
            else:
                yield Offered(name, label, lambda path=path: _bytes(path), at)

    return len(found), offered


def _ordered(found: list, seed: int | None) -> list:
    return found if seed is None else [found[i] for i in np.random.default_rng(seed).permutation(len(found))]


def _walk(folder: Path, root: Path, depth: int) -> Iterator[Path | LeftOut]:
    """Plain files below a folder, by name; `root` is what no link may leave."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield LeftOut(told(folder.name), "unreadable", f"the folder cannot be read ({error.strerror})")
        return
    if {"dataset.json", "pictures.u8"} <= {entry.name for entry in entries}:
        yield LeftOut(told(folder.name), "not a picture", "it is a prepared dataset, not pictures")
        return
    for entry in entries:
        path = Path(entry.path)
        shown = told("/".join(path.parts[len(path.parts) - depth - 1 :]))
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            yield LeftOut(shown, "hidden", "it is hidden")
        elif entry.is_symlink():
            yield _linked(path, root, shown)
        elif entry.is_dir():
            if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".gif"):
                yield LeftOut(shown, "not a picture", "it is a folder; what is in it is read")
            if depth < _DEPTH:
                yield from _walk(path, root, depth + 1)
            else:
                yield LeftOut(shown, "unreadable", f"it lies more than {_DEPTH} folders deep")
        elif entry.is_file():
            yield path
        else:
            yield LeftOut(shown, "not a file", "it is a pipe, socket or device, not a file")


def _linked(path: Path, root: Path, shown: str) -> Path | LeftOut:
    """What a symlink leads to, if that is a file inside."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return LeftOut(shown, "link", "it is a link that leads nowhere")
    if not target.is_relative_to(root):
        return LeftOut(shown, "link", "it is a link out of the folder")
    return path if target.is_file() else LeftOut(shown, "link", "it is a link to a folder")


def _bytes(path: Path) -> bytes:
    """A plain file's content. Raises Unfit."""
    try:
        # Not to wait, if it has become a pipe since it was listed.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise Unfit("not a file", "it is a pipe, socket or device, not a file")
            if state.st_size > MOST_BYTES:
                raise _heavy(state.st_size)
            return file.read(state.st_size)
    except OSError as error:
        raise Unfit("unreadable", f"it cannot be read ({error.strerror})") from None


def _heavy(size: int) -> Unfit:
    return Unfit("too large", f"it has {size / 1e6:,.0f} MB, at most {MOST_BYTES >> 20} are read")


def _video(path: Path, name: str, label: str, moments: videos.Moments, at: float) -> Iterator[Offered | LeftOut]:
    try:
        for moment, share, image in videos.frames(path, moments):
            yield Offered(f"{name} at {moment:.2f} s", label, lambda image=image: image, at + share)
    except Unfit as error:
        yield LeftOut(name, error.kind, str(error))


def _zip(path: Path, seed: int | None) -> tuple[int, Opened]:
    try:
        archive = zipfile.ZipFile(path)
        # Not is_dir, which fails over a file without a name.
        entries = sorted((e for e in archive.infolist() if e.filename[-1:] != "/"), key=lambda entry: entry.filename)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadRequest(f"{path} is a damaged zip ({error}): pack it again") from None
    if len(entries) > _MOST_FILES:
        raise BadRequest(f"{path} holds more than {_MOST_FILES:,} files: give fewer")
    firsts = {PurePosixPath(entry.filename).parts[:1] for entry in entries if not _hidden(entry)}
    # Most zips hold one folder, which is no label.
    wrapped = int(len(firsts) == 1 and all("/" in entry.filename for entry in entries))

    def offered() -> Iterator[Offered | LeftOut]:
        spare = _UNFOLDED * path.stat().st_size + (1 << 30)
        with archive:
            for at, entry in enumerate(_ordered(entries, seed)):
                name, parts = told(entry.filename) or "(no name)", PurePosixPath(entry.filename).parts[wrapped:]
                try:
                    spare -= _refuse_entry(archive, entry, spare)
                except Unfit as error:
                    yield LeftOut(name, error.kind, str(error))
                    continue
                # Read here: an archive cannot be closed while another thread still reads it.
                content = _unpacked(archive, entry)
                yield Offered(name, told(parts[0]) if len(parts) > 1 else "", content, at)

    return len(entries), offered


def _hidden(entry: zipfile.ZipInfo) -> bool:
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in entry.filename.split("/"))


def _refuse_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, spare: int) -> int:
    """The bytes that a zip's file unfolds to. Raises Unfit for what is hidden, hostile, locked or a video."""
    name, size = entry.filename.replace("\\", "/"), entry.file_size
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        raise Unfit("unsafe", "its path leads out of the zip")
    if _hidden(entry):
        raise Unfit("hidden", "it is hidden")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unfit("link", "it is a link inside a zip")
    if entry.flag_bits & 1:
        raise Unfit("unreadable", "it is locked with a password")
    if videos.begins(_start(archive, entry)):
        raise Unfit("not supported", "it is a video inside a zip: unpack it")
    if size > MOST_BYTES:
        raise _heavy(size)
    if size > _SMALL and size > _RATIO * max(entry.compress_size, 1):
        raise Unfit("unsafe", f"it would unfold {size // max(entry.compress_size, 1):,} times, as no picture does")
    if size > spare:
        raise Unfit("unsafe", "the zip unfolds to far more than it holds; the rest of it is not read")
    return size


def _start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            return file.read(16)
    # Whatever is wrong with it is told where it is unpacked.
    except Exception:
        return b""


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    """The content, or the way to say why there is none."""
    try:
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
    # A damaged stream fails in the way of whatever packed it: zlib, bz2, lzma, a name, a checksum.
    except Exception as error:
        why = Unfit("damaged", f"it cannot be unpacked ({type(error).__name__})")
        return lambda: _raise(why)
    return lambda: content


def _raise(error: Unfit) -> bytes:
    raise error
