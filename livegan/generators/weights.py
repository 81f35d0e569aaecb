"""A model file: one .safetensors with StyleGAN2-ADA's tensor names and livegan's metadata.

Reads numbers and JSON, nothing that could run; whatever is missing, damaged or newer is told in one sentence.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livegan.errors import BadRequest
from livegan.files import write_atomic

FORMAT = 1
# AttributeError and TypeError: types that numpy has not, such as bfloat16; RecursionError: JSON nested without end.
_UNREADABLE = (OSError, SafetensorError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Model:
    """A model as it lies in its file. tensors: float32 by name. sha256: of the whole file."""

    name: str
    architecture: str
    config: dict
    tensors: dict[str, np.ndarray]
    sha256: str
    licence: str = ""


def load(path: Path) -> Model:
    """The model in `path`, every number finite. Raises BadRequest in one sentence."""
    try:
        with safe_open(path, "numpy") as file:
            about = _about(file.metadata() or {}, path)
            tensors = {name: _float32(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise BadRequest(f"there is no model file {path}") from None
    except _UNREADABLE as error:
        raise BadRequest(f"{path} is not a whole .safetensors file ({error}): copy it again") from error
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise BadRequest(f"{path} holds a number that is not finite in {name}: copy or import it again")
    return Model(path.stem, about["architecture"], about["config"], tensors, digest, str(about.get("licence", "")))


def dump(path: Path, model: Model, source: dict | None = None) -> None:
    """Write `model` as a file of our format; done when it is on disk. Raises Failure."""
    about = {"format": FORMAT, "architecture": model.architecture, "config": model.config}
    about |= {"source": source or {}, "licence": model.licence}
    write_atomic(path, save(model.tensors, {"livegan": json.dumps(about)}))


def _float32(tensor: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return tensor.astype(np.float32)


def _about(metadata: dict[str, str], path: Path) -> dict:
    if "livegan" not in metadata:
        raise BadRequest(f"{path} has no livegan metadata: it must be imported first")
    about = json.loads(metadata["livegan"])
    if not isinstance(about, dict) or not isinstance(about.get("config"), dict):
        raise BadRequest(f"{path} has metadata that livegan does not understand: import it again")
    if about.get("format") != FORMAT:
        raise BadRequest(f"{path} has format {about.get('format')}, this livegan knows {FORMAT}: update livegan")
    if not isinstance(about.get("architecture"), str):
        raise BadRequest(f"{path} does not say its architecture: import it again")
    return about
