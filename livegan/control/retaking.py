"""The commands `livegan refit` and `livegan compare`: a take of somebody moving along, used again without her."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from livegan import files, patch
from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.generators.base import Generator
from livegan.latent.look import Look
from livegan.mapping import compare as comparing
from livegan.mapping import lag
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import Mapping, MappingSettings, read_settings, write_settings
from livegan.rehearsal.takes import PathTake, load_path_take
from livegan.show.routes import space, w_of

Say = Callable[[str], None]


def refit(
    name: str, take: str, new: str, features: str | None, milliseconds: float | None, model: str | None, say: Say
) -> None:
    """Teach a new mapping from a take of another; features: their names, or beginnings of names, after commas.

    Raises BadRequest or Failure in one sentence.
    """
    folder = files.find("mappings", name)
    into = Path.cwd() / "mappings" / new
    if into.exists():
        raise BadRequest(f'there is already a mapping "{new}" in {into.parent}: choose another name')
    taken = load_path_take(_take(folder, take))
    learnt = _chosen(taken, features or ",".join(read_settings(folder).features))
    columns = [taken.features.index(feature) for feature in learnt]
    rows = taken.values[:, columns]
    seconds = _lag(taken, rows, learnt, say) if milliseconds is None else milliseconds / 1e3
    seen = ~np.isnan(rows).all(axis=1)
    write_settings(into, MappingSettings(features=[feature.name for feature in learnt], outputs="anchors"))
    with Examples.open(into / FILE, learnt) as examples:
        for look in taken.looks:
            examples.store_look(look)
        examples.add(examples.begin_round(), rows[seen], taken.path.weights(taken.times[seen] - seconds))
    report = fit(into, model=model)
    say(f"{new}: {report.model} fitted to {report.examples} examples of the take, with {len(learnt)} features")


def compare(first: str, second: str, take: str, generator: str, say: Say) -> None:
    """Tell how two mappings play the same take. Raises BadRequest in one sentence."""
    taken = load_path_take(_take(files.find("mappings", first), take))
    found = files.find("models", generator, suffix=".safetensors")
    kind = patch.load_class("generators", patch.architecture(found))
    drawn = kind(kind.Settings(), found)
    players = [_player(name, taken, drawn) for name in (first, second)]
    looks = np.stack([w_of(look, drawn).reshape(-1) for look in taken.looks])
    learnt = _chosen(taken, ",".join(read_settings(files.find("mappings", first)).features))
    behind = _lag(taken, taken.values[:, [taken.features.index(feature) for feature in learnt]], learnt, say)
    path = taken.path.weights(taken.times - behind) @ looks
    say(comparing.compare(taken.times, taken.values, *players, looks, path).as_text().rstrip())


def _take(folder: Path, take: str) -> Path:
    """A take by its number in the mapping's folder, or by its own folder."""
    return folder / "takes" / take if take.isdecimal() else Path(take)


def _chosen(taken: PathTake, wanted: str) -> list[Feature]:
    """Features of a take by their names, or the beginnings of them."""
    parts = [part.strip() for part in wanted.split(",") if part.strip()]
    for part in parts:
        if not any(_is(feature.name, part) for feature in taken.features):
            there = ", ".join(feature.name for feature in taken.features[:4])
            raise BadRequest(f'the take has no feature "{part}"; it has {there}, {len(taken.features)} in all')
    return [feature for feature in taken.features if any(_is(feature.name, part) for part in parts)]


def _is(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def _lag(taken: PathTake, rows: np.ndarray, learnt: list[Feature], say: Say) -> float:
    found = lag.estimate(taken.times, rows, learnt, taken.path.weights)
    say(f"moved {1e3 * found.seconds:.0f} ms behind the looks" if found.clear else "no lag could be found; 0 is taken")
    return found.seconds


def _player(name: str, taken: PathTake, generator: Generator) -> comparing.Player:
    one = Mapping.load(files.find("mappings", name)).bind([feature.name for feature in taken.features])
    into, info = space(one, generator), generator.info
    base = Look(np.tile(info.w_avg, (info.num_ws, 1)).astype(np.float32))
    return comparing.Player(name, partial(_played, one, into, base), one.confidence)


def _played(one: Mapping, into: object, base: Look, row: np.ndarray) -> np.ndarray:
    return into.look(one(row), base).w.reshape(-1)
