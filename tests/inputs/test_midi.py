from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.frame import Frame, groups
from livegan.inputs.midi import PACE, Midi
from livegan.ring import Ring
from livegan.show.child import RETRY
from livegan.show.feed import Feed
from livegan.show.opening import FRAMES
from livegan.show.track import Track
from tests.fakes import FakeClock
from tests.ports import FakePorts

DESK = "nanoKONTROL2:nanoKONTROL2 MIDI 1"
PADS = "LPD8:LPD8 MIDI 1"


def asked(**changes: object) -> Midi.Settings:
    return Midi.Settings(kind="midi", **changes)


class Desk:
    """The real input on a port whose bytes the test sends, by a clock that obeys."""

    def __init__(self, **changes: object) -> None:
        self.clock, self.ports = FakeClock(), FakePorts(f"{DESK} 20:0")
        self.settings = asked(**changes)
        self.features = Midi.features(self.settings)
        self.names = [feature.name for feature in self.features]
        self.input = Midi(self.clock, self.ports)
        self.input.open(self.settings)
        self.first = self.input.read(0)

    def send(self, *data: int) -> list[dict[str, float]]:
        """What the frames say that come of these bytes, by name."""
        self.ports.send(*data)
        return [self.numbers(frame) for frame in self.rest()]

    def say(self, *messages: mido.Message) -> list[dict[str, float]]:
        return self.send(*[byte for message in messages for byte in message.bytes()])

    def numbers(self, frame: Frame) -> dict[str, float]:
        return dict(zip(self.names, frame.data.tolist(), strict=True))

    def present(self, frame: Frame) -> set[str]:
        return {group for group, here in zip(groups(self.features), frame.present, strict=True) if here}

    def rest(self) -> list[Frame]:
        """All frames until nothing has come for a moment."""
        frames = []
        while frame := self.input.read(3 * PACE):
            frames.append(frame)
        return frames

    def to_the_end(self) -> tuple[list[Frame], str]:
        """The last frames of a port that is gone, and what is then said."""
        frames = []
        try:
            while True:
                if frame := self.input.read(0.25):
                    frames.append(frame)
        except Lost as lost:
            return frames, str(lost)


def note_on(note, velocity=127, channel=0):
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel)


def note_off(note, channel=0):
    return mido.Message("note_off", note=note, channel=channel)


def test_every_control_is_a_feature_of_its_kind():
    features = Midi.features(asked())
    kinds = {feature.name: feature.kind for feature in features}
    assert len(kinds) == 128 + 128 + 1 + 3 + 4
    assert {kinds[name] for name in ("cc.0", "cc.127", "note.0", "note.127", "program", "clock.running")} == {"step"}
    assert (kinds["hit"], kinds["clock.beat"]) == ("event", "event")
    assert (kinds["bend"], kinds["clock.phase"], kinds["clock.tempo"]) == ("linear", "angle", "linear")


def test_a_patch_names_the_controls_it_wants():
    features = Midi.features(asked(controls=["note.36", "hit.36", "clock"]))
    names = ["note.36", "hit.36", "clock.tempo", "clock.phase", "clock.beat", "clock.running"]
    assert [feature.name for feature in features] == names
    assert groups(features) == ["played", "clock"]


def test_at_first_nothing_is_held_and_no_knob_is_known():
    desk = Desk()
    assert desk.first.data.tolist() == [0] * len(desk.names)
    assert desk.present(desk.first) == {"played"}
    assert desk.rest() == []


def test_knobs_bend_pressure_and_program():
    desk = Desk()
    wheel = mido.Message("pitchwheel", pitch=8191)
    told = desk.say(
        mido.Message("control_change", control=1, value=127),
        mido.Message("control_change", control=2, value=0),
        wheel,
        mido.Message("aftertouch", value=127),
        mido.Message("program_change", program=9),
    )[-1]
    assert {name: value for name, value in told.items() if value} == {"cc.1": 1, "bend": 1, "pressure": 1, "program": 9}
    assert desk.say(mido.Message("pitchwheel", pitch=-8192))[-1]["bend"] == -1
    assert desk.say(mido.Message("pitchwheel", pitch=0))[-1]["bend"] == 0


def test_a_knob_is_present_once_it_was_turned():
    desk = Desk(controls=["cc.1", "cc.2"])
    assert desk.present(desk.first) == set()
    desk.ports.send(0xB0, 2, 64)
    (frame,) = desk.rest()
    assert desk.present(frame) == {"cc.2"}


def test_a_note_is_held_with_its_velocity_until_it_is_let_go():
    desk = Desk()
    assert [(n["note.60"], n["hit"]) for n in desk.say(note_on(60, 127))] == [(1, 1)]
    assert [(n["note.60"], n["hit"]) for n in desk.say(note_on(62, 64))] == [(1, pytest.approx(64 / 127))]
    assert [(n["note.60"], n["note.62"] > 0, n["hit"]) for n in desk.say(note_off(60))] == [(0, True, 0)]
    assert [n["note.62"] for n in desk.say(note_on(62, 0))] == [0]


def test_a_tap_too_short_for_a_frame_is_seen_to_come_and_to_go():
    desk = Desk(controls=["note.36", "hit.36", "note.38", "hit.38"])
    told = desk.say(note_on(36), note_off(36), note_on(38), note_off(38))
    assert told == [dict.fromkeys(desk.names, 1.0), dict.fromkeys(desk.names, 0.0)]


def test_of_a_chord_the_hit_is_its_strongest_note():
    told = Desk().say(note_on(60, 20), note_on(64, 127), note_on(67, 30))
    assert [numbers["hit"] for numbers in told] == [1]


def test_only_the_channel_that_was_asked_for_counts():
    desk = Desk(channel=10)
    assert desk.say(note_on(60, channel=8), mido.Message("control_change", control=1, value=9, channel=10)) == []
    assert desk.say(note_on(60, channel=9))[-1]["note.60"] == 1


@pytest.mark.parametrize("control", [120, 123, 127])
def test_all_notes_off_lets_all_go(control):
    desk = Desk()
    desk.say(note_on(60), note_on(61))
    told = desk.say(mido.Message("control_change", control=control, value=0))[-1]
    assert (told["note.60"], told["note.61"]) == (0, 0)


def test_a_reset_lets_all_go():
    desk = Desk()
    desk.say(note_on(60), note_on(61, channel=5))
    assert sum(desk.say(mido.Message("reset"))[-1].values()) == 0


def test_the_clock_gives_tempo_phase_and_beats():
    desk = Desk(controls=["clock"])
    desk.ports.send(0xFA)
    frames = []
    for _ in range(48):
        desk.ports.send(0xF8)
        frames += desk.rest()
        desk.clock.sleep_until(100 + PACE + 0.02 * len(frames))
    told = [desk.numbers(frame) for frame in frames]
    assert [place for place, one in enumerate(told) if one["clock.beat"]] == [0, 24]
    assert told[30]["clock.phase"] == pytest.approx(2 * np.pi * 6 / 24)
    assert told[-1]["clock.tempo"] == pytest.approx(125, rel=0.05)
    assert all(one["clock.running"] for one in told)
    desk.clock.sleep_until(desk.clock.now() + 1)
    assert [desk.numbers(frame)["clock.running"] for frame in desk.rest()] == [0]


def test_frames_are_seen_when_the_driver_heard_them():
    desk = Desk()
    desk.clock.sleep_until(200.0)
    desk.ports.send(*note_on(60).bytes())
    desk.clock.sleep_until(200.1)
    assert desk.input.read(0).seen == 200.0


BYTES = st.one_of(
    st.binary(max_size=8),
    st.tuples(st.sampled_from([0x90, 0x80, 0x91, 0x81]), st.sampled_from([36, 38]), st.integers(0, 127)).map(bytes),
    st.sampled_from([b"\xf8", b"\xfa", b"\xfe", b"\xf0\x01\x02", b"\xf7", b"\x24\x00"]),
)


def held_by(messages: list[mido.Message]) -> set[int]:
    """The notes that a plain reading of the messages says are held."""
    on: set[tuple[int, int]] = set()
    for one in messages:
        if one.type == "note_on" and one.velocity:
            on.add((one.channel, one.note))
        elif one.type in ("note_on", "note_off"):
            on.discard((one.channel, one.note))
        elif one.type == "control_change" and one.control in (120, *range(123, 128)):
            on = {(channel, note) for channel, note in on if channel != one.channel}
        elif one.type == "reset":
            on = set()
    return {note for _, note in on}


@settings(max_examples=60, deadline=None)
@given(st.lists(BYTES, max_size=60))
def test_random_bytes_never_crash_and_every_frame_is_finite_and_later(chunks):
    desk = Desk()
    frames = [desk.first]
    for chunk in chunks:
        desk.ports.send(*chunk)
        frames += desk.rest()
    assert all(np.isfinite(frame.data).all() for frame in frames)
    assert all(np.abs(desk.numbers(frame)["bend"]) <= 1 for frame in frames)
    assert all(a.seen < b.seen for a, b in pairwise(frames))


CHANNEL = st.integers(0, 1)
VOICES = st.one_of(
    st.builds(note_on, st.sampled_from([36, 60]), st.integers(0, 127), CHANNEL),
    st.builds(note_off, st.sampled_from([36, 60]), CHANNEL),
    st.builds(
        lambda at, on: mido.Message("control_change", control=at, channel=on), st.sampled_from([1, 123]), CHANNEL
    ),
    st.just(mido.Message("clock")),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VOICES, max_size=60), st.randoms(use_true_random=False))
def test_what_is_held_in_the_end_is_what_a_plain_reading_says(messages, chance):
    desk = Desk()
    numbers = desk.numbers(desk.first)
    for message in messages:
        desk.ports.send(*message.bytes())
        if chance.random() < 0.3 and (frame := desk.input.read(0)):
            numbers = desk.numbers(frame)
    for frame in desk.rest():
        numbers = desk.numbers(frame)
    held = {int(name[5:]) for name, value in numbers.items() if name.startswith("note.") and value}
    assert held == held_by(messages)


class Reader:
    """A show that reads the ring 30 times a second, and what it saw of the notes."""

    def __init__(self, ring: Ring, features, clock: FakeClock) -> None:
        self._ring, self._next, self._clock = ring, clock.now(), clock
        self.notes = [place for place, feature in enumerate(features) if feature.name.startswith("note.")]
        self._before = np.zeros(128)
        self.count = self.missed = self.ons = self.offs = 0

    def look(self, moment: float) -> None:
        if moment < self._next:
            return
        self._next += 1 / 30
        for arrival in self._ring.since(self.count):
            self.missed += arrival.frame.count - self.count - 1
            self.count = arrival.frame.count
            notes = arrival.frame.data[self.notes]
            self.ons += int(((notes > 0) & (self._before == 0)).sum())
            self.offs += int(((notes == 0) & (self._before > 0)).sum())
            self._before = notes

    @property
    def held(self) -> int:
        return int((self._before > 0).sum())


def flood(seconds: float) -> list[tuple[float, int]]:
    """10,000 messages a second: when each comes, and its note; it is struck and let go in turn, some at once."""
    chance, found = np.random.default_rng(4), []
    for number in range(int(5000 * seconds)):
        length = 1e-4 if number % 3 else 0.008
        start = 100.01 + number / 5000 + float(chance.uniform(0, 1e-5))
        found += [(start, number % 128 | 0x80), (start + length, number % 128)]
    return sorted(found)


def test_ten_thousand_messages_a_second_for_ten_seconds_lose_no_note_off():
    desk = Desk()
    ring = Ring.create(FRAMES, 4 * len(desk.features) + len(groups(desk.features)))
    try:
        reader, waiting = Reader(ring, desk.features, desk.clock), flood(10.0)[::-1]
        parser, sent = mido.Parser(), len(waiting)

        def play(moment: float) -> None:
            while waiting and waiting[-1][0] <= moment:
                _, note = waiting.pop()
                parser.feed([0x90, note & 0x7F, 100 if note & 0x80 else 0])
                desk.ports.send(*parser.get_message().bytes())
            reader.look(moment)

        desk.clock.on_sleep = play
        while waiting or desk.clock.now() < 110.2:
            if frame := desk.input.read(0.25):
                ring.write(frame, desk.clock.now())
    finally:
        ring.close()
    assert sent == 100_000
    assert (reader.ons, reader.offs, reader.held) == (50_000, 50_000, 0)
    assert reader.missed == 0
    assert reader.count <= 10.2 / PACE


def test_a_port_that_is_gone_is_noticed_and_lets_all_go():
    desk = Desk()
    desk.say(note_on(60), mido.Message("pitchwheel", pitch=4000), mido.Message("control_change", control=7, value=127))
    pulled = desk.clock.now()
    desk.ports.present.clear()
    frames, said = desk.to_the_end()
    assert "nanoKONTROL2 MIDI 1" in said
    assert desk.clock.now() - pulled <= 0.5
    assert len(frames) == 2
    assert {name: value for name, value in desk.numbers(frames[0]).items() if value} == {"cc.7": 1}
    assert desk.present(frames[0]) == {"played", "cc.7"}
    assert desk.present(frames[1]) == set()
    assert frames[0].seen < frames[1].seen <= desk.clock.now()


def test_a_machine_whose_ports_cannot_be_listed_any_more_lets_all_go_too():
    desk = Desk()
    desk.say(note_on(60))
    desk.ports.broken = True
    frames, said = desk.to_the_end()
    assert "listed" in said
    assert desk.numbers(frames[0])["note.60"] == 0


def test_the_show_holds_and_then_rests_without_the_port_and_comes_back():
    desk = Desk()
    track = Track(desk.features, Midi.stale_after, after=2.0)
    desk.ports.send(*note_on(60).bytes())
    for frame in [desk.first, *desk.rest()]:
        track.push(frame)
    assert track.at(desk.clock.now() + 60).weight == 1
    desk.ports.present.clear()
    for frame in desk.to_the_end()[0]:
        track.push(frame)
    gone = desk.clock.now()
    assert track.at(gone).values[desk.names.index("note.60")] == 0
    assert track.at(gone + 1.5).weight == 1
    assert track.at(gone + 4).weight == 0
    desk.clock.sleep_until(gone + 5)
    desk.ports.present.append(f"{DESK} 24:0")
    desk.input.open(desk.settings)
    track.push(desk.input.read(0))
    assert track.at(gone + 7).weight == 1


def test_it_is_found_again_by_name_whatever_its_number_now_is():
    desk = Desk(port="nanokontrol")
    assert desk.ports.listening == f"{DESK} 20:0"
    desk.ports.present[:] = [f"{PADS} 20:0", f"{DESK} 28:0"]
    desk.to_the_end()
    left = desk.clock.now()
    desk.input.close()
    desk.clock.sleep_until(left + RETRY)
    desk.input.open(desk.settings)
    assert desk.ports.listening == f"{DESK} 28:0"
    assert desk.say(note_on(60))[-1]["note.60"] == 1
    assert desk.clock.now() - left < 2


def test_two_hundred_losses_leave_nothing_behind():
    me = psutil.Process()
    desk = Desk()
    before = me.num_fds(), me.num_threads()
    for number in range(200):
        desk.say(note_on(60))
        desk.ports.present[:] = []
        desk.to_the_end()
        with pytest.raises(Lost, match="found none"):
            desk.input.open(desk.settings)
        desk.ports.present[:] = [f"{DESK} {number}:0"]
        desk.input.open(desk.settings)
        assert desk.input.read(0).data.sum() == 0
        assert desk.ports.open == 1
    desk.input.close()
    desk.input.close()
    assert desk.ports.open == 0
    assert (me.num_fds(), me.num_threads()) == before


def test_silence_is_not_an_error():
    desk = Desk()
    assert Midi.stale_after is None
    before = desk.clock.now()
    assert desk.input.read(5.0) is None
    assert desk.clock.now() == before + 5


def test_its_frames_are_those_of_its_features():
    desk = Desk(controls=["cc.1", "hit"])
    feed = Feed("desk", desk.features, lambda count: [], None, None, None, 2.0)
    assert desk.first.data.shape == (len(feed.features),)
    assert desk.first.present.shape == (len(groups(desk.features)),)
    assert desk.first.data.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"controls": ["knob.1"]}, '"knob.1"'),
        ({"controls": ["cc.128"]}, '"cc.128"'),
        ({"controls": []}, "at least one"),
        ({"controls": ["clock", "clock.beat"]}, "once only"),
        ({"channel": 0}, "channel"),
        ({"channel": 17}, "channel"),
        ({"device": "x"}, "device"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        asked(**changes)


SEQUENCER = Path("/dev/snd/seq")


@pytest.mark.skipif(SEQUENCER.exists(), reason="this machine has a sequencer")
def test_a_machine_without_midi_is_told_what_mends_it(capfd):
    with pytest.raises(Lost, match="modprobe"):
        Midi().open(asked())
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not SEQUENCER.exists(), reason="this machine has no MIDI sequencer")
def test_a_virtual_port_comes_in_by_the_driver():
    with mido.open_output("livegan test", virtual=True) as port:
        one = Midi()
        one.open(asked(port="livegan test"))
        one.read(1.0)
        for message in [note_on(60), note_off(60)] * 1000:
            port.send(message)
        while frame := one.read(1.0):
            last = frame
        one.close()
    names = [feature.name for feature in Midi.features(asked())]
    assert last.data[names.index("note.60")] == 0
