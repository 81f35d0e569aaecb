"""Undo and redo, any depth, of everything that a performer does: looks, rounds, fits."""

from collections.abc import Callable
from dataclasses import dataclass

from livegan.errors import BadRequest


@dataclass(frozen=True)
class Deed:
    """Something that was done. told: what, in words that go after "undone: ". Both ways may be gone many times."""

    told: str
    undo: Callable[[], None]
    redo: Callable[[], None]


class Deeds:
    """What was done, newest last, and what was undone."""

    def __init__(self) -> None:
        self._done: list[Deed] = []
        self._undone: list[Deed] = []
        self._changed = False

    def did(self, deed: Deed) -> None:
        """It was done just now; what was undone before cannot be redone any more."""
        self._done.append(deed)
        self._changed = bool(self._undone) or self._changed
        self._undone.clear()

    def undo(self) -> str:
        """Take the newest back. Raises BadRequest when there is nothing."""
        if not self._done:
            raise BadRequest("there is nothing to undo")
        deed = self._done.pop()
        self._undone.append(deed)
        self._changed = False
        deed.undo()
        return f"undone: {deed.told}"

    def redo(self) -> str:
        """Do again what was undone last. Raises BadRequest when there is nothing."""
        if not self._undone:
            why = ": something else was done since the last undo" if self._changed else ": undo something first"
            raise BadRequest(f"there is nothing to redo{why}")
        deed = self._undone.pop()
        self._done.append(deed)
        deed.redo()
        return f"done again: {deed.told}"
