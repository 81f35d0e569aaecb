"""Derived features in a running show: live, recorded, and replayed they are the same."""

from collections.abc import Callable

import numpy as np
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.frame import Feature, Frame, groups
from livegan.inputs.gamepad import Gamepad
from livegan.inputs.midi import Midi
from livegan.inputs.take import load_take, save_take
from livegan.ring import Ring
from livegan.senses.derived import Derived
from livegan.show.child import STATUS_SIZE, Runner, Task
from livegan.show.host import Child, Host
from livegan.show.local import Local
from livegan.show.opening import FRAMES
from tests.inputs.test_gamepad import FakePads
from tests.plugs import PumpedClock
from tests.ports import FakePorts
from tests.shows import STEADY, play, show_of, wait_for

OWN = [
    Feature("left.x", group="left"),
    Feature("left.y", group="left"),
    Feature("right.x", group="right"),
    Feature("right.y", group="right"),
    Feature("lean", "angle", "body"),
    Feature("hit", "event", "body"),
]
FORMULAS = {
    "reach": "distance(left, right)",
    "quick": "smooth(speed(left.x), 100 ms)",
    "jerk": "acceleration(right.y)",
    "up": "above(left.y, 0.3, -0.3)",
    "calm": "mean(reach, 300 ms) - min(reach, 300 ms) + deviation(lean, 500 ms)",
    "way": "angle(left, right)",
    "ago": "before(way, 250 ms)",
    "steady": "smooth(lean, 50 ms)",
    "past": "rises(right.x, 0)",
    "glow": "fade(hit, 400 ms) * count(past, 1 s)",
    "share": "left.x / right.x",
}


@pytest.fixture
def raw(tmp_path):
    """A take of numbers at irregular times, with absences and cuts."""
    rng, count = np.random.default_rng(7), 90
    times = 3 + np.cumsum(rng.choice([0.004, 0.011, 0.033, 0.06, 0.3], count, p=[0.3, 0.3, 0.3, 0.06, 0.04]))
    data = rng.normal(size=(count, len(OWN))).astype(np.float32)
    data[:, 5] *= rng.random(count) < 0.1
    present, cuts = rng.random((count, 3)) < 0.85, rng.random(count) < 0.05
    path = tmp_path / "raw.safetensors"
    rows = zip(data, times, present, cuts, strict=True)
    save_take(path, OWN, [Frame(row, float(at), here, cut=bool(cut)) for row, at, here, cut in rows])
    return path


def played(path, formulas):
    """The frames that an input's own process gives of a take."""
    part = patch.part("inputs", "take", {"file": str(path), "derived": formulas}, "test")
    count, ring, clock = len(load_take(path)[1]), Ring.create(256, 256), SystemClock()
    host = Host([Child("take", part, ring, None, clock)], clock)
    try:
        host.start()
        wait_for(lambda: ring.count >= count)
        return part.type.derived(part.settings).features, [arrival.frame for arrival in ring.since(0)][:count]
    finally:
        host.close()
        ring.close()


def without(features, frames):
    """The same frames before anything was derived."""
    return [Frame(f.data[: len(OWN)], f.seen, f.present[: len(groups(OWN))], f.count, f.cut) for f in frames]


def test_a_take_replayed_gives_bit_for_bit_what_was_live(raw, tmp_path):
    features, live = played(raw, FORMULAS)
    kept = tmp_path / "kept.safetensors"
    save_take(kept, features, live)
    known, recorded = load_take(kept)
    derived = Derived(OWN, FORMULAS)
    again = [derived.step(frame) for frame in without(known, recorded)]
    assert known == features == derived.features
    assert len(again) == len(live) == 90
    for one, other in zip(live, again, strict=True):
        assert one.data.tobytes() == other.data.tobytes()
        assert one.present.tolist() == other.present.tolist()
    assert all(np.std([frame.data[n] for frame in live]) > 0 for n in range(len(OWN), len(features)))


def test_offline_agrees_with_a_replay_at_another_time_of_day(raw):
    _, live = played(raw, FORMULAS)
    derived = Derived(OWN, FORMULAS)
    offline = [derived.step(frame) for frame in load_take(raw)[1]]
    assert [frame.present.tolist() for frame in live] == [frame.present.tolist() for frame in offline]
    assert np.array([frame.data for frame in live]) == pytest.approx(
        np.array([frame.data for frame in offline]), rel=1e-5, abs=1e-5
    )


def test_a_mapping_plays_what_is_derived(tmp_path):
    path = tmp_path / "show.toml"
    derived = '[input.body.derived]\nhalf = "0.5 * x"\n'
    text = STEADY.replace("rate = 60\n", f"rate = 60\nfeatures = {{x = 0.8}}\n{derived}")
    path.write_text(text + '[mapping.half]\nfeatures = "body.half"\noutputs = ["psi"]\n')
    with show_of(path) as one:
        play(one, lambda: one.show.tick and one.show.tick.look.psi == pytest.approx(0.4))
        assert [feature.name for feature in one.show.feeds[0].features] == ["body.x", "body.half"]


def test_what_the_window_feeds_is_derived_from_too(tmp_path):
    path = tmp_path / "show.toml"
    derived = '[input.hand]\nkind = "pointer"\n[input.hand.derived]\nwide = "2 * x"\n'
    path.write_text(STEADY.replace("[generator]", f"{derived}[generator]"))
    with show_of(path) as one:
        one.world.local["hand"].feed(0.3, 0.5, False, True, SystemClock().now())
        play(one, lambda: one.show.feeds[1].frames > 0)
        assert one.show.feeds[1].track.told(np.inf)[-1] == pytest.approx(0.6)


class Over(BaseException):
    """The time of a test is over."""


class Heard:
    """What an input wrote until it was over, read a hundred times a second."""

    def __init__(self, features: list[Feature]) -> None:
        self.clock, self.names = PumpedClock(), [feature.name for feature in features]
        self.ring, self.frames = Ring.create(FRAMES, 4096), list[Frame]()
        self.script: list[tuple[float, Callable[[], object]]] = []
        self.clock.pumps.append(self._look)
        self._start = self.clock.now()

    def _read(self) -> None:
        arrivals = self.ring.since(self.frames[-1].count if self.frames else 0)
        assert all(one.frame.seen <= one.written for one in arrivals)
        self.frames += [one.frame for one in arrivals]

    def _look(self) -> None:
        self._read()
        while self.script and self.clock.now() >= self._start + self.script[0][0]:
            self.script.pop(0)[1]()

    def end(self) -> None:
        raise Over

    def told(self, name: str, after: float = 0.0) -> np.ndarray:
        found = [frame for frame in self.frames if frame.seen >= self._start + after]
        return np.array([frame.data[self.names.index(name)] for frame in found])


AT_REST = {
    "fade": "fade(hit.36, 500 ms)",
    "count": "count(hit.36, 1 s)",
    "smooth": "smooth(cc.1, 150 ms)",
    "speed": "speed(cc.1)",
}


@pytest.fixture
def desk():
    """A MIDI input in the life of a child: a pad is hit and let go, a knob turned; the port is pulled after 9 s."""
    ports = FakePorts("desk 20:0")
    settings = Midi.Settings(kind="midi", controls=("cc.1", "hit.36"), derived=AT_REST)
    one, status = Heard(Midi.derived(settings).features), Ring.create(8, STATUS_SIZE)
    one.script = [
        (1.0, lambda: ports.send(0xB0, 1, 0)),
        (2.0, lambda: ports.send(0x90, 36, 122, 0x80, 36, 0, 0xB0, 1, 127)),
        (8.0, lambda: ports.send(0x90, 36, 127)),
        (8.1, ports.present.clear),
        (12.0, one.end),
    ]
    opened = type("Opened", (Midi,), {"__init__": lambda self: Midi.__init__(self, one.clock, ports)})
    try:
        with pytest.raises(Over):
            Runner(Task("midi", settings.model_dump_json(), one.ring.name, status.name), opened, one.clock).run()
        yield one
    finally:
        one.ring.close()
        status.close()


def test_a_pad_let_go_and_a_knob_at_rest_come_to_their_end_and_then_are_quiet(desk):
    assert np.diff([frame.seen for frame in desk.frames]).min() > 0
    assert np.count_nonzero(desk.told("hit.36")) == 2
    assert desk.told("fade").max() > 0.95
    after = {name: desk.told(name, after=2.0) for name in AT_REST}
    assert 0 < after["fade"][10] < 0.8
    assert after["smooth"][0] < 0.8
    before_the_next = np.flatnonzero(desk.told("hit.36", after=3.0))[0] - 1
    end = {name: desk.told(name, after=3.0)[before_the_next] for name in AT_REST}
    assert end == pytest.approx({"fade": 0, "count": 0, "smooth": 1, "speed": 0}, abs=1e-4)
    assert len(desk.told("hit.36", after=4.0)) - len(desk.told("hit.36", after=7.9)) == 0


def test_a_port_that_is_gone_is_not_made_live(desk):
    assert not desk.frames[-1].present.any()
    assert [frame.present.any() for frame in desk.frames[-3:]] == [True, True, False]
    assert len(desk.told("hit.36", after=8.5)) == 0


def test_what_lives_in_the_show_goes_on_too():
    pads, formulas = FakePads(), {"soft": "smooth(left.x, 100 ms)", "past": "count(rises(a, 0.5), 1 s)"}
    pads.plug(0)
    settings = Gamepad.Settings(kind="gamepad", derived=formulas)
    derived = Gamepad.derived(settings)
    one = Heard(derived.features)
    try:
        local = Local(Gamepad(one.clock, pads), settings, derived, one.ring, one.clock)
        one.clock.pumps.insert(0, lambda: local.arrivals(one.ring.count))
        one.clock.sleep_until(one.clock.now() + 5)
        pads.press("a")
        pads.held[0][1][0] = 1.0
        one.clock.sleep_until(one.clock.now() + 5)
        assert one.told("soft", after=5.0)[0] < 0.8
        assert one.told("past").max() == 1
        assert [one.told(name)[-1] for name in formulas] == pytest.approx([1, 0], abs=1e-4)
        assert len(one.told("soft", after=6.5)) == 0
        pads.press("a", 0)
        one.clock.sleep_until(one.clock.now() + 0.1)
        pads.pull()
        one.clock.sleep_until(one.clock.now() + 5)
        assert local.health().state == "lost"
        assert [frame.present.any() for frame in one.frames[-2:]] == [True, False]
    finally:
        one.ring.close()
