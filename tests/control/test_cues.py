"""Cues: features ask for commands, and what nobody holds is let go."""

import contextlib
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan import osc
from livegan.clock import SystemClock
from livegan.control.control import Control
from livegan.control.cues import EVERY, GONE, OFF, ON, Cue, asks, spots
from livegan.control.holds import Holds
from livegan.control.playing import Wanted, play
from livegan.control.repertoire import COMMANDS
from livegan.errors import BadRequest
from livegan.frame import Feature, Frame
from livegan.rehearsal.opening import rehearsing
from livegan.show.feed import Feed
from livegan.show.host import Health
from tests.control import table
from tests.control.pads import Pads
from tests.fakes import FakeClock, FakeRing
from tests.shows import STEADY, free_port, show_of
from tests.shows import play as played


def at(text: str, *values: float) -> list[tuple]:
    wanted = asks(COMMANDS, text)
    return [wanted.at(value) for value in values]


def test_a_number_is_kept_within_what_the_command_takes():
    assert at("near $", -1.0, 0.5, 3.0) == [(0.02,), (0.5,), (1.0,)]
    assert at("pick $1..12", 0.0, 0.5, 1.0, 2.0) == [(1,), (6,), (12,), (12,)]
    assert at("near $1..0.02", 0.0, 1.0) == [(1.0,), (0.02,)]
    assert at("freeze $", 0.0, 0.5, 0.6) == [(False,), (False,), (True,)]
    assert at("seed $", 7.0) == [(7,)]
    assert at("lag $-100..100", 0.25) == [(-50.0,)]
    assert at("look rose", 0.7) == [("rose",)]


PAD = """
[input.pad]
kind = "osc"
port = 5006
[input.pad.addresses]
"/knob" = "knob"
"/hit" = { features = "hit", kind = "event" }
"""


@pytest.mark.parametrize(
    ("cue", "text", "says"),
    [
        ("pad.nob", "next", ['did you mean "pad.knob"']),
        ("drums.beat", "next", ["there is body.x, pad.knob, pad.hit"]),
        ("pad.hit", "record", ["record lasts as long as it is held"]),
        ("pad.knob", "nxt", ['did you mean "next"']),
        ("pad.knob", "near $ 1", ["near [distance]"]),
        ("pad.knob", "look $", ["name is no number"]),
        ("pad.knob", "record $", ["takes no $"]),
        ("pad.knob", "", ["such as teach 5"]),
        ("pad.knob", "seed -1", ["seed number"]),
    ],
)
def test_a_wrong_cue_is_told_in_one_sentence_before_anything_is_opened(tmp_path, cue, text, says):
    path = tmp_path / "show.toml"
    path.write_text(f'{STEADY}{PAD}[cues]\n"{cue}" = "{text}"\n')
    with pytest.raises(BadRequest) as error:
        play(Wanted(str(path), "offscreen"), print)
    assert all(word in str(error.value) for word in ["show.toml", f'cues."{cue}"', *says]), error.value
    assert "\n" not in str(error.value)


@pytest.fixture
def pads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = []

    def make(cues: str, **world: object) -> Pads:
        made.append(Pads(tmp_path, f"[cues]\n{cues}", **world))
        return made[-1]

    yield make
    for one in made:
        one.control.close()


def test_a_pad_asks_when_it_is_pressed_and_not_when_it_is_let_go(pads):
    one = pads('"pad.note" = "freeze"\n')
    for expected in (True, False, True):
        one.turn("note", 0.8)
        assert (one.show.steering.frozen is not None) == expected
        one.turn("note", 0.0)
        assert (one.show.steering.frozen is not None) == expected


def test_the_shortest_press_counts_and_so_does_each_of_two(pads):
    one = pads('"pad.note" = "freeze"\n"pad.hit" = "black"\n')
    one.put(note=1.0)
    one.put(note=0.0)
    one.put(hit=1.0)
    one.put(hit=1.0)
    one.put(hit=0.3)
    one.rig.go(0.3)
    assert one.show.steering.frozen is not None
    assert one.show.steering.black
    one.rig.go(0.3)
    assert one.show.steering.black


def test_between_the_thresholds_nothing_is_asked(pads):
    one = pads('"pad.stick" = "freeze"\n')
    one.turn("stick", 0.45, 0.49, 0.51, 0.41, 0.6, 0.45, 0.9)
    assert one.show.steering.frozen is not None
    one.turn("stick", 0.39, 0.45, 0.51)
    assert one.show.steering.frozen is None


def test_a_command_follows_a_number_from_its_second_value_on(pads):
    one = pads('"pad.knob" = "near $"\n')
    one.turn("knob", 0.3)
    assert one.rig.rehearsal.choosing.chosen is None
    one.turn("knob", 0.31, 0.4, 0.5, 0.62)
    assert one.rig.rehearsal.choosing.distance == pytest.approx(0.62)
    assert not any("neighbours" in sentence for sentence in one.said)


def test_while_nobody_is_there_nothing_is_asked(pads):
    one = pads('"body.x" = "freeze"\n"body.y" = "near $"\n')
    one.rig.pose = None
    one.rig.go(5.0)
    assert one.show.steering.frozen is None
    assert one.rig.rehearsal.choosing.chosen is None
    one.rig.pose = np.array([1.0, 0.0, 0.0])
    one.rig.go(1.5)
    assert one.show.steering.frozen is not None


HANDS = [Feature("left", "step", "left"), Feature("right", "step", "right"), Feature("clap", "event", "right")]


class Held:
    """One cue for the table's `record` on a show of two hands, without a show."""

    def __init__(self, feature: str = "hands.right", stale_after: float | None = 0.5, text: str = "record") -> None:
        self.clock, self.on, self.said = FakeClock(), table.Played(), []
        self.ring = FakeRing(self.clock)
        self.feed = Feed("hands", HANDS, self.ring.since, None, stale_after, 0.0, 0.5)
        self.holds = Holds(table.COMMANDS, self.on, self.clock, lambda sentence, done: self.said.append(sentence))
        self.cue = Cue(spots([self.feed])[feature], asks(table.COMMANDS, text), "cue")

    def go(self, value: float, seconds: float = 0.02, **told: object) -> None:
        """A frame, then a tick."""
        now = self.clock.time = self.clock.time + seconds
        values = np.array([0.0, value, 0.0], np.float32)
        self.cue.hear(values, self.holds)
        self.step(values, now, **told)

    def step(self, values=None, now: float | None = None, present=(True, True)) -> None:
        if values is not None:
            self.feed.track.push(Frame(values, now, np.array(present)))
        self.feed.moment = self.clock.time
        self.cue.step(self.clock, self.holds)

    @property
    def calls(self) -> list[bool]:
        return [down for name, down in self.on.calls if name == "record"]


@given(st.lists(st.tuples(st.floats(-0.25, 0.25), st.sampled_from(["go", "go", "go", "silent", "hidden"]))))
def test_whatever_the_value_does_presses_and_releases_alternate(walk):
    held, value, on, seen = Held(), 0.0, False, 0.0
    for step, what in walk:
        value = min(max(value + step, 0.0), 1.0)
        before = len(held.calls)
        if what == "silent":
            held.clock.time += GONE + 0.1
            held.step()
            assert len(held.calls) % 2 == 0
            continue
        held.go(value, present=(True, what != "hidden"))
        seen = seen if what == "hidden" else held.clock.time
        gone = held.clock.time - seen > GONE
        if ON >= value >= OFF and not gone:
            assert len(held.calls) == before
        rose, on = value > ON and not on, value > ON or (on and value >= OFF)
        wanted = [True] * rose + [False] * ((rose or before % 2) and (gone or not on))
        assert held.calls[before:] == wanted
    assert held.calls == [n % 2 == 0 for n in range(len(held.calls))]
    held.clock.time += 10
    held.step()
    assert len(held.calls) % 2 == 0


def test_a_hand_that_is_gone_holds_nothing_though_the_other_one_stays():
    held = Held()
    held.go(1.0)
    for _ in range(20):
        held.go(1.0, present=(True, False))
    assert held.calls == [True]
    for _ in range(20):
        held.go(1.0, present=(True, False))
    assert held.calls == [True, False]
    held.go(1.0)
    assert held.calls == [True, False]
    held.go(0.0)
    held.go(1.0)
    assert held.calls == [True, False, True]


def test_a_fader_holds_as_long_as_it_rests():
    held = Held(stale_after=None)
    held.go(1.0)
    held.clock.time += 1000
    held.step()
    assert held.calls == [True]


def test_an_input_that_is_lost_lets_go(pads):
    one = pads('"pad.note" = "record"\n')
    state = ["open"]
    one.pad._health = lambda: Health(state[0])
    one.ask("seed", 3)
    one.turn("note", 1.0)
    assert one.rig.rehearsal.teaching.state == "recording"
    one.rig.go(3.0)
    assert one.rig.rehearsal.teaching.state == "recording"
    state[0] = "lost"
    one.rig.go(0.1)
    assert one.rig.rehearsal.teaching.state != "recording"


def test_a_number_is_followed_thirty_times_a_second_and_to_its_end():
    held = Held(stale_after=None, text="psi $")
    for value in np.linspace(0.0, 2.0, 101):
        held.go(float(value), 0.005)
    for _ in range(10):
        held.clock.time += 0.01
        held.step()
    told = [value for _, value, _ in held.on.calls]
    assert len(told) <= 0.5 / EVERY + 2
    assert told[-1] == 2.0
    assert told == sorted(set(told))


OSC = """
[input.desk]
kind = "osc"
port = {port}
[input.desk.addresses]
"/button" = "button"
"/bang" = {{ features = "bang", kind = "event" }}
"/fader" = "fader"
[control]
on = false
[cues]
"desk.button" = "freeze"
"desk.bang" = "safe"
"body.x" = "black"
"""


def test_a_real_show_hears_cues_from_a_wave_and_from_other_programs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, port = tmp_path / "show.toml", free_port()
    wave = "rate = 60\nfeatures = { x = { period = 0.5 } }\n"
    path.write_text(STEADY.replace("rate = 60\n", wave) + OSC.format(port=port))
    blacks, sent = [], set()
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(show_of(path, fps=50))
        rehearsal = stack.enter_context(rehearsing(one, SystemClock()))
        control = Control(rehearsal, one.plan, lambda: None, [], SystemClock(), print)
        stack.callback(control.close)
        sending = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        steering = one.show.steering
        one.show.observe = lambda tick: (control.observe(tick), blacks.append(steering.black))

        def send(address: str, *values: osc.Value) -> bool:
            sending.sendto(osc.encode(address, *values), ("127.0.0.1", port))
            return True

        def once(address: str, *values: osc.Value) -> bool:
            return address in sent or (send(address, *values) and not sent.add(address))

        def listening() -> bool:  # UDP knows no delivery: until something is heard, the socket may not be open
            send("/fader", 0.5)
            return one.world.feeds[1].frames > 0

        played(
            one,
            listening,
            lambda: once("/button", 1) and steering.frozen is not None,
            lambda: once("/bang") and steering.safe,
            lambda: np.count_nonzero(np.diff(blacks)) >= 3,
        )
    assert one.show.fault == ""
