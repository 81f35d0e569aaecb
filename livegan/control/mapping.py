"""The commands `livegan map` and `livegan examples`: rows through a mapping, and examples as sheets, in and out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from livegan import files
from livegan.errors import BadRequest, Failure
from livegan.files import write_atomic
from livegan.mapping import sheets
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import Mapping, read_settings

Say = Callable[[str], None]
_SUFFIXES = (".csv", ".arff")
_LARGEST = 512 * 2**20


def map_rows(name: str, rows: Path, out: Path, say: Say) -> None:
    """Put the rows of a .csv through mappings/NAME, in their order. Raises BadRequest or Failure in one sentence."""
    mapping = Mapping.load(files.find("mappings", name))
    table = _table(rows)
    heads = [column.name for column in table.columns]
    if missing := [one for one in mapping.features if one not in heads]:
        raise BadRequest(f'{rows} has no column "{missing[0]}": {name} needs all of {_some(mapping.features)}')
    if extra := [one for one in heads if one not in mapping.features]:
        say(f"{name} is not told of {_some(extra)}.")
    values = _numbers(table, [heads.index(one) for one in mapping.features], rows)
    told = ([f"{value:.9g}" for value in _outputs(mapping, row, number)] for number, row in enumerate(values, 1))
    write_atomic(out, sheets.csv_text([_heads(mapping), *told]).encode())
    say(f"{len(values)} rows are in {out}.")


def _outputs(mapping: Mapping, row: np.ndarray, number: int) -> np.ndarray:
    try:
        return mapping(row)
    except ValueError as error:
        raise Failure(f"what {mapping.name} gives for row {number} is not finite: fit it again") from error


def _heads(mapping: Mapping) -> list[str]:
    if not isinstance(mapping.outputs, str):
        return list(mapping.outputs)
    if mapping.outputs == "anchors":
        return [look.name for look in mapping.looks]
    return [f"{mapping.outputs.partition(':')[0]}{place}" for place in range(mapping.model.size)]


def export_examples(name: str, out: Path, say: Say) -> None:
    """Write the examples of mappings/NAME that are kept as a sheet. Raises BadRequest or Failure in one sentence."""
    folder, suffix = files.find("mappings", name), _suffix(out)
    with Examples.read_only(folder / FILE) as examples:
        taught = examples.read()
    write_atomic(out, sheets.written(sheets.of_examples(taught, read_settings(folder)), suffix).encode())
    say(f"{len(taught.rows)} examples of {name} are in {out}.")


def import_examples(name: str, source: Path, say: Say) -> None:
    """Add the examples in a sheet to mappings/NAME. Raises BadRequest or Failure in one sentence."""
    folder = files.find("mappings", name)
    table, settings, path = _table(source), read_settings(folder), folder / FILE
    names, looks = settings.features, []
    if path.is_file():
        with Examples.read_only(path) as examples:
            names, looks = [feature.name for feature in examples.features], list(examples.looks())
    try:
        sheet = sheets.read(table, names, settings, looks)
    except BadRequest as error:
        raise BadRequest(f"{source}: {error}") from error
    if not len(sheet.rows):
        raise BadRequest(f"{source} has a head and no rows")
    with Examples.open(path, None if path.is_file() else sheets.features_of(sheet)) as examples:
        rounds = sheets.add(sheet, examples)
    if sheet.unknown:
        say(f"{name} has no place for {_some(sheet.unknown)}: left out.")
    say(f"{len(sheet.rows)} examples in {rounds} rounds are added: run livegan fit {name}.")


def _suffix(path: Path) -> str:
    if path.suffix.lower() not in _SUFFIXES:
        raise BadRequest(f'{path} is neither a .csv nor an .arff: name it so, such as "{path.stem}.csv"')
    return path.suffix.lower()


def _table(path: Path) -> sheets.Table:
    suffix = _suffix(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise BadRequest(f"{path} has more than {_LARGEST >> 20} MB: cut it into parts")
        return sheets.parsed(path.read_text("utf-8"), suffix)
    except FileNotFoundError:
        raise BadRequest(f"there is no file {path}") from None
    except UnicodeDecodeError:
        raise BadRequest(f"{path} is no text in UTF-8: save it as such") from None
    except OSError as error:
        raise Failure(f"{path} could not be read: {error.strerror}") from error
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from error


def _numbers(table: sheets.Table, places: list[int], path: Path) -> np.ndarray:
    try:
        return table.numbers(places).astype(np.float32)
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from error


def _some(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
