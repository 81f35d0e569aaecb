"""What a training folder was begun with: frozen, so that going on is the same training."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from torch import Tensor

from livegan.errors import BadRequest
from livegan.files import write_atomic
from livegan.generators.weights import Model
from livegan.settings import Settings
from livegan.training.config import Config
from livegan.training.dataset import Dataset
from livegan.training.fid import Fid

FILE = "training.json"


class Plan(Settings):
    """A training from beginning to end; only `steps` and `every` may be others when it goes on.

    precision and the like are settled when it begins, so that it is the same training on another machine.

    dataset, model, discriminator: sha256 of what it learns from and started from, "" for none.
    """

    format: Literal[1] = 1
    preset: str
    config: Config
    seed: int = Field(0, ge=0, le=2**31)
    steps: int = Field(ge=1)
    every: int = Field(ge=1)
    dataset: str
    model: str = ""
    discriminator: str = ""


@dataclass(frozen=True)
class Job:
    """What is trained, and where. model and discriminator: what a new training starts from, or None.

    fid: measures it at each checkpoint, or None.
    """

    out: Path
    plan: Plan
    dataset: Dataset
    model: Model | None = None
    discriminator: dict[str, Tensor] | None = None
    fid: Fid | None = None


def read(out: Path) -> Plan | None:
    """What `out` was begun with; None where there is nothing yet. Raises BadRequest for a folder of something else."""
    try:
        text = (out / FILE).read_text("utf-8")
    except FileNotFoundError:
        if any(not path.name.startswith(".") for path in (out.iterdir() if out.is_dir() else ())):
            raise BadRequest(f"{out} holds other things and no training: name a new folder") from None
        return None
    except OSError as error:
        raise BadRequest(f"{out} is no folder of a training ({error.strerror}): name another") from None
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BadRequest(f"{out / FILE} is not as livegan wrote it ({where}): name a new folder") from None


def write(out: Path, plan: Plan) -> None:
    """Keep what `out` is begun with. Raises Failure."""
    write_atomic(out / FILE, json.dumps(plan.model_dump(mode="json"), indent=1).encode())


def digest(path: Path | None) -> str:
    """The sha256 of a file; "" for none. Raises BadRequest where it is not there."""
    if path is None:
        return ""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from None


def refuse_others(out: Path, begun: Plan, asked: dict[str, object]) -> None:
    """Raises BadRequest where what is asked, by the name of its option, is not what `out` was begun with.

    None is what was not asked for.
    """
    found = options(begun)
    others = [name for name, value in asked.items() if value is not None and value != found[name]]
    if others:
        was = ", ".join(f"{name} {_told(found[name])}" for name in others)
        now = ", ".join(_told(asked[name]) for name in others)
        raise BadRequest(f"{out} was begun with {was}, now {now} is asked for: leave it out, or name a new folder")


def options(plan: Plan) -> dict[str, object]:
    """What rules a training and may not change, by the name of its option."""
    config = plan.config
    return {
        "DATASET": plan.dataset,
        "--preset": plan.preset,
        "--size": config.size,
        "--batch": config.batch,
        "--precision": config.precision,
        "--seed": plan.seed,
        "--freeze-d": config.freeze_d,
        "--path-length": config.pl_weight > 0,
        "--progressive": config.start_size > 0,
        "--no-noise": not config.use_noise,
        "--gamma": config.r1_gamma,
        "--from": plan.model,
        "--from-discriminator": plan.discriminator,
    }


def _told(value: object) -> str:
    if value in ("", None):
        return "none"
    return f"{value[:8]}..." if isinstance(value, str) and len(value) == 64 else str(value)
