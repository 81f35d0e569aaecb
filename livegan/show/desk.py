"""The child's side of a clerk: where it finds its letters, and leaves the answers.

Must never outlive the show: when the parent has gone it finishes what it was told, for a moment, and leaves.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from livegan.letters import Letter, pack, unpack

LARGEST = 1 << 28
"""Bytes of a letter, at most."""

GRACE = 1.5
"""Seconds that a child has to finish what it was told, when its parent has gone."""

_NICE = 15


class Desk:
    """The letters that a child was told. low_priority: what it does is worth nothing once the parent has gone."""

    def __init__(self, connection: Connection, low_priority: bool = False) -> None:
        self._connection = connection
        self._grace = 0.0 if low_priority else GRACE
        self._changed = threading.Condition()
        self._letters: list[tuple[int, Letter]] = []
        self._parent_gone = False
        threading.Thread(target=self._read, name="desk", daemon=True).start()

    def letters(self) -> Iterator[list[tuple[int, Letter]]]:
        """All letters that wait, oldest first, each with its number; waits for one, ends when the parent has gone."""
        self.answer(0, Letter({}))
        while letters := self._waiting():
            yield letters

    def answer(self, number: int, letter: Letter) -> None:
        """Answer a letter; words["done"] true is the last of it. Nothing happens when the parent has gone."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(number.to_bytes(8, "little") + pack(letter))

    def _waiting(self) -> list[tuple[int, Letter]]:
        with self._changed:
            self._changed.wait_for(lambda: self._letters or self._parent_gone)
            letters, self._letters = self._letters, []
            return letters

    def _read(self) -> None:
        """Take letters in while others are carried out, so that the parent never waits with one in its hand."""
        with contextlib.suppress(EOFError, OSError, ValueError):
            while True:
                one = opened(self._connection.recv_bytes(LARGEST))
                with self._changed:
                    self._letters.append(one)
                    self._changed.notify()
        with self._changed:
            self._parent_gone = True
            self._changed.notify()
        threading.Event().wait(self._grace)
        os._exit(0)


def opened(data: bytes) -> tuple[int, Letter]:
    """A letter and its number. Raises ValueError."""
    return int.from_bytes(data[:8], "little"), unpack(data[8:])


def main(connection: Connection, work: Callable[[Desk], None], low_priority: bool) -> None:
    """The first function of a clerk's child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if low_priority:
        _step_back()
    desk = Desk(connection, low_priority)
    try:
        work(desk)
    except Exception as error:
        desk.answer(0, Letter({"failed": f"{type(error).__name__}: {error}"}))
        sys.exit(1)


def _step_back() -> None:
    """Run only when nobody else wants to, as far as the system knows of that."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    if hasattr(os, "SCHED_IDLE"):
        # A nice process still makes others wait for the end of its turn now and then; an idle one never does.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
