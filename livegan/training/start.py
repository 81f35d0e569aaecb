"""What a training starts from: a model, and the discriminator that judged it, where one lies with it.

Chooses and tells; a stranger's file is read by the limited child, and nothing is trained here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livegan import files
from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.weights import Model
from livegan.importers import convert
from livegan.training import checkpoint, plan
from livegan.training.config import Config
from livegan.training.discriminator import misfit

Say = Callable[[str], None]


@dataclass(frozen=True)
class Start:
    """A model to start from, and the file that it was found in."""

    model: Model
    file: Path


@dataclass(frozen=True)
class Judge:
    """A discriminator to start from, and the file that it lies in, of which Plan keeps the sha256."""

    file: Path
    tensors: checkpoint.Tensors


def opened(name: str, say: Say) -> Start:
    """A bundled model, a file, or a stranger's checkpoint. Raises BadRequest or Failure."""
    file = files.find("models", name, suffix=convert.SUFFIX)
    return Start(weights.load(convert.cached(file, say)), file)


def judge(start: Start | None, asked: Path | None, config: Config, say: Say) -> Judge | None:
    """The discriminator that is asked for, else the one that lies with the model and fits what is trained, told.

    Raises BadRequest where the one that is asked for cannot be read, or there is nothing that it judged.
    """
    if asked is not None and start is None:
        raise BadRequest(f"--from-discriminator {asked} judges what no model makes: give its model too, with --from")
    if asked is not None:
        return Judge(asked, checkpoint.discriminator_in(asked))
    return None if start is None else _found(start.file, config, say)


def _found(model: Path, config: Config, say: Say) -> Judge | None:
    """The discriminator in the model's file or beside it."""
    own = model.suffix.lower() == convert.SUFFIX
    named = _beside(model) if own else model
    if named is None:
        return None
    try:
        file = named if own else convert.discriminator(named)
        tensors = checkpoint.discriminator_in(file)
        why = misfit(config, tensors)
    except BadRequest as error:
        say(f"The discriminator of {model.name} is not used: {error}.")
        return None
    if tensors:
        say(f"The discriminator in {named} is {f'not used: {why}' if why else 'used too'}.")
    return Judge(file, tensors) if tensors and not why else None


def _beside(model: Path) -> Path | None:
    """The checkpoint of the same step, where the model is one of a training."""
    out, room = model.parent.parent, model.parent.name
    file = out / "checkpoints" / model.name
    return file if room == "models" and (out / plan.FILE).is_file() and file.is_file() else None
