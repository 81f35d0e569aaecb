"""The weights of FID's Inception network, from a file that a person brings: PyTorch's (.pth) or .safetensors.

What torch wrote is read by the limited child, and nothing in it is run. Never downloads.
"""

import tempfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from livegan.errors import BadRequest
from livegan.importers import child, convert

_CLASSES, _WANTED = "fc.weight", (1008, 2048)
"""What tells FID's network from others of the same layers: how many classes it was trained to know."""

_UNREADABLE = (OSError, SafetensorError, ValueError, TypeError, AttributeError, KeyError)


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors in `path`, float32 by name. Raises BadRequest in one sentence for a file of anything else."""
    if not path.is_file():
        raise BadRequest(f"there is no file {path}: --inception wants the weights of FID's network, which you bring")
    found = _plain(path, path) if path.suffix.lower() == convert.SUFFIX else _converted(path.absolute())
    shape = found[_CLASSES].shape if _CLASSES in found else "none"
    if shape != _WANTED:
        raise BadRequest(f"{path.name} is not FID's Inception network: {_CLASSES} {_WANTED} is wanted, found {shape}")
    return found


def _converted(path: Path) -> dict[str, np.ndarray]:
    with tempfile.TemporaryDirectory(prefix="livegan-") as folder:
        convert.answer(path, Path(folder), path.stat().st_size, child.SECONDS, "inception")
        return _plain(Path(folder) / child.MODEL, path)


def _plain(file: Path, named: Path) -> dict[str, np.ndarray]:
    """What is in a .safetensors, told by the name of the file that it comes from."""
    try:
        found = {name: tensor.astype(np.float32) for name, tensor in load_file(file).items()}
    except _UNREADABLE as error:
        raise BadRequest(f"{named} is not a whole .safetensors file ({error}): copy it again") from error
    if broken := next((name for name, tensor in found.items() if not np.isfinite(tensor).all()), None):
        raise BadRequest(f"{named} holds a number that is not finite in {broken}: copy it again")
    return found
