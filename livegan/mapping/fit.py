"""Fits a mapping: chooses the model for its examples, and says how well it keeps to them.

Never changes the examples, and leaves the old fit alone until the new one is whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest
from livegan.files import write_atomic
from livegan.frame import Feature
from livegan.latent.directions import Directions
from livegan.mapping import doubt, fitted, solve
from livegan.mapping.apart import Result, features_alike, fit_each
from livegan.mapping.each import Each
from livegan.mapping.encoding import encoding_of
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fitted import Fitted
from livegan.mapping.mapping import MappingSettings, settings_for
from livegan.mapping.models import Model
from livegan.mapping.report import FitReport
from livegan.mapping.targets import Kind, Latent, Task, WOf, task_of
from livegan.mapping.taught import Taught

# So many rounds are left out one by one, each at the cost of a fit; none where that would keep a performer waiting.
MOST_HELD = 4
_QUICK = 2_000_000

Progress = Callable[[float], None]


def fit(
    folder: Path,
    features: Sequence[Feature] | None = None,
    w_of: WOf | None = None,
    z_dim: int | None = None,
    model: Kind | None = None,
    directions: Directions | None = None,
) -> FitReport:
    """Fit the mapping in `folder`, and write the fit when it is whole.

    model: instead of the one in mapping.toml; the others as for `fitted_to`. Raises BadRequest in one sentence for
    examples that cannot be fitted as asked, Failure when the disk refuses.
    """
    taught, settings = taught_in(folder, model)
    before = before_of(folder, settings)
    data, report = fitted_to(
        taught, settings, folder.name, features, w_of=w_of, z_dim=z_dim, directions=directions, before=before
    )
    write_atomic(folder / fitted.FILE, data)
    return report


def taught_in(folder: Path, model: Kind | None = None) -> tuple[Taught, MappingSettings]:
    """What there is to fit in a mapping's folder; model: instead of the one in mapping.toml. Raises BadRequest."""
    settings = settings_for(folder, model)
    with Examples.read_only(folder / FILE) as examples:
        return examples.read(), settings


def before_of(folder: Path, settings: MappingSettings) -> Fitted | None:
    """The fit that is there, if outputs are to be taken from it that are not trained anew, and it can be read."""
    if all(one.train for one in settings.table.values()):
        return None
    try:
        return fitted.read(folder)
    except BadRequest:
        return None


def is_stale(folder: Path) -> bool:
    """Whether the examples have changed since they were fitted. Raises BadRequest when there is no fit."""
    with Examples.read_only(folder / FILE) as examples:
        return examples.version != fitted.read(folder).version


def fitted_to(
    taught: Taught,
    settings: MappingSettings,
    name: str,
    features: Sequence[Feature] | None = None,
    looks_w: Mapping[str, np.ndarray] | None = None,
    w_of: WOf | None = None,
    z_dim: int | None = None,
    directions: Directions | None = None,
    progress: Progress = lambda share: None,
    before: Fitted | None = None,
) -> tuple[bytes, FitReport]:
    """Fit examples, writing nothing; gives the content of fit.safetensors, the same for the same examples.

    features: those to use, when not those of the settings as they were recorded. looks_w: w [num_ws, w_dim] of the
    looks by name; or w_of: z [N, z_dim] to w [N, num_ws, w_dim] of the generator, with z_dim for looks that are known
    by their seed. directions: the model's, for outputs along these. progress is told the share that is done, 0..1.
    before: a fit to take the outputs from that are not to be trained. Raises BadRequest in one sentence.
    """
    latent = Latent(w_of, z_dim, looks_w or {}, directions)
    task = task_of(name, _usable(name, taught, settings, features), settings, latent)
    progress(0.0)
    if task.kind == "each":
        return _fitted_each(task, settings, before, progress)
    rounds = _again(task)
    model = _model(task)
    progress(1 / (1 + len(rounds)))
    missed = _missed(task, model)
    held = []
    for done, one in enumerate(rounds, 2):
        held.append(_left_out(task, one))
        progress(done / (1 + len(rounds)))
    result = _fitted(task, model, settings, _error(task, missed, np.max))
    return fitted.packed(result), _report(task, result, missed, held)


def _fitted_each(
    task: Task, settings: MappingSettings, before: Fitted | None, progress: Progress
) -> tuple[bytes, FitReport]:
    """As `fitted_to`, when each output has a model of its own."""
    features = task.taught.features
    old = before.model if before and features_alike(before.features, features) else None
    found = fit_each(task.taught, task.targets, settings.table, old if isinstance(old, Each) else None, progress)
    error = float(np.mean(list(found.missed.values()) or [0.0]))
    data = fitted.packed(_fitted(task, found.model, settings, error))
    progress(1.0)
    return data, _report_each(task, found, error)


def _report_each(task: Task, found: Result, error: float) -> FitReport:
    never = [name for name in found.model.names if name not in found.model.trained]
    return FitReport(
        model="each",
        outputs=task.outputs,
        examples=len(task.taught.rows),
        counts={},
        error=error,
        unseen=_unseen(task.taught),
        warnings=_never(never),
        against=(),
        held_out=float(np.mean(list(found.errors.values()))) if found.errors else None,
        errors=found.errors,
        untold=tuple(name for name in found.missed if name not in found.errors),
    )


def _never(names: Sequence[str]) -> tuple[str, ...]:
    told = f"no example asks for {', '.join(names[:4])}: it keeps its default until one does"
    return (told,) if names else ()


def _unseen(taught: Taught) -> tuple[str, ...]:
    unseen = np.isnan(taught.rows).all(axis=0)
    return tuple(f.name for f, never in zip(taught.features, unseen, strict=True) if never)


def _usable(name: str, taught: Taught, settings: MappingSettings, features: Sequence[Feature] | None) -> Taught:
    """The examples with the wanted features only."""
    if not len(taught.rows):
        raise BadRequest(f"the mapping {name} has no examples yet: teach a few looks first")
    recorded = {feature.name: index for index, feature in enumerate(taught.features)}
    names = settings.features if features is None else [feature.name for feature in features]
    if missing := [one for one in names if one not in recorded]:
        raise BadRequest(
            f'the examples of {name} were taught without "{missing[0]}" '
            f"(they have {', '.join(list(recorded)[:4])}, {len(recorded)} in all): "
            "correct mapping.toml or teach again"
        )
    places = [recorded[one] for one in names]
    used = tuple(features or (taught.features[place] for place in places))
    rows = taught.rows[:, places]
    if np.isnan(rows).all():
        raise BadRequest(f"the examples of {name} saw none of its features: teach while somebody is there")
    return replace(taught, features=used, rows=rows)


def _model(task: Task, chosen: np.ndarray | slice = slice(None)) -> Model:
    """Fitted to the chosen examples only."""
    rows = task.taught.rows[chosen]
    solved = solve.anchors if task.kind == "rbf" else solve.ridge
    return solved(encoding_of(task.taught.features, rows), rows, task.targets[chosen])


def _missed(task: Task, model: Model, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
    """What a model misses each chosen example by: the missing weight [n], or squared differences [n, O]."""
    rows, targets = task.taught.rows[chosen], task.targets[chosen]
    if task.kind == "rbf":
        return np.maximum(1 - solve.own_weights(model, rows, targets), 0)
    return (np.array([model.predict(row) for row in rows]) - targets) ** 2


def _error(task: Task, missed: np.ndarray, of_weights: Callable[[np.ndarray], float]) -> float:
    """What is missed as one number: `of_weights` of missing weights, or a part of the spread of the targets."""
    if task.kind == "rbf":
        return float(of_weights(missed))
    spread = np.nanmean((task.targets - np.nanmean(task.targets, axis=0)) ** 2)
    return float(np.sqrt(np.nanmean(missed) / spread)) if spread > 0 else 0.0


def _again(task: Task) -> list[int]:
    """The newest rounds of those that can be left out, for another one asks for the same."""
    # With a number missing, what is left might never ask for it.
    if task.targets.size > _QUICK or np.isnan(task.targets).any():
        return []
    rounds = dict(zip(task.taught.rounds.tolist(), task.taught.look.tolist(), strict=True))
    asked = list(rounds.values())
    return sorted(one for one, look in rounds.items() if asked.count(look) > 1)[-MOST_HELD:]


def _left_out(task: Task, round_id: int) -> np.ndarray:
    """What the examples of a round are missed by when only the others are fitted."""
    out = task.taught.rounds == round_id
    return _missed(task, _model(task, ~out), out)


def _fitted(task: Task, model: Model, settings: MappingSettings, error: float) -> Fitted:
    taught = task.taught
    return Fitted(
        kind=task.kind,
        model=model,
        outputs=task.outputs,
        shape=settings.shape,
        features=taught.features,
        looks=task.looks,
        version=taught.version,
        count=len(taught.rows),
        error=error,
        reach=_reach(task, model),
    )


def _reach(task: Task, model: Model) -> float:
    points = encoding_of(task.taught.features, task.taught.rows).points(task.taught.rows)
    targets = np.nan_to_num(task.targets)
    asked = targets.argmax(axis=1) if task.kind == "rbf" else solve.distinct(targets)[1]
    # An example that was not kept for play counts as taught too.
    return max(solve.reach(points, asked), *(model.distance(row) for row in task.taught.rows))


def _report(task: Task, result: Fitted, missed: np.ndarray, held: list[np.ndarray]) -> FitReport:
    taught = task.taught
    names = [taught.looks[look].name for look in taught.look if look >= 0]
    return FitReport(
        model=task.kind,
        outputs=task.outputs,
        examples=len(taught.rows),
        counts={look.name: names.count(look.name) for look in task.looks},
        error=result.error,
        unseen=_unseen(taught),
        warnings=_alike(task, result.model, missed) if task.kind == "rbf" else _never(task.never),
        against=tuple(doubt.against(taught, int(taught.rounds.max()))),
        held_out=_error(task, np.concatenate(held), np.mean) if held else None,
    )


def _alike(task: Task, model: Model, missed: np.ndarray) -> tuple[str, ...]:
    """Which two looks were taught with the same pose."""
    single = np.where(solve.is_mixed(task.targets), 0, missed)
    worst = int(single.argmax())
    if single[worst] < 1 - solve.PROMISED:
        return ()
    own = int(task.targets[worst].argmax())
    weights = model.predict(task.taught.rows[worst])
    weights[own] = -1
    pair = f'"{task.looks[own].name}" and "{task.looks[int(weights.argmax())].name}"'
    return (f"the looks {pair} were taught with poses too alike to tell apart: teach one of them again",)
