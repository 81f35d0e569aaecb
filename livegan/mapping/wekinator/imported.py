"""A Wekinator project becomes a mapping's folder: settings, examples and a fit.

Nothing is left behind when it cannot; the project itself is only read.
"""

import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from livegan.errors import BadRequest, Failure
from livegan.files import write_atomic
from livegan.frame import Feature
from livegan.mapping import fitted
from livegan.mapping.each import Each, Part
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fitted_to, taught_in
from livegan.mapping.kinds import weknet
from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.mapping.wekinator import project as projects
from livegan.mapping.wekinator.nets import Net
from livegan.mapping.wekinator.project import Project

# Wekinator's inputs come at any scale: so much of what was shown counts as a clearly visible movement.
_VISIBLE = 0.25


def import_project(folder: Path, into: Path) -> list[str]:
    """Make the mapping's folder `into` of the Wekinator project in `folder`; gives sentences about what to know.

    Raises BadRequest in one sentence for a project that cannot be taken over, or when `into` is there already;
    Failure when the disk refuses.
    """
    if into.exists():
        raise BadRequest(f"{into} is there already: choose another name, or move it away")
    project = projects.read(folder)
    making = into.with_name(f".{into.name}.{secrets.token_hex(4)}") / into.name
    try:
        notes = _made(project, making)
        os.rename(making, into)
    except OSError as error:
        raise Failure(f"could not write {into}: {error.strerror}; nothing was imported") from error
    finally:
        shutil.rmtree(making.parent, ignore_errors=True)
    return [_counted(project), *notes, *project.notes, _patch(project)]


def _made(project: Project, folder: Path) -> list[str]:
    """Everything in `folder`; gives sentences."""
    write_settings(folder, _settings(project))
    if not len(project.rows):
        return ["there is nothing to fit yet: teach it, then run livegan fit"]
    _keep(project, folder / FILE)
    taught, settings = taught_in(folder)
    trained = {name: one.model_copy(update={"train": False}) for name, one in settings.output.items()}
    others = settings.output | {name: trained[name] for name in project.nets}
    data, report = fitted_to(taught, settings.model_copy(update={"output": others}), folder.name)
    fit = fitted.unpacked(data, folder / fitted.FILE)
    write_atomic(folder / fitted.FILE, fitted.packed(replace(fit, model=_with_nets(fit.model, settings, project))))
    anew = [name for name in settings.output if name not in project.nets]
    taken = f"networks as they were trained: {', '.join(project.nets)}"
    told = [f"fitted anew from the examples: {', '.join(anew)}"] * bool(anew)
    return [taken] * bool(project.nets) + told + list(report.missed())


def _with_nets(model: Each, settings: MappingSettings, project: Project) -> Each:
    """The fitted models, and Wekinator's own networks for outputs that were not fitted."""
    features, outputs = settings.features, list(settings.output)
    parts = [
        Part("weknet", (outputs.index(name),), tuple(map(features.index, net.inputs)), _runs(net))
        for name, net in project.nets.items()
    ]
    return replace(model, table=settings.table, parts=(*model.parts, *parts))


def _runs(net: Net) -> weknet.Runs:
    layers = tuple(np.concatenate((thresholds[None], weights))[None] for weights, thresholds in net.layers)
    return weknet.Runs(net.base, net.half, layers, np.array([net.out_base]), np.array([net.out_half]))


def _settings(project: Project) -> MappingSettings:
    outputs = project.outputs.outputs
    try:
        return MappingSettings(
            features=list(project.inputs.names),
            outputs=[one.name for one in outputs],
            output={one.name: one.settings for one in outputs},
        )
    except ValidationError as error:
        raise BadRequest(
            f"{project.name} has settings that a mapping cannot have: {error.errors()[0]['msg']}"
        ) from error


def _keep(project: Project, path: Path) -> None:
    """Write all examples, each in its round."""
    rounds, first = np.unique(project.rounds, return_index=True)
    with Examples.open(path, _features(project)) as examples, examples.together():
        for number in rounds[np.argsort(first)].tolist():
            own = project.rounds == number
            examples.add(examples.begin_round(round_id=number), project.rows[own], project.wanted[own])


def _features(project: Project) -> list[Feature]:
    low = np.nanmin(project.rows, axis=0, initial=np.inf)
    high = np.nanmax(project.rows, axis=0, initial=-np.inf)
    units = np.clip((high - low) * _VISIBLE, 0, 1e8)
    units = np.where(units > 1e-9, units, 1.0)
    return [Feature(name, unit=float(unit)) for name, unit in zip(project.inputs.names, units, strict=True)]


def _counted(project: Project) -> str:
    inputs, outputs = len(project.inputs.names), len(project.outputs.outputs)
    rounds = len(np.unique(project.rounds))
    return f"{inputs} inputs, {outputs} outputs, {len(project.rows)} examples in {rounds} rounds"


def _patch(project: Project) -> str:
    """What only a patch can say."""
    heard, said = project.inputs, project.outputs
    return (
        f"it listened to {heard.address} on port {project.port} and sent {said.address} to {said.host}:{said.port}: "
        "write that into the patch that serves it"
    )
