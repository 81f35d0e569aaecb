"""The examples of a mapping: what was shown, and the look or the numbers wanted for it.

What `add` has returned from is on disk, and nothing that was taught is ever deleted. What is added under an id of
its own may be added again, and changes nothing then: so whoever did not hear the answer just asks once more.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from sqlite3 import Connection
from typing import Self

import numpy as np

from livegan.errors import BadRequest
from livegan.files import sync_folder
from livegan.frame import Feature
from livegan.mapping import stored, tables
from livegan.mapping.tables import told
from livegan.mapping.taught import Taught, TaughtLook

FILE = "examples.sqlite"

IN_ROUND = 1 << 20
"""A round holds fewer examples than this; the id of one is that of its round times this, plus its number there."""

_ROUNDS = 1 << 31
_TWO_SHOWS = "is another show teaching this mapping? stop one of them"


@dataclass(frozen=True)
class TaughtRound:
    """Examples taught in one go. look: the name of theirs, or None; count: how many, kept or not."""

    id: int
    look: str | None
    kept: bool
    count: int


class Examples:
    """The open examples of one mapping; belongs to the thread that opened it."""

    def __init__(self, path: Path, db: Connection) -> None:
        self.path = path
        self._db = db

    @classmethod
    def open(cls, path: Path, features: Sequence[Feature] | None = None) -> Self:
        """Open for teaching, begun with `features` (named INPUT.FEATURE) if there is no file yet.

        Raises BadRequest when the file was begun with other features, is newer or damaged; Failure when the
        disk refuses.
        """
        if features is None and not path.is_file():
            raise BadRequest(f"there are no examples in {path.parent}: teach a few looks first")
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            examples = cls(path, tables.connected(path))
            with examples._closed_on_error():
                examples._begin(features)
        return examples

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """Open for reading, also while a show is teaching into it. Raises like `open`."""
        if not path.is_file():
            raise BadRequest(f"there are no examples in {path.parent}: teach a few looks first")
        with told(path):
            examples = cls(path, tables.connected_to_read(path))
            with examples._closed_on_error():
                tables.check(examples._db, path)
        return examples

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> str:
        """Tells what is kept: a fit that carries another is stale, one that carries the same is not."""
        with told(self.path):
            return tables.version_of(self._db)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Name, kind and unit of what the rows hold, in their order."""
        with told(self.path):
            return tables.features_of(self._db)

    def add_look(self, look: TaughtLook) -> int:
        """Add a look, on disk when this returns; gives its id. Raises BadRequest when the name is taken."""
        row = stored.look_row(look)
        with told(self.path), self._change() as db:
            if stored.look_named(db, look.name):
                raise BadRequest(f'there is already a look "{look.name}": choose another name')
            return stored.insert_look(db, row)

    def store_look(self, look: TaughtLook) -> str:
        """Add a look unless it is there; gives its name, "NAME (2)" when another look is called so already."""
        row = stored.look_row(look)
        names = (look.name if number == 1 else f"{look.name} ({number})" for number in count(1))
        with told(self.path), self._change() as db:
            name = next(name for name in names if (stored.look_named(db, name) or row)[1:] == row[1:])
            if not stored.look_named(db, name):
                stored.insert_look(db, (name, *row[1:]))
            return name

    def looks(self) -> dict[str, int]:
        """The id of each look, by its name, in the order in which they were added."""
        with told(self.path):
            return dict(self._db.execute("SELECT name, id FROM look ORDER BY id").fetchall())

    def begin_round(self, look: int | None = None, round_id: int | None = None) -> int:
        """Begin a round of examples for a look (its id), or for numbers (None); gives the round's id.

        round_id: the id it shall have; nothing happens when it is there, BadRequest when that is another look's.
        """
        if round_id is not None and not 0 < round_id < _ROUNDS:
            raise BadRequest(f"a round has an id from 1 to {_ROUNDS - 1}, found {round_id}")
        with told(self.path), self._change() as db:
            if look is not None:
                self._want(db, "look", look)
            if db.execute("SELECT 1 FROM round WHERE id = ? AND look IS NOT ?", (round_id, look)).fetchone():
                raise BadRequest(f"round {round_id} was taught for another look: {_TWO_SHOWS}")
            done = db.execute("INSERT OR IGNORE INTO round (id, look) VALUES (?, ?)", (round_id, look))
            return round_id or int(done.lastrowid or 0)

    def add(self, round_id: int, rows: np.ndarray, outputs: np.ndarray | None = None, first: int | None = None) -> None:
        """Add examples [N, F] or [F] to a round; they are on disk when this returns.

        outputs: the numbers wanted, [N, O], or [O] for all rows. NaN features are parts that were not seen, NaN
        outputs are not wanted; a row with nothing seen, or an infinite number, raises BadRequest.
        first: the number that the first has in its round; nothing happens to those that are there already, BadRequest
        when they hold other numbers. Left out, they follow the last.
        """
        values = np.atleast_2d(np.asarray(rows, np.float32))
        self._refuse(values)
        wanted = stored.wanted(outputs, len(values))
        with told(self.path), self._change() as db:
            self._want(db, "round", round_id)
            start = round_id * IN_ROUND
            number = stored.next_number(db, round_id, start) if first is None else first
            if not 0 <= number <= IN_ROUND - len(values):
                raise BadRequest(f"a round holds up to {IN_ROUND} examples: begin another")
            ids = range(start + number, start + number + len(values))
            filled = [(i, round_id, stored.blob(r), o) for i, r, o in zip(ids, values, wanted, strict=True)]
            if not stored.insert_examples(db, filled):
                raise BadRequest(f"round {round_id} holds other examples of these numbers: {_TWO_SHOWS}")

    def keep(self, round_id: int, kept: bool) -> None:
        """Leave a round out, or take it back; on disk when this returns."""
        with told(self.path), self._change() as db:
            self._want(db, "round", round_id)
            db.execute("UPDATE round SET kept = ? WHERE id = ?", (int(kept), round_id))

    def rounds(self) -> list[TaughtRound]:
        """All rounds, kept or not, oldest first."""
        sql = (
            "SELECT round.id, look.name, round.kept, count(example.id) FROM round "
            "LEFT JOIN look ON look.id = round.look LEFT JOIN example ON example.round = round.id "
            "GROUP BY round.id ORDER BY round.id"
        )
        with told(self.path):
            found = self._db.execute(sql).fetchall()
        return [TaughtRound(one, look, bool(kept), count) for one, look, kept, count in found]

    def of_round(self, round_id: int) -> tuple[str | None, np.ndarray, np.ndarray | None]:
        """The name of a round's look, its rows float32 [N, F], and the numbers wanted [N, O], None without any.

        Raises BadRequest when there is no such round, or nothing in it.
        """
        with told(self.path), self._moment():
            self._want(self._db, "round", round_id)
            return stored.read_round(self._db, round_id)

    def counts(self) -> dict[str, int]:
        """How many kept examples each look has, by its name; "" for those of numbers."""
        sql = (
            "SELECT coalesce(look.name, ''), count(*) FROM example JOIN round ON round.id = example.round "
            "LEFT JOIN look ON look.id = round.look WHERE round.kept GROUP BY look.id ORDER BY look.id"
        )
        with told(self.path):
            return dict(self._db.execute(sql).fetchall())

    def read(self) -> Taught:
        """Everything that is kept, as it was at one moment, also while another process is teaching."""
        with told(self.path), self._moment():
            return stored.read(self._db)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make several changes one: whole or not at all, on disk when this ends."""
        with told(self.path), self._change():
            yield

    def _begin(self, features: Sequence[Feature] | None) -> None:
        if features is not None and tables.is_empty(self._db):
            tables.refuse_features(features)
            tables.make(self._db, features)
            sync_folder(self.path.parent)
            sync_folder(self.path.parent.parent)
        tables.check(self._db, self.path)
        if features is not None:
            self._same(features)

    def _same(self, features: Sequence[Feature]) -> None:
        mine, asked = [f.name for f in self.features], [f.name for f in features]
        if mine != asked:
            other = min(set(mine) ^ set(asked), default="another order")
            raise BadRequest(
                f"{self.path} was taught with {len(mine)} features, now there are {len(asked)} "
                f"({other} differs): go back to those it was taught with, or begin another mapping"
            )

    def _refuse(self, values: np.ndarray) -> None:
        count = len(self.features)
        if values.ndim != 2 or values.shape[1] != count:
            raise BadRequest(f"an example for {self.path} has {count} features, found {values.shape[-1]}")
        if np.isinf(values).any():
            raise BadRequest("an example holds an infinite number: look at the input that gave it")
        if np.isnan(values).all(axis=1).any():
            raise BadRequest("an example holds nothing that was seen: teach while somebody is there")

    def _want(self, db: Connection, table: str, wanted: int) -> None:
        if not db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (wanted,)).fetchone():  # noqa: S608
            raise BadRequest(f"there is no {table} {wanted} in {self.path}")

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """One change, whole or not at all; part of the one around it when there is one."""
        if self._db.in_transaction:
            yield self._db
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself when the disk is full.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _moment(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._db.close()
            raise
