"""The commands `livegan map` and `livegan examples`: rows through a mapping, and examples as sheets, in and out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from livegan import files
from livegan.errors import BadRequest, Failure
from livegan.files import write_atomic
from livegan.mapping import sheets
from livegan.mapping.editing import Edit
from livegan.mapping.editing import edit as edited
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import Mapping, read_settings

Say = Callable[[str], None]
_LOOK = "look"
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


def list_rounds(name: str, say: Say) -> None:
    """Tell every round that was taught in mappings/NAME. Raises BadRequest or Failure in one sentence."""
    with Examples.read_only(files.find("mappings", name) / FILE) as examples:
        for one in examples.rounds():
            say(f"round {one.id}: {one.look or 'numbers'}, {one.count} examples{'' if one.kept else ', left out'}")


def keep_rounds(name: str, rounds: Sequence[int], kept: bool, say: Say) -> None:
    """Leave rounds out, or take them back; nothing is deleted. Raises BadRequest or Failure in one sentence."""
    with Examples.open(files.find("mappings", name) / FILE) as examples, examples.together():
        for one in rounds:
            examples.keep(one, kept)
            say(f"round {one} is {'taken back' if kept else 'left out'}: run livegan fit {name}.")


def change_round(name: str, change: str, say: Say) -> None:
    """Change a round as a text such as "3 look=rose" or "3.17 glow=0.5" says. Raises BadRequest or Failure."""
    folder = files.find("mappings", name)
    number, edit = read_change(change)
    outputs = read_settings(folder).outputs
    with Examples.open(folder / FILE) as examples:
        made = edited(examples, outputs if isinstance(outputs, list) else [], number, None, edit)
    say(f"round {number} is left out and round {made} in its place: run livegan fit {name}.")


def read_change(text: str) -> tuple[int, Edit]:
    """The round and the change in "ROUND look=NAME", "ROUND NAME=NUMBER", "ROUND.ROW NAME=NUMBER" or "ROUND NAME=".

    Without a number an output says nothing any more, and a feature is not seen. Raises BadRequest.
    """
    place, _, told = text.strip().partition(" ")
    name, equals, value = told.partition("=")
    number, _, row = place.partition(".")
    try:
        if not equals or not name.strip():
            raise ValueError(text)
        one, at = int(number), int(row) if row else None
        if name.strip() == _LOOK and value.strip():
            return one, Edit(look=value.strip())
        return one, Edit(name=name.strip(), value=float(value) if value.strip() else None, row=at)
    except ValueError:
        raise BadRequest(f'a change is "3 look=rose", "3 glow=0.5" or "3.17 body.x=0.2", found "{text}"') from None


def import_examples(name: str, source: Path, say: Say, replace: bool = False) -> None:
    """Add the examples in a sheet to mappings/NAME; replace: and leave out all that were there.

    Raises BadRequest or Failure in one sentence.
    """
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
    with Examples.open(path, None if path.is_file() else sheets.features_of(sheet)) as examples, examples.together():
        for one in examples.rounds() if replace else []:
            examples.keep(one.id, False)
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
