"""The limited child process: takes away what it does not need, reads one file, leaves a model or a sentence.

It has no network where the system allows that, cannot start programs, and has memory and time for one file only.
Started by livegan.importers.convert as a program of its own; imports only Python itself before its limits are set.
"""

import contextlib
import ctypes
import json
import signal
import sys
from pathlib import Path

MODEL, ANSWER = "model.safetensors", "answer.json"
"""What it leaves in the folder that it is given."""

MEMORY = 3 << 29
"""Bytes that it may use besides the Python that runs it and four times the size of the file: 1.5 GB."""

SECONDS = 120
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_DIE_WITH_PARENT, _NO_NEW_RIGHTS = 1, 38


def main(source: str, folder: str, wanted: str) -> None:
    """Convert `source` to a model in `folder`, or say there in one sentence why not.

    wanted: "generator", "discriminator", or "inception" for the network of FID.
    """
    _leave()
    answer = {"error": "it needs more memory than a model of its size does: it is damaged or hostile"}
    # What comes last must not fail, however little memory is left.
    with contextlib.suppress(MemoryError):
        answer = _answer(Path(source), Path(folder), wanted)
    (Path(folder) / ANSWER).write_text(json.dumps(answer), "utf-8")


def _answer(source: Path, folder: Path, wanted: str) -> dict:
    from livegan.errors import BadRequest, Failure
    from livegan.generators import weights
    from livegan.importers import read

    _limit(source.stat().st_size)
    try:
        reads = {"generator": read.model, "discriminator": read.discriminator, "inception": read.inception}
        model, notes = reads[wanted](source.read_bytes(), source.stem)
        weights.dump(folder / MODEL, model, {"file": source.name, "sha256": model.sha256})
    except BadRequest as error:
        return {"error": str(error)}
    except Failure as error:
        return {"failure": str(error)}
    return {"notes": notes, "sha256": model.sha256}


def _leave() -> None:
    """Die with the parent; leave the network. Before anything else, since a process with threads cannot."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0)
    if libc.unshare(_NEW_NETWORK) != 0:
        libc.unshare(_NEW_USER | _NEW_NETWORK)


def _limit(size: int) -> None:
    """Bound memory, time, files and processes, as far as the system can; counted from what is in use already."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: _in_use() + MEMORY + 4 * size,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 2 * size + MEMORY // 16,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, limit in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def _in_use() -> int:
    """The address space of this process in bytes."""
    import psutil

    return psutil.Process().memory_info().vms


if __name__ == "__main__":
    main(*sys.argv[1:])
