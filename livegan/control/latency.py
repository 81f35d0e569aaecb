"""The command `livegan latency`: flashes the stage, sees it by the camera, and keeps that camera's delay.

A patch is never written: the delay is kept for this machine, and the line for a patch is told. What the display takes
and what the camera takes cannot be told apart from here, and must never be told as if.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from livegan import files
from livegan import patch as patches
from livegan.clock import Clock, SystemClock
from livegan.control.flash import LONGEST, SHORTEST, Edge, Seen, seen
from livegan.errors import BadRequest, Failure
from livegan.frame import Frame
from livegan.inputs.camera import Camera, CameraSettings, shrunk, stable_name
from livegan.patch import Part, Patch
from livegan.ring import Ring
from livegan.senses.delays import Delay, keep
from livegan.settings import Seconds
from livegan.show.child import RingSource
from livegan.show.host import Child, Host
from livegan.stage.base import Scene, Stage

Say = Callable[[str], None]
Watch = Callable[[], list[Frame]]
"""The camera's pictures since the last call, oldest first. Raises Failure when there are none."""

_DARK = 2.0
"""Seconds of darkness first: the camera's exposure settles."""

_RATE = 60.0
_SIDE = 48
"""Pixels of the longest side of the pictures that are compared."""

_PATIENCE, _SURE = 15.0, 3.0
"""Seconds that a camera may take to its first picture, and when it says that it is not there."""

_WHITE, _BLACK = (Scene(np.full((16, 16, 3), level, np.uint8)) for level in (255, 0))


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for; camera: a source such as "camera:0", display and set: times as a person says."""

    patch: str | None = None
    camera: str | None = None
    set: str | None = None
    display: str = "0 ms"
    flashes: int = 60


def latency(wanted: Wanted, say: Say) -> None:
    """Measure a camera's delay, or set it by hand, and keep it. Raises BadRequest or Failure in one sentence."""
    plan = patches.read(files.find("patches", wanted.patch, suffix=".toml")) if wanted.patch else None
    name, camera = chosen(plan, wanted.camera)
    display = seconds(wanted.display)
    if wanted.set is not None:
        _kept(name, camera, seconds(wanted.set), 0.0, say)
        return
    say("Turn the camera to the screen, as large in its picture as it goes. The screen will flash, slowly.")
    found = measured(camera, _stage(plan), wanted.flashes)
    say(told(found, display))
    if found.middle < display:
        raise BadRequest(f"--display takes off more than the {1e3 * found.middle:.0f} ms that were measured")
    _kept(name, camera, found.middle - display, found.high - found.low, say)


def seconds(text: str) -> float:
    """0 to 2 seconds, out of "85ms", "85 ms" or "0.085 s". Raises BadRequest."""
    try:
        value = TypeAdapter(Seconds).validate_python(re.sub(r"(?<=[\d.])(?=[a-z])", " ", text.strip()))
        if 0 <= value <= 2:
            return value
    except ValidationError:
        pass
    raise BadRequest(f'a delay is 0 to 2 seconds, such as "85 ms", found "{text}"')


def chosen(plan: Patch | None, source: str | None) -> tuple[str, CameraSettings]:
    """The camera that is meant, and its name in the patch; "camera:0" where nobody says. Raises BadRequest."""
    own = plan.inputs.items() if plan else ()
    tables = {one.settings.source: (name, one.settings) for name, one in own if one.type.pixels}
    read = {one.settings.source for _, one in own if one.type.detector} | set(tables)
    devices = sorted(one for one in read if one.startswith("camera:"))
    if source is None and plan and len(devices) != 1:
        there = ", ".join(devices) or "none, only clips or nothing"
        raise BadRequest(f"{plan.path.name} has several cameras or none ({there}): say which with --camera camera:0")
    source = source or (devices[0] if plan else "camera:0")
    if not source.startswith("camera:"):
        raise BadRequest(f'only a device has a delay, such as --camera camera:0, found "{source}"')
    return tables.get(source, ("camera", CameraSettings(kind="camera", source=source)))


def measured(camera: CameraSettings, stage: Part, flashes: int) -> Seen:
    """Open camera and stage, flash, and see. Raises BadRequest or Failure."""
    clock = SystemClock()
    one: Stage = stage.type()
    with contextlib.ExitStack() as stack:
        try:
            one.open(stage.settings, "livegan latency")
        except Failure as error:
            why = str(error).partition(";")[0]
            raise Failure(f"{why}; start it at a screen, or set the delay by hand with --set") from error
        stack.callback(one.close)
        watch = stack.enter_context(watching(camera, clock))
        return seen(*flashed(one, watch, clock, flashes, np.random.default_rng()))


@contextlib.contextmanager
def watching(camera: CameraSettings, clock: Clock) -> Iterator[Watch]:
    """A camera in its own process, as in a show, with nothing taken off its stamps."""
    part = Part("camera", Camera, camera.model_copy(update={"delay": 0.0}))
    ring = Ring.create(8, 3 * camera.size**2)
    child = Child("camera", part, ring, None, clock)
    host = Host([child], clock)
    source, count, began = RingSource(ring, clock), 0, clock.now()

    def watch() -> list[Frame]:
        nonlocal count
        frames = source.since(count)
        if frames:
            count = frames[-1].count
        elif not count and clock.now() - began > (_SURE if child.health().state == "lost" else _PATIENCE):
            raise Failure(child.health().reason or "the camera gives no pictures: see livegan doctor --open")
        return frames

    host.start()
    try:
        yield watch
    finally:
        host.close()
        ring.close()


def flashed(
    stage: Stage, watch: Watch, clock: Clock, count: int, chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, list[Edge]]:
    """Turn the stage light and dark `count` times, at random moments, and watch: pictures, stamps, edges.

    Pictures are presented all the time, as in a show. Raises Failure when the camera fails or a person ends it.
    """
    pictures, stamps, edges = [], [], []
    slot, due = clock.now(), np.inf
    while len(edges) < count or clock.now() < due:
        light = bool(edges) and edges[-1].light
        turn = clock.now() >= due and len(edges) < count
        stage.show(_WHITE if light != turn else _BLACK)
        at = clock.now()
        if turn:
            edges.append(Edge(at, not light))
        for frame in watch():
            pictures.append(shrunk(frame.data, _SIDE).mean(axis=2, dtype=np.float32))
            stamps.append(frame.seen)
        if turn or (stamps and due == np.inf):
            due = at + (chance.uniform(SHORTEST, LONGEST) if turn else _DARK)
        if any(event.kind == "close" or (event.down and event.name in ("escape", "q")) for event in stage.events()):
            raise Failure("it was ended before the delay was known: nothing is changed")
        slot = max(slot + 1 / _RATE, at)
        # A display that is waited for turns at its own moments; elsewhere those of the camera must not be met.
        clock.sleep_until(min(slot, due) if stage.period is None else at)
    return np.array(pictures), np.array(stamps), edges


def told(found: Seen, display: float) -> str:
    """What was measured, and what of it nobody knows."""
    part = (
        f"The display is said to take {1e3 * display:.0f} ms of it; the rest is the camera's."
        if display
        else "That is the way through display and camera together, and how the two share it cannot be seen from here. "
        "Taken as the camera's, the latency that a show tells is the one that eyes see at this display; with "
        "--display 12ms what is known of the display is taken off."
    )
    return (
        f"{found.count} of {found.of} edges were seen, {1e3 * found.middle:.0f} ms after they were presented "
        f"(half of them {1e3 * found.low:.0f} to {1e3 * found.high:.0f} ms). {part}"
    )


def _stage(plan: Patch | None) -> Part:
    """The window of the patch, or one that covers the monitor; filled to its edges."""
    stages = [one for name, one in plan.stages.items() if name != "operator" and one.kind == "window"] if plan else []
    if not stages:
        return patches.part("stage", "window", {"fullscreen": True, "fit": "cover"}, "stage")
    filled = stages[0].settings.model_copy(update={"fit": "cover", "mask": None})
    return Part("window", stages[0].type, filled)


def _kept(name: str, camera: CameraSettings, delay: float, spread: float, say: Say) -> None:
    """Keep a delay, and tell where and how a patch would say it."""
    stable = stable_name(camera.device)
    place = keep(Delay(stable, camera.size, round(delay, 4), round(spread, 4)))
    say(f"{1e3 * delay:.0f} ms are kept for {stable} at {camera.size} pixels, in {_short(place)}.")
    if camera.delay is not None:
        say(f"The patch's own input.{name}.delay, {1e3 * camera.delay:.0f} ms, rules there: correct or remove it.")
    say(f'In a patch: [input.{name}] kind = "camera", source = "{camera.source}", delay = "{1e3 * delay:.0f} ms"')


def _short(path: Path) -> str:
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)
