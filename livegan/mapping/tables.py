"""The SQLite file under the examples: its tables, how it is opened, checked and read, what its errors mean.

A file from a stranger runs nothing: it is refused unless it has exactly these tables, and no trigger or view.
It is never repaired, emptied or replaced.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest, Failure
from livegan.frame import Feature
from livegan.mapping.taught import Taught, TaughtLook

APPLICATION = 0x4C47414E  # "LGAN"
FORMAT = 1
_LARGEST = 64 * 2**20  # bytes in one value; a row of features has a few hundred
_KINDS = ("linear", "angle", "step", "event")

_TABLES = (
    "CREATE TABLE state (identity TEXT NOT NULL, changes INTEGER NOT NULL)",
    "CREATE TABLE feature (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
    "kind TEXT NOT NULL, unit REAL NOT NULL)",
    "CREATE TABLE look (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seed INTEGER, z BLOB, w BLOB, "
    "layers INTEGER, psi REAL NOT NULL, model TEXT NOT NULL)",
    "CREATE TABLE round (id INTEGER PRIMARY KEY AUTOINCREMENT, look INTEGER REFERENCES look (id), "
    "kept INTEGER NOT NULL DEFAULT 1)",
    "CREATE TABLE example (id INTEGER PRIMARY KEY, round INTEGER NOT NULL REFERENCES round (id), "
    "features BLOB NOT NULL, outputs BLOB)",
    # Without it "how many has each look" reads every row while a show waits for the answer.
    "CREATE INDEX example_round ON example (round)",
)


class Damaged(Exception):
    """The file holds what livegan never wrote there; the message says what."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Whatever SQLite or the disk says about `path`, as one sentence."""
    try:
        yield
    except Damaged as error:
        raise BadRequest(_damaged(path, str(error))) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "decode" in str(error):
            raise BadRequest(_damaged(path, str(error))) from error
        raise Failure(f"the examples in {path} could not be used: {error}; nothing was changed") from error
    except OSError as error:
        raise Failure(f"the examples in {path} could not be used: {error.strerror}") from error


def _damaged(path: Path, why: str) -> str:
    return f"{path} is not a whole file of examples ({why}): put a copy in its place, or move it away"


def connected(path: Path) -> sqlite3.Connection:
    """Open for writing, made if there is none; a commit returns when it is on disk."""
    db = _opened(f"{path.absolute().as_uri()}?mode=rwc")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def connected_to_read(path: Path) -> sqlite3.Connection:
    """Open for reading, also beside a writer, and also where the folder cannot be written to."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = _opened(uri)
    try:
        number(db, "user_version")
    except sqlite3.OperationalError:
        # WAL wants to make a file beside this one; where it may not, nobody else can be writing either.
        db.close()
        db = _opened(f"{uri}&immutable=1")
    return db


def _opened(uri: str) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    return db


def number(db: sqlite3.Connection, pragma: str) -> int:
    """The number that a pragma of this name tells."""
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def is_empty(db: sqlite3.Connection) -> bool:
    """Whether nothing was ever written: a new file, or one whose making was cut short."""
    return number(db, "application_id") == 0 and not _schema(db)


def _schema(db: sqlite3.Connection) -> set[str]:
    rows = db.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'")
    return {str(sql) for (sql,) in rows}


def make(db: sqlite3.Connection, features: Sequence[Feature]) -> None:
    """Make the tables for rows of these features, all at once."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    for table in _TABLES:
        db.execute(table)
    db.execute("INSERT INTO state VALUES (?, 0)", (secrets.token_hex(8),))
    rows = [(i, f.name, f.kind, float(f.unit)) for i, f in enumerate(features)]
    db.executemany("INSERT INTO feature VALUES (?, ?, ?, ?)", rows)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("COMMIT")


def check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not whole, or not ours. Raises BadRequest, Damaged."""
    if is_empty(db):
        raise BadRequest(f"{path} holds no examples yet: teach a few looks first")
    if number(db, "application_id") != APPLICATION:
        raise BadRequest(f"{path} is a database of another program, not examples: move it away")
    if (found := number(db, "user_version")) > FORMAT:
        raise BadRequest(f"{path} has format {found}, this livegan knows {FORMAT}: update livegan")
    if _schema(db) != set(_TABLES):
        raise Damaged("its tables are not those of livegan")
    if (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Damaged(" ".join(str(found).split()))
    version_of(db)
    features_of(db)


def version_of(db: sqlite3.Connection) -> str:
    """Which database this is, and how often it changed."""
    rows = db.execute("SELECT identity, changes FROM state").fetchall()
    if len(rows) != 1:
        raise Damaged("its version is missing")
    return f"{rows[0][0]}:{rows[0][1]}"


def features_of(db: sqlite3.Connection) -> tuple[Feature, ...]:
    """Name, kind and unit of what the rows hold, in their order."""
    rows = db.execute("SELECT name, kind, unit FROM feature ORDER BY position").fetchall()
    for name, kind, unit in rows:
        if not isinstance(name, str) or kind not in _KINDS or not isinstance(unit, float) or not 0 < unit < 1e9:
            raise Damaged(f'its feature "{name}" is of kind "{kind}" and unit {unit}')
    return tuple(Feature(name, kind, unit=unit) for name, kind, unit in rows)


def read(db: sqlite3.Connection) -> Taught:
    """Everything that is kept."""
    features = features_of(db)
    ids, looks = _looks(db)
    sql = (
        "SELECT round.id, round.look, features, outputs FROM example JOIN round ON round.id = example.round "
        "WHERE round.kept ORDER BY example.id"
    )
    found = db.execute(sql).fetchall()
    place = {None: -1} | {look: index for index, look in enumerate(ids)}
    if any(look not in place for _, look, _, _ in found):
        raise Damaged("an example asks for a look that is not there")
    rows = [_numbers(blob, len(features)) for _, _, blob, _ in found]
    return Taught(
        features=features,
        looks=looks,
        rows=np.array(rows, np.float32).reshape(len(rows), len(features)),
        look=np.array([place[look] for _, look, _, _ in found], int),
        outputs=tuple(None if blob is None else _numbers(blob, None) for _, _, _, blob in found),
        rounds=np.array([round_id for round_id, _, _, _ in found], int),
        version=version_of(db),
    )


def _looks(db: sqlite3.Connection) -> tuple[list[int], tuple[TaughtLook, ...]]:
    rows = db.execute("SELECT id, name, seed, z, w, layers, psi, model FROM look ORDER BY id").fetchall()
    return [row[0] for row in rows], tuple(_look(*row[1:]) for row in rows)


def _look(
    name: str,
    seed: int | None,
    z: bytes | None,
    w: bytes | None,
    layers: int | None,
    psi: float,
    model: str,
) -> TaughtLook:
    if not isinstance(seed, int | None) or not isinstance(psi, float) or not abs(psi) < 1e3:
        raise Damaged(f'the look "{name}" has the seed {seed} and psi {psi}')
    numbers = None if w is None else _numbers(w, None)
    if numbers is not None and (not isinstance(layers, int) or layers < 1 or len(numbers) % layers):
        raise Damaged(f'the look "{name}" has {layers} layers of {len(numbers)} numbers')
    layered = None if numbers is None else numbers.reshape(layers, -1)
    return TaughtLook(str(name), seed, None if z is None else _numbers(z, None), layered, psi, str(model))


def _numbers(blob: object, count: int | None) -> np.ndarray:
    """float32 numbers from a blob; NaN is a part that was not seen. Raises Damaged."""
    if not isinstance(blob, bytes) or len(blob) % 4 or not blob:
        raise Damaged("numbers are cut off")
    numbers = np.frombuffer(blob, "<f4").astype(np.float32)
    if count is not None and len(numbers) != count:
        raise Damaged(f"an example has {len(numbers)} numbers, there are {count} features")
    if np.isinf(numbers).any():
        raise Damaged("a number is infinite")
    return numbers
