"""What a scribe is told in a soak: rows that say their own number, chunks of a take; and what it has then on disk."""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from livegan.letters import Letter
from livegan.mapping.examples import FILE, Examples
from livegan.show.clerk import Clerk
from tests.shows import wait_for

RATE = 60
IN_ROUND = 120
IN_CHUNK = 15
FEATURES = [{"name": name, "kind": "linear", "unit": 1.0} for name in ("body.x", "body.y", "body.z")]
TAKE = "takes/1/body.safetensors"


def letter(do: str, folder: Path, arrays: dict[str, np.ndarray] | None = None, **words: object) -> Letter:
    """A letter for the scribe about this folder."""
    return Letter({"do": do, "folder": str(folder), "root": str(folder), **words}, arrays or {})


def beginnings(folder: Path) -> list[Letter]:
    """What comes before the first row."""
    names = [feature["name"] for feature in FEATURES]
    return [
        letter("begin", folder, settings={"features": names}, features=FEATURES),
        letter("look", folder, name="sky", seed=1, psi=0.8, model="abc"),
        letter("round", folder, round=1, look="sky"),
    ]


def row(folder: Path, number: int) -> Letter:
    """Example `number`, which says so, in the round it belongs to."""
    round_id, first = divmod(number, IN_ROUND)
    rows = np.full((1, len(FEATURES)), number, np.float32)
    return letter("rows", folder, {"rows": rows}, round=round_id + 1, first=first)


def chunk(folder: Path, first: int) -> Letter:
    """Frames number `first` and on of the take."""
    numbers = np.arange(first, first + IN_CHUNK)
    data = np.repeat(numbers[:, None], len(FEATURES), axis=1).astype(np.float32)
    seen, present = numbers / RATE, np.ones((IN_CHUNK, 1), bool)
    arrays = {"data": data, "seen": seen, "present": present, "cut": np.zeros(IN_CHUNK, bool)}
    return letter("frames", folder, arrays, path=TAKE, first=first)


def told(folder: Path) -> list[int]:
    """The numbers of the examples that are there, in their order."""
    with Examples.read_only(folder / FILE) as examples:
        return [int(number) for number in examples.read().rows[:, 0]]


def whole(path: Path) -> str:
    """What SQLite's full check says."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("PRAGMA integrity_check").fetchone()[0]


class Telling:
    """Tells a scribe a row every sixtieth of a second, and hears which are acknowledged."""

    def __init__(self, clerk: Clerk, folder: Path) -> None:
        self._clerk, self._folder = clerk, folder
        self.count = 0
        self.acknowledged: list[int] = []
        self.errors: list[str] = []
        self.open = 0
        self._due = time.monotonic()

    def ask(self, asked: Letter, number: int | None = None) -> None:
        """Tell one letter."""

        def hear(answer: Letter) -> None:
            self.open -= 1
            if answer.words["error"]:
                self.errors.append(answer.words["error"])
            elif number is not None:
                self.acknowledged.append(number)

        self.open += 1
        self._clerk.ask(asked, hear)

    def until(self, happened: Callable[[], object]) -> None:
        """Go on telling until it happened."""
        while not happened():
            if self.count % IN_ROUND == 0:
                self.ask(letter("round", self._folder, round=self.count // IN_ROUND + 1, look="sky"))
            self.ask(row(self._folder, self.count), self.count)
            self.count += 1
            if self.count % IN_CHUNK == 0:
                self.ask(chunk(self._folder, self.count - IN_CHUNK))
            self._due += 1 / RATE
            time.sleep(max(0.0, self._due - time.monotonic()))


def each(clerk: Clerk, letters: list[Letter]) -> list[str]:
    """Ask one after the other, each when the one before was answered; gives the errors."""
    answers: list[Letter] = []
    for count, one in enumerate(letters, 1):
        clerk.ask(one, answers.append)
        wait_for(lambda count=count: len(answers) == count)
    return [error for answer in answers if (error := answer.words["error"])]


def all_of(folder: Path, count: int) -> list[Letter]:
    """Everything up to example number `count`, as somebody tells it who knows of no answer."""
    rounds = [letter("round", folder, round=n + 1, look="sky") for n in range(count // IN_ROUND + 1)]
    return [*beginnings(folder), *rounds, *(row(folder, number) for number in range(count))]
