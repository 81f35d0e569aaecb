"""Models of single outputs as files: kept with their examples in the mapping's own folder, and taken back.

A file is read as strictly as any fit, and can be of nothing but a name in that folder.
"""

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.letters import Letter, pack, unpack
from livegan.mapping import fitted
from livegan.mapping.each import Each
from livegan.mapping.fitted import Fitted
from livegan.mapping.mapping import Mapping
from livegan.serving.players import Player
from livegan.serving.project import Project

FOLDER = "models"


def save(project: Project, place: int, name: str) -> None:
    """Keep the model of an output, with its examples, as models/NAME.safetensors. Raises BadRequest: untrained."""
    output = project.names[place]
    player = project.players.get(output)
    if player is None or not isinstance(player.mapping.model, Each):
        raise BadRequest(f'"{output}" is not trained yet: there is nothing to save')
    rows, wanted = project.notebook.of_output(place)
    fit = np.frombuffer(_packed(player.mapping), np.uint8)
    own = project.outputs[output]
    words = {"output": player.mapping.outputs[player.place], "type": own.type, "classes": own.classes}
    words["inputs"] = [*project.inputs]
    data = pack(Letter(words, {"fit": fit, "rows": rows, "wanted": wanted}))
    project.training.write(f"{FOLDER}/{name}.safetensors", data)


def _packed(one: Mapping) -> bytes:
    features = tuple(Feature(name) for name in one.features)
    return fitted.packed(
        Fitted(
            kind="each",
            model=one.model,
            outputs=one.outputs,
            shape=one.shape,
            features=features,
            looks=(),
            version=one.version,
            count=1,
            error=0.0,
            reach=one.reach,
        )
    )


def load(project: Project, place: int, name: str, with_data: bool) -> None:
    """Take a kept model for an output, which is trained no more; with_data: its examples too. Raises BadRequest."""
    path = project.folder / FOLDER / f"{name}.safetensors"
    try:
        data = path.read_bytes()
        letter = unpack(data)
        one = Mapping.of(name, fitted.unpacked(letter.arrays["fit"].tobytes(), path)).bind(project.inputs)
        player = Player(one, one.outputs.index(letter.words["output"]))
        rows, outputs = _examples(letter, project, place)
    except FileNotFoundError:
        raise BadRequest(
            f"there is no model {name} in {project.folder.name}/{FOLDER}: saveModelToFile makes one"
        ) from None
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise BadRequest(f"{path} is not a whole model ({error}): save it again") from error
    _refuse_other(project, place, letter.words)
    if with_data and len(rows):
        project.notebook.add(project.notebook.begin(project.settings), rows, outputs)
    project.players[project.names[place]] = player
    project.change(place, train=False)
    if name != _held(place):
        project.training.write(f"{FOLDER}/{_held(place)}.safetensors", data)
        project.training.settle(project.settings)


def restore(project: Project) -> None:
    """Take back, after a restart, the models that were loaded: no training makes them again. What fails is told."""
    for place, one in enumerate([*project.outputs.values()]):
        if not one.train and (project.folder / FOLDER / f"{_held(place)}.safetensors").is_file():
            try:
                load(project, place, _held(place), with_data=False)
            except BadRequest as error:
                project.training.tell(str(error))


def _held(place: int) -> str:
    """The name of the copy of a model that was loaded for an output."""
    return f"loaded for output {place + 1}"


def _examples(letter: Letter, project: Project, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows [N, F] and outputs [N, O] in which no other output was recorded. Raises ValueError."""
    rows, wanted = letter.arrays["rows"], letter.arrays["wanted"]
    places = [project.inputs.index(name) for name in letter.words["inputs"]]
    if rows.shape != (len(wanted), len(places)) or np.isinf(rows).any() or not np.isfinite(wanted).all():
        raise ValueError("its examples are not whole")
    own = np.full((len(rows), len(project.inputs)), np.nan, np.float32)
    outputs = np.full((len(rows), len(project.outputs)), np.nan, np.float32)
    own[:, places], outputs[:, place] = rows, wanted
    return own, outputs


def _refuse_other(project: Project, place: int, words: dict[str, object]) -> None:
    name = project.names[place]
    own = project.outputs[name]
    if (words.get("type"), words.get("classes")) != (own.type, own.classes):
        raise BadRequest(f'the model is of another type than "{name}", a {own.type}: load it into one of its own')
