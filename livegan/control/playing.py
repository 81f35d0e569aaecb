"""The command `livegan play`: choose patch and stage, open the show, run it, and tell what it did."""

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from livegan import files
from livegan import patch as patches
from livegan.clock import Clock, SystemClock
from livegan.control.control import Control
from livegan.control.cues import cue_table, features
from livegan.control.keys import DEFAULT_KEYS, key_table
from livegan.control.repertoire import COMMANDS
from livegan.control.running import no_pauses, stopped_by_signals
from livegan.control.serving import Beside
from livegan.errors import BadRequest
from livegan.importers.convert import cached
from livegan.inputs import camera
from livegan.inputs.take import save_take
from livegan.patch import Part, Patch
from livegan.rehearsal.opening import make_own, rehearsing
from livegan.show import routes
from livegan.show.feed import Feed
from livegan.show.opening import Opened, opened
from livegan.show.operator import Operator, OperatorWindow
from livegan.show.report import Meters, report
from livegan.show.show import Show
from livegan.stage import screen
from livegan.stage.recorder import Recorder

Say = Callable[[str], None]
UNSEEN = 10.0
"""Seconds of video to render where no window can be opened."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for."""

    patch: str | None = None
    stage: str | None = None
    fps: float | None = None
    frames: int | None = None
    seconds: float | None = None
    report: Path | None = None
    record: Path | None = None
    takes: tuple[str, ...] = ()


def play(wanted: Wanted, say: Say) -> None:
    """Run a show to its end. Raises BadRequest or Failure in one sentence."""
    name = wanted.patch or ("webcam" if camera.any_camera() else "dancer")
    plan = patches.read(files.find("patches", name, suffix=".toml"), partial(cached, say=say))
    main = _main_stage(plan, wanted)
    if main.kind == "window" and wanted.stage is None and not screen.monitors():
        main = patches.part("stage", "offscreen", {"size": (256, 256)}, "stage")
        if wanted.record is None:
            wanted = replace(wanted, record=Path("out") / f"{plan.path.stem}.mp4")
            with contextlib.suppress(OSError):  # the recorder says in one sentence why it cannot write there
                wanted.record.parent.mkdir(exist_ok=True)
        wanted = replace(wanted, seconds=wanted.seconds or UNSEEN)
        say(f"There is no display here: rendering {wanted.seconds:g} s of {plan.path.stem} to {wanted.record}.")
    _run(plan, main, wanted, say)


def tell_keys(name: str | None, say: Say) -> None:
    """Tell every command with its keys, as the patch of that name has them. Raises BadRequest."""
    plan = patches.read(files.find("patches", name, suffix=".toml"), partial(cached, say=say)) if name else None
    table = key_table(COMMANDS, DEFAULT_KEYS, plan.keys if plan else {}, plan.path.name if plan else "")
    rows = [("command", "keys", "does"), *COMMANDS.listed(table), ("", "F11", "Cover the monitor, or come back.")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _main_stage(plan: Patch, wanted: Wanted) -> Part:
    """The stage that the command line or the patch asks for."""
    if wanted.stage is not None:
        return patches.part("stage", wanted.stage, {}, "--stage")
    stages = [part for name, part in plan.stages.items() if name != "operator"]
    return stages[0] if stages else patches.part("stage", "window", {}, "stage")


def _run(plan: Patch, main: Part, wanted: Wanted, say: Say) -> None:
    clock = SystemClock()
    routes.mappings(plan)  # a wrong patch is told before anything is opened
    key_table(COMMANDS, DEFAULT_KEYS, plan.keys, plan.path.name)
    cue_table(plan, COMMANDS, features(plan))
    make_own(plan, say)
    taps = (Recorder(wanted.record, wanted.fps or plan.fps),) if wanted.record else ()
    stage = main.type()
    with contextlib.ExitStack() as stack:
        for tap in taps:
            stack.callback(tap.close)
        stage.open(main.settings, f"livegan: {plan.path.stem}")
        stack.callback(stage.close)
        one = stack.enter_context(opened(plan, clock, stage, taps, fps=wanted.fps))
        control, operator = _controlled(one, main.settings.alerts, clock, say, stack)
        if plan.serve:
            beside = Beside(plan, plan.serve, clock)
            stack.callback(beside.close)
            one.told.append(beside.notes)
        aside = _place_operator(plan, main, one.show, operator, stack)
        one.show.aside = lambda: (control.step(), aside())
        takes = _takes(wanted, one.world.feeds)
        with stopped_by_signals(one.show.stop), no_pauses():
            one.show.run(_Until(wanted, clock, one, say).go_on)
        for feed, path in takes:
            part = plan.inputs[feed.name]
            save_take(path, part.type.derived(part.settings).features, feed.kept)
            say(f"{len(feed.kept)} frames of {feed.name} are in {path}.")
        found = summary(one, plan, clock)
    if wanted.report:
        files.write_atomic(wanted.report, json.dumps(found, indent=1).encode())
    _tell(found, taps, wanted, say)


def _takes(wanted: Wanted, feeds: list[Feed]) -> list[tuple[Feed, Path]]:
    """The inputs whose frames are to be kept, and where to. Raises BadRequest."""
    by_name, found = {feed.name: feed for feed in feeds}, []
    for take in wanted.takes:
        name, _, path = take.partition("=")
        if name not in by_name or not path:
            there = ", ".join(by_name) or "none"
            raise BadRequest(f'--take wants INPUT=FILE with an input of the patch ({there}), found "{take}"')
        by_name[name].kept = []
        found.append((by_name[name], Path(path)))
    return found


def _controlled(
    one: Opened, alerts: bool, clock: Clock, say: Say, stack: contextlib.ExitStack
) -> tuple[Control, Operator]:
    """A rehearsal on an open show, what asks things of it, and the view of both."""
    rehearsal = stack.enter_context(rehearsing(one, clock))
    control = Control(rehearsal, one.plan, lambda: operator.toggle(), [*one.world.local.values()], clock, say)
    stack.callback(control.close)
    world, title = one.world, one.plan.path.stem
    operator = Operator(one.show, world.cameras, title, one.notes, lambda: control.board, world.eyes, alerts)
    stack.callback(operator.close)
    one.show.hear, one.show.observe = control.hear, control.observe
    one.told.append(control.notes)
    return control, operator


def _place_operator(
    plan: Patch, main: Part, show: Show, operator: Operator, stack: contextlib.ExitStack
) -> Callable[[], None]:
    """In a window of its own when the patch or a second monitor gives it one, else over the audience's picture.

    Gives what is to be called between two pictures.
    """
    part = _operator_stage(plan, main)
    if part is None:
        show.overlay = operator.overlay
        return lambda: None
    stage = part.type()
    stage.open(part.settings, f"livegan operator: {plan.path.stem}")
    stack.callback(stage.close)
    operator.toggle()
    return OperatorWindow(operator, stage, show.hear).refresh


def _operator_stage(plan: Patch, main: Part) -> Part | None:
    if main.kind != "window":
        return None
    if "operator" in plan.stages:
        return plan.stages["operator"]
    others = [name for name in screen.monitors() if not _is_on(main, name)]
    second = others if main.settings.monitor else others[1:]
    table = {"size": (960, 540), "vsync": False, "monitor": second[0]} if second else None
    return patches.part("stage", "window", table, "operator") if table else None


def _is_on(main: Part, monitor: str) -> bool:
    return bool(main.settings.monitor) and main.settings.monitor.casefold() in monitor.casefold()


class _Until:
    """When a show ends, and what is said on the way."""

    def __init__(self, wanted: Wanted, clock: Clock, one: Opened, say: Say) -> None:
        self._wanted, self._clock, self._one, self._say = wanted, clock, one, say
        self._end: float | None = None
        self._told: set[str] = set()

    def go_on(self, meters: Meters) -> bool:
        """Whether the show is to go on."""
        if self._end is None:
            self._end = meters.started + (self._wanted.seconds or math.inf)
        if meters.frames % 30 == 1:
            self._hint()
        return self._clock.now() < self._end and meters.frames < (self._wanted.frames or math.inf)

    def _hint(self) -> None:
        for note in self._one.notes():
            if note not in self._told:
                self._told.add(note)
                self._say(note)


def summary(one: Opened, plan: Patch, clock: Clock) -> dict:
    """The report of a show, as JSON-able data."""
    declared, needed = one.show.latency()
    info = one.show.generator.info
    size = [info.size[1], info.size[0]]
    generator = {"model": info.name, "device": info.device, "size": size}
    inputs = {seen.name: seen.summary(clock) for seen in (*one.show.feeds, *one.world.eyes)}
    smoothing = {
        name: (wire.route.smoothing.asked, wire.route.smoothing.delays)
        for name, wire in zip(plan.mappings, one.show.wires, strict=True)
        if wire.route and wire.route.smoothing and wire.route.smoothing.asked
    }
    latency, sends = {"declared": declared, "needed": needed}, one.sending.counts()
    return report(one.show.meters, latency, inputs, generator, smoothing, sends)


def _tell(found: dict, taps: tuple[Recorder, ...], wanted: Wanted, say: Say) -> None:
    latency = found["latency_ms"]
    measured = "not yet measured" if latency["p50"] is None else f"{latency['p50']:.0f} ms measured"
    say(
        f"{found['frames']} pictures at {found['fps']:.1f} a second, {found['late']} late, {found['held']} held; "
        f"latency {measured}, {latency['declared']:.0f} ms declared."
    )
    for tap in taps:
        say(f"The video could not be recorded: {tap.error}" if tap.error else f"The video is in {wanted.record}.")
    if wanted.report:
        say(f"The report is in {wanted.report}.")
