"""A folder that grows belongs to one process at a time: two that write into it would undo each other's work.

The system keeps the lock and frees it with the process, however that ends. It is not handed on to other programs.
"""

import contextlib
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from livegan.errors import BadRequest, Failure

if os.name == "nt":
    import msvcrt
else:
    import fcntl

_FILE = ".held"
_FAR = 1 << 30
"""Windows lets nobody read a locked byte: one behind the number that is to be told."""


@contextlib.contextmanager
def holding(folder: Path) -> Iterator[None]:
    """`folder`, which is made where it is not there, is this process's until the end; nothing of it stays behind.

    It may not be renamed meanwhile. Raises BadRequest where another has it, Failure where it cannot be locked.
    """
    path = folder / _FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _locked(path)
    except OSError as error:
        raise Failure(f"{folder} cannot be locked: {error.strerror}; name a folder on a disk of your own") from error
    if file is None:
        raise BadRequest(f"{folder} is being written by {_holder(path)} already: wait for it, or stop it first")
    with file:
        with contextlib.suppress(OSError):  # it is only told
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        try:
            yield
        finally:
            # Windows removes no open file; what stays there holds nothing.
            with contextlib.suppress(OSError):
                path.unlink()


def _locked(path: Path) -> FileIO | None:
    """The file, locked and open; None where another process has it."""
    while True:
        file = path.open("a+b", buffering=0)
        with contextlib.ExitStack() as closing:
            closing.enter_context(file)
            if not _lock(file):
                return None
            # Whoever had it may have taken the file away between opening and locking it.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    closing.pop_all()
                    return file


def _lock(file: FileIO) -> bool:
    try:
        if os.name == "nt":
            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _holder(path: Path) -> str:
    """Who has it, in words; it may be gone, or have said nothing yet."""
    with contextlib.suppress(OSError):
        number = path.read_text("ascii", "replace")
        if number.isdecimal():
            return f"process {number}"
    return "another process"
