"""The files of a stranger's folder: only those inside it, each up to a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from livegan.errors import BadRequest

T = TypeVar("T")

SMALL, LARGE = 1 << 24, 1 << 26
"""Limits in bytes."""


@dataclass(frozen=True)
class Files:
    """The files of a project; `read` puts the name of the file before what is complained of in it."""

    folder: Path

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return self._path(name).is_file()

    def read(self, name: str, reader: Callable[[bytes], T], most: int = SMALL) -> T:
        """What `reader` makes of a file's bytes. Raises BadRequest."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            raise BadRequest(f"{self.folder} is no whole Wekinator project: {name}: {error.strerror}") from None
        if len(data) > most:
            raise BadRequest(f"{path} is larger than {most >> 20} MiB, which no project needs")
        try:
            return reader(data)
        except BadRequest as error:
            raise BadRequest(f"{path} cannot be taken over: {error}") from None

    def _path(self, name: str) -> Path:
        path = self.folder / name
        # A link must not lead out, a pipe never ends.
        inside = path.resolve().is_relative_to(self.folder.resolve())
        if path.exists() and not (inside and path.is_file()):
            raise BadRequest(f"{path} is no file of this project: copy the project itself, without links")
        return path


def text(data: bytes) -> str:
    """Text as Java wrote it: UTF-8, or else Windows' own letters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
