"""Looks and examples as rows of the tables: into them, and out of them as plain data.

What is read from a file is checked number by number; what is there already is never written over.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.encoding import units_shown
from livegan.mapping.tables import Damaged, features_of, version_of
from livegan.mapping.taught import Taught, TaughtLook

_LOOK = "name, seed, z, w, layers, psi, model"


def look_row(look: TaughtLook) -> tuple[object, ...]:
    """A look as it lies in the file. Raises BadRequest when it could not be drawn."""
    if look.seed is None and look.z is None and look.w is None:
        raise BadRequest(f'the look "{look.name}" has no seed, no z and no w: it could not be drawn again')
    layers = None if look.w is None else len(look.w)
    return look.name, look.seed, blob(look.z), blob(look.w), layers, float(look.psi), look.model


def look_named(db: sqlite3.Connection, name: str) -> tuple[object, ...] | None:
    """The row of the look with this name, if there is one."""
    row = db.execute(f"SELECT {_LOOK} FROM look WHERE name = ?", (name,)).fetchone()  # noqa: S608
    return None if row is None else tuple(row)


def insert_look(db: sqlite3.Connection, row: tuple[object, ...]) -> int:
    """Add a look; gives its id."""
    return int(db.execute(f"INSERT INTO look ({_LOOK}) VALUES (?, ?, ?, ?, ?, ?, ?)", row).lastrowid or 0)  # noqa: S608


def next_number(db: sqlite3.Connection, round_id: int, start: int) -> int:
    """The number after those of a round's examples, whose ids count from `start`."""
    last = db.execute("SELECT max(id) FROM example WHERE round = ?", (round_id,)).fetchone()[0]
    return 0 if last is None else max(0, last + 1 - start)


def insert_examples(db: sqlite3.Connection, rows: Sequence[tuple[int, int, bytes | None, bytes | None]]) -> bool:
    """Add examples that are not there; whether all are there then as they were asked for."""
    before = db.total_changes
    db.executemany("INSERT OR IGNORE INTO example (id, round, features, outputs) VALUES (?, ?, ?, ?)", rows)
    if db.total_changes - before == len(rows):
        return True
    sql = "SELECT id, round, features, outputs FROM example WHERE id = ?"
    return all(db.execute(sql, row[:1]).fetchone() == row for row in rows)


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
    numbers = [_numbers(blob, len(features)) for _, _, blob, _ in found]
    rows = np.array(numbers, np.float32).reshape(len(numbers), len(features))
    units = zip(features, units_shown(rows), strict=True)
    return Taught(
        features=tuple(one if one.unit else replace(one, unit=float(shown)) for one, shown in units),
        looks=looks,
        rows=rows,
        look=np.array([place[look] for _, look, _, _ in found], int),
        outputs=tuple(None if blob is None else _numbers(blob, None) for _, _, _, blob in found),
        rounds=np.array([round_id for round_id, _, _, _ in found], int),
        version=version_of(db),
    )


def read_round(db: sqlite3.Connection, round_id: int) -> tuple[str | None, np.ndarray, np.ndarray | None]:
    """A round's look by name, its rows float32 [N, F] and its numbers [N, O]. Raises BadRequest when it is empty."""
    sql = (
        "SELECT look.name, features, outputs FROM example JOIN round ON round.id = example.round "
        "LEFT JOIN look ON look.id = round.look WHERE round.id = ? ORDER BY example.id"
    )
    found = db.execute(sql, (round_id,)).fetchall()
    if not found:
        raise BadRequest(f"there is nothing in round {round_id}")
    count = len(features_of(db))
    rows = np.stack([_numbers(blob, count) for _, blob, _ in found])
    numbers = [_numbers(blob, None) for _, _, blob in found if blob is not None]
    if numbers and len({len(one) for one in numbers} | {len(numbers[0])}) + (len(numbers) != len(found)) > 1:
        raise Damaged(f"the examples of round {round_id} ask for different numbers")
    return found[0][0], rows, np.stack(numbers) if numbers else None


def _looks(db: sqlite3.Connection) -> tuple[list[int], tuple[TaughtLook, ...]]:
    rows = db.execute(f"SELECT id, {_LOOK} FROM look ORDER BY id").fetchall()  # noqa: S608
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


def wanted(outputs: np.ndarray | None, count: int) -> list[bytes | None]:
    """The numbers wanted, a blob or None for each of `count` rows. Raises BadRequest."""
    if outputs is None:
        return [None] * count
    numbers = np.asarray(outputs, np.float32)
    if np.isinf(numbers).any() or numbers.ndim not in (1, 2) or not numbers.size:
        raise BadRequest("the numbers wanted for an example must be finite, one for each output")
    if numbers.ndim == 1:
        return [blob(numbers)] * count
    if len(numbers) != count:
        raise BadRequest(f"{count} examples came with the numbers for {len(numbers)}")
    return [blob(row) for row in numbers]


def blob(numbers: np.ndarray | None) -> bytes | None:
    """Numbers as they lie in the file."""
    return None if numbers is None else np.ascontiguousarray(numbers, "<f4").tobytes()
