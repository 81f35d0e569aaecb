"""The model of a show: its generator, and what of the show depends on it; how another one is made ready beside it.

Nothing here touches a running show: what was staged is put on stage by the show itself, between two ticks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

import numpy as np

from livegan import files, patch
from livegan.errors import BadRequest
from livegan.generators.base import Generator
from livegan.importers.convert import cached
from livegan.latent.look import Look
from livegan.latent.walk import Walk, walk_points
from livegan.mapping.mapping import Mapping
from livegan.patch import Part, Patch
from livegan.show import routes
from livegan.show.feed import Feed
from livegan.show.wiring import Route, Wire

WALK_LOOKS = 8
WARMING = 4
"""Pictures that a model draws before it comes on stage: the first ones take longer."""

Rest = Callable[[float], Look]


@dataclass(frozen=True)
class Staged:
    """A model ready for the stage. plan: the patch with this model. routes: of the mappings, in their order."""

    plan: Patch
    generator: Generator
    rest: Rest
    routes: tuple[Route | None, ...]

    def redrawn(self, look: Look) -> Look:
        """A look of another model as this one draws it: from its z, else from its w; the rest where neither fits."""
        info, base = self.generator.info, self.rest(0.0)
        kept = {"psi": look.psi, "numbers": look.numbers, "z": look.z, "seed": look.seed, "model": info.sha256}
        if look.z is not None and look.z.shape == (info.z_dim,):
            return base.with_(w=self.generator.w(look.z[None])[0], **kept)
        return base.with_(w=look.w, **kept) if look.w.shape == (info.num_ws, info.w_dim) else base

    def at_work(self, wires: Sequence[Wire], feeds: list[Feed]) -> "Staged":
        """With routes for what the wires play now, which may have been fitted anew meanwhile. Raises BadRequest."""
        playing = [wire.route.mapping if wire.route else None for wire in wires]
        pairs = zip(playing, self.routes, strict=True)
        kept = [found if found and found.mapping is one else self._route(one, feeds) for one, found in pairs]
        return replace(self, routes=tuple(kept))

    def _route(self, one: Mapping | None, feeds: list[Feed]) -> Route | None:
        return routes.route(one, feeds, self.generator)


def staged(plan: Patch, mappings: Sequence[Mapping | None], feeds: list[Feed]) -> Staged:
    """Open the model of a plan for these mappings. Raises BadRequest or Failure; nothing is then left open."""
    generator = plan.generator.type(plan.generator.settings, plan.model)
    try:
        found = tuple(routes.route(one, feeds, generator) for one in mappings)
        return Staged(plan, generator, _rest(plan, generator), found)
    except BaseException:
        generator.close()
        raise


def warm(one: Staged) -> Staged:
    """The same, after a few pictures. Raises BadRequest for a model whose pictures cannot be drawn."""
    for moment in range(WARMING):
        one.generator.start(one.rest(float(moment))).wait()
    return one


def found(name: str) -> Path | None:
    """The file of a model by its name, or its path in the current folder or models/; None for one without weights.

    Raises BadRequest for other paths: whoever may send commands may not look around on this machine.
    """
    path = PureWindowsPath(name)  # knows both kinds of slash
    if path.anchor or ".." in path.parts:
        raise BadRequest(f'a model is named, or is a file in the current folder or in models/, found "{name}"')
    if name in patch.kinds("generators") and not patch.load_class("generators", name).weighs:
        return None
    return files.find("models", name, suffix=".safetensors")


def replanned(plan: Patch, name: str, path: Path | None) -> Patch:
    """The plan with another model, imported first when it is a stranger's. Raises BadRequest or Failure."""
    model = cached(path) if path else None
    kind = patch.architecture(model) if model else name
    known = patch.load_class("generators", kind).Settings.model_fields
    given = plan.generator.settings.model_dump(exclude={"kind", "model"}, exclude_unset=True)
    table = {key: value for key, value in given.items() if key in known} | ({"model": name} if model else {})
    return replace(plan, generator=patch.part("generators", kind, table, name), model=model)


def _rest(plan: Patch, generator: Generator) -> Rest:
    info, settings = generator.info, plan.generator.settings
    walk = Walk(walk_points(plan.rest.seed, WALK_LOOKS, generator.w, info.z_dim), plan.rest.walk)
    base = Look(walk.at(0.0), psi=settings.psi, model=info.sha256)
    return lambda moment: base.with_(w=walk.at(moment))
