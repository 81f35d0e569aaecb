"""Whole shows, opened from a patch's text and closed again: real processes, real OpenGL."""

import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
from pythonosc.udp_client import SimpleUDPClient

from livegan import patch
from livegan.clock import SystemClock
from livegan.control.playing import summary
from livegan.errors import BadRequest
from livegan.generators.pattern import read_bits
from livegan.latent.space import normal_of_uniform
from livegan.ring import Ring
from tests.shows import SHARED, STEADY, Kept, free_port, play, rewritten, show_of, wait_for

KEYS = {
    "": {
        "frames",
        "fps",
        "distinct",
        "late",
        "held",
        "interval_ms",
        "latency_ms",
        "generator_ms",
        "inputs",
        "generator",
    },
    "interval_ms": {"p50", "p99", "max"},
    "latency_ms": {"declared", "needed", "p50", "p99"},
    "generator_ms": {"p50", "p99"},
    "generator": {"model", "device", "size"},
}
"""What the report of a show is promised to hold."""

CLOCK = """
[mapping.clock]
features = "body.clock"
outputs = ["clock"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "show.toml"
    path.write_text(text)
    return path


@pytest.fixture
def telling(tmp_path):
    """A show whose pictures tell the clock of its input as bits."""
    text = STEADY.replace("rate = 60", "rate = 60\nclock = true").replace("size = 64\n", "size = 64\nbits = true\n")
    return written(tmp_path, text + CLOCK)


def test_pictures_of_what_the_input_said_are_shown_and_reported(telling):
    stage = Kept()
    with show_of(telling, stage) as one:
        play(one, lambda: one.show.meters.frames >= 40 and len(one.show.meters.latency) >= 10)
        told = summary(one, patch.read(telling), SystemClock())
    clocks = [read_bits(picture) for _, picture in stage.shown]
    assert len(stage.shown) == one.show.meters.frames
    assert clocks[-1] > clocks[-5] > 0
    assert all(keys <= (told[name] if name else told).keys() for name, keys in KEYS.items())
    assert told["inputs"]["body"]["state"] == "live"
    assert told["inputs"]["body"].keys() >= {"frames", "age_ms_p50", "dropped", "restarts"}
    assert told["frames"] >= told["distinct"] > 10
    assert told["generator"] == {"model": "pattern", "device": "cpu", "size": [64, 64]}


class Left:
    """What a show could leave: threads, file handles, children, shared memory."""

    def __init__(self, rings: list[str]) -> None:
        self._me, self._rings = psutil.Process(), rings
        self.threads = {thread.name for thread in threading.enumerate()}
        self.counts = self._me.num_threads(), self._me.num_fds()
        self.children = self._children()

    def _children(self) -> set[int]:
        return {child.pid for child in self._me.children(recursive=True)}

    def nothing(self) -> bool:
        """Whether there is no more than there was."""
        assert {thread.name for thread in threading.enumerate()} <= self.threads
        wait_for(lambda: self._me.num_threads() <= self.counts[0])  # a library's own end a little after ours
        assert self._me.num_fds() <= self.counts[1]
        assert self._children() <= self.children
        assert not [name for name in self._rings if (SHARED / name).exists()]
        return True


@pytest.fixture
def rings(monkeypatch):
    """The names of all rings made from now on."""
    names, create = [], Ring.create

    def noted(slots: int, size: int) -> Ring:
        ring = create(slots, size)
        names.append(ring.name)
        return ring

    monkeypatch.setattr(Ring, "create", noted)
    return names


def test_nothing_is_left_of_a_show(telling, rings):
    def played() -> None:
        with show_of(telling) as one:
            play(one, lambda: one.show.feeds[0].frames > 3)

    played()  # graphics drivers and the resource tracker come once, and stay
    before = Left(rings)
    played()
    assert rings
    assert before.nothing()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        pytest.param('[mapping.clock]\nfeatures = "body.nose"\n', "body.nose"),
        ('[mapping.clock]\nfeatures = "body"\noutputs = "z"\n', "16"),
    ],
)
def test_nothing_is_left_of_a_show_that_cannot_be_opened(telling, rings, more, says):
    text = telling.read_text().split("[mapping.clock]")[0]
    path = written(telling.parent, text + more)
    with pytest.raises(BadRequest), show_of(path):
        pass
    before = Left(rings)
    with pytest.raises(BadRequest, match=says), show_of(path):
        pass
    assert before.nothing()


def test_a_mapping_that_was_never_taught_leaves_the_picture_at_rest(telling, monkeypatch):
    monkeypatch.chdir(telling.parent)
    text = telling.read_text().split("[mapping.clock]")[0]
    with show_of(written(telling.parent, f"{text}[mapping.new]\n")) as one:
        play(one, lambda: one.show.meters.frames >= 3)
        assert one.show.wires[0].route is None


def test_a_show_with_nothing_but_rest_walks(tmp_path):
    ticks = []
    path = written(tmp_path, '[generator]\nkind = "pattern"\nsize = 64\n[rest]\nwalk = 0.5\n')
    with show_of(path, observe=ticks.append, fps=60) as one:
        play(one, lambda: one.show.meters.frames >= 10)
        assert one.show.meters.distinct >= 8
        assert one.show.latency() == (0.0, 0.0)
    assert all(not np.array_equal(a.look.w, b.look.w) for a, b in pairwise(ticks))


class Rig:
    """The old rig as a running show, and an unmodified python-osc client that plays it."""

    def __init__(self, folder: Path, **changes: str) -> None:
        port = free_port()
        swaps = {"port = 5006": f"port = {port}", 'kind = "window"': 'kind = "offscreen"', **changes}
        self.path = rewritten("wekinator-rig", folder, swaps)
        self.client = SimpleUDPClient("127.0.0.1", port)
        self.numbers = np.random.default_rng(0).uniform(0.001, 0.999, 512).astype(np.float32)
        self.look = None

    def hear(self, tick) -> None:
        self.look = tick.look

    def send(self, psi: float) -> bool:
        """Before each picture, as a sender that never stops."""
        self.client.send_message("/wek/outputs", [float(number) for number in self.numbers])
        self.client.send_message("/psi", psi)
        return True

    def plays(self, z: np.ndarray, psi: float) -> bool:
        self.send(psi)
        return self.look is not None and self.look.z is not None and np.array_equal(self.look.z, z)


def test_the_old_rig_plays_as_it_is(tmp_path):
    rig = Rig(tmp_path)
    wanted = normal_of_uniform(rig.numbers)
    with show_of(rig.path, observe=rig.hear) as one:
        play(one, lambda: rig.plays(wanted, 0.6), lambda: rig.send(0.6) and rig.look.psi == pytest.approx(0.6))
        rig.numbers = rig.numbers[::-1].copy()
        wanted = wanted[::-1]
        play(one, lambda: rig.plays(wanted, 0.25) and rig.look.psi == pytest.approx(0.25))
        assert np.array_equal(rig.look.w, one.show.generator.w(wanted[None])[0])
        assert one.notes() == []


def test_even_numbers_taken_as_normal_ones_are_hinted_at(tmp_path):
    rig = Rig(tmp_path, **{'shape = "uniform"': 'shape = "normal"'})
    with show_of(rig.path, observe=rig.hear) as one:
        assert one.notes() == []
        play(one, lambda: rig.plays(rig.numbers, 1.0))
        assert any('shape = "uniform"' in note for note in one.notes())


def test_an_address_that_was_never_sent_does_not_hold_back_the_others(tmp_path):
    port, looks = free_port(), []
    text = f"""
[input.desk]
kind = "osc"
port = {port}
addresses = {{ "/never" = "never", "/psi" = "psi" }}
[mapping.truncation]
features = "desk.psi"
outputs = ["psi"]
[generator]
kind = "pattern"
size = 64
"""
    client = SimpleUDPClient("127.0.0.1", port)

    def follows() -> bool:
        client.send_message("/psi", 0.25)
        return bool(looks) and looks[-1].psi == pytest.approx(0.25)

    with show_of(written(tmp_path, text), observe=lambda tick: looks.append(tick.look)) as one:
        play(one, follows, patience=4.0)
