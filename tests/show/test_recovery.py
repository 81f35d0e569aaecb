"""Every input, found by itself: that it is lost is told at once, what it said is held, eased to rest, and comes back.

On a clock that obeys, with the inputs' own code where a device can be unplugged; then with real processes.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Input, InputSettings
from livegan.inputs.take import save_take
from livegan.patch import Part
from livegan.ring import Ring
from livegan.show.child import STATUS_SIZE, Runner, Status, Task
from livegan.show.feed import Feed
from livegan.show.host import QUIET, Child, Health, Host, seeing, told
from livegan.show.local import Local
from livegan.show.operator import input_line
from livegan.show.track import FADE
from tests.fakes import FakeClock, FakeRing
from tests.inputs.test_contract import NEEDED
from tests.plugs import PLUGGED, PumpedClock, main, table
from tests.shows import wait_for

AFTER, LATENCY, PERIOD = 2.0, 0.1, 1 / 30
NOTICED, FROZEN, BACK = 0.5, 1.5, 2.0
"""Seconds, as promised: until a fault is told, until a frozen picture is, and until a device that is back plays."""

PICTURED = {"camera"}
DEVICELESS = {"keys", "lfo", "osc", "pointer", "steady", "take"}
KINDS = patch.kinds("inputs")
FELT = [kind for kind in KINDS if kind not in PICTURED]
SLACK = 3 * PERIOD
LOST = Health("lost", "unplugged", lost=1, last="unplugged")


def part(kind: str, folder: Path) -> Part:
    take = folder / "a.safetensors"
    save_take(take, [Feature("x")], [Frame(np.zeros(1, np.float32), n / 10, np.ones(1, bool)) for n in range(3)])
    return patch.part("inputs", kind, {**NEEDED, "take": {"file": str(take)}}.get(kind, {}), "test")


def is_detector(kind: str) -> bool:
    return patch.load_class("inputs", kind).detector


def test_of_every_kind_it_is_known_what_can_be_lost():
    known = PLUGGED.keys() | DEVICELESS | {kind for kind in KINDS if is_detector(kind)}
    assert known == set(KINDS), "a new kind with a device gets one in tests/plugs.py"


class Fed:
    """A feed of some kind whose process and device are what the test says, thirty pictures a second."""

    def __init__(self, one: Part) -> None:
        self.clock, self.features = FakeClock(), one.type.features(one.settings)
        self.continuous = one.type.stale_after is not None
        self.ring, self.health = FakeRing(self.clock), Health("open")
        self.numbers = np.arange(1, len(self.features) + 1) * np.array([f.kind != "event" for f in self.features])
        self.all = [True] * len(groups(self.features))
        arrive = self.ring.since
        self.feed = Feed("in", self.features, arrive, self.asked, one.type.stale_after, LATENCY, AFTER)

    def asked(self) -> Health:
        return replace(self.health, at=self.clock.now())

    def say(self) -> None:
        self.ring.put(self.numbers, self.clock.now(), self.clock.now(), self.all)

    def go(self, seconds: float, plugged: bool = True) -> None:
        for _ in range(round(seconds / PERIOD)):
            self.clock.sleep_until(self.clock.now() + PERIOD)
            if plugged and self.continuous:
                self.say()
            self.feed.pull()
            self.sample = self.feed.sample(self.clock.now(), 0.0, PERIOD)[1]

    @property
    def state(self) -> str:
        return self.feed.state(self.clock).state


@pytest.mark.parametrize("kind", FELT)
@pytest.mark.parametrize("lost", [LOST, seeing(Health("open"), LOST)], ids=["itself", "its camera"])
def test_what_is_lost_is_told_held_eased_to_rest_and_comes_back(kind, lost, tmp_path):
    one = Fed(part(kind, tmp_path))
    one.say()
    one.go(5.0)
    assert (one.state, one.sample.weight) == ("live", 1.0)
    one.health = lost
    one.go(PERIOD, plugged=False)
    state = one.feed.state(one.clock)
    assert (state.state, state.reason, state.retries) == ("absent", "unplugged", 1)
    one.go(AFTER - 2 * PERIOD, plugged=False)
    assert np.array_equal(one.sample.values, one.numbers)
    assert one.sample.weight == 1.0
    one.go(LATENCY + FADE / 2, plugged=False)
    assert 0.3 < one.sample.weight < 0.7
    one.go(FADE, plugged=False)
    assert one.sample.weight == 0.0
    one.go(60.0, plugged=False)
    assert one.sample.weight == 0.0
    one.health = Health("open", lost=1, last="unplugged")
    one.go(LATENCY + FADE / 2)
    assert (one.state, 0.3 < one.sample.weight < 0.7) == ("live", True)
    one.go(FADE)
    assert one.sample.weight == 1.0
    assert np.array_equal(one.sample.values, one.numbers)
    assert one.feed.state(one.clock).last == "unplugged"


@pytest.mark.parametrize("kind", FELT)
def test_a_process_that_hangs_is_told_before_it_is_killed_and_goes_on_if_it_comes_to_itself(kind, tmp_path):
    one = Fed(part(kind, tmp_path))
    one.say()
    one.go(3.0)
    beaten = Status("open", "", 0, one.clock.now())
    one.health = told(beaten, Health("opening", at=beaten.at + QUIET))
    assert one.state == "live"
    one.health = told(beaten, Health("opening", at=beaten.at + QUIET + 0.01))
    one.go(1.0, plugged=False)
    assert (one.state, one.sample.weight) == ("stale", 1.0)
    one.health = Health("open")
    one.go(1.0)
    assert (one.state, one.sample.weight) == ("live", 1.0)


def test_without_a_frame_for_half_a_second_what_should_give_them_is_stale(tmp_path):
    one = Fed(part("motion", tmp_path))
    one.go(3.0)
    one.go(NOTICED - PERIOD, plugged=False)
    assert one.state == "live"
    one.go(SLACK, plugged=False)
    assert one.state == "stale"


def test_a_fader_that_dies_for_a_moment_moves_nothing(tmp_path):
    one = Fed(part("osc", tmp_path))
    one.say()
    one.go(60.0)
    for state in ("dead", "opening", "open"):
        one.health = Health(state)
        one.go(0.6)
        assert one.sample.weight == 1.0
        assert np.array_equal(one.sample.values, one.numbers)


def test_what_befell_an_input_is_told_to_the_operator_and_in_the_report(tmp_path):
    one = Fed(part("osc", tmp_path))
    one.say()
    one.go(1.0)
    plain = "0 ms old on arrival"
    assert input_line(one.feed, one.clock) == ("in", "live", plain)
    one.health = Health("open", lost=3, restarts=1, replaced=2, last="its cable")
    said = f"{plain}, 3 retries, 1 restarts, 2 replaced, last: its cable"
    assert input_line(one.feed, one.clock) == ("in", "live", said)
    told = {"retries": 3, "restarts": 1, "replaced": 2, "last": "its cable", "state": "live"}
    assert one.feed.summary(one.clock).items() >= told.items()
    one.health = Health("lost", "unplugged", lost=4, last="unplugged")
    assert input_line(one.feed, one.clock) == ("in", "absent", "unplugged, 4 retries")
    assert one.feed.summary(one.clock)["reason"] == "unplugged"


class Over(BaseException):
    """The time of a test is over."""


class Plugged:
    """A kind's own code on a clock that obeys, its device, and what its feed said at each picture."""

    def __init__(self, kind: str, path: Path) -> None:
        self.clock, self.path = PumpedClock(), path
        one = PLUGGED[kind]
        self.settings = one.Settings.model_validate({"kind": kind, **table(kind, path)})
        self.features = one.derived(self.settings).features
        self.script: list[tuple[float, Callable[[], object]]] = []
        self.found: list[tuple[float, str, float]] = []
        self._next = self._start = self.clock.now()
        self._type = one

    def go(self, seconds: float) -> None:
        """Live through the script and so many seconds."""
        self._end = self._start + seconds
        size = 3 * 640 * 640 if self._type.pixels else 4096
        ring, status = self.ring, _ = Ring.create(8, size), Ring.create(8, STATUS_SIZE)
        live = self._in_the_show(ring) if self._type.where == "show" else self._in_a_process(ring, status)
        try:
            with pytest.raises(Over):
                live()
            self.last = self.feed.state(self.clock)
        finally:
            ring.close()
            status.close()

    def _in_the_show(self, ring: Ring) -> Callable[[], object]:
        local = Local(self._type(self.clock), self.settings, self._type.derived(self.settings), ring, self.clock)
        self._watch(local.arrivals, local.health)
        return lambda: self.clock.sleep_until(self._end + 1)

    def _in_a_process(self, ring: Ring, status: Ring) -> Callable[[], object]:
        clock, kind = self.clock, self._type

        def health() -> Health:
            return told(Status.of(status.newest().frame), Health("opening", at=clock.now()))

        self._watch((lambda count: []) if kind.pixels else ring.since, health)
        task = Task(kind.__name__, self.settings.model_dump_json(), ring.name, status.name)
        opened = type("Opened", (kind,), {"__init__": lambda one: kind.__init__(one, clock)})
        return Runner(task, opened, clock).run

    def _watch(self, arrivals: Callable, health: Callable[[], Health]) -> None:
        self.feed = Feed("in", self.features, arrivals, health, self._type.stale_after, LATENCY, AFTER)
        self.clock.pumps.append(self._look)

    def _look(self) -> None:
        now = self.clock.now()
        if now < self._next:
            return
        self._next += PERIOD
        while self.script and now >= self._start + self.script[0][0]:
            self.script.pop(0)[1]()
        self.feed.pull()
        weight = self.feed.sample(now, 0.0, PERIOD)[1].weight
        self.found.append((now - self._start, self.feed.state(self.clock).state, weight))
        if now > self._end:
            raise Over

    def first(self, state: str, after: float) -> float:
        """Seconds from a moment to the first picture in this state."""
        return next(at - after for at, found, _ in self.found if at >= after and found == state)

    def weight(self, at: float) -> float:
        return next(weight for moment, _, weight in self.found if moment >= at)


@pytest.mark.parametrize("kind", PLUGGED)
def test_a_pulled_plug_is_noticed_and_the_device_plays_again_when_it_is_back(kind, tmp_path):
    path = tmp_path / "device"
    path.touch()
    one = Plugged(kind, path)
    one.script = [(4.0, path.unlink), (12.0, path.touch)]
    one.go(16.0)
    well = "silent" if kind in PICTURED else "live"
    assert one.found[100][1] == well
    assert one.first("absent", after=4.0) <= NOTICED + SLACK
    assert one.first(well, after=12.0) <= BACK
    assert (one.last.state, one.last.reason) == (well, "")
    assert one.last.retries >= 8
    if kind not in PICTURED:
        assert [one.weight(at) for at in (3.9, 4.0 + AFTER, 11.9, 15.9)] == [1.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(("fault", "state", "within"), [("freeze", "absent", FROZEN), ("block", "stale", NOTICED)])
def test_a_driver_that_freezes_or_hangs_is_noticed(fault, state, within, tmp_path):
    path = tmp_path / "device"
    path.touch()
    one = Plugged("camera", path)
    one.script = [(4.0, lambda: path.write_text(fault))]
    one.go(10.0)
    assert one.first(state, after=4.0) <= within + SLACK


def test_a_picture_that_stays_frozen_is_no_news_until_it_moves(tmp_path):
    path, counts = tmp_path / "device", []
    path.touch()
    one, noticed = Plugged("camera", path), 4.0 + FROZEN + SLACK
    count = lambda: counts.append(one.ring.count)  # noqa: E731
    one.script = [
        (4.0, lambda: path.write_text("freeze")),
        (noticed, count),
        (14.0, count),
        (14.0, lambda: path.write_text("")),
        (14.0 + BACK, count),
    ]
    one.go(15.0 + BACK)
    assert 100 < counts[0] == counts[1] < counts[2]
    assert {state for at, state, _ in one.found if noticed < at < 14.0} == {"absent"}
    assert one.first("silent", after=14.0) <= BACK
    assert (one.last.state, "same picture" in one.last.last) == ("silent", True)


class Grumbling(Input):
    """One that finds fault with what comes, once."""

    Settings = InputSettings
    stale_after = None

    def __init__(self, clock: PumpedClock) -> None:
        self._clock = clock

    def open(self, settings, source=None):
        self.complaint = "a refused packet"

    def read(self, timeout):
        self._clock.sleep_until(self._clock.now() + timeout)


def test_a_complaint_is_told_for_as_long_as_it_takes_to_read_it():
    clock, ring, status = PumpedClock(), Ring.create(2, 1), Ring.create(8, STATUS_SIZE)
    task = Task("grumbling", '{"kind": "grumbling"}', ring.name, status.name)
    began, told_at = clock.now(), []

    def look() -> None:
        if Status.of(status.newest().frame).reason:
            told_at.append(clock.now() - began)
        if clock.now() > began + 5:
            raise Over

    clock.pumps.append(look)
    with pytest.raises(Over):
        Runner(task, type("Here", (Grumbling,), {"__init__": lambda one: Grumbling.__init__(one, clock)}), clock).run()
    ring.close()
    status.close()
    assert told_at[0] < 0.3
    assert 1.5 < told_at[-1] < 2.5


def test_devices_are_lost_and_found_by_real_processes(tmp_path):
    path, clock = tmp_path / "device", SystemClock()
    rings, children = [], {}

    def born(kind: str, one: Part, source: Ring | None = None, **how: object) -> Child:
        rings.append(Ring.create(8, 3 * 640 * 640 if one.type.pixels else 4096))
        children[kind] = Child(kind, one, rings[-1], source, clock, **how)
        return children[kind]

    for kind in ("camera", "audio", "midi"):
        settings = PLUGGED[kind].Settings.model_validate({"kind": kind, **table(kind, path)})
        born(kind, Part(kind, PLUGGED[kind], settings), main=main)
    for kind in ("motion", "marker"):
        born(kind, part(kind, tmp_path), children["camera"].ring)
    host = Host([*children.values()], clock)

    def states() -> set[str]:
        camera = children["camera"].health()
        healths = {kind: child.health() for kind, child in children.items()}
        return {(seeing(own, camera) if is_detector(kind) else own).state for kind, own in healths.items()}

    host.start()
    try:
        for cycle in range(3):
            path.touch()
            wait_for(lambda: states() == {"open"})
            for child in children.values():
                wait_for(lambda ring=child.ring, count=child.ring.count: ring.count > count)
            path.unlink()
            wait_for(lambda: states() <= {"lost", "opening"})
            assert all(children[kind].health().lost > cycle for kind in ("camera", "audio", "midi"))
        assert all(child.health().restarts == 0 for child in children.values())
    finally:
        host.close()
        for ring in rings:
            ring.close()
