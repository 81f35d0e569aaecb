"""Letters on their way: what a clerk was asked and has not answered yet, oldest first.

Touched by every thread that asks; never waits for anything but its own lock. No letter may be lost or change places.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from livegan.letters import Letter

DEADLY = 3
"""So many children may die of a letter before it is given up."""

Hear = Callable[[Letter], None]


@dataclass
class Asked:
    """A letter, packed. suspect: a child that had been told it died; deaths: while it was the oldest told."""

    number: int
    data: bytes
    hear: Hear
    suspect: bool = False
    deaths: int = 0


class Letterbox:
    """Letters that wait to be told, and those that were told and wait for an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._untold: deque[Asked] = deque()
        self._told: dict[int, Asked] = {}
        self._count = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._told) + len(self._untold)

    def add(self, data: bytes, hear: Hear) -> None:
        """Put in a letter; numbers begin with 1."""
        with self._lock:
            self._count += 1
            self._untold.append(Asked(self._count, data, hear))

    def take(self) -> list[Asked]:
        """What is to be told now: all that waits, but one by one what may have been the death of a child."""
        with self._lock:
            if not self._untold:
                return []
            oldest = next(iter(self._told.values()), self._untold[0])
            count = (0 if self._told else 1) if oldest.suspect else len(self._untold)
            taken = [self._untold.popleft() for _ in range(count)]
            self._told |= {asked.number: asked for asked in taken}
            return taken

    def answered(self, number: int, done: bool) -> Asked | None:
        """The letter that was answered, taken out when it is done; None when it was dropped."""
        with self._lock:
            return self._told.pop(number, None) if done else self._told.get(number)

    def put_back(self, blame: bool) -> Asked | None:
        """The child died: what it was told waits again; blame: gives the letter that is given up, taken out."""
        with self._lock:
            told = list(self._told.values())
            self._told.clear()
            self._untold.extendleft(reversed(told))
            if not blame or not told:
                return None
            for asked in told:
                asked.suspect = True
            told[0].deaths += 1
            return self._untold.popleft() if told[0].deaths >= DEADLY else None

    def empty(self) -> tuple[list[Asked], bool]:
        """Take everything out; and whether some of it was told."""
        with self._lock:
            all_of_it, told = [*self._told.values(), *self._untold], bool(self._told)
            self._told.clear()
            self._untold.clear()
            return all_of_it, told
