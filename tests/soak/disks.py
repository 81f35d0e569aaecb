"""Disks that fail: one with little room, one that may not be written to, as well as this machine allows it."""

import contextlib
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from livegan.rehearsal import scribe
from livegan.show.desk import Desk

ROOM = 2_000_000
"""Bytes of a small disk."""


@contextlib.contextmanager
def small_disk() -> Iterator[tuple[Path, Callable[[Desk], None], Callable[[int], None], str]]:
    """A folder with little room, what a scribe there does, what makes room, and of what kind it is."""
    with tempfile.TemporaryDirectory() as place:
        disk = Path(place)
        if not mounted("-t", "tmpfs", "-o", f"size={2 * ROOM}", "small", place):
            yield disk, limited, _raise_limit, "a limit on the size of files"
            return
        try:
            (disk / "ballast").write_bytes(bytes(ROOM))
            yield disk, scribe.work, lambda pid: (disk / "ballast").unlink(), "a small disk in memory"
        finally:
            subprocess.run(["umount", place], check=True)


def mounted(*words: str) -> bool:
    """Whether mount did what it was asked, and may here."""
    with contextlib.suppress(OSError):
        return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0
    return False


def limited(desk: Desk) -> None:
    """A scribe that cannot write large files."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    scribe.work(desk)


def _raise_limit(pid: int) -> None:
    most = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


@contextlib.contextmanager
def may_not_write(folder: Path, own_disk: bool) -> Iterator[Callable[[], object]]:
    """Nobody may write there; gives what allows it again."""
    if own_disk:
        mounted("-o", "remount,ro", str(folder.parent))
        yield lambda: mounted("-o", "remount,rw", str(folder.parent))
        return
    inside = [*folder.iterdir()]

    def set_modes(file: int, of_folder: int) -> None:
        for path in inside:
            path.chmod(file)
        folder.chmod(of_folder)

    set_modes(0o400, 0o500)
    try:
        yield lambda: set_modes(0o600, 0o700)
    finally:
        set_modes(0o600, 0o700)
