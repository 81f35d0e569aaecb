"""Asks in a process of its own, because drivers hang and crash: what does not answer is told, and the next one asked.

Nothing that is asked may run in the process of the command line.
"""

import contextlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection

from livegan.control.doctor.check import Check, Machine
from livegan.senses.tracker import quiet

LIMIT = 20.0
"""Seconds that one answer may take."""

STARTS = 60.0
"""Seconds that the process may take to start."""

Look = Callable[[str, Machine], list[Check]]
"""Answers for one name; a function that `import` finds."""


def answers(names: Sequence[str], machine: Machine, look: Look, limit: float = LIMIT) -> Iterator[list[Check]]:
    """The answer for each name, in turn; none takes longer than `limit` seconds, nor does the iterator raise."""
    asked: _Asked | None = None
    try:
        for name in names:
            asked = asked or _Asked(machine, look)
            found = asked.answer(name, limit)
            if isinstance(found, str):
                asked.close()
                asked = None
                found = [Check(name, "warn", found, "look at what this system tells of it, and try again")]
            yield found
    finally:
        if asked is not None:
            asked.close()


class _Asked:
    """The process that is asked."""

    def __init__(self, machine: Machine, look: Look) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._line, theirs = spawn.Pipe()
        self._process = spawn.Process(target=work, args=(theirs, machine, look), name="doctor", daemon=True)
        self._process.start()
        theirs.close()
        self._ready = False

    def answer(self, name: str, limit: float) -> list[Check] | str:
        """What it says of a name, or a sentence about why it says nothing."""
        try:
            if not self._ready:
                self._ready = self._line.poll(STARTS)
                self._line.recv_bytes()
            self._line.send_bytes(name.encode())
            if not self._line.poll(limit):
                return f"gave no answer within {limit:g} s"
            return [Check(**one) for one in json.loads(self._line.recv_bytes())]
        except (EOFError, OSError):
            self._process.join(1.0)
            return f"ended the process that asked it (status {self._process.exitcode})"

    def close(self) -> None:
        """End it, whatever it hangs in."""
        self._process.kill()
        self._process.join()
        self._line.close()


def work(line: Connection, machine: Machine, look: Look) -> None:
    """The process's first function: answer until nobody asks any more."""
    with quiet(), contextlib.suppress(EOFError, KeyboardInterrupt):
        line.send_bytes(b"ready")
        while True:
            found = _looked(line.recv_bytes().decode(), machine, look)
            line.send_bytes(json.dumps([asdict(one) for one in found]).encode())


def _looked(name: str, machine: Machine, look: Look) -> list[Check]:
    try:
        return look(name, machine)
    except Exception as error:
        return [Check(name, "warn", f"could not be looked at ({type(error).__name__}: {error})", "please report it")]
