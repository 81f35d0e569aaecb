"""What a show sends by OSC: every picture or every frame, as one list or one by one, to a real socket."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from livegan import osc, patch
from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.generators.pattern import Pattern
from livegan.latent.look import Look
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.mapping.taught import TaughtLook
from livegan.show import routes
from livegan.show.feed import Feed
from livegan.show.sending import Outlet, Sending
from livegan.show.show import Show
from livegan.show.wiring import Wire
from tests.fakes import FakeClock, FakeRing, Inline
from tests.show.test_show import START, Screen

FPS, RATE = 25.0, 10
PATCH = """
[input.body]
kind = "steady"
features = { x = 0.0, y = 0.0, hit = 0.0 }
[generator]
kind = "pattern"
size = 32
"""
STRAIGHT = '[mapping.straight]\nfeatures = ["body.x", "body.y"]\noutputs = ["glow", "zoom"]\n'


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.bind(("127.0.0.1", 0))
        one.settimeout(5)
        yield one


def heard(ear: socket.socket) -> list[osc.Message]:
    ear.setblocking(False)
    found = []
    while True:
        try:
            found += osc.decode(ear.recv(65536))
        except BlockingIOError:
            return found


class Rig:
    """A show on a fake clock: a body that moves ten times a second, from one to three seconds after the start."""

    def __init__(self, folder: Path, ear: socket.socket, send: str, mapping: str = STRAIGHT) -> None:
        to = f'to = "127.0.0.1:{ear.getsockname()[1]}"\n'
        (folder / "show.toml").write_text(PATCH + mapping + "[send.out]\n" + to + send)
        plan = patch.read(folder / "show.toml")
        self.clock = FakeClock(START)
        ring = FakeRing(self.clock)
        for number in range(20):
            seen = START + 1 + number / RATE
            ring.put([number, 10 * number, float(number == 5)], seen, seen + 0.02)
        kinds = {"x": "linear", "y": "linear", "hit": "event"}
        features = [Feature(name, kind, "body") for name, kind in kinds.items()]
        feeds = [Feed("body", features, ring.since, None, 0.5, 0.3, 0.5)]
        generator = Pattern(Pattern.Settings(kind="pattern", size=32), None)
        tables = plan.mappings.values()
        pairs = zip(routes.mappings(plan), tables, strict=True)
        self.wires = [Wire(routes.route(one, feeds, generator, table)) for one, table in pairs]
        base = Look(np.zeros((1, 16), np.float32))
        self.sending = Sending(plan, feeds, self.wires)
        self.show = Show(
            self.clock, feeds, self.wires, lambda moment: base, generator, Screen(self.clock), Inline(), FPS
        )
        self.show.send, self.ticks = self.sending.step, []
        self.show.observe = self.ticks.append

    def go(self, seconds: float = 6.0) -> None:
        self.show.run(lambda meters: self.clock.time < START + seconds)
        self.sending.close()


def test_outputs_go_out_with_every_picture_while_somebody_is_there(tmp_path, ear):
    rig = Rig(tmp_path, ear, 'mapping = "straight"\n')
    rig.go()
    found = heard(ear)
    there = [tick for tick in rig.ticks if tick.weights[0] > 0]
    assert {one.address for one in found} == {"/wek/outputs"}
    assert np.allclose([one.values for one in found], [tick.values[:2] for tick in there])
    assert 60 < len(there) < len(rig.ticks)
    assert rig.sending.counts() == {"out": {"sent": len(found), "dropped": 0}}
    assert rig.sending.notes() == []


def test_every_frame_goes_out_once_as_soon_as_it_is_there(tmp_path, ear):
    rig = Rig(tmp_path, ear, 'features = ["body.x", "body.hit"]\nrate = "input"\naddress = "/body"\n')
    rig.go()
    found = [one.values for one in heard(ear)]
    # The first ones come before anybody counts as there.
    assert found == [(float(n), float(n == 5)) for n in range(20 - len(found), 20)]
    assert 15 <= len(found) <= 20


def test_one_message_for_each_number(tmp_path, ear):
    rig = Rig(tmp_path, ear, 'mapping = "straight"\neach = true\naddress = "/light"\n')
    rig.go(2.0)
    found = heard(ear)
    assert [one.address for one in found[:2]] == ["/light/glow", "/light/zoom"]
    assert [len(one.values) for one in found] == [1] * len(found)
    played = np.array([one.values[0] for one in found]).reshape(-1, 2)
    assert np.allclose(played[:, 1], 10 * played[:, 0])
    assert played[-1, 0] == pytest.approx(rig.ticks[-1].values[0], abs=1e-5)


def test_outputs_for_every_frame_are_smoothed_as_in_the_show(tmp_path, ear):
    mapping = STRAIGHT + 'smooth = "200 ms"\n'
    rig = Rig(tmp_path, ear, 'mapping = "straight"\nrate = "input"\n', mapping)
    rig.go()
    found = np.array([one.values for one in heard(ear)])
    first = 20 - len(found)
    behind = np.arange(first, 20) - found[:, 0]
    assert (behind[2:] > 0.1).all()
    assert behind.max() < 2 * 0.2 * RATE


def test_looks_of_a_taught_mapping_are_named_and_nothing_goes_out_before(tmp_path, ear, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rig = Rig(tmp_path, ear, 'mapping = "two"\neach = true\n', "[mapping.two]\n")
    rig.show.run(lambda meters: rig.clock.time < START + 2.5)
    assert heard(ear) == []
    folder, features = tmp_path / "mappings" / "two", [Feature("body.x"), Feature("body.y")]
    write_settings(folder, MappingSettings(features=["body.x", "body.y"]))
    with Examples.open(folder / FILE, features) as examples:
        for seed, name in enumerate(["red sky", "/no*on"]):
            look = examples.add_look(TaughtLook(name, seed=seed))
            examples.add(examples.begin_round(look), np.array([[20 * seed, 200 * seed]], np.float32))
    fit(folder)
    plan = patch.read(tmp_path / "show.toml")
    rig.wires[0].swap(routes.route(routes.mappings(plan)[0], rig.show.feeds, rig.show.generator, plan.mappings["two"]))
    rig.go(3.0)
    found = heard(ear)
    assert [one.address for one in found[:2]] == ["/wek/outputs/red_sky", "/wek/outputs/_no_on"]
    assert sum(one.values[0] for one in found[:2]) == pytest.approx(1)


def test_a_feature_that_is_not_there_is_told(tmp_path, ear):
    with pytest.raises(BadRequest, match=r'send\.out\.features: no input of this patch gives "body\.q"'):
        Rig(tmp_path, ear, 'features = "body.q"\n')


def test_only_what_is_known_is_sent(ear):
    to = f"127.0.0.1:{ear.getsockname()[1]}"
    whole, single = Outlet(to, "/a", False), Outlet(to, "/a", True)
    for one in (whole, single):
        with closing(one):
            one.send(["b", "c"], np.array([np.nan, 1], np.float32))
    assert heard(ear) == [osc.Message("/a/c", (1.0,))]
    assert (whole.sent, whole.dropped) == (0, 0)


def test_what_the_network_does_not_take_is_counted_and_told(monkeypatch):
    full = Outlet("127.0.0.1:9", "/a", False)
    full._socket.close()
    full.send(["b"], np.ones(1, np.float32))
    assert (full.sent, full.dropped) == (0, 1)
    assert full.why


def test_more_than_a_datagram_holds_is_told():
    with closing(Outlet("127.0.0.1:9", "/a", False)) as one:
        one.send([str(number) for number in range(20_000)], np.ones(20_000, np.float32))
    assert (one.sent, one.dropped) == (0, 1)
    assert "65507" in one.why


def test_the_other_kind_of_address(ear):
    try:
        six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        six.bind(("::1", 0))
    except OSError:
        pytest.skip("there is no IPv6 here")
    with closing(six), closing(Outlet(f"[::1]:{six.getsockname()[1]}", "/a", False)) as one:
        one.send(["b"], np.ones(1, np.float32))
        six.settimeout(5)
        assert osc.decode(six.recv(100)) == [osc.Message("/a", (1.0,))]
