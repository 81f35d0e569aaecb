"""Takes of somebody who moved along a path: read again, so that they teach without the performer.

Reads the folder of a take; a damaged one is one sentence, and nothing in it can run.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame
from livegan.inputs.take import load_take
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.along import PATH
from livegan.rehearsal.looks import FILE as LOOKS
from livegan.rehearsal.looks import load
from livegan.rehearsal.path import Path as LooksPath
from livegan.show.offline import sampled

RATE = 30.0
"""Rows a second."""

_THERE = 0.5
_LARGEST = 1 << 20


@dataclass(frozen=True)
class PathTake:
    """A path, its looks, and what was seen along it.

    features: of all inputs, named INPUT.FEATURE. times: float64 [T], seconds from the path's beginning. values:
    float32 [T, F], NaN where nobody was seen.
    """

    path: LooksPath
    looks: tuple[TaughtLook, ...]
    features: list[Feature]
    times: np.ndarray
    values: np.ndarray


def load_path_take(folder: Path) -> PathTake:
    """The take in a folder. Raises BadRequest in one sentence for whatever is wrong with it."""
    path, begun = _path(folder / PATH)
    looks = tuple(kept.look for kept in load(folder / LOOKS))
    if [look.name for look in looks] != list(path.ids):
        raise BadRequest(f"the take {folder} has other looks than its path: use a copy of it, or move along again")
    recorded = {file.stem: load_take(file) for file in sorted(folder.glob("*.safetensors")) if file.name != LOOKS}
    if not recorded:
        raise BadRequest(f"the take {folder} holds no input's frames: use a copy of it, or move along again")
    times = np.arange(0.0, path.lasts, 1.0 / RATE)
    features, values, weights = sampled(_from(recorded, begun), times, 0.0)
    return PathTake(path, looks, features, times, np.where(weights.min(axis=1)[:, None] < _THERE, np.nan, values))


def _path(file: Path) -> tuple[LooksPath, float]:
    try:
        if file.stat().st_size > _LARGEST:
            raise ValueError("it is far too large")
        told = json.loads(file.read_text("utf-8"))
        begun = float(told["begun"])
        if not np.isfinite(begun):
            raise ValueError("its beginning is not a time")
        return LooksPath.from_json(json.dumps(told["path"])), begun
    except FileNotFoundError:
        raise BadRequest(f"there is no take in {file.parent}: takes are made by moving along") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRequest(f"{file} is damaged ({type(error).__name__}): use a copy, or move along again") from None


def _from(
    recorded: dict[str, tuple[list[Feature], list[Frame]]], begun: float
) -> dict[str, tuple[list[Feature], list[Frame]]]:
    """The same with the path's beginning as time 0."""
    return {
        name: (features, [Frame(f.data, f.seen - begun, f.present, f.count, f.cut) for f in frames])
        for name, (features, frames) in recorded.items()
    }
