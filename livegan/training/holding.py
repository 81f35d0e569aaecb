"""A training folder belongs to one process at a time: two that write checkpoints would undo each other's work."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from livegan.errors import BadRequest
from livegan.files import write_atomic

_FILE = ".training-now"


@contextlib.contextmanager
def holding(out: Path) -> Iterator[None]:
    """`out` is this process's until the end. Raises BadRequest where another one that lives has it."""
    path = out / _FILE
    holder = _holder(path)
    if holder is not None:
        raise BadRequest(f"{out} is being trained by process {holder} already: wait for it, or stop it first")
    me = psutil.Process()
    write_atomic(path, json.dumps([me.pid, me.create_time()]).encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _holder(path: Path) -> int | None:
    """The living process that wrote `path`; one that was killed, or whose number is another's now, holds nothing."""
    try:
        pid, created = json.loads(path.read_bytes())
        process = psutil.Process(pid)
        alive = process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE
        return pid if alive and pid != os.getpid() else None
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
