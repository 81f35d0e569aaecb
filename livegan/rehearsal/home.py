"""The folder of what is kept with a patch: read once, written by the scribe."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest
from livegan.letters import Letter
from livegan.rehearsal.looks import FILE, Kept, dumped, load
from livegan.rehearsal.rounds import Asks, Post
from livegan.rehearsal.said import Says


class Home:
    """Files in `folder`; what goes wrong with them is said."""

    def __init__(self, folder: Path, scribe: Asks, post: Post, say: Says) -> None:
        self.folder = folder
        self._scribe, self._post, self._say = scribe, post, say

    def looks(self) -> tuple[Kept, ...]:
        """The looks that were kept."""
        try:
            return load(self.folder / FILE)
        except BadRequest as error:
            self._say(str(error), error=True)
            return ()

    def keep(self, looks: tuple[Kept, ...]) -> None:
        """Keep these looks."""
        self.write(FILE, dumped(looks))

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole."""
        write(self._scribe, self.folder, self._told, name, data)

    def _told(self, error: str) -> None:
        self._post(lambda: self._say(error, error=True))


def write(scribe: Asks, folder: Path, failed: Callable[[str], None], name: str, data: bytes) -> None:
    """Have the scribe write a file whole, inside a folder; `failed` gets why it could not, in any thread."""

    def hear(answer: Letter) -> None:
        if answer.words["error"]:
            failed(answer.words["error"])

    letter = Letter({"do": "file", "root": str(folder), "path": name}, {"data": np.frombuffer(data, np.uint8)})
    scribe.ask(letter, hear)
