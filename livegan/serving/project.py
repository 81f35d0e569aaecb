"""A mapping that is served: its inputs and outputs by name, its examples, and what plays each output.

A project may name no file beyond mappings/.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from livegan.errors import BadRequest
from livegan.mapping import fitted
from livegan.mapping.mapping import FILE, Mapping, MappingSettings, read_settings
from livegan.mapping.outputs import OutputSettings
from livegan.patch import ServeSettings
from livegan.serving.notebook import Asks, Notebook
from livegan.serving.out import Out, note, refusal
from livegan.serving.players import Players, players_of
from livegan.serving.training import Fitter, Post, Training


@dataclass
class Project:
    """What a session plays and teaches. inputs: names; outputs: by name, in their order."""

    folder: Path
    inputs: tuple[str, ...]
    outputs: dict[str, OutputSettings]
    notebook: Notebook
    training: Training
    players: Players = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the outputs, in their order."""
        return tuple(self.outputs)

    @property
    def gesture(self) -> OutputSettings | None:
        """The settings of the one output of a project of gestures; None where numbers and classes are played."""
        first, *more = self.outputs.values()
        return first if first.type == "gesture" and not more else None

    @property
    def settings(self) -> MappingSettings:
        """As mapping.toml holds them."""
        return settings_of(self.inputs, self.outputs)

    def change(self, place: int, **changes: object) -> None:
        """Change settings of one output."""
        name = self.names[place]
        self.outputs[name] = self.outputs[name].model_copy(update=changes)


class Shelf:
    """The mappings that lie beside each other in `root`, each a project when it is opened."""

    def __init__(self, root: Path, scribe: Asks, fitter: Fitter, post: Post) -> None:
        self.root = root
        self._scribe, self._fitter, self._post = scribe, fitter, post
        self._notebooks: dict[Path, Notebook] = {}

    def open(self, name: str) -> Project:
        """The project of that name, which must be there. Raises BadRequest, Failure."""
        folder = self.root / name
        if folder.resolve().parent != self.root.resolve() or not (folder / FILE).is_file():
            raise BadRequest(f'there is no mapping "{name}" in {self.root.name}/: livegan import-wekinator makes one')
        settings = read_settings(folder)
        if settings.model == "direct" or not isinstance(settings.outputs, list):
            raise BadRequest(f"the mapping {name} cannot be served: it needs outputs = [names], and to be taught")
        outputs = {one: settings.output.get(one, OutputSettings()) for one in settings.outputs}
        project = self._project(folder, settings.features, outputs, known=settings)
        if (folder / fitted.FILE).is_file():
            project.players = self._players(folder, project.inputs)
        return project

    def _players(self, folder: Path, inputs: Sequence[str]) -> Players:
        """Who plays; nobody when the fit is not of these settings, which is told: it can be trained again from afar."""
        try:
            return players_of(Mapping.load(folder), inputs)
        except BadRequest as error:
            self._tell(refusal(f"{error}, or train"))
            return {}

    def opened(self, wanted: ServeSettings) -> Project:
        """The project that a patch asks for, begun if it is not there yet. Raises BadRequest, Failure."""
        if not (self.root / wanted.mapping / FILE).is_file():
            return self._project(self.root / wanted.mapping, _names(wanted.inputs or 1, "in"), new_outputs(wanted))
        project = self.open(wanted.mapping)
        _refuse_inputs(wanted, len(project.inputs))
        for key in _different(project, wanted):
            self._tell(note(f"serve.{key} in the patch is not used: {wanted.mapping}/{FILE} says otherwise"))
        return project

    def _project(
        self,
        folder: Path,
        inputs: Sequence[str],
        outputs: dict[str, OutputSettings],
        known: MappingSettings | None = None,
    ) -> Project:
        same = settings_of(inputs, outputs) if known and known.table == outputs else None
        training = Training(folder, self._scribe, self._fitter, self._post, same)
        return Project(folder, tuple(inputs), outputs, self._notebook(folder, len(outputs)), training)

    def _notebook(self, folder: Path, outputs: int) -> Notebook:
        """The one of before while some of it is not on disk yet, where another one would not find it."""
        before = self._notebooks.get(folder)
        if before is None or not before.waiting:
            self._notebooks[folder] = Notebook.open(folder, outputs, self._scribe, self._post)
        return self._notebooks[folder]

    def _tell(self, told: Out) -> None:
        self._post(lambda: [told])


def settings_of(inputs: Sequence[str], outputs: dict[str, OutputSettings]) -> MappingSettings:
    """As mapping.toml holds them: each output has a model of its own."""
    told = {name: one for name, one in outputs.items() if one != OutputSettings()}
    return MappingSettings(features=list(inputs), outputs=list(outputs), model="each", output=told)


def new_outputs(wanted: ServeSettings) -> dict[str, OutputSettings]:
    """The outputs of a project that is not there yet. Raises BadRequest."""
    names = _names(wanted.outputs, "out")
    if wanted.type == "gesture" and len(names) > 1:
        raise BadRequest("serve.outputs: a mapping of gestures has one output, which all of them belong to")
    try:
        one = OutputSettings(type=wanted.type, classes=wanted.classes, model=wanted.model)
    except ValidationError as error:
        raise BadRequest(f"serve: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    return dict.fromkeys(names, one)


def _refuse_inputs(wanted: ServeSettings, begun: int) -> None:
    count = wanted.inputs if isinstance(wanted.inputs, int | None) else len(wanted.inputs)
    if count not in (None, begun):
        raise BadRequest(
            f"serve.inputs: the patch has {count}, the mapping {wanted.mapping} was begun with {begun}: correct the "
            "patch, or name another mapping"
        )


def _different(project: Project, wanted: ServeSettings) -> list[str]:
    """What the patch says of a mapping that is there already, and is not so."""
    outputs = project.outputs.values()
    same = {
        "inputs": wanted.inputs in (len(project.inputs), project.inputs),
        "outputs": wanted.outputs in (len(outputs), project.names),
        "type": all(one.type == wanted.type for one in outputs),
        "classes": all(one.classes == wanted.classes for one in outputs),
        "model": wanted.model is None or all(one.kind == wanted.model for one in outputs),
    }
    return [key for key, alike in same.items() if key in wanted.model_fields_set and not alike]


def _names(wanted: int | tuple[str, ...], what: str) -> tuple[str, ...]:
    return tuple(f"{what}_{number}" for number in range(1, wanted + 1)) if isinstance(wanted, int) else wanted
