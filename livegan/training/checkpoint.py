"""What a training needs to go on exactly, as files: numbers and JSON, nothing that could run.

A file that is torn, cut or altered is never taken for a whole one; the newest whole one counts.
"""

import json
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, uint8

from livegan.errors import BadRequest, Failure
from livegan.files import write_atomic

Tensors = dict[str, Tensor]

KEPT = 3
"""Checkpoints that are kept to go on from; the models of all steps are."""

_ROOM = 64 << 20
"""Bytes that a disk is to have left beside what is written: logs, sheets and the video."""
_DISCRIMINATOR = "discriminator."
_UNREADABLE = (OSError, SafetensorError, ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True)
class Checkpoint:
    """A training after `step` steps: as Trainer.tensors() and Trainer.numbers() gave it, and seconds it took so far."""

    step: int
    seconds: float
    tensors: dict[str, Tensor]
    numbers: dict


def numbered(folder: Path, suffix: str = ".safetensors") -> dict[int, Path]:
    """The files in `folder` that are named by a step, in its order."""
    found = {int(path.stem): path for path in folder.glob(f"*{suffix}") if path.stem.isdecimal()}
    return dict(sorted(found.items()))


def save_checkpoint(folder: Path, one: Checkpoint) -> Path:
    """Write `one` into `folder`, on disk when this returns. Raises Failure where there is no room, or a NaN in it."""
    broken = next((name for name, tensor in one.tensors.items() if not tensor.isfinite().all()), None)
    if broken:
        raise Failure(f"{broken} holds numbers that are not finite in step {one.step:,}: try another --seed or float32")
    path = folder / f"{one.step:06d}.safetensors"
    about = {"step": one.step, "seconds": one.seconds, "numbers": one.numbers, "check": _check(one.tensors)}
    refuse_full(folder, sum(tensor.nbytes for tensor in one.tensors.values()))
    write_atomic(path, save(one.tensors, {"training": json.dumps(about)}))
    for old in list(numbered(folder).values())[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest whole checkpoint in `folder`, None where there is none; a sentence for each that is not whole.

    Raises Failure where there are some and none is whole.
    """
    told = []
    for path in reversed(numbered(folder).values()):
        try:
            return _read(path), told
        except _UNREADABLE as error:
            told.append(f"The checkpoint {path.name} is not whole ({error}): the one before it is used.")
    if told:
        raise Failure(f"no checkpoint in {folder} is whole: begin in a new folder, --from the newest model in models/")
    return None, told


def discriminator_in(path: Path) -> Tensors:
    """A discriminator of StyleGAN2-ADA's tensor names, float32, from a file of its own or a checkpoint.

    Raises BadRequest.
    """
    try:
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            own = [name for name in names if name.startswith(_DISCRIMINATOR)] or names
            return {name.removeprefix(_DISCRIMINATOR): file.get_tensor(name).float() for name in own}
    except _UNREADABLE as error:
        raise BadRequest(f"{path} is not a whole .safetensors file with a discriminator ({error})") from error


def refuse_full(folder: Path, bytes_: int) -> None:
    """Raises Failure where the disk of `folder` has no room for so much and what else a training writes."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    if free < bytes_ + _ROOM:
        needed = f"{(bytes_ + _ROOM) / 1e6:,.0f} MB are needed"
        raise Failure(f"the disk of {folder} has {free / 1e6:,.0f} MB left and {needed}: make room and go on")


def clear(out: Path) -> None:
    """Take away what a killed process left half written anywhere in `out`."""
    for torn in out.rglob(".*.*.????????"):
        torn.unlink(missing_ok=True)


def _read(path: Path) -> Checkpoint:
    with safe_open(path, "pt") as file:
        about = json.loads((file.metadata() or {})["training"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if about["check"] != _check(tensors) or about["step"] != int(path.stem):
        raise ValueError("its numbers are not those that were written")
    return Checkpoint(about["step"], about["seconds"], tensors, about["numbers"])


def _check(tensors: dict[str, Tensor]) -> int:
    """A sum over all numbers: a disk may give back zeros after a power cut, in a file of the right length."""
    check = 0
    for name in sorted(tensors):
        check = zlib.crc32(tensors[name].contiguous().flatten().view(uint8).numpy(), check)
    return check
