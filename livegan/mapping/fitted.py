"""`fit.safetensors`: a fitted model and all that playing it needs; numbers and JSON, nothing that runs.

A file whose numbers or settings are not exactly those that were written is refused, whichever byte it is.
"""

import hashlib
import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationError

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.frame import Kind as FeatureKind
from livegan.latent.directions import pca_count
from livegan.letters import Letter, pack, unpack
from livegan.mapping.each import Each, from_words
from livegan.mapping.models import Model, from_arrays
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import TaughtLook
from livegan.settings import Settings

FILE = "fit.safetensors"
FORMAT = 2

Kind = Literal["rbf", "ridge", "each"]


class _FittedFeature(Settings):
    name: str
    kind: FeatureKind
    unit: float = Field(gt=0)


class _FittedLook(Settings):
    name: str
    seed: int | None
    psi: float
    model: str


class _FittedPart(Settings):
    kind: str
    outputs: list[Annotated[int, Field(ge=-1)]]
    features: list[Annotated[int, Field(ge=0)]]
    settings: dict[str, float]


class _Meta(Settings):
    """The JSON beside the numbers; what is written also holds a `check` over all of it."""

    format: Literal[2]
    model: Kind
    settings: dict[str, float]
    outputs: str | list[str]
    shape: Literal["normal", "uniform"]
    features: list[_FittedFeature]
    looks: list[_FittedLook]
    version: str
    count: int = Field(ge=1)
    error: float = Field(ge=0)
    reach: float = Field(gt=0)
    parts: list[_FittedPart] = Field([])
    table: dict[str, OutputSettings] = Field({})


@dataclass(frozen=True)
class Fitted:
    """A fitted model; outputs are "anchors", "w", "z", "pca:N" or names.

    error: what it misses its own examples by. reach: how far from them, in units, a pose counts as taught.
    """

    kind: Kind
    model: Model
    outputs: str | tuple[str, ...]
    shape: Literal["normal", "uniform"]
    features: tuple[Feature, ...]
    looks: tuple[TaughtLook, ...]
    version: str
    count: int
    error: float
    reach: float


def packed(fitted: Fitted) -> bytes:
    """The content of the file for `fitted`: the same bytes for the same fit."""
    numbers = fitted.model.arrays() | _look_numbers(fitted.looks)
    arrays = {name: np.ascontiguousarray(array) for name, array in numbers.items()}
    meta = _meta(fitted).model_dump()
    return pack(Letter(meta | {"check": _check(arrays, meta)}, arrays))


def _meta(fitted: Fitted) -> _Meta:
    outputs = fitted.outputs if isinstance(fitted.outputs, str) else list(fitted.outputs)
    return _Meta(
        format=FORMAT,
        model=fitted.kind,
        settings=fitted.model.settings(),
        outputs=outputs,
        shape=fitted.shape,
        features=[_FittedFeature(name=f.name, kind=f.kind, unit=f.unit) for f in fitted.features],
        looks=[_FittedLook(name=k.name, seed=k.seed, psi=k.psi, model=k.model) for k in fitted.looks],
        version=fitted.version,
        count=fitted.count,
        error=fitted.error,
        reach=fitted.reach,
        **(fitted.model.words() if isinstance(fitted.model, Each) else {}),
    )


def _look_numbers(looks: tuple[TaughtLook, ...]) -> dict[str, np.ndarray]:
    z = {f"look.{i}.z": look.z for i, look in enumerate(looks) if look.z is not None}
    return z | {f"look.{i}.w": look.w for i, look in enumerate(looks) if look.w is not None}


def _check(arrays: Dict[str, np.ndarray], meta: dict[str, object]) -> str:
    digest = hashlib.sha256(json.dumps(meta, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def read(folder: Path) -> Fitted:
    """The fit in a mapping's folder. Raises BadRequest when it is missing, of another format or damaged."""
    path = folder / FILE
    try:
        return unpacked(path.read_bytes(), path)
    except FileNotFoundError:
        raise BadRequest(f"the mapping {folder.name} is not fitted yet: run livegan fit {folder.name}") from None
    except OSError as error:
        raise _damaged(path, str(error)) from error


def unpacked(data: bytes, path: Path) -> Fitted:
    """The inverse of `packed`; `path` is where people are told that it lies. Raises BadRequest."""
    try:
        return _fitted(*_opened(data, path))
    except ValidationError as error:
        raise _damaged(path, _first(error)) from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> BadRequest:
    reason = " ".join(why.split())[:200]
    return BadRequest(f"{path} is damaged ({reason}): run livegan fit {path.parent.name} to make it again")


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _opened(data: bytes, path: Path) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    letter = unpack(data)
    meta = dict(letter.words)
    _refuse_other_format(path, meta.get("format"))
    if meta.pop("check", None) != _check(letter.arrays, meta):
        raise ValueError("its bytes are not those that were written")
    return letter.arrays, meta


def _refuse_other_format(path: Path, found: object) -> None:
    if isinstance(found, int) and found != FORMAT:
        update = "update livegan, or " if found > FORMAT else ""
        again = f"{update}run livegan fit {path.parent.name}"
        raise BadRequest(f"{path} has format {found}, this livegan knows {FORMAT}: {again}")


def _fitted(arrays: dict[str, np.ndarray], told: dict[str, object]) -> Fitted:
    meta = _Meta.model_validate(told)
    looks = tuple(_look(i, look, arrays) for i, look in enumerate(meta.looks))
    own = {name: array for name, array in arrays.items() if not name.startswith("look.")}
    if meta.model == "each":
        model = from_words(own, meta.settings, meta.model_dump())
    else:
        model = from_arrays(meta.model, own, meta.settings)
    features = tuple(Feature(f.name, f.kind, unit=f.unit) for f in meta.features)
    outputs = meta.outputs if isinstance(meta.outputs, str) else tuple(meta.outputs)
    _refuse_misfit(model, outputs, len(features), len(looks))
    return Fitted(
        kind=meta.model,
        model=model,
        outputs=outputs,
        shape=meta.shape,
        features=features,
        looks=looks,
        version=meta.version,
        count=meta.count,
        error=meta.error,
        reach=meta.reach,
    )


def _look(index: int, meta: _FittedLook, arrays: Dict[str, np.ndarray]) -> TaughtLook:
    z, w = (arrays.get(f"look.{index}.{part}") for part in "zw")
    for numbers, dimensions in ((z, 1), (w, 2)):
        if numbers is not None and (numbers.ndim != dimensions or not np.isfinite(numbers).all()):
            raise ValueError(f'the look "{meta.name}" has numbers that are not finite, or of the wrong shape')
    return TaughtLook(meta.name, meta.seed, z, w, meta.psi, meta.model)


def _refuse_misfit(model: Model, outputs: str | tuple[str, ...], features: int, looks: int) -> None:
    """The parts must belong together, and play must give finite numbers. Raises ValueError."""
    if len(model.arrays()["centre"]) != features:
        raise ValueError(f"it has {features} names for {len(model.arrays()['centre'])} features")
    if isinstance(model, Each) and model.names != list(outputs):
        raise ValueError("its outputs have other names than their settings")
    wanted = {"anchors": looks}.get(outputs, pca_count(outputs)) if isinstance(outputs, str) else len(outputs)
    if wanted is not None and wanted != model.size:
        raise ValueError(f"it has {wanted} names for {model.size} outputs")
    with np.errstate(all="ignore"):
        if not np.isfinite(model.predict(np.full(features, np.nan, np.float32))).all():
            raise ValueError("what it gives is not finite")
