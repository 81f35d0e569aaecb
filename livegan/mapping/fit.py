"""Fits a mapping's folder: reads its examples, chooses the model, and writes `fit.safetensors` beside them.

Never changes the examples, and leaves the old fit alone until the new one is whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping import fitted, solve
from livegan.mapping.encoding import encoding_of
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fitted import Fitted
from livegan.mapping.mapping import MappingSettings, read_settings
from livegan.mapping.models import Model
from livegan.mapping.targets import Latent, WOf, targets_of
from livegan.mapping.taught import Taught, TaughtLook

# From so many looks on, their middles are no longer what a performer asks for, and w is fitted itself.
MANY_LOOKS = 10


@dataclass(frozen=True)
class FitReport:
    """What was fitted, and how well.

    counts: examples for each look (none for numbers). error: for anchors the largest weight missing at a
    taught pose (0..1), else the root mean square of what is missed, over that of the outputs around their
    mean. unseen: features that no example has seen; they are ignored. warnings: one sentence each.
    """

    model: str
    outputs: str | tuple[str, ...]
    examples: int
    counts: dict[str, int]
    error: float
    unseen: tuple[str, ...]
    warnings: tuple[str, ...]


def fit(
    folder: Path,
    features: Sequence[Feature] | None = None,
    w_of: WOf | None = None,
    z_dim: int | None = None,
    model: Literal["rbf", "ridge"] | None = None,
) -> FitReport:
    """Fit the mapping in `folder`, and write the fit when it is whole.

    features: those to use, when not those named in mapping.toml as they were recorded. w_of: z [N, z_dim] to
    w [N, num_ws, w_dim] of the generator; with it z_dim, for looks that are known by their seed. model: instead of
    the one in mapping.toml. Raises
    BadRequest in one sentence for examples that cannot be fitted as asked, Failure when the disk refuses.
    """
    settings = read_settings(folder)
    settings = settings if model is None else settings.model_copy(update={"model": model})
    if settings.model == "direct":
        raise BadRequest(f"the mapping {folder.name} is direct: there is nothing to fit")
    with Examples.read_only(folder / FILE) as examples:
        taught = _usable(folder, examples.read(), settings, features)
    outputs = _outputs(folder, settings, taught)
    if outputs == "anchors":
        result, warnings = _fit_anchors(folder, settings, taught)
    else:
        result, warnings = _fit_numbers(folder, settings, taught, outputs, Latent(w_of, z_dim)), ()
    fitted.write(folder, result)
    return _report(result, taught, warnings)


def is_stale(folder: Path) -> bool:
    """Whether the examples have changed since they were fitted. Raises BadRequest when there is no fit."""
    with Examples.read_only(folder / FILE) as examples:
        return examples.version != fitted.read(folder).version


def _usable(folder: Path, taught: Taught, settings: MappingSettings, features: Sequence[Feature] | None) -> Taught:
    """The examples with the wanted features only."""
    if not len(taught.rows):
        raise BadRequest(f"the mapping {folder.name} has no examples yet: teach a few looks first")
    recorded = {feature.name: index for index, feature in enumerate(taught.features)}
    names = settings.features if features is None else [feature.name for feature in features]
    if missing := [name for name in names if name not in recorded]:
        raise BadRequest(
            f'the examples of {folder.name} were taught without "{missing[0]}" '
            f"(they have {', '.join(list(recorded)[:4])}, {len(recorded)} in all): "
            "correct mapping.toml or teach again"
        )
    places = [recorded[name] for name in names]
    used = tuple(features or (taught.features[place] for place in places))
    rows = taught.rows[:, places]
    if np.isnan(rows).all():
        raise BadRequest(f"the examples of {folder.name} saw none of its features: teach while somebody is there")
    return replace(taught, features=used, rows=rows)


def _outputs(folder: Path, settings: MappingSettings, taught: Taught) -> str | tuple[str, ...]:
    outputs = settings.outputs
    if outputs is None:
        if (taught.look < 0).any():
            raise BadRequest(f"the mapping {folder.name} was taught numbers: name them in mapping.toml as outputs")
        return "anchors" if len(set(taught.look)) < MANY_LOOKS else "w"
    return outputs if isinstance(outputs, str) else tuple(outputs)


def _fit_anchors(folder: Path, settings: MappingSettings, taught: Taught) -> tuple[Fitted, tuple[str, ...]]:
    _refuse_model(folder, settings, "rbf", "anchors")
    if (taught.look < 0).any():
        raise BadRequest(f"{folder.name} has examples with no look: anchors need a look for each example")
    ids, owner = np.unique(taught.look, return_inverse=True)
    looks = tuple(taught.looks[index] for index in ids)
    model = solve.anchors(encoding_of(taught.features, taught.rows), taught.rows, owner, len(looks))
    own = solve.own_weights(model, taught.rows, owner)
    warnings = _alike(model, taught, owner, looks, own) if own.min() <= solve.PROMISED else ()
    return _fitted("rbf", model, "anchors", settings, taught, looks, float(1 - own.min())), warnings


def _alike(
    model: Model, taught: Taught, owner: np.ndarray, looks: Sequence[TaughtLook], own: np.ndarray
) -> tuple[str, ...]:
    """Which two looks were taught with the same pose."""
    worst = int(own.argmin())
    weights = model.predict(taught.rows[worst])
    weights[owner[worst]] = -1
    pair = f'"{looks[owner[worst]].name}" and "{looks[int(weights.argmax())].name}"'
    return (f"the looks {pair} were taught with poses too alike to tell apart: teach one of them again",)


def _fit_numbers(
    folder: Path, settings: MappingSettings, taught: Taught, outputs: str | tuple[str, ...], latent: Latent
) -> Fitted:
    _refuse_model(folder, settings, "ridge", outputs)
    targets = targets_of(folder.name, settings.shape, taught, outputs, latent)
    model = solve.ridge(encoding_of(taught.features, taught.rows), taught.rows, targets)
    missed = np.array([model.predict(row) for row in taught.rows]) - targets
    spread = np.nanmean((targets - np.nanmean(targets, axis=0)) ** 2)
    error = float(np.sqrt(np.nanmean(missed**2) / spread)) if spread > 0 else 0.0
    looks = tuple(taught.looks[index] for index in sorted(set(taught.look) - {-1}))
    return _fitted("ridge", model, outputs, settings, taught, looks, error)


def _refuse_model(folder: Path, settings: MappingSettings, right: str, outputs: object) -> None:
    if settings.model not in (None, right):
        asked = outputs if isinstance(outputs, str) else "numbers"
        raise BadRequest(f'{folder.name}/mapping.toml: {asked} are fitted by "{right}", not by "{settings.model}"')


def _fitted(
    kind: str,
    model: Model,
    outputs: str | tuple[str, ...],
    settings: MappingSettings,
    taught: Taught,
    looks: tuple[TaughtLook, ...],
    error: float,
) -> Fitted:
    return Fitted(kind, model, outputs, settings.shape, taught.features, looks, taught.version, len(taught.rows), error)


def _report(result: Fitted, taught: Taught, warnings: tuple[str, ...]) -> FitReport:
    names = [taught.looks[look].name for look in taught.look if look >= 0]
    counts = {look.name: names.count(look.name) for look in result.looks}
    unseen = np.isnan(taught.rows).all(axis=0)
    return FitReport(
        model=result.kind,
        outputs=result.outputs,
        examples=result.count,
        counts=counts,
        error=result.error,
        unseen=tuple(f.name for f, never in zip(taught.features, unseen, strict=True) if never),
        warnings=warnings,
    )
