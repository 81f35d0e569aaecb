"""The examples of a mapping: what was shown, and the look or the numbers wanted for it.

What `add` has returned from is on disk, and nothing that was taught is ever deleted.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Self

import numpy as np

from livegan.errors import BadRequest
from livegan.files import sync_folder
from livegan.frame import Feature
from livegan.mapping import tables
from livegan.mapping.tables import told
from livegan.mapping.taught import Taught, TaughtLook

FILE = "examples.sqlite"


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
        """Changes whenever the examples do; a fit that carries another is stale."""
        with told(self.path):
            return tables.version_of(self._db)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Name, kind and unit of what the rows hold, in their order."""
        with told(self.path):
            return tables.features_of(self._db)

    def add_look(self, look: TaughtLook) -> int:
        """Add a look, on disk when this returns; gives its id. Raises BadRequest when the name is taken."""
        if look.seed is None and look.z is None and look.w is None:
            raise BadRequest(f'the look "{look.name}" has no seed, no z and no w: it could not be drawn again')
        layers = None if look.w is None else len(look.w)
        row = (look.name, look.seed, _blob(look.z), _blob(look.w), layers, float(look.psi), look.model)
        with told(self.path), self._change() as db:
            if db.execute("SELECT 1 FROM look WHERE name = ?", (look.name,)).fetchone():
                raise BadRequest(f'there is already a look "{look.name}": choose another name')
            sql = "INSERT INTO look (name, seed, z, w, layers, psi, model) VALUES (?, ?, ?, ?, ?, ?, ?)"
            return int(db.execute(sql, row).lastrowid or 0)

    def looks(self) -> dict[str, int]:
        """The id of each look, by its name, in the order in which they were added."""
        with told(self.path):
            return dict(self._db.execute("SELECT name, id FROM look ORDER BY id").fetchall())

    def begin_round(self, look: int | None = None) -> int:
        """Begin a round of examples for a look (its id), or for numbers (None); gives the round's id."""
        with told(self.path), self._change() as db:
            if look is not None:
                self._want(db, "look", look)
            return int(db.execute("INSERT INTO round (look) VALUES (?)", (look,)).lastrowid or 0)

    def add(self, round_id: int, rows: np.ndarray, outputs: np.ndarray | None = None) -> None:
        """Add examples [N, F] or [F] to a round; they are on disk when this returns.

        outputs: the numbers wanted, [N, O], or [O] for all rows; None in a round of a look. NaN features are
        parts that were not seen, NaN outputs are not wanted; a row with nothing seen, or an infinite number,
        raises BadRequest.
        """
        values = np.atleast_2d(np.asarray(rows, np.float32))
        self._refuse(values)
        wanted = _wanted(outputs, len(values))
        filled = [(round_id, _blob(row), numbers) for row, numbers in zip(values, wanted, strict=True)]
        with told(self.path), self._change() as db:
            self._want(db, "round", round_id)
            db.executemany("INSERT INTO example (round, features, outputs) VALUES (?, ?, ?)", filled)

    def keep(self, round_id: int, kept: bool) -> None:
        """Leave a round out, or take it back; on disk when this returns."""
        with told(self.path), self._change() as db:
            self._want(db, "round", round_id)
            db.execute("UPDATE round SET kept = ? WHERE id = ?", (int(kept), round_id))

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
            return tables.read(self._db)

    def _begin(self, features: Sequence[Feature] | None) -> None:
        if features is not None and tables.is_empty(self._db):
            _refuse_features(features)
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
        """One change, whole or not at all, that gives the examples a new version."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("UPDATE state SET changes = changes + 1")
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


def _refuse_features(features: Sequence[Feature]) -> None:
    names = [feature.name for feature in features]
    if not names or len(set(names)) < len(names):
        raise BadRequest("examples need features with different names: look at the inputs of the patch")
    for feature in features:
        if not 0 < feature.unit < 1e9:
            raise BadRequest(f'the feature "{feature.name}" has the unit {feature.unit}, a number above 0 is wanted')


def _wanted(outputs: np.ndarray | None, count: int) -> list[bytes | None]:
    """One blob for each of `count` rows."""
    if outputs is None:
        return [None] * count
    numbers = np.asarray(outputs, np.float32)
    if np.isinf(numbers).any() or numbers.ndim not in (1, 2) or not numbers.size:
        raise BadRequest("the numbers wanted for an example must be finite, one for each output")
    if numbers.ndim == 1:
        return [_blob(numbers)] * count
    if len(numbers) != count:
        raise BadRequest(f"{count} examples came with the numbers for {len(numbers)}")
    return [_blob(row) for row in numbers]


def _blob(numbers: np.ndarray | None) -> bytes | None:
    return None if numbers is None else np.ascontiguousarray(numbers, "<f4").tobytes()
