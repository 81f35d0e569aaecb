"""Work that must never hold up a picture: done in a thread of its own, one piece after the other, when there is time.

What a piece of work holds is let go in that thread too, since giving back a model's memory takes as long as a picture.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

Errand = Callable[[], object]

NICE = 5
"""How far it stands back; see docs/decisions/2026-11-21-another-model.md."""


class Errands:
    """A thread for errands; they tell of their faults themselves."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Errand | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="errands", daemon=True)
        self._thread.start()

    def do(self, errand: Errand) -> None:
        """Have it done; from any thread, and without waiting."""
        self._waiting.put(errand)

    def close(self, patience: float = 5.0) -> None:
        """Begin no more; the one that is under way has so many seconds."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        _stand_back()
        while (errand := self._waiting.get()) is not None and not self._closed:
            errand()
            del errand


def _stand_back() -> None:
    """Let the show's own threads go first, on systems where each thread has a priority."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))
