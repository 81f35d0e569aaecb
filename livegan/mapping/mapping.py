"""A mapping at work: the features of a show in, outputs out, on every tick.

Loads a mapping's folder whole or refuses it in one sentence; never learns, writes or waits.
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, ValidationError, model_validator

from livegan.errors import BadRequest
from livegan.files import write_atomic
from livegan.mapping import fitted
from livegan.mapping.each import Each
from livegan.mapping.models import Direct, Model
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import TaughtLook
from livegan.settings import Latent, Settings

FILE = "mapping.toml"
Shape = Literal["normal", "uniform"]


def _printable(name: str) -> str:
    if not name or not name.isprintable():
        raise ValueError("a name of printable characters is wanted")
    return name


def _different(names: list[str]) -> list[str]:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f'"{twice}" is there twice')
    return names


_Name = Annotated[str, AfterValidator(_printable)]
_Names = Annotated[list[_Name], Field(min_length=1), AfterValidator(_different)]


class MappingSettings(Settings):
    """What mapping.toml may hold; features are named INPUT.FEATURE. Left out, fitting chooses the outputs.

    output: settings of outputs that are named; as soon as one has any, each output has a model of its own.
    """

    features: _Names
    outputs: Latent | _Names | None = None
    model: Literal["rbf", "ridge", "each", "direct"] | None = None
    shape: Shape = "normal"
    output: dict[_Name, OutputSettings] = Field({})

    @model_validator(mode="after")
    def _known(self) -> Self:
        named = self.outputs if isinstance(self.outputs, list) else []
        if unknown := next((name for name in self.output if name not in named), None):
            raise ValueError(f'[output."{unknown}"] is not among the outputs')
        if self.model == "each" and not named:
            raise ValueError('the model "each" needs names: outputs = ["glow", "zoom"]')
        for name, told in self.output.items():
            if other := next((one for one in told.features or () if one not in self.features), None):
                raise ValueError(f'the output "{name}" has the feature "{other}", which is not among the features')
        return self

    @property
    def table(self) -> dict[str, OutputSettings]:
        """The settings of every output, when each has a model of its own; else none."""
        apart = self.model == "each" or (self.output and self.model is None)
        return {name: self.output.get(name, OutputSettings()) for name in self.outputs} if apart else {}

    @property
    def fitted_by(self) -> str | None:
        """The kind of model that it asks for; None where that is open."""
        return "each" if self.table else self.model


def read_settings(folder: Path) -> MappingSettings:
    """The settings of a mapping's folder. Raises BadRequest: missing, not TOML, or which key is wrong."""
    path = folder / FILE
    try:
        return MappingSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadRequest(f"there is no mapping in {folder}: {FILE} is missing") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequest(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadRequest(f"{path} could not be read as TOML: {error}") from error


def settings_for(folder: Path, model: str | None = None) -> MappingSettings:
    """What mapping.toml says, by `model` where it leaves that open. Raises BadRequest for one that it does not allow.

    What is fitted by another model than it asks for would never play.
    """
    settings = read_settings(folder)
    if settings.model == "direct":
        raise BadRequest(f"the mapping {folder.name} is direct: there is nothing to fit")
    refuse_model(folder.name, settings.fitted_by, model)
    return settings if model in (None, settings.fitted_by) else settings.model_copy(update={"model": model})


def refuse_model(name: str, own: str | None, model: str | None) -> None:
    """Raises BadRequest where a mapping cannot be fitted by `model`, for its own kind, None if open, is another."""
    if model not in (None, own) and (own or model == "each"):
        said = f'asks for "{own}"' if own else "does not ask for it"
        raise BadRequest(
            f'{name} was to be fitted by "{model}", its mapping.toml {said}: fit it without naming a model, or change '
            "mapping.toml first"
        )


def write_settings(folder: Path, settings: MappingSettings) -> None:
    """Write mapping.toml, making the folder; done when it is on disk. Raises Failure."""
    write_atomic(folder / FILE, text(settings).encode())


def text(settings: MappingSettings) -> str:
    """The content of mapping.toml."""
    told = settings.model_dump(exclude_none=True, exclude={"output"})
    tables = {name: one.model_dump(exclude_defaults=True) for name, one in settings.output.items()}
    return _lines(told) + "".join(f"\n[output.{_told(name)}]\n{_lines(one)}" for name, one in tables.items())


def _lines(told: dict[str, object]) -> str:
    return "".join(f"{key} = {_told(value)}\n" for key, value in told.items())


def _told(value: object) -> str:
    """As TOML says it; a JSON string, number or list is also a TOML one while nothing beyond ASCII is escaped."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_told(key)} = {_told(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Mapping:
    """Turns one row of features into outputs.

    features: their names, INPUT.FEATURE. outputs: "anchors" (weights of `looks`), "w" (float32 [w_dim], or
    [num_ws * w_dim] layer by layer), "z" (in the `shape` of its numbers), "pca:N", or names of numbers. version: that
    of the examples it was fitted to. reach: how far from them, in units, a pose still counts as taught. places:
    where its features are among those of the show; see `bind`.
    """

    name: str
    features: tuple[str, ...]
    outputs: str | tuple[str, ...]
    model: Model
    shape: Shape = "normal"
    looks: tuple[TaughtLook, ...] = ()
    version: str = ""
    reach: float = np.inf
    places: np.ndarray | None = None

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The mapping in `folder`. Raises BadRequest for anything missing, damaged or newer."""
        settings = read_settings(folder)
        if settings.model == "direct":
            outputs = settings.outputs or "z"
            wanted = outputs if isinstance(outputs, str) else tuple(outputs)
            return cls.direct(settings.features, settings.shape, wanted, folder.name)
        fit = fitted.read(folder)
        _refuse_other(folder, settings, fit)
        if isinstance(fit.model, Each):
            fit = replace(fit, model=fit.model.with_settings(settings.table))
        return cls.of(folder.name, fit)

    @classmethod
    def of(cls, name: str, fit: fitted.Fitted) -> Self:
        """A fit, also one that is not in the mapping's folder yet."""
        names = tuple(feature.name for feature in fit.features)
        return cls(name, names, fit.outputs, fit.model, fit.shape, fit.looks, fit.version, fit.reach)

    @classmethod
    def direct(
        cls,
        names: Sequence[str],
        shape: Shape = "normal",
        outputs: str | tuple[str, ...] = "z",
        name: str = "direct",
    ) -> Self:
        """The features `names` are the outputs, in their order; needs no folder. Raises BadRequest."""
        if outputs == "anchors":
            right = '"w", "z", "pca:16" or names'
            raise BadRequest(f'the mapping {name} is direct, so its outputs are {right}, not "anchors"')
        if not isinstance(outputs, str) and len(outputs) != len(names):
            raise BadRequest(f"the mapping {name} is direct and has {len(names)} features for {len(outputs)} outputs")
        rest = 0.5 if shape == "uniform" and outputs == "z" else 0.0
        return cls(name, tuple(names), outputs, Direct(np.full(len(names), rest, np.float32)), shape)

    def bind(self, features: Sequence[str]) -> Self:
        """The same mapping, taking the show's features in this order. Raises BadRequest: what is missing."""
        at = {name: index for index, name in enumerate(features)}
        if missing := [name for name in self.features if name not in at]:
            raise BadRequest(
                f"the mapping {self.name} needs {_some(missing)}, the inputs of this patch "
                f"give {_some(features)}: use the inputs it was taught with, or teach a new mapping"
            )
        return replace(self, places=np.array([at[name] for name in self.features]))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Outputs float32 [O] for the show's features [n], NaN where nothing is seen.

        Raises ValueError when an output is not finite.
        """
        outputs = self.model.predict(self._own(values))
        if not np.isfinite(outputs).all():
            raise ValueError("not finite")
        return outputs

    def probabilities(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Of each output that is a class and asks for it: those of none and of each class, float32 [K + 1]."""
        return self.model.probabilities(self._own(values)) if isinstance(self.model, Each) else {}

    def distance(self, values: np.ndarray) -> float:
        """How far the nearest example is from the show's features [n], in clearly visible movements."""
        return self.model.distance(self._own(values))

    def confidence(self, values: np.ndarray) -> float:
        """How well the show's features [n] are known: 1 within reach of an example, 0 from 3 times that far on."""
        beyond = self.distance(values) / self.reach - 1
        left = min(max(1 - beyond / 2, 0.0), 1.0)
        return left * left * (3 - 2 * left)

    def _own(self, values: np.ndarray) -> np.ndarray:
        return values if self.places is None else values[self.places]


def _refuse_other(folder: Path, settings: MappingSettings, fit: fitted.Fitted) -> None:
    """The fit must be one for these settings."""
    again = f"run livegan fit {folder.name}"
    found = [feature.name for feature in fit.features]
    if found != settings.features:
        other = min(set(found) ^ set(settings.features), default="their order")
        raise BadRequest(f"{folder / FILE} has other features than the fit beside it ({other} differs): {again}")
    outputs = fit.outputs if isinstance(fit.outputs, str) else list(fit.outputs)
    if settings.outputs not in (None, outputs) or settings.shape != fit.shape:
        raise BadRequest(f"{folder / FILE} asks for other outputs than the fit beside it has: {again}")
    if settings.model not in (None, fit.kind):
        raise BadRequest(f"{folder / FILE} asks for the model {settings.model}, the fit is {fit.kind}: {again}")
    table = fit.model.table if isinstance(fit.model, Each) else {}
    if other := next((name for name in settings.table | table if not _alike(name, settings.table, table)), None):
        raise BadRequest(f'{folder / FILE} asks for another model of "{other}" than the fit beside it has: {again}')


def _alike(name: str, asked: dict[str, OutputSettings], found: dict[str, OutputSettings]) -> bool:
    """Whether a model that was fitted for the settings found is the one that is asked for."""
    both = asked.get(name), found.get(name)
    return None not in both and len({str((o.type, o.kind, o.params, o.features, o.classes)) for o in both if o}) == 1


def _some(names: Sequence[str], most: int = 4) -> str:
    listed = ", ".join(names[:most]) or "nothing"
    return listed if len(names) <= most else f"{listed} and {len(names) - most} more"
