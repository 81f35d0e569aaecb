"""A mapping becomes a Wekinator project, whose models Wekinator then trains by itself.

Never changes the mapping, nor a folder that is there already.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, repeat
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest
from livegan.files import write_atomic
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings, read_settings
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught, padded
from livegan.mapping.wekinator import arff, builders, config, gestures, java, matching
from livegan.mapping.wekinator.config import Inputs, Output, Outputs, messages_of
from livegan.mapping.wekinator.project import EXAMPLES, GESTURES, INPUTS, MODELS, OUTPUTS, OWN

_LISTENS, _HEARD, _SAID, _TOLD = 6448, "/wek/inputs", "/wek/outputs", ("localhost", 12000)
_PATTERN = "yyyy/MM/dd HH:mm:ss:SSS"
# Examples do not know when they were taught, and Wekinator wants to hear it.
_WHEN = "2000/01/01 00:00:00:000"


def export_project(mapping: Path, out: Path) -> list[str]:
    """Write the mapping in the folder `mapping` as the Wekinator project `out`; gives sentences about what to know.

    Raises BadRequest when Wekinator could not hold it, or when `out` is there already; Failure when the disk refuses.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadRequest(f"{out} is there already: choose another folder, or move it away")
    settings = read_settings(mapping)
    with Examples.read_only(mapping / FILE) as examples:
        taught = examples.read()
    outputs = _outputs(mapping.name, settings)
    inputs = _inputs(mapping.name, settings, taught)
    texts, notes = (_gestures if outputs[0].settings.type == "gesture" else _models)(inputs, outputs, taught)
    said = Outputs(_SAID, *_TOLD, outputs)
    whole = texts | {
        f"{mapping.name}.wekproj": config.project_text(mapping.name, _LISTENS).encode(),
        INPUTS: config.inputs_text(Inputs(_HEARD, inputs)).encode(),
        OUTPUTS: config.outputs_text(said).encode(),
    }
    for name, data in whole.items():
        write_atomic(out / name, data)
    return [*notes, *_lost(outputs)]


def _outputs(name: str, settings: MappingSettings) -> tuple[Output, ...]:
    if not isinstance(settings.outputs, list):
        raise BadRequest(f"{name} has looks for outputs, Wekinator knows numbers, classes and gestures only")
    told = [Output(one, settings.output.get(one, OutputSettings())) for one in settings.outputs]
    if len(told) > 1 and any(one.settings.type == "gesture" for one in told):
        raise BadRequest(f"{name} has gestures beside other outputs, in Wekinator they are a project of their own")
    return tuple(replace(one, messages=_messages(one)) if one.settings.type == "gesture" else one for one in told)


def _messages(one: Output) -> tuple[str, ...]:
    return tuple(one.settings.messages or messages_of(one))


def _inputs(name: str, settings: MappingSettings, taught: Taught) -> tuple[str, ...]:
    recorded = tuple(feature.name for feature in taught.features)
    if list(recorded) != settings.features:
        raise BadRequest(f"{name} was taught with other features than its mapping.toml has: make them the same")
    return recorded


def _lost(outputs: tuple[Output, ...]) -> Iterator[str]:
    """What Wekinator cannot be told of these outputs."""
    for one in outputs:
        if one.settings.integer == "round":
            yield f'Wekinator cuts off where "{one.name}" is rounded'
        if one.settings.smooth:
            yield f'Wekinator does not smooth "{one.name}"'
        if not one.settings.train:
            yield f'Wekinator will train "{one.name}", which is not to be trained here'


def _models(inputs: tuple[str, ...], outputs: tuple[Output, ...], taught: Taught) -> tuple[dict[str, bytes], list[str]]:
    """The files of a project of numbers and classes, and sentences."""
    wanted = _wanted(outputs, taught)
    table = _table(inputs, outputs, taught, wanted)
    files, notes = {EXAMPLES: arff.written(table).encode()}, ["press Train in Wekinator: it trains its models anew"]
    for index, one in enumerate(outputs):
        own, asked = one.settings.features or inputs, ~np.isnan(wanted[:, index])
        places = [*range(len(OWN)), *(len(OWN) + inputs.index(name) for name in own), len(OWN) + len(inputs) + index]
        text, note = builders.path_text(one, own, int(asked.sum()))
        stored = java.Stored(text, "", arff.written(_part(table, places, asked)))
        files[f"{MODELS}/model{index}.xml"] = java.write(stored)
        notes += [note] if note else []
    return files, notes


def _wanted(outputs: tuple[Output, ...], taught: Taught) -> np.ndarray:
    """The numbers wanted, float32 [N, O]. Raises BadRequest when an example has others."""
    if any(row is None or len(row) > len(outputs) for row in taught.outputs):
        raise BadRequest(f"an example has not the {len(outputs)} numbers of the outputs: leave its round out")
    wanted = np.array([padded(row, len(outputs)) for row in taught.outputs], np.float32).reshape(-1, len(outputs))
    for one, column in zip(outputs, wanted.T, strict=True):
        lowest = 1 if one.settings.type == "gesture" else 0
        known = np.isin(column, range(lowest, one.settings.classes + 1)) | (np.isnan(column) & (lowest == 0))
        if one.settings.type != "number" and not known.all():
            raise BadRequest(f'an example asks "{one.name}" for what none of its classes is: leave its round out')
    return wanted


def _table(inputs: tuple[str, ...], outputs: tuple[Output, ...], taught: Taught, wanted: np.ndarray) -> arff.Table:
    own = (arff.Column(OWN[0]), arff.Column(OWN[1], "date", pattern=_PATTERN), arff.Column(OWN[2]))
    heads = zip(count(1), repeat(_WHEN), taught.rounds.tolist())
    rows = tuple(
        (number, when, one, *_shortest(values), *map(_cell, outputs, _shortest(asked)))
        for (number, when, one), values, asked in zip(heads, taught.rows, wanted, strict=True)
    )
    return arff.Table("dataset", (*own, *map(arff.Column, inputs), *map(_column, outputs)), rows)


def _shortest(values: np.ndarray) -> list[float]:
    """float32 numbers as the doubles of the fewest digits that give them back."""
    return [float(str(value)) for value in values]


def _column(one: Output) -> arff.Column:
    if one.settings.type == "number":
        return arff.Column(one.name)
    return arff.Column(one.name, "word", tuple(map(str, range(one.settings.classes + 1))))


def _cell(one: Output, value: float) -> arff.Cell:
    if np.isnan(value):
        return None
    return value if one.settings.type == "number" else str(int(value))


def _part(table: arff.Table, places: list[int], chosen: np.ndarray) -> arff.Table:
    """Some columns and rows."""
    rows = tuple(tuple(row[place] for place in places) for row, own in zip(table.rows, chosen, strict=True) if own)
    return arff.Table(table.name, tuple(table.columns[place] for place in places), rows)


def _gestures(
    inputs: tuple[str, ...], outputs: tuple[Output, ...], taught: Taught
) -> tuple[dict[str, bytes], list[str]]:
    """The files of a project of gestures, and sentences."""
    wanted = _wanted(outputs, taught)[:, 0]
    found = []
    if not len(wanted):
        raise BadRequest("there are no gestures to write: teach a few first")
    for number in dict.fromkeys(taught.rounds.tolist()):
        own = taught.rounds == number
        found.append(gestures.Gesture(int(wanted[own][0]), taught.rows[own]))
    told = [name in (outputs[0].settings.features or inputs) for name in inputs]
    model = matching.write(found, outputs[0], told).encode()
    return {GESTURES: gestures.write(found).encode(), f"{MODELS}/model1.xml": model}, []
