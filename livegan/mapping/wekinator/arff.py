"""ARFF, the table that Weka and Wekinator keep examples in: read strictly, written at full precision.

A stranger's text: whatever is not exactly a dense table of numbers, words and dates is a BadRequest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livegan.errors import BadRequest

Kind = Literal["number", "word", "date"]
Cell = float | str | None

_MOST_COLUMNS = 20_000
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_QUOTED = r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\""
_CELL = re.compile(rf"[ \t]*(?:{_QUOTED}|([^\s,'\"{{}}%\\]+))[ \t]*(,|$)")
_ATTRIBUTE = re.compile(rf"@attribute\s+(?:{_QUOTED}|([^\s,'\"{{}}%]+))\s+(.+)", re.IGNORECASE)
_TYPES = {"numeric": "number", "real": "number", "integer": "number", "string": "word"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_NO_NUMBERS = {"nan", "infinity", "-infinity", "+infinity", "inf", "-inf", "+inf", "∞", "-∞"}


@dataclass(frozen=True)
class Column:
    """A column. words: those that are possible, in their order; none for numbers, dates and free text."""

    name: str
    kind: Kind = "number"
    words: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Table:
    """Columns and rows; a cell is a number, a text, or None where the file has "?"."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def numbers(self, places: Sequence[int]) -> np.ndarray:
        """The columns at `places` as float64 [N, P]; NaN where nothing is told. Words are read as numbers.

        Raises BadRequest for a word that is none.
        """
        flat = [_told(row[place], self.columns[place]) for row in self.rows for place in places]
        return np.array(flat, np.float64).reshape(len(self.rows), len(places))


def _told(cell: Cell, column: Column) -> float:
    if isinstance(cell, str):
        return as_number(cell, column.name)
    return np.nan if cell is None else cell


def as_number(text: str, column: str = "") -> float:
    """The number that a text is, as Java writes it; infinite and NaN too. Raises BadRequest."""
    if _NUMBER.fullmatch(text):
        return float(text)
    if text.lower() in _NO_NUMBERS:
        return float(text.replace("∞", "inf"))
    raise BadRequest(f'"{text[:40]}"{f" in the column {column[:40]}" if column else ""} is no number')


def parsed(text: str) -> Table:
    """The table in a text. Raises BadRequest with the line, without the file's name."""
    lines = _Lines(text)
    try:
        return _table(lines)
    except BadRequest as error:
        raise BadRequest(f"line {lines.number}: {error}") from None


class _Lines:
    """The lines that say something; `number` is that of the last one given, from 1."""

    def __init__(self, text: str) -> None:
        # Not splitlines, which also breaks at letters that a name may hold.
        self._lines = enumerate(re.split(r"\r\n|\n|\r", text), 1)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self.number = number
            if (said := line.strip()) and not said.startswith("%"):
                yield said


def _table(lines: _Lines) -> Table:
    name, columns = "", list[Column]()
    for line in lines:
        word = line.split(None, 1)[0].lower()
        if word == "@data":
            break
        if word == "@attribute":
            columns.append(_column(line))
        elif word == "@relation":
            name = _unquoted(line[9:].strip())
        else:
            raise BadRequest(f'"{line[:40]}" is neither @relation, @attribute nor @data')
    else:
        raise BadRequest("it has no @data")
    if not 0 < len(columns) <= _MOST_COLUMNS:
        raise BadRequest(f"it has {len(columns)} columns, 1 to {_MOST_COLUMNS} were expected")
    return Table(name, tuple(columns), tuple(_rows(columns, lines)))


def _column(line: str) -> Column:
    found = _ATTRIBUTE.fullmatch(line)
    if not found:
        raise BadRequest("an @attribute has a name and a type")
    name = _text(found[1], found[2], found[3])
    kind = found[4].strip()
    if kind.startswith("{") and kind.endswith("}"):
        return Column(name, "word", tuple(cell or "?" for cell in _cells(kind[1:-1])))
    word, _, rest = kind.partition(" ")
    if word.lower() == "date":
        return Column(name, "date", pattern=_unquoted(rest.strip()))
    if kind.lower() not in _TYPES:
        raise BadRequest(f'the type "{kind[:40]}" of the column "{name[:40]}" is not known')
    return Column(name, "number" if _TYPES[kind.lower()] == "number" else "word")


def _rows(columns: Sequence[Column], lines: _Lines) -> Iterator[tuple[Cell, ...]]:
    known = [frozenset(column.words) for column in columns]
    for line in lines:
        cells = _cells(line)
        if len(cells) != len(columns):
            raise BadRequest(f"it has {len(cells)} values for {len(columns)} columns")
        yield tuple(map(_read, cells, columns, known))


def _read(cell: str | None, column: Column, known: frozenset[str]) -> Cell:
    if cell is None:
        return None
    if column.kind == "number":
        return as_number(cell, column.name)
    if known and cell not in known:
        raise BadRequest(f'"{cell[:40]}" is none of the words of the column "{column.name[:40]}"')
    return cell


def _cells(line: str) -> list[str | None]:
    """The values between commas; None for a bare "?". Raises BadRequest."""
    cells, at = list[str | None](), 0
    while True:
        found = _CELL.match(line, at)
        if not found:
            raise BadRequest(f'values between commas were expected, found "{line[at : at + 40]}"')
        cells.append(None if found[3] == "?" else _text(found[1], found[2], found[3]))
        if not found[4]:
            return cells
        at = found.end()


def _text(single: str | None, double: str | None, bare: str | None) -> str:
    quoted = single if single is not None else double
    return bare or "" if quoted is None else re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), quoted)


def _unquoted(text: str) -> str:
    found = _CELL.fullmatch(text)
    return _text(found[1], found[2], found[3]) if found else text


def written(table: Table) -> str:
    """The text of a table, as Weka lays it out; numbers so that float32 and float64 come back as they were."""
    lines = [f"@relation {_quoted(table.name)}", ""]
    lines += [f"@attribute {_quoted(column.name)} {_type(column)}" for column in table.columns]
    lines += ["", "@data", *(",".join(map(_cell, row)) for row in table.rows)]
    return "\n".join(lines) + "\n"


def _type(column: Column) -> str:
    if column.kind == "date":
        return f"date '{column.pattern}'"
    if column.kind == "number":
        return "numeric"
    return f"{{{','.join(map(_quoted, column.words))}}}" if column.words else "string"


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return _quoted(cell)
    if cell is None or np.isnan(cell):
        return "?"
    return str(int(cell)) if abs(cell) < 1e15 and cell == int(cell) else str(cell)


def _quoted(text: str) -> str:
    escaped = re.sub(r"[\n\r\t'\"\\%]", lambda one: "\\" + {"\n": "n", "\r": "r", "\t": "t"}.get(one[0], one[0]), text)
    bare = escaped == text and text not in ("", "?") and not re.search(r"[\s{},]", text)
    return text if bare else f"'{escaped}'"
