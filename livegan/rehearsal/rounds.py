"""The rounds of the mapping that is taught: what is on disk, and what the scribe is about to write there.

Everything is asked of the scribe and true when it has answered; nothing here waits or touches a disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from livegan.frame import Feature
from livegan.letters import Letter
from livegan.mapping.taught import TaughtLook


class Asks(Protocol):
    """A clerk, as far as it is needed here."""

    def ask(self, letter: Letter, hear: Callable[[Letter], None]) -> None:
        """Have a letter carried out; `hear` gets each answer, in any thread."""


Post = Callable[[Callable[[], None]], None]
"""Has something called between two ticks."""


@dataclass
class Round:
    """Examples of one look (its name in the examples; None: they carry numbers). written: rows that are on disk.

    open: the scribe knows its look. id: from the first row on.
    """

    look: str | None
    id: int = 0
    open: bool = False
    told: int = 0
    written: int = 0
    error: str = ""
    kept: bool = True
    ended: Callable[["Round"], None] | None = None
    waiting: list[tuple[np.ndarray, np.ndarray | None]] = field(default_factory=list)


class Rounds:
    """The rounds of the mapping in `folder`. ready: it is begun on disk; version: that of its examples.

    looks: names in the examples, in their order. settings: for mapping.toml, when there is none yet.
    """

    def __init__(
        self, folder: Path, features: Sequence[Feature], settings: dict[str, Any], scribe: Asks, post: Post
    ) -> None:
        self.folder, self.features = folder, tuple(features)
        self._settings, self._scribe, self._post = settings, scribe, post
        self.all: dict[int, Round] = {}
        self.looks: list[str] = []
        self.version = ""
        self.ready = self._asked = False
        self._next = 1

    @property
    def outputs(self) -> list[str]:
        """Names of the numbers that the mapping was begun with; none where it makes looks."""
        outputs = self._settings.get("outputs")
        return outputs if isinstance(outputs, list) else []

    @property
    def model(self) -> str | None:
        """The kind of model that the mapping asks for; None where that is open."""
        return self._settings.get("model")

    @property
    def kept(self) -> list[Round]:
        """Those that count, oldest first."""
        return [one for one in self.all.values() if one.kept and one.written]

    def begin(self, then: Callable[[str], None]) -> None:
        """Open the mapping on disk, made if there is none; `then` gets "" or why it cannot be taught."""
        if not self._asked:
            self._asked = True
            self._ask_to_begin(then)

    def _ask_to_begin(self, then: Callable[[str], None]) -> None:
        features = [{"name": f.name, "kind": f.kind, "unit": f.unit} for f in self.features]

        def hear(answer: Letter) -> None:
            if not answer.words["error"] and not self.ready:
                self._begun(answer.words)
            self._asked = self.ready
            then(answer.words["error"])

        self._ask({"do": "begin", "settings": self._settings, "features": features}, hear)

    @property
    def next(self) -> int:
        """The id of the next round."""
        return self._next

    def start(self, look: TaughtLook | None) -> Round:
        """Start a round of a look, or of numbers; nothing of it is on disk before its first row."""
        one = Round(look.name if look else None, open=look is None and self.ready)
        if look is not None:
            self.begin(lambda error: self._fail(one, error) if error else None)
            self._know(look, lambda answer: self._open(one, answer))
        elif not self.ready:
            self._ask_to_begin(lambda error: self._fail(one, error) if error else self._flow(one))
        return one

    def edit(self, old: int, edit: dict[str, Any], then: Callable[[Round | None, str], None]) -> None:
        """A round in place of an `old` one, which is left out; see mapping/editing.py for an edit.

        `then` gets the new round and "", or None and why not.
        """
        number, self._next = self._next, self._next + 1

        def hear(answer: Letter) -> None:
            words = answer.words
            if words["error"]:
                then(None, words["error"])
                return
            self.version, self.all[old].kept = words["version"], False
            count = words["count"]
            self.all[number] = Round(words["look"], number, open=True, told=count, written=count)
            then(self.all[number], "")

        self._ask({"do": "edit", "round": old, "new": number, "edit": edit, "outputs": self.outputs}, hear)

    def write(self, rows: np.ndarray, outputs: np.ndarray, then: Callable[[Round], None]) -> None:
        """A whole round of rows float32 [N, F] with weights over `looks`, float32 [N, L]; `then` as for `end`."""
        one = Round(None, open=True)
        self.add(one, rows, outputs)
        self.end(one, then)

    def know(self, looks: Sequence[TaughtLook], then: Callable[[list[str], str], None]) -> None:
        """Have the examples know these looks; `then` gets their names there, and "" or what went wrong."""
        self.begin(lambda error: None)
        names: list[str] = []
        errors: list[str] = []

        def hear(answer: Letter) -> None:
            errors.append(answer.words["error"])
            names.append(answer.words.get("look", ""))
            self.looks = answer.words.get("looks", self.looks)
            if len(names) == len(looks):
                then(names, next(filter(None, errors), ""))

        for look in looks:
            self._know(look, hear)

    def _know(self, look: TaughtLook, hear: Callable[[Letter], None]) -> None:
        words = {"do": "look", "name": look.name, "seed": look.seed, "psi": look.psi, "model": look.model}
        arrays = {name: a for name, a in (("z", look.z), ("w", look.w)) if a is not None}
        self._ask(words, hear, arrays)

    def add(self, one: Round, rows: np.ndarray, outputs: np.ndarray | None = None) -> None:
        """Add rows float32 [N, F] to a round, with the numbers wanted, [N, O], where it has no look."""
        if one.error:
            return
        if not one.open:
            one.waiting.append((rows, outputs))
            return
        if not one.id:
            one.id, self._next = self._next, self._next + 1
            self.all[one.id] = one
            self._ask({"do": "round", "round": one.id, "look": one.look}, lambda answer: self._check(one, answer))
        words = {"do": "rows", "round": one.id, "first": one.told}
        one.told += len(rows)
        arrays = {"rows": rows} if outputs is None else {"rows": rows, "outputs": outputs}
        self._ask(words, lambda answer: self._written(one, len(rows), answer), arrays)

    def end(self, one: Round, then: Callable[[Round], None]) -> None:
        """Nothing more is added; `then` is called once all of it is on disk, or it failed."""
        one.ended = then
        self._tell_end(one)

    def keep(self, ids: Sequence[int], kept: bool, then: Callable[[str], None]) -> None:
        """Leave rounds out, or take them back; `then` gets "" or why not."""

        def hear(answer: Letter) -> None:
            if not answer.words["error"]:
                self.version = answer.words["version"]
                for one in ids:
                    self.all[one].kept = kept
            then(answer.words["error"])

        self._ask({"do": "keep", "rounds": list(ids), "kept": kept}, hear)

    def _begun(self, words: dict[str, Any]) -> None:
        self.version, self._next, self.looks = words["version"], words["next_round"], words["looks"]
        for found in words["rounds"]:
            count, kept = found["count"], found["kept"]
            self.all[found["id"]] = Round(found["look"], found["id"], told=count, written=count, kept=kept)
        self.ready = True

    def _open(self, one: Round, answer: Letter) -> None:
        if one.error or answer.words["error"]:
            self._fail(one, one.error or answer.words["error"])
            return
        self.looks, one.look = answer.words["looks"], answer.words["look"]
        self._flow(one)

    def _flow(self, one: Round) -> None:
        """It is known what the round is for: write what has come for it."""
        one.open = True
        waiting, one.waiting = one.waiting, []
        for rows, outputs in waiting:
            self.add(one, rows, outputs)
        self._tell_end(one)

    def _written(self, one: Round, count: int, answer: Letter) -> None:
        self._check(one, answer)
        if not answer.words["error"]:
            one.written += count
        self._tell_end(one)

    def _check(self, one: Round, answer: Letter) -> None:
        if answer.words["error"]:
            one.error = one.error or answer.words["error"]
        else:
            self.version = answer.words["version"]

    def _fail(self, one: Round, error: str) -> None:
        one.error = error
        self._tell_end(one)

    def _tell_end(self, one: Round) -> None:
        if one.ended and (one.error or (one.open and one.written == one.told)):
            then, one.ended = one.ended, None
            then(one)

    def _ask(
        self, words: dict[str, Any], hear: Callable[[Letter], None], arrays: dict[str, np.ndarray] | None = None
    ) -> None:
        letter = Letter({**words, "folder": str(self.folder)}, arrays or {})
        self._scribe.ask(letter, lambda answer: self._post(lambda: hear(answer)))
