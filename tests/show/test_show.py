"""The law and the loop, exactly, on a clock that obeys."""

from collections.abc import Callable

import numpy as np
import pytest

from livegan.frame import Feature
from livegan.generators.pattern import Pattern, read_bits
from livegan.latent.look import Look
from livegan.latent.space import Numbers
from livegan.mapping.mapping import Mapping
from livegan.show.feed import Feed
from livegan.show.show import Show, Tick
from livegan.show.wiring import Route, Wire
from livegan.stage.base import Event, Scene, Stage
from tests.fakes import FakeClock, FakeRing, Inline, Slow

FPS = 25.0
START = 100.0


class Screen(Stage):
    """A stage that keeps what was shown, and when."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.shown: list[tuple[float, np.ndarray]] = []
        self.scenes: list[Scene] = []

    def open(self, settings, title="livegan"):
        """Nothing to open."""

    def show(self, scene: Scene) -> None:
        self.shown.append((self._clock.now(), scene.picture.copy()))
        self.scenes.append(scene)

    def events(self) -> list[Event]:
        return []

    def read(self) -> np.ndarray:
        return self.shown[-1][1]

    def close(self) -> None:
        """Nothing to close."""


class Rig:
    """A whole show on a fake clock: one camera-like input whose only feature is when it was seen."""

    def __init__(self, worker: Callable = lambda clock: Inline(), latency: float | None = 0.15, **world: float) -> None:
        self.clock = FakeClock(START)
        self.ring = FakeRing(self.clock)
        self.fill(**world)
        feature = Feature("clock", "linear", "clock")
        self.feed = Feed("in", [feature], self.ring.since, None, 0.5, latency, 2.0)
        generator = Pattern(Pattern.Settings(kind="pattern", bits=True), None)
        mapping = Mapping.direct(["in.clock"], outputs=("clock",)).bind(["in.clock"])
        self.wire = Wire(Route(mapping, Numbers(("clock",)), (0,)))
        w = np.zeros((generator.info.num_ws, generator.info.w_dim), np.float32)
        self.screen, self.ticks = Screen(self.clock), []
        self.show = Show(
            self.clock,
            [self.feed],
            [self.wire],
            lambda moment: Look(w),
            generator,
            self.screen,
            worker(self.clock),
            FPS,
            observe=self.ticks.append,
        )

    def fill(self, seconds=30.0, rate=30.0, delay=0.02, jitter=0.0, drop=0.0, until=1e9) -> None:
        """Frames of the whole show, arriving late by `delay` and up to `jitter`, in order, some never."""
        dice, written = np.random.default_rng(7), 0.0
        for i in range(int(seconds * rate)):
            seen = START + i / rate
            written = max(written, seen + delay + jitter * dice.random())
            if dice.random() >= drop and seen < until:
                self.ring.put([seen - START], seen, written)

    def run(self, frames: int) -> None:
        self.show.run(lambda meters: meters.frames < frames)


WORKERS = {
    "at once": lambda clock: Inline(),
    "one under way": lambda clock: Slow(clock, lambda n: 0.3 / FPS),
    "two under way": lambda clock: Slow(clock, lambda n: 0.8 / FPS),
}


@pytest.mark.parametrize("worker", WORKERS.values(), ids=WORKERS.keys())
def test_every_picture_shows_the_world_exactly_one_latency_ago(worker):
    rig = Rig(worker)
    rig.run(500)
    pictures = rig.screen.shown[10:]
    shown = np.array([at - START for at, _ in pictures])
    told = np.array([read_bits(picture) for _, picture in pictures])
    assert np.abs(shown - told - 0.15).max() < 2e-4
    assert rig.show.meters.held == 0
    assert np.allclose(rig.show.meters.latency, 0.15)


@pytest.mark.parametrize("worker", WORKERS.values(), ids=WORKERS.keys())
def test_jitter_and_lost_frames_do_not_move_the_picture(worker):
    rig = Rig(worker, latency=0.25, jitter=0.04, drop=0.1)
    rig.run(600)
    pictures = rig.screen.shown[20:]
    off = np.array([at - START - read_bits(picture) - 0.25 for at, picture in pictures])
    assert (np.abs(off) < 0.5 / FPS).mean() >= 0.99
    assert rig.show.meters.held <= 0.02 * 600


def test_a_latency_too_small_is_kept_and_its_price_told():
    rig = Rig(latency=0.05)
    rig.run(200)
    assert rig.show.meters.held > 100
    declared, needed = rig.show.latency()
    assert declared == 0.05
    assert needed == pytest.approx(0.1, abs=0.0101)


def test_auto_latency_settles_once_and_holds_nothing_after():
    rig = Rig(latency=None, jitter=0.01)
    rig.run(600)
    declared, _ = rig.show.latency()
    assert 0.08 <= declared <= 0.13
    assert rig.show.meters.held <= 0.02 * len(rig.show.meters.latency)
    assert np.allclose(rig.show.meters.latency, declared, atol=1e-9)


def test_a_late_picture_is_shown_at_the_next_slot_and_counted_never_thrown_away():
    rig = Rig(worker=lambda clock: Slow(clock, lambda n: 0.06 if n % 50 == 20 else 0.01))
    rig.run(300)
    assert rig.show.meters.late == 6
    dues = [tick.due for tick in rig.ticks]
    assert len(rig.screen.shown) == 300
    assert np.all(np.diff(dues) > 0)
    assert max(rig.show.meters.intervals) == pytest.approx(2 / FPS)


def test_a_generator_too_slow_steps_the_rate_down_and_pictures_are_even_again():
    rig = Rig(worker=lambda clock: Slow(clock, lambda n: 0.055), latency=0.3, seconds=60)
    rig.run(500)
    assert np.allclose(np.array(rig.show.meters.intervals)[-350:], 2 / FPS)
    assert np.allclose(np.array(rig.show.meters.latency)[-350:], 0.3)
    assert rig.show.meters.held == 0


def test_an_input_that_dies_is_held_then_rests_and_the_picture_goes_on():
    rig = Rig(until=START + 5, seconds=5)
    rig.run(300)
    values = np.array([tick.look.numbers.get("clock", -1.0) for tick in rig.ticks])
    assert np.all(values[135:160] == values[140])
    assert values[-1] == -1.0
    assert np.allclose(rig.show.meters.intervals, 1 / FPS)


def test_a_mapping_that_gives_nonsense_leaves_the_look_and_is_told():
    rig = Rig()
    rig.run(100)
    broken = Mapping.direct(["in.clock"], outputs=("clock",)).bind(["in.clock"])

    class Nonsense:
        places = broken.places

        def __call__(self, values):
            raise ValueError("not finite")

        def confidence(self, values):
            return 1.0

    rig.show.commands.put(lambda show: show.wires[0].swap(Route(Nonsense(), Numbers(("clock",)), (0,))))
    before = rig.ticks[-1].look
    rig.run(200)
    assert np.array_equal(rig.ticks[-1].look.w, before.w)
    assert rig.ticks[-1].look.numbers == before.numbers != {}
    assert rig.show.meters.refused >= 100
    assert "not finite" in rig.show.fault


def test_commands_are_carried_out_between_ticks_in_order():
    rig, heard = Rig(), []
    for number in range(5):
        rig.show.commands.put(lambda show, number=number: heard.append((number, len(rig.ticks))))
    rig.run(3)
    assert heard == [(n, 0) for n in range(5)]


def test_a_command_can_end_the_show():
    rig = Rig()
    rig.show.commands.put(lambda show: setattr(show, "running", False))
    rig.run(1000)
    assert len(rig.ticks) <= 2


def test_ticks_are_the_same_whatever_the_frame_rate():
    def looks(fps: float) -> dict[float, float]:
        rig = Rig()
        rig.show._pace.base = 1 / fps
        rig.run(int(4 * fps))
        return {round(t.moment, 6): t.look.numbers.get("clock", -1.0) for t in rig.ticks}

    slow, fast = looks(12.5), looks(25.0)
    shared = slow.keys() & fast.keys()
    assert len(shared) > 40
    assert all(slow[moment] == pytest.approx(fast[moment], abs=1e-5) for moment in shared)


def test_a_tick_is_frozen():
    rig = Rig()
    rig.run(2)
    assert isinstance(rig.ticks[0], Tick)
    with pytest.raises(AttributeError):
        rig.ticks[0].due = 0.0


def test_what_goes_wrong_beside_the_picture_does_not_stop_it():
    rig = Rig()
    rig.show.commands.put(lambda show: 1 / 0)
    rig.show.aside = lambda: [][0]
    rig.run(50)
    assert rig.show.meters.frames == 50
    assert rig.show.meters.faults == 51
    assert "IndexError" in rig.show.fault


def test_a_sketch_that_fails_is_told_and_the_show_goes_on():
    rig = Rig()
    rig.show.sketches.ask(Look(np.zeros((1, 16), np.float32)), lambda drawn: drawn.nothing)
    rig.run(50)
    assert rig.show.meters.frames == 50
    assert "AttributeError" in rig.show.fault
    assert not rig.show.sketches.wanted


def test_a_generator_that_fails_leaves_the_last_picture_and_plays_on_when_it_draws_again():
    rig, drawn = Rig(), []
    start = rig.show.generator.start

    def now_and_then(look: Look) -> object:
        drawn.append(look)
        if 60 < len(drawn) <= 80:
            raise RuntimeError("CUDA error: out of memory")
        return start(look)

    rig.show.generator.start = now_and_then
    rig.run(150)
    shown = np.array([read_bits(picture) for _, picture in rig.screen.shown[10:]])
    same = np.flatnonzero(np.diff(shown) == 0)
    assert len(same) == rig.show.meters.faults == 20
    assert np.ptp(same) == 19
    assert np.allclose(np.diff([at for at, _ in rig.screen.shown]), 1 / FPS)
    assert rig.show.fault.startswith("the model pattern did not draw (RuntimeError: CUDA error")


def test_a_tap_that_fails_is_told_and_the_show_goes_on():
    class Torn:
        dropped = 0

        def take(self, picture: np.ndarray, at: float) -> None:
            raise OSError("no space left on device")

    rig = Rig()
    rig.show.taps = (Torn(),)
    rig.run(50)
    assert rig.show.meters.frames == rig.show.meters.faults == 50
    assert "no space left" in rig.show.fault


def test_a_tick_that_fails_leaves_the_look_as_it_was():
    rig, looked = Rig(), []
    look = rig.wire.look

    def now_and_then(*values: object) -> Look:
        looked.append(values)
        if 60 < len(looked) <= 80:
            raise RuntimeError("odd numbers")
        return look(*values)

    rig.wire.look = now_and_then
    rig.run(150)
    shown = np.array([read_bits(picture) for _, picture in rig.screen.shown[10:]])
    assert (np.diff(shown) == 0).sum() == rig.show.meters.faults == 20
    assert shown[-1] == pytest.approx(rig.screen.shown[-1][0] - START - 0.15, abs=2e-4)
    assert "odd numbers" in rig.show.fault


def test_what_fails_before_the_first_picture_ends_the_show():
    rig = Rig()
    rig.wire.look = lambda *values: 1 / 0
    with pytest.raises(ZeroDivisionError):
        rig.run(1)


def test_an_operators_view_that_fails_is_left_out():
    rig = Rig()
    rig.show.overlay = lambda: [][0]
    rig.run(50)
    assert rig.show.meters.frames == rig.show.meters.faults == 50
    assert rig.screen.scenes[-1].overlay is None
