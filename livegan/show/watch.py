"""Notices when a mapping was fitted again while the show runs, and has it swapped in between two ticks.

Reads files in a thread of its own; a fit that cannot be used changes nothing and is told to the operator.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from livegan.generators.base import Generator
from livegan.show.wiring import Route

Loaded = tuple[Route | None, Generator]
"""A mapping's route, and the generator whose looks it gives."""

EVERY = 0.5
"""Seconds between two looks at the files."""


class Watch:
    """Watches the fits of a show's mappings.

    fits: for each mapping, its fit's file and how to load it anew. swap: called with the mapping's place and its
    what was loaded, from this thread; or with None and the sentence that says why it could not be.
    """

    def __init__(
        self, fits: list[tuple[Path, Callable[[], Loaded]] | None], swap: Callable[[int, Loaded | None, str], None]
    ) -> None:
        self._fits, self._swap = fits, swap
        self._seen = [_version(fit) for fit in fits]
        self.notes: dict[int, str] = {}
        self._closing = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    def wake(self) -> None:
        """Look now: something was written."""
        self._wake.set()

    def look(self) -> None:
        """Load and swap what has changed since the last look."""
        for place, fit in enumerate(self._fits):
            version = _version(fit)
            if fit is None or version in (None, self._seen[place]):
                continue
            self._seen[place] = version
            try:
                loaded = fit[1]()
            except Exception as error:
                self.notes[place] = f"{error}; the mapping from before plays on"
                self._swap(place, None, self.notes[place])
            else:
                self.notes.pop(place, None)
                self._swap(place, loaded, "")

    def _work(self) -> None:
        while not self._closing:
            self._wake.wait(EVERY)
            self._wake.clear()
            self.look()


def _version(fit: tuple[Path, Callable[[], Loaded]] | None) -> tuple[int, int] | None:
    try:
        return None if fit is None else ((s := fit[0].stat()).st_mtime_ns, s.st_ino)
    except OSError:
        return None
