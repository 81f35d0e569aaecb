"""Files that survive a power cut, and where bundled and personal files are found.

Every write goes to a temporary file beside the target and takes its place when it is on disk; nothing else in
livegan may open a data file for writing.
"""

import contextlib
import os
import secrets
from pathlib import Path

from livegan.errors import BadRequest, Failure

_PACKAGE = Path(__file__).parent
_ONE = {"patches": "patch", "mappings": "mapping", "models": "model", "media": "clip", "takes": "take"}


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: a reader, or a power cut, finds the old file or the new one, never less.

    Returns when file and folder are on disk. Raises Failure in one sentence; the old file is then intact.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            _write_synced(temporary, data)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise Failure(f"could not write {path}: {error.strerror}; the file is as it was before") from error


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` durable, where the system can (Windows does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def bundled(room: str) -> Path:
    """The folder of `room` (patches, mappings, models, media) that came with livegan.

    In an installed wheel all of them lie inside the package; in a checkout patches/ and mappings/ lie beside it.
    """
    inside = _PACKAGE / room
    beside = _PACKAGE.parent / room
    return inside if inside.is_dir() else beside


def find(room: str, name: str, near: Path | None = None, suffix: str = "") -> Path:
    """The file or folder that a patch or a person calls `name`, as an absolute path.

    Looked for as a path (relative to `near`, else to the current folder), then in ROOM/ of the current folder,
    then among what came with livegan; `suffix` may be left out. Raises BadRequest when there is none.
    """
    start = near or Path.cwd()
    places = [start / name, Path.cwd() / name, Path.cwd() / room / name, bundled(room) / name]
    for place in places:
        for path in (Path(f"{place}{suffix}"), place):
            # A mapping is a folder; a folder that only has the right name is not one.
            with contextlib.suppress(OSError):  # a name that is too long names nothing
                if (path / "mapping.toml" if room == "mappings" else path).is_file():
                    return path.resolve()
    raise BadRequest(f'there is no {_ONE[room]} "{name}": looked in {start} and {bundled(room)}')
