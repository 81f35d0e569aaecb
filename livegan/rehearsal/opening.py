"""Opens a rehearsal on an open show: finds the mapping to teach, starts the scribe and the fitter, and ends them.

Nothing is made on disk before something is kept or taught.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livegan.clock import Clock
from livegan.errors import BadRequest, Failure
from livegan.frame import Feature
from livegan.latent.directions import pca_count
from livegan.mapping.mapping import FILE, MappingSettings, read_settings
from livegan.mapping.outputs import OutputSettings
from livegan.patch import Patch
from livegan.rehearsal import scribe, study
from livegan.rehearsal.changing import Do
from livegan.rehearsal.course import Subject
from livegan.rehearsal.rehearsal import Rehearsal
from livegan.rehearsal.rounds import Asks, Post, Rounds
from livegan.rehearsal.teaching import Lesson
from livegan.show import routes
from livegan.show.clerk import Clerk
from livegan.show.errands import Errands
from livegan.show.feed import Feed
from livegan.show.opening import Opened

FOR_EYES = "raw"
"""The group of features that are drawn for people and not learnt."""


@contextlib.contextmanager
def rehearsing(one: Opened, clock: Clock) -> Iterator[Rehearsal]:
    """A rehearsal on an open show; what it was told is on disk when this ends. Raises BadRequest."""
    with contextlib.ExitStack() as stack:
        writing = Clerk("scribe", scribe.work, clock)
        stack.callback(writing.close)
        fitting = Clerk("fitter", study.work, clock, low_priority=True)
        stack.callback(fitting.close, 0.0)
        errands = Errands()
        stack.callback(errands.close)
        yield rehearsal(one, writing, fitting, errands.do, np.random.default_rng())


def rehearsal(one: Opened, writing: Asks, fitting: Clerk, errands: Do, rng: np.random.Generator) -> Rehearsal:
    """A rehearsal with these clerks, and what does errands. Raises BadRequest when a mapping cannot be taught."""
    wanted = subjects(one, writing, lambda call: one.show.commands.put(lambda show: call()))
    return Rehearsal(one, wanted, writing, fitting, errands, home(one.plan), rng)


def home(plan: Patch) -> Path:
    """The folder of what is kept with a patch: beside it, or in patches/ here where that cannot be written to."""
    beside = plan.path.with_suffix("")
    return beside if os.access(plan.path.parent, os.W_OK) else Path.cwd() / "patches" / plan.path.stem


def subjects(one: Opened, writing: Asks, post: Post) -> list[Subject]:
    """The mappings of the patch that can be taught, the one that it names first. Raises BadRequest."""
    plan = one.plan
    names = [name for name in plan.mappings if _can_be_taught(plan, name)]
    if plan.teach.mapping not in (None, *names):
        there = ", ".join(names) or "none"
        raise BadRequest(f'{plan.path.name}, teach.mapping: no "{plan.teach.mapping}" can be taught; there are {there}')
    if not one.show.feeds:
        return []
    names.sort(key=lambda name: name != plan.teach.mapping)
    return [_subject(one, name, writing, post) for name in names]


def _subject(one: Opened, name: str, writing: Asks, post: Post) -> Subject:
    plan = one.plan
    folder = routes.folder(name, plan.mappings[name], plan.path.parent)
    features = [feature for feed in one.show.feeds for feature in feed.features]
    begun = read_settings(folder) if (folder / FILE).is_file() else None
    learnt = _learnt(folder.name, begun, features)
    outputs = plan.mappings[name].outputs or (begun and begun.outputs)
    settings: dict[str, Any] = {"features": [feature.name for feature in learnt]}
    if outputs is not None:
        settings["outputs"] = outputs if isinstance(outputs, str) else list(outputs)
    named = None if outputs is None or isinstance(outputs, str) else _named(begun, outputs)
    # Each its own model, so that any of them may be left out of a round, and tells its own error.
    if model := begun.fitted_by if begun else "each" if named else None:
        settings["model"] = model
    rounds = Rounds(folder, learnt, settings, writing, post)
    place, lesson = [*plan.mappings].index(name), _lesson(learnt, features, one.show.feeds)
    if (pca := pca_count(outputs)) is not None:
        _ = one.show.generator.directions  # worked out before the show begins
    return Subject(name, place, lesson, rounds, pca, named)


def _named(begun: MappingSettings | None, outputs: Sequence[str]) -> dict[str, OutputSettings]:
    told = begun.output if begun else {}
    return {name: told.get(name, OutputSettings()) for name in outputs}


def _learnt(mapping: str, begun: MappingSettings | None, features: list[Feature]) -> list[Feature]:
    """The features that the mapping was begun with, or all that are not only for eyes. Raises BadRequest."""
    if begun is None:
        return [feature for feature in features if feature.group != FOR_EYES]
    by_name = {feature.name: feature for feature in features}
    if missing := [name for name in begun.features if name not in by_name]:
        raise BadRequest(f"the mapping {mapping} needs {missing[0]}, which no input of this patch gives")
    return [by_name[name] for name in begun.features]


def _lesson(learnt: list[Feature], features: list[Feature], feeds: list[Feed]) -> Lesson:
    at = {feature.name: place for place, feature in enumerate(features)}
    places = np.array([at[feature.name] for feature in learnt])
    ends = np.cumsum([len(feed.features) for feed in feeds])
    inputs = sorted({int(np.searchsorted(ends, place, side="right")) for place in places})
    return Lesson(tuple(learnt), places, tuple(inputs))


def _can_be_taught(plan: Patch, name: str) -> bool:
    folder = routes.folder(name, plan.mappings[name], plan.path.parent)
    if folder is None:
        return False
    return not (folder / FILE).is_file() or read_settings(folder).model != "direct"


def make_own(plan: Patch, say: Callable[[str], None]) -> None:
    """Copy mappings that cannot be written to into mappings/ here, where the show then finds them. Raises Failure."""
    for name, wire in plan.mappings.items():
        folder = routes.folder(name, wire, plan.path.parent)
        own = Path.cwd() / "mappings" / name
        if folder is None or not folder.is_dir() or os.access(folder, os.W_OK) or own.is_dir():
            continue
        try:
            shutil.copytree(folder, own)
            say(f"{folder} cannot be written to: a copy of it is in {own}, and is what you teach.")
        except OSError as error:
            raise Failure(f"{folder} cannot be written to and not be copied to {own}: {error.strerror}") from error
