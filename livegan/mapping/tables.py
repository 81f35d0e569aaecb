"""The SQLite file under the examples: its tables, how it is opened and checked, what its errors mean.

A file from a stranger runs nothing: it is refused unless it has exactly these tables, and no trigger or view.
It is never repaired, emptied or replaced.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from livegan.errors import BadRequest, Failure
from livegan.frame import Feature

APPLICATION = 0x4C47414E  # "LGAN"
FORMAT = 1
_LARGEST = 64 * 2**20  # bytes in one value; a row of features has a few hundred
_KINDS = ("linear", "angle", "step", "event")

# In pages of 4 KiB. While nothing flows back from the log, a folder that is being copied is whole.
_LOG = 1 << 14

_TABLES = (
    # `changes` stays 0: what is kept says by itself which version it is.
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
    db.execute(f"PRAGMA wal_autocheckpoint = {_LOG}")
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
    """Which database this is, and what is kept there: each round by its look, its size and its last example.

    A round left out and taken back gives the version of before; looks and rounds without examples do not count.
    """
    identities = db.execute("SELECT identity FROM state").fetchall()
    if len(identities) != 1:
        raise Damaged("its version is missing")
    digest = hashlib.sha256()
    for row in db.execute(
        "SELECT round.id, round.look, count, features, outputs FROM "
        "(SELECT round, count(*) AS count, max(id) AS last FROM example GROUP BY round) AS held "
        "JOIN round ON round.id = held.round JOIN example ON example.id = last WHERE kept ORDER BY round.id"
    ):
        digest.update(repr(row).encode())
    return f"{identities[0][0]}:{digest.hexdigest()[:16]}"


def features_of(db: sqlite3.Connection) -> tuple[Feature, ...]:
    """Name, kind and unit of what the rows hold, in their order; the unit 0 is for the examples to show."""
    rows = db.execute("SELECT name, kind, unit FROM feature ORDER BY position").fetchall()
    for name, kind, unit in rows:
        if not isinstance(name, str) or kind not in _KINDS or not isinstance(unit, float) or not 0 <= unit < 1e9:
            raise Damaged(f'its feature "{name}" is of kind "{kind}" and unit {unit}')
    return tuple(Feature(name, kind, unit=unit) for name, kind, unit in rows)


def refuse_features(features: Sequence[Feature]) -> None:
    """Raise BadRequest unless rows can be made of these features."""
    names = [feature.name for feature in features]
    if not names or len(set(names)) < len(names):
        raise BadRequest("examples need features with different names: look at the inputs of the patch")
    for feature in features:
        if not 0 <= feature.unit < 1e9:
            raise BadRequest(f'the feature "{feature.name}" has the unit {feature.unit}, a number from 0 is wanted')
