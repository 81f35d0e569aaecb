"""The examples of a mapping that is served: kept in memory, and on their way to disk.

Never waits for the disk: the scribe writes what it is told, in order. Nothing is deleted there, only left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from livegan.letters import Letter
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings
from livegan.mapping.taught import padded
from livegan.serving.out import Out, refusal

_MOST_PATIENCE = 1024


class Asks(Protocol):
    """A clerk, as far as it is needed here."""

    def ask(self, letter: Letter, hear: Callable[[Letter], None]) -> None:
        """Have a letter carried out; `hear` gets each answer, in any thread."""


Post = Callable[[Callable[[], list[Out]]], None]
"""Has something called between two messages, from any thread; what it gives is sent."""


@dataclass
class Round:
    """Examples recorded in one go: rows float32 [F], and the numbers wanted for each, float32 [O]."""

    rows: list[np.ndarray] = field(default_factory=list)
    outputs: list[np.ndarray] = field(default_factory=list)


class Notebook:
    """The kept rounds of the mapping in `folder`, by their ids. scribe: writes; post: has its answers heard.

    What could not be written is told, and asked for again with the next row, then after twice as many rows each time,
    or by `again`. Letters may be carried out twice: all those that were not acknowledged are said once more.
    """

    def __init__(self, folder: Path, scribe: Asks, post: Post) -> None:
        self.folder = folder
        self._scribe, self._post = scribe, post
        self.rounds: dict[int, Round] = {}
        self._next = 1
        self._settings: MappingSettings | None = None
        self._begun = self._failed = False
        self._unwritten: dict[int, Letter] = {}
        self._asked = self._tries = self._waited = 0
        self._patience = 1

    @classmethod
    def open(cls, folder: Path, outputs: int, scribe: Asks, post: Post) -> Self:
        """What the folder holds, if anything; outputs that are newer than a row were not recorded in it.

        Raises BadRequest, Failure.
        """
        notebook = cls(folder, scribe, post)
        if (folder / FILE).is_file():
            with Examples.read_only(folder / FILE) as examples:
                notebook._next = max((one.id for one in examples.rounds()), default=0) + 1
                taught = examples.read()
            for one, row, wanted in zip(taught.rounds.tolist(), taught.rows, taught.outputs, strict=True):
                if wanted is not None:
                    found = notebook.rounds.setdefault(one, Round())
                    found.rows.append(row)
                    found.outputs.append(padded(wanted, outputs))
        return notebook

    @property
    def untouched(self) -> bool:
        """Whether no round was ever begun."""
        return self._next == 1

    @property
    def waiting(self) -> bool:
        """Whether something of it is not on disk yet."""
        return bool(self._unwritten)

    def of_output(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows float32 [N, F] that an output was recorded with, and what was wanted of it, float32 [N]."""
        rows = [row for one in self.rounds.values() for row in one.rows]
        wanted = np.array([wanted[place] for one in self.rounds.values() for wanted in one.outputs], np.float32)
        recorded = ~np.isnan(wanted)
        return np.array(rows, np.float32).reshape(len(rows), -1)[recorded], wanted[recorded]

    def begin(self, settings: MappingSettings) -> int:
        """Begin a round; gives its id. Nothing is written before its first row."""
        self._settings = settings
        self._next += 1
        return self._next - 1

    def add(self, round_id: int, rows: np.ndarray, outputs: np.ndarray) -> None:
        """Add examples to a round: features [N, F] and the numbers wanted [N, O], NaN where none is."""
        self._waited += 1
        if self._waited >= self._patience:
            self.again()
        if round_id not in self.rounds:
            self._make(round_id)
        one = self.rounds[round_id]
        arrays = {"rows": np.asarray(rows, np.float32), "outputs": np.asarray(outputs, np.float32)}
        self._ask({"do": "rows", "round": round_id, "first": len(one.rows)}, arrays)
        one.rows.extend(arrays["rows"])
        one.outputs.extend(arrays["outputs"])

    def _make(self, round_id: int) -> None:
        """The round, and before the first one the mapping, as the scribe is to make them."""
        if not self._begun:
            self._begun = True
            self._put(0, self._beginning())
        self._ask({"do": "round", "round": round_id, "look": None})
        self.rounds[round_id] = Round()

    def _beginning(self) -> Letter:
        # What a unit of its inputs is nobody can say before they are seen: the examples show it.
        features = [{"name": name, "kind": "linear", "unit": 0.0} for name in self._settings.features]
        settings = self._settings.model_dump(exclude_none=True)
        return Letter({"do": "begin", "settings": settings, "features": features, "folder": str(self.folder)})

    def again(self) -> None:
        """Ask once more for what could not be written, if anything."""
        if not self._failed:
            return
        self._failed, self._tries, self._waited = False, self._tries + 1, 0
        self._patience = min(2 * self._patience, _MOST_PATIENCE)
        if self._begun:
            self._unwritten = {0: self._beginning(), **self._unwritten}
        for number, letter in self._unwritten.items():
            self._say(number, letter)

    def leave_out(self, ids: list[int]) -> None:
        """Count these rounds no longer."""
        if ids:
            self._ask({"do": "keep", "rounds": ids, "kept": False})
        for one in ids:
            del self.rounds[one]

    def blank(self, place: int, settings: MappingSettings) -> None:
        """Forget what was wanted of one output; the rows stay, in new rounds in place of those left out."""
        ids = [*self.rounds]
        asking = [not np.isnan(np.array(found.outputs)[:, place]).all() for found in self.rounds.values()]
        # Those behind the first are written anew too: the order of examples is part of what they teach a net.
        old = ids[asking.index(True) :] if any(asking) else []
        for one in old:
            wanted = np.array(self.rounds[one].outputs)
            wanted[:, place] = np.nan
            self.add(self.begin(settings), np.array(self.rounds[one].rows), wanted)
        self.leave_out(old)

    def _ask(self, words: dict[str, Any], arrays: dict[str, np.ndarray] | None = None) -> None:
        self._asked += 1
        self._put(self._asked, Letter({**words, "folder": str(self.folder)}, arrays or {}))

    def _put(self, number: int, letter: Letter) -> None:
        self._unwritten[number] = letter
        if not self._failed:
            self._say(number, letter)

    def _say(self, number: int, letter: Letter) -> None:
        time = self._tries
        self._scribe.ask(letter, lambda answer: self._post(lambda: self._heard(number, time, answer)))

    def _heard(self, number: int, time: int, answer: Letter) -> list[Out]:
        if not answer.words["error"]:
            self._unwritten.pop(number, None)
            self._patience = self._patience if self._unwritten else 1
        elif time == self._tries and not self._failed:
            self._failed = True
            return [refusal(answer.words["error"])]
        return []
