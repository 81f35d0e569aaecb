import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from pydantic import ValidationError
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

from livegan.errors import Lost
from livegan.frame import Frame, groups
from livegan.inputs.osc import Osc
from livegan.osc import encode
from livegan.show.track import Track
from tests.hostile.osc_datagrams import GOOD, HOSTILE, bundle, mutations

DATA = Path(__file__).parents[1] / "data"
LONG = 5.0  # seconds; only a failing test waits this long
ADDRESSES = {
    "/pose": "x, y, z",
    "/face": "face:512",
    "/go": {"features": "go", "kind": "event"},
    "/turn": {"features": "turn", "kind": "angle"},
}


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(**changes: object) -> Osc.Settings:
    return Osc.Settings(**{"kind": "osc", "port": free_port(), "addresses": ADDRESSES, **changes})


class Desk:
    """An open input and an unmodified OSC client beside it."""

    def __init__(self, **changes: object) -> None:
        self.settings = settings(**changes)
        self.input = Osc()
        self.input.open(self.settings)
        self.client = SimpleUDPClient("127.0.0.1", self.settings.port)
        self._raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names = [feature.name for feature in Osc.features(self.settings)]
        self._groups = groups(Osc.features(self.settings))

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self._raw.sendto(datagram, ("127.0.0.1", self.settings.port))

    def read(self) -> dict[str, float]:
        """The features of the next frame by name."""
        return self.numbers(self.input.read(LONG))

    def numbers(self, frame: Frame) -> dict[str, float]:
        return dict(zip(self._names, frame.data.tolist(), strict=True))

    def present(self, frame: Frame) -> set[str]:
        return {group for group, here in zip(self._groups, frame.present, strict=True) if here}

    def rest(self) -> list[Frame]:
        """All frames that are still to be had."""
        frames = []
        while frame := self.input.read(0.01):
            frames.append(frame)
        return frames

    def close(self) -> None:
        self.input.close()
        self._raw.close()
        self.client._sock.close()


@pytest.fixture
def desk():
    desks: list[Desk] = []

    def opened(**changes: object) -> Desk:
        desks.append(Desk(**changes))
        return desks[-1]

    yield opened
    for one in desks:
        one.close()


OpenDesk = Callable[..., Desk]


def test_features_are_named_by_the_patch_and_grouped_by_address():
    features = Osc.features(settings())
    assert [f.name for f in features[:5]] == ["x", "y", "z", "face.0", "face.1"]
    assert len(features) == 3 + 512 + 2
    assert {f.name: f.kind for f in features if f.kind != "step"} == {"go": "event", "turn": "angle"}
    assert groups(features) == list(ADDRESSES)


def test_the_examples_show_what_a_movement_is_unless_the_patch_or_the_kind_does():
    told = {"features": "px, py", "unit": 20}
    units = {f.name: f.unit for f in Osc.features(settings(addresses={**ADDRESSES, "/pixels": told}))}
    assert (units["x"], units["turn"], units["go"], units["px"], units["py"]) == (0, 0.3, 1, 20, 20)


def test_a_client_sends_numbers_of_every_type(desk: OpenDesk):
    one = desk()
    builder = OscMessageBuilder("/pose")
    builder.add_arg(0.1, "d")
    builder.add_arg(7, "h")
    builder.add_arg(True)
    one.client.send(builder.build())
    numbers = one.read()
    assert numbers["x"] == np.float32(0.1)
    assert (numbers["y"], numbers["z"]) == (7, 1)
    one.client.send_message("/pose", [1, 2.5, -3])
    numbers = one.read()
    assert (numbers["x"], numbers["y"], numbers["z"]) == (1, 2.5, -3)


def test_a_frame_carries_the_latest_of_all_addresses_and_who_is_there(desk: OpenDesk):
    one = desk()
    values = [float(v) for v in np.linspace(-2, 2, 512)]
    one.client.send_message("/face", values)
    first = one.input.read(LONG)
    one.client.send_message("/pose", [1.0, 2.0, 3.0])
    second = one.input.read(LONG)
    assert one.present(first) == {"/face"}
    assert one.present(second) == {"/face", "/pose"}
    assert second.data[:3].tolist() == [1, 2, 3]
    assert np.array_equal(second.data[3:515], np.float32(values))
    assert second.data.dtype == np.float32
    assert second.seen > first.seen


def test_a_bundle_is_taken_whole(desk: OpenDesk):
    one = desk()
    builder = OscBundleBuilder(IMMEDIATELY)
    for address, values in (("/pose", (1, 2, 3)), ("/turn", (0.5,))):
        message = OscMessageBuilder(address)
        for value in values:
            message.add_arg(value)
        builder.add_content(message.build())
    one.client.send(builder.build())
    numbers = one.read()
    assert (numbers["y"], numbers["turn"]) == (2, 0.5)
    assert one.rest() == []


def test_two_events_of_one_bundle_are_two_frames_that_a_track_takes(desk: OpenDesk):
    one = desk(addresses={"/hit": {"features": "hit", "kind": "event"}})
    one.send(bundle(encode("/hit", 1.0), encode("/hit", 2.0), encode("/hit", 3.0)))
    frames = [one.input.read(LONG), *one.rest()]
    track = Track(Osc.features(one.settings), None, 1.0)
    assert all(track.push(frame) for frame in frames)
    assert [frame.data[0] for frame in frames] == [1, 2, 3]


@pytest.mark.parametrize(
    ("datagram", "said"),
    [
        (encode("/pose", 1, 2), "carries 3 numbers"),
        (encode("/pose"), "carries 3 numbers"),
        (encode("/pose", 1, 2, 3, 4), "carries 3 numbers"),
        (encode("/pose", 1, "2", 3), "string"),
        (encode("/elsewhere", 1), "/elsewhere"),
        (encode("/pose/", 1, 2, 3), "/pose/"),
        (encode("/pose", 1, 2, 1e38), "larger"),
        (HOSTILE["NaN"], "finite"),
        (HOSTILE["element of size -4"], "size of -4"),
    ],
)
def test_what_is_wrong_is_counted_and_changes_nothing(desk: OpenDesk, datagram: bytes, said: str):
    one = desk()
    one.send(encode("/pose", 4, 5, 6))
    before = one.input.read(LONG)
    one.send(datagram, encode("/turn", 0.5))
    after = one.input.read(LONG)
    assert after.data[:3].tolist() == before.data[:3].tolist() == [4, 5, 6]
    assert (one.input.good, one.input.refused) == (2, 1)
    assert said in one.input.complaint


def test_numbers_too_small_to_see_stay_finite(desk: OpenDesk):
    one = desk()
    one.send(encode("/pose", 1e-42, -1e-45, 1e15))
    assert np.isfinite(one.input.read(LONG).data).all()


def test_strangers_datagrams_do_not_stop_the_good_ones(desk: OpenDesk):
    one = desk(addresses={"/wek/inputs": "a, b, c"})
    for number, datagram in enumerate([*HOSTILE.values(), *mutations(seed=2, count=2_000)]):
        if len(datagram) <= 60_000:
            one.send(datagram)
        if number % 50 == 0:
            one.rest()
            one.send(GOOD)
            assert one.input.read(LONG).data.tolist() == [0.25, 0.5, 0.75]
    assert one.input.refused > 500


def test_what_waits_is_merged_and_the_newest_wins(desk: OpenDesk):
    one = desk()
    one.send(*[encode("/pose", i, i, i) for i in range(100)])
    frames = one.rest()
    assert frames[-1].data[0] == 99
    assert len(frames) < 50
    assert one.input.good == 100


def test_a_flood_is_paced_and_its_last_value_arrives(desk: OpenDesk):
    one = desk()
    flood = threading.Thread(target=lambda: one.send(*[encode("/turn", i) for i in range(10_000)]))
    start = one.input._clock.now()
    flood.start()
    frames = []
    while flood.is_alive():
        frames += one.rest()
    one.send(encode("/turn", -1))
    frames += one.rest()
    assert one.numbers(frames[-1])["turn"] == -1
    assert len(frames) <= 2 + (one.input._clock.now() - start) * 500


def test_no_event_is_lost_in_a_flood_and_each_is_told_once(desk: OpenDesk):
    one = desk()
    for i in range(1, 31):
        one.send(encode("/pose", i, i, i), encode("/go", i), encode("/turn", i), encode("/go", 0))
    frames = [one.numbers(frame) for frame in one.rest()]
    assert [n["go"] for n in frames if n["go"]] == list(range(1, 31))
    assert all(n["x"] == n["go"] for n in frames if n["go"])
    one.send(encode("/go", 5))
    assert one.read()["go"] == 5
    one.send(encode("/pose", 0, 0, 0))
    assert one.read()["go"] == 0


def test_events_need_no_argument(desk: OpenDesk):
    one = desk()
    one.send(encode("/go"), encode("/go"))
    assert [one.read()["go"], one.read()["go"]] == [1, 1]
    assert one.rest() == []


def test_every_message_gives_a_frame_where_the_patch_asks_for_it(desk: OpenDesk):
    one = desk(every=True)
    one.send(*[encode("/pose", i, i, i) for i in range(20)], bundle(encode("/turn", 1), encode("/turn", 2)))
    frames = [one.numbers(frame) for frame in one.rest()]
    assert [n["x"] for n in frames] == [*range(20), 19, 19]
    assert [n["turn"] for n in frames[-2:]] == [1, 2]


def test_frames_are_seen_when_they_came(desk: OpenDesk):
    one = desk()
    clock = one.input._clock
    before = clock.now()
    one.send(encode("/turn", 1))
    frame = one.input.read(LONG)
    assert before <= frame.seen <= clock.now()
    assert one.input.read(0) is None


def test_silence_is_not_an_error(desk: OpenDesk):
    assert desk().input.read(0.01) is None
    assert Osc.stale_after is None


def test_a_busy_port_is_named(desk: OpenDesk):
    one = desk()
    second = Osc()
    with pytest.raises(Lost, match=str(one.settings.port)) as lost:
        second.open(one.settings)
    assert "another" in str(lost.value)
    one.input.close()
    one.input.close()
    second.open(one.settings)
    second.close()


def listening(port: int) -> list[str]:
    return [c.laddr.ip for c in psutil.Process().net_connections("inet") if c.laddr.port == port]


def test_only_this_machine_can_send_unless_the_patch_says_otherwise(desk: OpenDesk):
    assert listening(desk().settings.port) == ["127.0.0.1"]
    assert listening(desk(listen="lan", senders=["192.168.1.0/24"]).settings.port) == ["0.0.0.0"]


def test_beyond_this_machine_only_the_named_senders_count(desk: OpenDesk):
    one = desk(listen="lan", senders=["192.168.1.0/24"])
    one.send(encode("/turn", 1))
    assert one.rest() == []
    assert one.input.refused == 1
    assert "127.0.0.1" in one.input.complaint
    two = desk(listen="0.0.0.0", senders=["10.0.0.7", "127.0.0.1"])
    two.send(encode("/turn", 1))
    assert two.read()["turn"] == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"listen": "lan"}, "senders"),
        ({"listen": "0.0.0.0"}, "senders"),
        ({"listen": "somewhere"}, "listen"),
        ({"port": 0}, "port"),
        ({"addresses": {}}, "addresses"),
        ({"addresses": {"pose": "x"}}, "must start with /"),
        ({"addresses": {"/pose/*": "x"}}, "patterns"),
        ({"addresses": {"/pose": "x y"}}, "x y"),
        ({"addresses": {"/pose": "x:0"}}, "found 0"),
        ({"addresses": {"/pose": "x:99999"}}, "13000"),
        ({"addresses": {"/pose": "x, x"}}, '"x" more than once'),
        ({"addresses": {"/pose": "x", "/face": "x"}}, '"x" more than once'),
        ({"addresses": {"/pose": {"features": "x", "kind": "fader"}}}, "kind"),
        ({"adresses": {}}, "adresses"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict, said: str):
    with pytest.raises(ValidationError, match="(?s)" + said.replace("*", r"\*")):
        settings(**changes)


def test_the_inputs_of_a_wekinator_session_arrive(desk: OpenDesk):
    one = desk(addresses={"/wek/inputs": "hand_x, hand_y, hand_z"}, every=True)
    session = [json.loads(line) for line in (DATA / "wekinator_session.jsonl").read_text().splitlines()]
    for line in session:
        one.send(bytes.fromhex(line["hex"]))
    wanted = [values for ((address, values),) in (line["osc"] for line in session) if address == "/wek/inputs"]
    frames = one.rest()
    assert [frame.data.tolist() for frame in frames] == np.float32(wanted).tolist()
    assert one.input.refused == len(session) - len(wanted)


def test_ints_and_doubles_that_wekinator_turned_to_zeros_are_numbers(desk: OpenDesk):
    one = desk(addresses={"/wek/inputs": "a, b, c"})
    for line in (DATA / "wekinator_edgecases.jsonl").read_text().splitlines():
        case = json.loads(line)
        one.send(bytes.fromhex(case["hex"]))
        frames = one.rest()
        if isinstance(case["osc"], str):
            assert len(frames) == 1
            continue
        ((address, values),) = case["osc"]
        good = address == "/wek/inputs" and len(values) == 3 and not any(isinstance(v, str) for v in values)
        assert [frame.data.tolist() for frame in frames] == ([np.float32(values).tolist()] if good else [])
    assert one.input.refused == 8
