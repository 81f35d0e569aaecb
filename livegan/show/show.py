"""The show: the whole path from the world to the screen, one tick per picture.

    feeds --values at P - latency--> wires (mapping, latent space) --look--> steering --look--> generator --> stage
      ^ frames from the inputs' rings     rest: what nobody being there looks like   ^ chosen,    ^ on the    ^ at P
                                                                                       held, black   worker     & taps

The main thread runs this loop, owns the window and never waits for an input, a disk or a learner. The worker has
at most `depth` pictures under way. A late picture is shown at the next slot and counted, never thrown away.
"""

import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar
from zlib import crc32

import numpy as np

from livegan.clock import Clock
from livegan.generators.base import Generator
from livegan.latent.look import Look, is_finite
from livegan.show.fade import Fade
from livegan.show.feed import Feed
from livegan.show.masking import Masking
from livegan.show.model import Rest, Staged
from livegan.show.pace import Pace, Rate
from livegan.show.report import Meters, recent
from livegan.show.sketch import Sketches
from livegan.show.steering import Steering
from livegan.show.track import Sample
from livegan.show.wiring import Wire
from livegan.stage.base import Event, Mask, Scene, Stage, Tap

DEEPEST = 4
"""Pictures under way at most; a generator keeps the pixels of twice as many, for sketches come between."""

Command = Callable[["Show"], None]
Given = TypeVar("Given")


class Voice(Protocol):
    """Has a say in the look."""

    def look(self, values: np.ndarray, weights: np.ndarray, base: Look, moment: float) -> Look:
        """The look for the show's features, with everything else as in `base`; ValueError when there is none."""


@dataclass(frozen=True)
class Tick:
    """What one tick found.

    due: when its picture is to be shown. moment: what it tells of, for the slowest input. values: float32
    [features]. weights: float [inputs], how much of each input is there. known: 0..1, how well the mappings know
    the values, None where none was asked. look, light: what is drawn, and how bright. mask: where it is seen.
    """

    due: float
    moment: float
    newest: float
    held: bool
    settled: bool
    values: np.ndarray
    weights: np.ndarray
    known: float | None
    look: Look
    light: float
    mask: Mask | None = None


@dataclass(frozen=True)
class _Made:
    """A picture, a checksum of its pixels, the seconds that it took, and which of the show's models drew it."""

    pixels: np.ndarray
    checksum: int
    took: float
    model: int


class Show:
    """A running whole; everything in it was opened by somebody else, who also closes it.

    observe: called with each tick, for the operator's view and for tests.
    """

    def __init__(
        self,
        clock: Clock,
        feeds: list[Feed],
        wires: list[Wire],
        rest: Rest,
        generator: Generator,
        stage: Stage,
        worker: Executor,
        fps: float,
        taps: tuple[Tap, ...] = (),
        observe: Callable[[Tick], None] | None = None,
    ) -> None:
        self.clock, self.feeds, self.wires, self.rest = clock, feeds, wires, rest
        self.generator, self.stage, self.taps, self.observe = generator, stage, taps, observe
        self.steering = Steering(lambda moment: self.rest(0.0))
        self.sketches = Sketches(generator, worker)
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.overlay: Callable[[], np.ndarray | None] = lambda: None
        self.hear: Callable[[Event], None] = lambda event: None
        self.aside: Callable[[], None] = lambda: None
        self.send: Callable[[Tick], None] = lambda tick: None
        self.masking: Masking | None = None
        self.knobs: Voice | None = None
        self.meters = Meters(ages={feed.name: feed.ages for feed in feeds})
        self.running = True
        self.fault = ""
        self.tick: Tick | None = None
        self.depth = 1
        self._worker = worker
        self._base = _base_period(stage.period, fps)
        self._queue: deque[tuple[Tick, Future[_Made]]] = deque()
        self._pace = Pace(clock.now(), self._base, stage.period is not None)
        self._rate = Rate(1.0 / self._base)
        self._cost = 0.0
        self._shown = -np.inf
        self._sum = 0
        self._picture = np.zeros((*generator.info.size, 3), np.uint8)
        self._light = 1.0
        self._mask: Mask | None = None
        self._model = self._model_shown = 0
        self._fade = Fade()
        self._start = self._last_due = clock.now()

    def run(self, go_on: Callable[[Meters], bool]) -> None:
        """Play until a command stops the show, or `go_on` says no."""
        self._warm_up()
        self.meters.started = self._start = self.clock.now()
        self._pace.due = self._start + self.lead
        while self.running and go_on(self.meters):
            self._obey()
            self._begin()
            if self.sketches.wanted:
                self._attempt(self.sketches.step, self._base, self._took())
            self._attempt(self.aside)
            self._present()
        self.meters.ended = self.clock.now()

    def stop(self) -> None:
        """End after the picture that is being shown."""
        self.running = False

    def exchange(self, staged: Staged) -> Future[None]:
        """Draw with another model from the next tick on; its pictures fade over the last one of the model before.

        Gives what is done when the generator of before is closed, after its last picture.
        """
        gone, self.generator, self.rest = self.generator, staged.generator, staged.rest
        self._model += 1
        for wire, route in zip(self.wires, staged.routes, strict=True):
            wire.renew(route)
        self.steering.renew(staged.redrawn)
        self.sketches.renew(staged.generator)
        return self._worker.submit(gone.close)

    def latency(self) -> tuple[float, float]:
        """Declared and needed latency in seconds, of the slowest input; 0 without inputs."""
        laws = [(feed.law.declared, feed.law.needed(self.lead)) for feed in self.feeds]
        return max(laws, default=(0.0, 0.0))

    def _warm_up(self) -> None:
        """Draw a few pictures, to learn how many must be under way so that none is late."""
        looks = (self.rest(float(moment)) for moment in range(8))
        took = [self._drawing(look).result().took for look in looks]
        slots = float(np.percentile(took[2:], 90)) / self._base
        self.depth = 1 if slots < 0.5 else min(DEEPEST, 1 + math.ceil(slots))

    def _obey(self) -> None:
        """Carry out what was asked since the last tick, in order."""
        while True:
            try:
                command = self.commands.get_nowait()
            except Empty:
                return
            self._attempt(command, self)

    def _attempt(self, deed: Callable[..., Given], *values: object) -> Given | None:
        """What `deed` gives; whatever goes wrong in it is told, and does not stop the picture."""
        try:
            return deed(*values)
        except Exception as error:
            self.meters.faults += 1
            self.fault = f"something went wrong and was left out ({type(error).__name__}: {error}): please report it"
            return None

    @property
    def picture(self) -> np.ndarray:
        """The picture that is shown, uint8 [height, width, 3]."""
        return self._picture

    @property
    def lead(self) -> float:
        """Seconds from sampling the world to showing the picture; the same whatever the rate is stepped to."""
        return self.depth * self._base

    def _begin(self) -> None:
        """Sample the world for the next pictures and start them, none earlier than its lead before it is due."""
        while len(self._queue) < self.depth:
            due = self._pace.due + len(self._queue) * self._pace.period
            if self._queue and due - self.lead > self.clock.now() + 0.25 * self._base:
                return
            self.clock.sleep_until(due - self.lead)
            tick = self._next(due)
            self._queue.append((tick, self._drawing(tick.look)))
            self.tick = tick
            if self.observe:
                self._attempt(self.observe, tick)
            self._attempt(self.send, tick)

    def _next(self, due: float) -> Tick:
        """The tick for `due`; where something in it goes wrong, as before. The first one must go right."""
        if self.tick is None:
            return self._tick(due)
        return self._attempt(self._tick, due) or replace(self.tick, due=due, held=True)

    def _tick(self, due: float) -> Tick:
        """World to look, for the picture shown at `due`."""
        elapsed, self._last_due = due - self._last_due, due
        for feed in self.feeds:
            feed.pull()
        sampled = [feed.sample(due, self.lead, elapsed) for feed in self.feeds]
        samples = [sample for _, sample in sampled]
        values = np.concatenate([s.values for s in samples]) if samples else np.empty(0, np.float32)
        weights = np.array([sample.weight for sample in samples])
        look, light = self.steering.steer(self._map(values, weights, due), due)
        known = min((wire.known for wire in self.wires if wire.known is not None), default=None)
        moment, newest, settled = self._slowest(sampled, due)
        held = any(sample.held for sample in samples)
        mask = self.masking.at() if self.masking else None
        return Tick(due, moment, newest, held, settled, values, weights, known, look, light, mask)

    def _map(self, values: np.ndarray, weights: np.ndarray, due: float) -> Look:
        """The look for these values; where a mapping gives nonsense the look stays as it was, counted and told."""
        look = self.rest(due - self._start)
        for wire in (*self.wires, *([self.knobs] if self.knobs else [])):
            try:
                wanted = wire.look(values, weights, look, due)
            except ValueError:
                wanted = None
            if wanted is None or not is_finite(wanted):
                self.meters.refused += 1
                self.fault = (
                    "a mapping gave numbers that are not finite and the look stayed as it was: look at its inputs"
                )
                wanted = self.tick.look if self.tick else look
            look = wanted
        return look

    def _slowest(self, sampled: list[tuple[float, Sample]], due: float) -> tuple[float, float, bool]:
        """Moment, newest frame and settledness of the input with the longest latency that is live."""
        live = [
            (moment, sample.newest if feed.continuous else moment, feed.law.settled)
            for feed, (moment, sample) in zip(self.feeds, sampled, strict=True)
            if sample.weight > 0
        ]
        return min(live, default=(due, due, False))

    def _took(self) -> float:
        """Seconds that a picture usually takes."""
        return float(np.median(recent(self.meters.generator))) if self.meters.generator else self._base

    def _drawing(self, look: Look) -> Future[_Made]:
        return self._worker.submit(self._make, self.generator, self._model, look)

    def _make(self, generator: Generator, model: int, look: Look) -> _Made:
        """On the worker: look to picture."""
        began = self.clock.now()
        picture = generator.start(look)
        picture.wait()
        took = self.clock.now() - began
        return _Made(picture.pixels, crc32(picture.pixels), took, model)

    def _present(self) -> None:
        """Wait for the slot and show the oldest picture, or what was shown before when it is not done."""
        self.clock.sleep_until(self._pace.due - self._ahead())
        for event in self.stage.events():
            self._attempt(self.hear, event)
        tick, future = self._queue[0]
        made = self._made(future) if future.done() else None
        began = self.clock.now()
        if made:
            self._queue.popleft()
            self._take(tick, made)
        if made or self.stage.period is not None:
            fade = self._fade
            overlay = self._attempt(self.overlay)
            scene = Scene(self._picture, overlay, self._light, fade.before, fade.share, self._mask)
            self.stage.show(scene)
        now = self.clock.now()
        if made:
            self._cost += 0.1 * (now - began - self._cost)
            self._measure(tick, made, now)
        self._pace.locked = self.stage.period is not None
        self._pace.divisor = self._rate.judge(made is None, made.took if made else 0.0, self._pace)
        self._pace.advance(now)

    def _made(self, future: Future[_Made]) -> _Made:
        """What was drawn; where the generator failed that is told, and what is shown stays."""
        try:
            return future.result()
        except Exception as error:
            self.meters.faults += 1
            self.fault = (
                f"the model {self.generator.info.name} did not draw ({type(error).__name__}: {error}) "
                "and the picture before stayed; load another model if it happens again"
            )
            return _Made(self._picture, self._sum, self._took(), self._model_shown)

    def _take(self, tick: Tick, made: _Made) -> None:
        """The next picture is this one; the first of another model comes over the one that was shown."""
        if made.model != self._model_shown:
            self._fade.begin(self._picture, tick.due - self._pace.period)
        self._fade.go_on(tick.due)
        self._picture, self._light, self._model_shown = made.pixels, tick.light, made.model
        self._mask = tick.mask

    def _ahead(self) -> float:
        """Seconds before the slot to begin showing: what drawing takes, or well before the display's refresh."""
        return self._cost if self.stage.period is None else 0.5 * self.stage.period

    def _measure(self, tick: Tick, made: _Made, now: float) -> None:
        meters = self.meters
        meters.frames += 1
        meters.distinct += made.checksum != self._sum
        meters.late += now - tick.due > 0.5 * self._pace.period
        meters.generator.append(made.took)
        if tick.settled:
            meters.held += tick.held
            meters.latency.append(now - min(tick.moment, tick.newest))
        if self._shown > -np.inf:
            meters.intervals.append(now - self._shown)
        self._shown, self._sum = now, made.checksum
        if self.taps:
            self._attempt(self._give, made.pixels, now)

    def _give(self, pixels: np.ndarray, now: float) -> None:
        """To the taps, what the stage shows of a picture."""
        seen = self._fade.over(pixels)
        if self.masking:
            seen = self.masking.over(seen, self._mask)
        for tap in self.taps:
            tap.take(seen, now)


def _base_period(display: float | None, fps: float) -> float:
    """Seconds per picture: `fps` when the stage has no period, else a whole number of display refreshes."""
    return 1.0 / fps if display is None else display * max(1, round(1.0 / fps / display))
