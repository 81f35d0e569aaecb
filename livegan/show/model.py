"""The model of a show: its generator, and what of the show depends on it; how another one is made ready beside it.

Nothing here touches a running show: what was staged is put on stage by the show itself, between two ticks.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from livegan import files, patch
from livegan.errors import BadRequest
from livegan.generators.base import Generator
from livegan.importers.convert import cached
from livegan.latent.directions import pca_count
from livegan.latent.look import Look, seeded_z
from livegan.latent.walk import Walk, walk_points
from livegan.patch import Patch
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
        """A look of another model as this one draws it: from its seed or z, else its w; the rest where nothing fits."""
        info, base = self.generator.info, self.rest(0.0)
        z = look.z if look.seed is None else seeded_z(look.seed, info.z_dim)
        if z is not None and z.shape == (info.z_dim,):
            w = self.generator.w(z[None])[0]
        elif look.w.shape == base.w.shape:
            w, z = look.w, None
        else:
            return base
        return base.with_(w=w, psi=look.psi, numbers=look.numbers, z=z, seed=look.seed)

    def at_work(self, wires: Sequence[Wire], feeds: list[Feed]) -> "Staged":
        """With routes for what the wires play now, which may have been fitted anew meanwhile. Raises BadRequest."""
        pairs = zip(wires, self.routes, strict=True)
        return replace(self, routes=tuple(self._current(wire.route, made, feeds) for wire, made in pairs))

    def _current(self, now: Route | None, made: Route | None, feeds: list[Feed]) -> Route | None:
        if now is None or (made is not None and made.mapping is now.mapping):
            return now and made
        return routes.again(now, feeds, self.generator)


def staged(plan: Patch, route: Callable[[Generator], Sequence[Route | None]], threads: int | None = None) -> Staged:
    """Open the model of a plan. route: gives the routes into it. threads: to compute on, None as the plan says.

    Raises BadRequest or Failure; nothing is left open.
    """
    generator = plan.generator.type(plan.generator.settings, plan.model)
    with _closed_if_it_fails(generator):
        generator.use_threads(threads)
        if any(pca_count(wire.outputs) for wire in plan.mappings.values()):
            _ = generator.directions  # worked out now: later there is no time for it
        return Staged(plan, generator, _rest(plan, generator), tuple(route(generator)))


def made_ready(wires: Sequence[Wire], feeds: list[Feed], plan: Patch) -> Staged:
    """Open and warm the model of a plan for what these wires play. Raises as `staged`, and for pictures that fail.

    On one thread of the processor: the others belong to the picture on stage.
    """
    playing = [wire.route for wire in wires]
    one = staged(plan, lambda generator: [now and routes.again(now, feeds, generator) for now in playing], threads=1)
    with _closed_if_it_fails(one.generator):
        for moment in range(WARMING):
            if moment == WARMING - 1:
                one.generator.use_threads(None)  # what is compiled is compiled for a number of threads
            one.generator.start(one.rest(float(moment))).wait()
    return one


def located(name: str) -> Path | None:
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


@contextmanager
def _closed_if_it_fails(generator: Generator) -> Iterator[None]:
    try:
        yield
    except BaseException:
        generator.close()
        raise


def _rest(plan: Patch, generator: Generator) -> Rest:
    info, settings = generator.info, plan.generator.settings
    walk = Walk(walk_points(plan.rest.seed, WALK_LOOKS, generator.w, info.z_dim), plan.rest.walk)
    base = Look(walk.at(0.0), psi=settings.psi, model=info.sha256)
    return lambda moment: base.with_(w=walk.at(moment))
