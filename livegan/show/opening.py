"""From a patch to an open show, and back: everything is opened here, in order, and closed in reverse.

The only place that knows all the rooms; nothing is opened before the whole patch has been checked.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from livegan import patch
from livegan.clock import Clock
from livegan.errors import BadRequest
from livegan.frame import groups
from livegan.generators.base import Generator
from livegan.inputs.base import Input
from livegan.latent.space import looks_uniform
from livegan.mapping.fitted import FILE as FIT
from livegan.mapping.mapping import Mapping
from livegan.patch import Part, Patch
from livegan.ring import Ring
from livegan.show import routes
from livegan.show.cameras import one_each
from livegan.show.eye import Eye
from livegan.show.feed import Feed
from livegan.show.host import Child, Health, Host, seeing
from livegan.show.local import Local
from livegan.show.masking import Masking
from livegan.show.model import staged
from livegan.show.sending import Sending
from livegan.show.show import Show, Tick
from livegan.show.watch import Loaded, Watch
from livegan.show.wiring import Route, Wire
from livegan.stage.base import Stage, Tap

PICTURES, MASKS, FRAMES = 4, 16, 128
"""Slots of a ring for a camera's pictures, for masks, and for features."""


@dataclass
class World:
    """The inputs of a show.

    cameras: their rings by source. eyes: how each of them is. local: inputs fed by the show's own window, by name.
    masks: the rings of masks, by input.
    """

    feeds: list[Feed] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    cameras: dict[str, Ring] = field(default_factory=dict)
    eyes: list[Eye] = field(default_factory=list)
    local: dict[str, Input] = field(default_factory=dict)
    masks: dict[str, Ring] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """An open show, the patch that it plays, its inputs, the watch over its fits, and sentences for the operator.

    heard: called in the show's thread with a mapping's place and "", when a new fit of it was swapped in, or why not.
    sending: what goes to other programs. told: who else has sentences for the operator.
    """

    show: Show
    plan: Patch
    world: World
    watch: Watch
    heard: list[Callable[[int, str], None]]
    sending: Sending
    told: list[Callable[[], list[str]]] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What the operator should know about how the show is set up."""
        others = [sentence for tell in self.told for sentence in tell()]
        faults = [self.show.fault] if self.show.fault else []
        return [*faults, *self.watch.notes.values(), *_hints(self.show), *_untaught(self.show, self.plan), *others]


@contextlib.contextmanager
def opened(
    plan: Patch,
    clock: Clock,
    stage: Stage,
    taps: tuple[Tap, ...] = (),
    observe: Callable[[Tick], None] | None = None,
    fps: float | None = None,
) -> Iterator[Opened]:
    """The show that `plan` asks for, on a stage that is open already. Raises BadRequest or Failure."""
    with contextlib.ExitStack() as stack:
        mappings = routes.mappings(plan)
        world = _world(plan, clock, stack)
        host = Host(world.children, clock)
        stack.callback(host.close)
        host.start()
        first = staged(plan, lambda generator: _routes(plan, mappings, world, generator))
        wires, worker = [Wire(route) for route in first.routes], ThreadPoolExecutor(1, "generator")
        fps = fps or plan.fps
        show = Show(clock, world.feeds, wires, first.rest, first.generator, stage, worker, fps, taps, observe)
        stack.callback(lambda: show.generator.close())
        stack.enter_context(worker)
        heard: list[Callable[[int, str], None]] = []
        watch = _watch(plan, world, show, heard)
        stack.callback(watch.close)
        sending = Sending(plan, world.feeds, wires)
        stack.callback(sending.close)
        show.send = sending.step
        show.masking = _masking(plan, world)
        yield Opened(show, plan, world, watch, heard, sending, [sending.notes])


def _routes(plan: Patch, mappings: list[Mapping | None], world: World, generator: Generator) -> list[Route | None]:
    wires = plan.mappings.values()
    return [routes.route(one, world.feeds, generator, wire) for one, wire in zip(mappings, wires, strict=True)]


def _world(plan: Patch, clock: Clock, stack: contextlib.ExitStack) -> World:
    """Rings, children and feeds of a patch; a camera is opened once for all its readers."""
    world, cameras = World(), {}
    sources = one_each(part.settings.source for part in plan.inputs.values() if part.type.pixels or part.type.detector)
    # An explicit camera first: its size, mirror and delay hold for every input that reads it.
    for name, part in sorted(plan.inputs.items(), key=lambda item: not item[1].type.pixels):
        camera = _camera(part, sources, world, cameras, clock, stack)
        if not part.type.pixels:
            world.feeds.append(_feed(name, part, camera, plan, world, clock, stack))
    names = {sources[part.settings.source]: name for name, part in plan.inputs.items() if part.type.pixels}
    world.eyes += [Eye(names.get(source), camera) for source, camera in cameras.items()]
    return world


def _camera(
    part: Part,
    sources: dict[str, str],
    world: World,
    cameras: dict[str, Child],
    clock: Clock,
    stack: contextlib.ExitStack,
) -> Child | None:
    """The camera that an input reads, or is; made when it is the first to ask for it, by whatever name."""
    if not (part.type.pixels or part.type.detector):
        return None
    source = sources[part.settings.source]
    if source not in cameras:
        camera = part if part.type.pixels else patch.part("inputs", "camera", {"source": source}, source)
        camera = replace(camera, settings=camera.settings.model_copy(update={"source": source}))
        size = camera.settings.size
        ring = world.cameras[source] = _ring(PICTURES, 3 * size * size, stack)
        cameras[source] = Child(source, camera, ring, None, clock)
        world.children.append(cameras[source])
    return cameras[source]


def _feed(
    name: str,
    part: Part,
    camera: Child | None,
    plan: Patch,
    world: World,
    clock: Clock,
    stack: contextlib.ExitStack,
) -> Feed:
    derived = part.type.derived(part.settings)
    features = derived.features
    ring = _ring(FRAMES, 4 * len(features) + len(groups(features)), stack)
    health: Callable[[], Health] | None = None
    arrivals = ring.since
    if part.type.where == "process":
        if side := part.type.mask_size(part.settings):
            world.masks[name] = _ring(MASKS, side * side + len(groups(features)), stack)
        child = Child(name, part, ring, camera.ring if camera else None, clock, masks=world.masks.get(name))
        world.children.append(child)
        health = partial(_health, child, camera)
    else:
        world.local[name] = part.type()
        stack.callback(world.local[name].close)
        local = Local(world.local[name], part.settings, derived, ring, clock)
        arrivals, health = local.arrivals, local.health
    asked = part.settings.latency if part.settings.latency is not None else plan.latency
    return Feed(name, features, arrivals, health, part.type.stale_after, asked, plan.rest.after)


def _masking(plan: Patch, world: World) -> Masking | None:
    """The masks that the stage for the audience asks for."""
    stage = next((part.settings for name, part in plan.stages.items() if name != "operator"), None)
    if stage is None or stage.mask is None:
        return None
    feed = next(feed for feed in world.feeds if feed.name == stage.mask)
    return Masking(feed, world.masks[stage.mask].since, plan.inputs[stage.mask].type.stale_after, stage)


def _ring(slots: int, size: int, stack: contextlib.ExitStack) -> Ring:
    ring = Ring.create(slots, size)
    stack.callback(ring.close)
    return ring


def _health(child: Child, camera: Child | None) -> Health:
    return child.health() if camera is None else seeing(child.health(), camera.health())


def _watch(plan: Patch, world: World, show: Show, heard: list[Callable[[int, str], None]]) -> Watch:
    fits = []
    for name, wire in plan.mappings.items():
        place = routes.folder(name, wire, plan.path.parent)
        fits.append((place / FIT, partial(_again, plan, name, world, show)) if place else None)

    def swapped(place: int, loaded: Loaded | None, why_not: str) -> None:
        show.commands.put(lambda running: _swap(running, place, loaded, why_not, heard))

    return Watch(fits, swapped)


def _swap(show: Show, place: int, loaded: Loaded | None, why_not: str, heard: list[Callable[[int, str], None]]) -> None:
    if loaded:
        try:
            show.wires[place].swap(_current(loaded, show))
        except BadRequest as error:
            why_not = str(error)
    for hear in heard:
        hear(place, why_not)


def _current(loaded: Loaded, show: Show) -> Route | None:
    """The route as it was loaded, or made again when another model came on stage meanwhile. Raises BadRequest."""
    route, generator = loaded
    return route if generator is show.generator or route is None else routes.again(route, show.feeds, show.generator)


def _again(plan: Patch, name: str, world: World, show: Show) -> Loaded:
    generator = show.generator
    wire = plan.mappings[name]
    mapping = routes.mapping(name, wire, plan.path.parent, routes.feature_names(plan))
    return routes.route(mapping, world.feeds, generator, wire), generator


def _untaught(show: Show, plan: Patch) -> list[str]:
    names = [name for name, wire in zip(plan.mappings, show.wires, strict=True) if wire.route is None]
    return [f"nothing is taught in the mapping {name} yet: choose a look and teach it" for name in names]


def _hints(show: Show) -> list[str]:
    """What an artist should know about the numbers that come in."""
    if show.tick is None or show.tick.look.z is None or not looks_uniform(show.tick.look.z):
        return []
    return ['z looks uniform (0..1) but StyleGAN wants normal numbers: put shape = "uniform" into the mapping']
