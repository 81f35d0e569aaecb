"""Examples as a sheet with a head, in and out: CSV for spreadsheets, ARFF for Weka, every number to its last digit.

Opens no file. A stranger's text: what is not understood is a BadRequest, and nothing is guessed.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping.encoding import units_shown
from livegan.mapping.examples import Examples
from livegan.mapping.mapping import MappingSettings
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught
from livegan.mapping.wekinator import arff
from livegan.mapping.wekinator.arff import Cell, Column, Table

_ROUND, _LOOK = "round", "look"
_ROUNDS = (_ROUND, "Training round")
_NOTHING = ("", "?")


def csv_table(text: str) -> Table:
    """The table in a CSV text, every cell a word; None where it is empty or "?". Raises BadRequest with the line."""
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise BadRequest(f"it is no CSV: {error}") from error
    head = [cell.strip() for cell in lines[0]] if lines else []
    if not head or "" in head or len(set(head)) < len(head):
        raise BadRequest("its first line must be a head: different names, separated by commas")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if line and len(line) != len(head):
            raise BadRequest(f"line {number} has {len(line)} cells, the head has {len(head)}")
        rows += [tuple(None if cell.strip() in _NOTHING else cell.strip() for cell in line)] if line else []
    return Table("examples", tuple(Column(name, "word") for name in head), tuple(rows))


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Lines of a CSV text; "" for None."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return text.getvalue()


def of_examples(taught: Taught, settings: MappingSettings) -> Table:
    """All examples that are kept: round, look, features, outputs. Raises BadRequest when two have the same name."""
    names = _outputs(taught, settings)
    features = [feature.name for feature in taught.features]
    columns = [Column(_ROUND), Column(_LOOK, "word"), *map(Column, features)]
    columns += [_column(name, settings.table.get(name)) for name in names]
    if twice := {one.name for one in columns if [c.name for c in columns].count(one.name) > 1}:
        raise BadRequest(f'a sheet would have two columns "{min(twice)}": rename that feature or output')
    rows = []
    for row, look, wanted, round_id in zip(taught.rows, taught.look, taught.outputs, taught.rounds, strict=True):
        told = [*_cells([] if wanted is None else wanted), *[None] * len(names)][: len(names)]
        name = taught.looks[look].name if look >= 0 else None
        rows.append((int(round_id), name, *_cells(row), *map(_as_column, told, columns[-len(names) :])))
    return Table("examples", tuple(columns), tuple(rows))


def _outputs(taught: Taught, settings: MappingSettings) -> list[str]:
    if isinstance(settings.outputs, list):
        return settings.outputs
    most = max((len(one) for one in taught.outputs if one is not None), default=0)
    if settings.outputs in ("anchors", None) and most <= len(taught.looks):
        return [f"weight of {look.name}" for look in taught.looks[:most]]
    return [f"output {number}" for number in range(1, most + 1)]


def _column(name: str, output: OutputSettings | None) -> Column:
    if output is None or output.type == "number":
        return Column(name)
    return Column(name, "word", tuple(map(str, range(output.classes + 1))))


def _cells(values: Sequence[np.float32]) -> list[Cell]:
    """float32 numbers as the doubles of the fewest digits that give them back."""
    return [None if np.isnan(value) else float(str(value)) for value in values]


def _as_column(cell: Cell, column: Column) -> Cell:
    return str(int(cell)) if column.words and isinstance(cell, float) else cell


@dataclass(frozen=True)
class Sheet:
    """What a table says: rows float32 [N, F], outputs [N, O] or None, looks and round of each; what it left out."""

    features: tuple[str, ...]
    rows: np.ndarray
    outputs: np.ndarray | None
    looks: list[str | None]
    rounds: list[float]
    unknown: tuple[str, ...]


def read(table: Table, features: Sequence[str], settings: MappingSettings, weights: Sequence[str] = ()) -> Sheet:
    """The examples in a table. weights: names of the looks, whose weights may be asked for. Raises BadRequest."""
    at = {column.name: place for place, column in enumerate(table.columns)}
    if missing := [name for name in features if name not in at]:
        raise BadRequest(f'it has no column "{missing[0]}": its head must name all {len(features)} features')
    named = isinstance(settings.outputs, list)
    names = settings.outputs if named else [f"weight of {look}" for look in weights]
    told = [name for name in names if name in at]
    # A column is first what is shown and wanted, whatever it is called.
    free = set(at) - {*features, *told}
    rounds = next((name for name in _ROUNDS if name in free), None)
    look = _LOOK if _LOOK in free else None
    wanted = np.full((len(table.rows), len(names)), np.nan if named else 0.0)
    wanted[:, [names.index(name) for name in told]] = table.numbers([at[name] for name in told])
    _refuse_values(wanted, settings.table, names)
    return Sheet(
        features=tuple(features),
        rows=_single(table.numbers([at[name] for name in features])),
        outputs=_single(wanted) if told else None,
        looks=[None if look is None or row[at[look]] is None else str(row[at[look]]) for row in table.rows],
        rounds=table.numbers([at[rounds]])[:, 0].tolist() if rounds else [1.0] * len(table.rows),
        unknown=tuple(name for name in at if name in free - {rounds, look}),
    )


def _single(numbers: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def _refuse_values(wanted: np.ndarray, table: dict[str, OutputSettings], names: Sequence[str]) -> None:
    for name, column in zip(names, wanted.T, strict=True):
        one = table.get(name)
        # What hard limits forbid a number today may have been taught before.
        wrong = [] if one is None or one.type == "number" else [value for value in column if not one.allows(value)]
        if wrong:
            raise BadRequest(f'an example asks "{name}" for {wrong[0]:g}, which is none of its {one.classes}')


def features_of(sheet: Sheet) -> list[Feature]:
    """Features for examples that are begun with a sheet."""
    return [Feature(name, unit=float(unit)) for name, unit in zip(sheet.features, units_shown(sheet.rows), strict=True)]


def add(sheet: Sheet, examples: Examples) -> int:
    """Add a sheet's examples, each of its rounds as a new one; all of them or none. Gives how many rounds."""
    known, rounds = examples.looks(), {}
    for place, key in enumerate(zip(sheet.rounds, sheet.looks, strict=True)):
        rounds.setdefault(key, []).append(place)
    with examples.together():
        for (_, look), places in rounds.items():
            if look is not None and look not in known:
                raise BadRequest(
                    f'there is no look "{look}" in {examples.path}: keep it first, a name alone is no look'
                )
            outputs = None if sheet.outputs is None or look is not None else sheet.outputs[places]
            examples.add(examples.begin_round(known.get(look)), sheet.rows[places], outputs)
    return len(rounds)


def parsed(text: str, suffix: str) -> Table:
    """The table in a text, of a file called .csv or .arff. Raises BadRequest."""
    return arff.parsed(text) if suffix == ".arff" else csv_table(text)


def written(table: Table, suffix: str) -> str:
    """The inverse of `parsed`."""
    if suffix == ".arff":
        return arff.written(table)
    return csv_text([[column.name for column in table.columns], *table.rows])
