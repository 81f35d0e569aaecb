"""Reads a Wekinator project from its folder, as plain data and sentences about what is not taken over.

A stranger's folder: only files at Wekinator's own fixed places in it are read, each up to a limit; nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from livegan.errors import BadRequest
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator import arff, builders, config, gestures, java, matching, nets
from livegan.mapping.wekinator.config import Inputs, Output, Outputs
from livegan.mapping.wekinator.folder import LARGE, Files, text
from livegan.mapping.wekinator.nets import Net

INPUTS, OUTPUTS, EXAMPLES = "inputConfig.xml", "outputConfig.xml", "current/currentData.arff"
GESTURES, NETS, MODELS = "current/currentData.csv", "current/modelSetDescription.json", "current/models"
SAVED = "saved"
OWN = ("ID", "Time", "Training round")
"""The columns that come before inputs and outputs."""

_DESCRIBED = ("weknet", "knn")
_TRAINED = ("BUILT", "NEEDS_REBUILDING")


@dataclass(frozen=True)
class Project:
    """All of a project that a mapping can hold.

    rows: float64 [N, F], NaN where it was not known. wanted: float64 [N, O], NaN where it was not recorded; for a
    gesture, whose series is one round, its number. rounds: int [N]. nets: trained networks by the output's name.
    notes: sentences about what is not, or not exactly, taken over.
    """

    name: str
    port: int
    inputs: Inputs
    outputs: Outputs
    rows: np.ndarray
    wanted: np.ndarray
    rounds: np.ndarray
    nets: dict[str, Net] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(folder: Path) -> Project:
    """The project in `folder`, or of a .wekproj file. Raises BadRequest in one sentence that names the file."""
    named = folder.suffix == ".wekproj"
    files = Files(folder.parent if named else folder)
    name, port = _named(files, folder.name if named else None)
    inputs = files.read(INPUTS, config.inputs)
    outputs = files.read(OUTPUTS, config.outputs)
    notes = _saved(files)
    if outputs.outputs[0].settings.type == "gesture":
        return _gestures(files, Project(name, port, inputs, outputs, *_no_rows(inputs, outputs)), notes)
    paths = [_path(files, index, one, inputs, notes) for index, one in enumerate(outputs.outputs)]
    told = tuple(_settled(one, path, inputs) for one, path in zip(outputs.outputs, paths, strict=True))
    rows = _rows(files, inputs, outputs, notes)
    found = _nets(files, told, paths, notes)
    return Project(name, port, inputs, replace(outputs, outputs=told), *rows, found, tuple(notes))


def _no_rows(inputs: Inputs, outputs: Outputs) -> tuple[np.ndarray, ...]:
    return np.zeros((0, len(inputs.names))), np.zeros((0, len(outputs.outputs))), np.zeros(0, int)


def _named(files: Files, named: str | None) -> tuple[str, int]:
    """Name and port, from the .wekproj that was named, else the one there is."""
    found = [named] if named else _visible(files.folder, "*.wekproj")
    if len(found) != 1:
        raise BadRequest(f"{files.folder} holds {len(found)} .wekproj files, the folder of one project has one")
    return found[0].removesuffix(".wekproj"), files.read(found[0], config.port)


def _visible(folder: Path, pattern: str) -> list[str]:
    """Names of files, sorted, without those that a Mac writes beside each file on a disk of another kind."""
    return sorted(path.name for path in folder.glob(pattern) if not path.name.startswith("."))


def _saved(files: Files) -> list[str]:
    """A sentence when models were saved by hand, beside those of the project."""
    count = len(_visible(files.folder / SAVED, "*.xml"))
    return [f"{count} models in {SAVED} are not imported"] if count else []


def _path(files: Files, index: int, one: Output, inputs: Inputs, notes: list[str]) -> builders.Path | None:
    """What is known of an output's model; None, with a note, when it cannot be read."""
    try:
        path = files.read(f"{MODELS}/model{index}.xml", lambda data: builders.path(java.read(data).path), LARGE)
        if path.output.settings.type != one.settings.type or path.output.name != one.name:
            raise BadRequest(f"model{index}.xml is of another output")
        if not path.inputs or not set(path.inputs) <= set(inputs.names) or len(set(path.inputs)) < len(path.inputs):
            raise BadRequest(f"model{index}.xml has inputs that {INPUTS} has not")
    except BadRequest as error:
        notes.append(f'"{one.name}" gets the usual model and all inputs: {error}')
        return None
    if path.output.settings != one.settings:
        notes.append(f'"{one.name}" has other settings in its model than in {OUTPUTS}; those of {OUTPUTS} are taken')
    notes.extend(f'"{one.name}": {note}' for note in path.notes)
    return path


def _settled(one: Output, path: builders.Path | None, inputs: Inputs) -> Output:
    """The output with all that its model says."""
    usual = "weknet" if one.settings.type == "number" else "knn"
    if path is None:
        return replace(one, settings=one.settings.model_copy(update={"model": usual}))
    told: dict[str, object] = {"model": path.kind, "params": path.params, "record": path.record, "run": path.run}
    if path.inputs != inputs.names:
        told["features"] = list(path.inputs)
    return replace(one, settings=one.settings.model_copy(update=told))


def _rows(files: Files, inputs: Inputs, outputs: Outputs, notes: list[str]) -> tuple[np.ndarray, ...]:
    """Rows, numbers wanted and rounds of all examples."""
    if not files.has(EXAMPLES):
        notes.append(f"there is no {EXAMPLES}, so there are no examples")
        return _no_rows(inputs, outputs)
    return files.read(EXAMPLES, lambda data: _examples(arff.parsed(text(data)), inputs, outputs, notes), LARGE)


def _examples(table: arff.Table, inputs: Inputs, outputs: Outputs, notes: list[str]) -> tuple[np.ndarray, ...]:
    names = [column.name for column in table.columns]
    wanted = [*OWN, *inputs.names, *(one.name for one in outputs.outputs)]
    if names != wanted:
        other = next((pair for pair in zip(names, wanted, strict=False) if pair[0] != pair[1]), ("an end", "others"))
        raise BadRequest(f'it has {len(names)} columns for {len(wanted)}, "{other[0][:40]}" for "{other[1][:40]}"')
    first = len(OWN) + len(inputs.names)
    rows = table.numbers(range(len(OWN), first))
    targets = table.numbers(range(first, len(names)))
    rounds = _rounds(table.numbers([OWN.index("Training round")])[:, 0])
    kept = _usable(rows, targets, outputs)
    if left := int((~kept).sum()):
        notes.append(f"{left} examples are left out, with no finite input, or an output that is out of its range")
    if small := [name for name, column in zip(inputs.names, rows[kept].T, strict=True) if 0 < _spread(column) < 1e-3]:
        notes.append(f"Wekinator kept six decimals of each number, which is few for {', '.join(small[:4])}")
    return rows[kept], targets[kept], rounds[kept]


def _spread(column: np.ndarray) -> float:
    return float(np.nanmax(column) - np.nanmin(column)) if np.isfinite(column).any() else 0.0


def _rounds(told: np.ndarray) -> np.ndarray:
    """Whole numbers from 1: those that were told, and one more for all rows where none was."""
    good = np.isfinite(told) & (told >= 1) & (told < 1 << 30) & (told == np.floor(told))
    last = int(told[good].max(initial=0))
    return np.where(good, told, last + 1).astype(int)


def _usable(rows: np.ndarray, targets: np.ndarray, outputs: Outputs) -> np.ndarray:
    """Which examples a mapping can hold, bool [N]."""
    with np.errstate(over="ignore"):
        seen = ~np.isinf(rows.astype(np.float32)).any(axis=1) & ~np.isnan(rows).all(axis=1)
        asked = ~np.isinf(targets.astype(np.float32)).any(axis=1)
    for column, one in zip(targets.T, outputs.outputs, strict=True):
        if one.settings.type == "class":
            asked &= np.isnan(column) | np.isin(column, np.arange(one.settings.classes + 1))
    return seen & asked


def _nets(
    files: Files, outputs: tuple[Output, ...], paths: list[builders.Path | None], notes: list[str]
) -> dict[str, Net]:
    """The trained networks that belong to the present examples, by the name of the output."""
    named = [(one, path) for one, path in zip(outputs, paths, strict=True) if one.settings.kind in _DESCRIBED]
    if not any(one.settings.kind == "weknet" for one, _ in named):
        return {}
    try:
        if not files.has(NETS):
            raise BadRequest(f"there is no {NETS}")
        found = files.read(NETS, nets.read, LARGE)
        # What was never trained may be left out of it.
        named = named if len(found) == len(named) else [one for one in named if one[1] and one[1].state in _TRAINED]
        if len(found) != len(named):
            raise BadRequest(f"{NETS} has {len(found)} models for {len(named)} networks and nearest neighbours")
    except BadRequest as error:
        notes.append(f"the networks are not taken over as they were: {error}")
        return {}
    taken = {one.name: _net(one, path, give, notes) for (one, path), give in zip(named, found, strict=True)}
    return {name: net for name, net in taken.items() if net}


def _net(one: Output, path: builders.Path | None, give: Callable[[], Net] | None, notes: list[str]) -> Net | None:
    if one.settings.kind != "weknet":
        return None
    try:
        if path is None or path.state != _TRAINED[0]:
            raise BadRequest("its examples changed after it was trained")
        net = give() if give else None
        if net is None or net.inputs != path.inputs:
            raise BadRequest(f"{NETS} has another model, or other inputs, in its place")
        return net
    except BadRequest as error:
        notes.append(f'the network of "{one.name}" is not taken over as it was: {error}')
        return None


def _gestures(files: Files, project: Project, notes: list[str]) -> Project:
    """The same project with what is only in one of gestures."""
    count, (one,) = len(project.inputs.names), project.outputs.outputs
    found = list[gestures.Gesture]()
    if files.has(GESTURES):
        found = files.read(GESTURES, lambda data: gestures.read(text(data), count, one.settings.classes), LARGE)
    else:
        notes.append(f"there is no {GESTURES}, so there are no examples")
    settings = _matched(files, one, project.inputs, notes)
    lengths = [len(gesture.values) for gesture in found]
    return replace(
        project,
        outputs=replace(project.outputs, outputs=(replace(one, settings=settings),)),
        rows=np.concatenate([project.rows, *(gesture.values for gesture in found)]),
        wanted=np.repeat([float(gesture.number) for gesture in found], lengths)[:, None],
        rounds=np.repeat(np.arange(1, len(found) + 1), lengths),
        notes=tuple(notes),
    )


def _matched(files: Files, one: Output, inputs: Inputs, notes: list[str]) -> OutputSettings:
    settings = _messaged(one, notes).model_copy(update={"model": "dtw"})
    notes += one.notes
    try:
        told = files.read(f"{MODELS}/model1.xml", matching.read, LARGE)
    except BadRequest as error:
        notes.append(f"gestures are matched in the usual way: {error}")
        return settings
    notes += told.notes
    update: dict[str, object] = {"params": told.params}
    if len(told.selected) == len(inputs.names) and any(told.selected) and not all(told.selected):
        update["features"] = [name for name, on in zip(inputs.names, told.selected, strict=True) if on]
    return settings.model_copy(update=update)


def _messaged(one: Output, notes: list[str]) -> OutputSettings:
    """The settings of gestures with messages of their own, where they have any."""
    usual = config.messages_of(one)
    if one.messages == usual:
        return one.settings
    try:
        told = OutputSettings(**one.settings.model_dump() | {"messages": list(one.messages)})
    except ValidationError:
        notes.append(f"its gestures had messages that OSC cannot send; here they are {', '.join(usual)}")
        return one.settings
    notes.append(f"its gestures keep messages of their own: {', '.join(one.messages)}")
    return told
