"""From a patch's `[mapping.NAME]` to a route: the mapping bound to the show's features, and its latent space."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livegan import files
from livegan.errors import BadRequest
from livegan.generators.base import Generator
from livegan.latent.directions import pca_count
from livegan.latent.look import seeded_z
from livegan.latent.space import Anchors, Layers, Numbers, PcaSpace, Space, WSpace, ZSpace
from livegan.mapping.fitted import FILE as FIT
from livegan.mapping.mapping import FILE as SETTINGS
from livegan.mapping.mapping import Mapping, read_settings
from livegan.mapping.taught import TaughtLook
from livegan.patch import Patch, WireSettings
from livegan.show.feed import Feed
from livegan.show.smoothing import Smoothing, one_euro
from livegan.show.wiring import Route


def folder(name: str, settings: WireSettings, near: Path) -> Path | None:
    """The folder of a taught mapping, or where it is made once something is taught; None for a direct one."""
    if settings.features:
        return None
    try:
        return files.find("mappings", name, near)
    except BadRequest:
        return (Path.cwd() / "mappings" / name).resolve()


def feature_names(plan: Patch) -> list[str]:
    """INPUT.FEATURE of everything that a patch's inputs give, in the order of the show's values; opens nothing."""
    parts = [(name, part) for name, part in plan.inputs.items() if not part.type.pixels]
    return [f"{name}.{feature.name}" for name, part in parts for feature in part.type.derived(part.settings).features]


def mappings(plan: Patch) -> list[Mapping | None]:
    """The mappings of a patch, bound to its inputs; None: not taught yet. Raises BadRequest in one sentence."""
    names = feature_names(plan)
    for name, send in plan.sends.items():
        expanded(f"send.{name}", send.features, names)
    return [mapping(name, settings, plan.path.parent, names) for name, settings in plan.mappings.items()]


def mapping(name: str, settings: WireSettings, near: Path, names: list[str]) -> Mapping | None:
    """The mapping that a table asks for, bound to features `names`; None when nothing was taught yet.

    Raises BadRequest in one sentence.
    """
    place = folder(name, settings, near)
    if place is None:
        outputs = settings.outputs or "z"
        found = Mapping.direct(expanded(f"mapping.{name}", settings.features, names), settings.shape, outputs, name)
    elif not _is_ready(place):
        return None
    else:
        found = Mapping.load(place)
        if settings.outputs not in (None, found.outputs):
            raise BadRequest(f"mapping.{name}: the patch wants outputs {settings.outputs}, it has {found.outputs}")
    return found.bind(names)


def _is_ready(place: Path) -> bool:
    """Whether there is something to play with: a fit, or a mapping that needs none."""
    if (place / FIT).is_file():
        return True
    return (place / SETTINGS).is_file() and read_settings(place).model == "direct"


def expanded(where: str, features: str | Sequence[str], names: list[str]) -> list[str]:
    """Features by name or by the part before a dot: "wek.z" is wek.z.0, wek.z.1, ...; `where` is told in errors.

    Raises BadRequest for what is not there.
    """
    wanted = [features] if isinstance(features, str) else list(features)
    found = []
    for one in wanted:
        match = [feature for feature in names if feature == one or feature.startswith(f"{one}.")]
        if not match:
            raise BadRequest(f'{where}.features: no input of this patch gives "{one}"')
        found += match
    return found


def route(one: Mapping | None, feeds: list[Feed], generator: Generator, wire: WireSettings) -> Route | None:
    """The route through a bound mapping into the generator's latent space; None without one. Raises BadRequest."""
    if one is None:
        return None
    inputs = inputs_of(one.places, feeds)
    filtered = one_euro(one, wire.smooth, generator.info)
    smoothing = Smoothing(one, feeds, inputs, filtered) if filtered else None
    return Route(one, _layered(one, space(one, generator), wire, generator), tuple(inputs), wire, smoothing)


def inputs_of(places: Sequence[int], feeds: Sequence[Feed]) -> list[int]:
    """Positions of the inputs that give the show's features at these places."""
    ends = np.cumsum([len(feed.features) for feed in feeds])
    return sorted({int(np.searchsorted(ends, place, side="right")) for place in places})


def again(one: Route, feeds: list[Feed], generator: Generator) -> Route:
    """The same route into the latent space of another generator. Raises BadRequest."""
    return route(one.mapping, feeds, generator, one.wire)


def space(one: Mapping, generator: Generator) -> Space:
    """What makes looks of a mapping's outputs, in this model. Raises BadRequest."""
    info = generator.info
    if one.outputs == "anchors":
        w = np.stack([w_of(look, generator) for look in one.looks])
        return Anchors(w, np.array([look.psi for look in one.looks], np.float32))
    if one.outputs == "z":
        _refuse_count(one, one.model.size, (info.z_dim,), generator)
        return ZSpace(generator.w, one.shape)
    if one.outputs == "w":
        _refuse_count(one, one.model.size, (info.w_dim, info.num_ws * info.w_dim), generator)
        return WSpace(info.num_ws, info.w_dim)
    if (count := pca_count(one.outputs)) is not None:
        directions = generator.directions.first(count)
        if len(directions.steps) < count:
            raise BadRequest(
                f"the mapping {one.name} gives {count} principal directions, the model {info.name} has "
                f"{len(directions.steps)}: ask for fewer"
            )
        _refuse_count(one, one.model.size, (count,), generator)
        return PcaSpace(directions, info.num_ws)
    return Numbers(one.outputs)


def _layered(one: Mapping, whole: Space, wire: WireSettings, generator: Generator) -> Space:
    """The space for the layers that a mapping may decide. Raises BadRequest for those that are not there."""
    if wire.layers is None:
        return whole
    if isinstance(whole, Numbers):
        raise BadRequest(f"mapping.{one.name}.layers: its outputs are numbers by name, which are of no layer")
    count = generator.info.num_ws
    thirds = {"coarse": (0, 1), "middle": (1, 2), "fine": (2, 3)}
    if isinstance(wire.layers, str):
        start, end = (round(count * third / 3) for third in thirds[wire.layers])
        first, last = start, end - 1
    else:
        first, last = wire.layers
    if not first <= last < count:
        told = wire.layers if isinstance(wire.layers, str) else list(wire.layers)
        raise BadRequest(
            f"mapping.{one.name}.layers: {told} is wanted, the model {generator.info.name} has layers 0 to {count - 1}"
        )
    return Layers(whole, first, last)


def _refuse_count(one: Mapping, found: int, wanted: tuple[int, ...], generator: Generator) -> None:
    if found not in wanted:
        raise BadRequest(
            f"the mapping {one.name} gives {found} numbers for {one.outputs}, the model {generator.info.name} takes "
            f"{' or '.join(map(str, wanted))}: send as many, or use another model"
        )


def w_of(look: TaughtLook, generator: Generator) -> np.ndarray:
    """The w of a taught look in this model, redrawn from its seed or z; float32 [num_ws, w_dim]. Raises BadRequest."""
    info = generator.info
    if look.seed is not None:
        return generator.w(seeded_z(look.seed, info.z_dim)[None])[0]
    if look.z is not None and look.z.shape == (info.z_dim,):
        return generator.w(look.z[None])[0]
    if look.w is not None and look.w.shape == (info.num_ws, info.w_dim):
        return look.w
    raise BadRequest(f'the look "{look.name}" comes from another kind of model and cannot be drawn by {info.name}')
