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


class Asks(Protocol):
    """A clerk, as far as it is needed here."""

    def ask(self, letter: Letter, hear: Callable[[Letter], None]) -> None:
        """Have a letter carried out; `hear` gets each answer, in any thread."""


Tell = Callable[[str], None]
"""Tells one sentence about what went wrong, from any thread."""


@dataclass
class Round:
    """Examples recorded in one go: rows float32 [F], and the numbers wanted for each, float32 [O]."""

    rows: list[np.ndarray] = field(default_factory=list)
    outputs: list[np.ndarray] = field(default_factory=list)


class Notebook:
    """The kept rounds of the mapping in `folder`, by their ids. scribe: writes; tell: hears what it could not."""

    def __init__(self, folder: Path, scribe: Asks, tell: Tell) -> None:
        self.folder = folder
        self._scribe, self._tell = scribe, tell
        self.rounds: dict[int, Round] = {}
        self._next = 1
        self._begun = False
        self._settings: MappingSettings | None = None

    @classmethod
    def open(cls, folder: Path, scribe: Asks, tell: Tell) -> Self:
        """What the folder holds, if anything. Raises BadRequest, Failure."""
        notebook = cls(folder, scribe, tell)
        if (folder / FILE).is_file():
            with Examples.read_only(folder / FILE) as examples:
                notebook._next = max((one.id for one in examples.rounds()), default=0) + 1
                taught = examples.read()
            for one, row, outputs in zip(taught.rounds.tolist(), taught.rows, taught.outputs, strict=True):
                if outputs is not None:
                    found = notebook.rounds.setdefault(one, Round())
                    found.rows.append(row)
                    found.outputs.append(outputs)
        return notebook

    @property
    def untouched(self) -> bool:
        """Whether no round was ever begun."""
        return self._next == 1

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
            features = [{"name": name, "kind": "linear", "unit": 1.0} for name in self._settings.features]
            settings = self._settings.model_dump(exclude_none=True)
            self._ask({"do": "begin", "settings": settings, "features": features})
            self._begun = True
        self._ask({"do": "round", "round": round_id, "look": None})
        self.rounds[round_id] = Round()

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
        self._scribe.ask(Letter({**words, "folder": str(self.folder)}, arrays or {}), self._heard)

    def _heard(self, answer: Letter) -> None:
        if answer.words["error"]:
            self._tell(answer.words["error"])
