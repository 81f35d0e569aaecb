"""How cameras are, told to the operator and in the report, whether a detector reads them or not."""

from types import SimpleNamespace

import numpy as np
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.control.playing import summary
from livegan.frame import Frame
from livegan.inputs.camera import Camera
from livegan.ring import Ring
from livegan.show.eye import Eye
from livegan.show.host import Health
from livegan.show.operator import input_line
from tests.fakes import FakeClock
from tests.shows import play, show_of

TABLES = """
[input.cam]
kind = "camera"
source = "camera:nowhere"
[input.flow]
kind = "motion"
source = "clip:dancer.mp4"
[generator]
kind = "pattern"
size = 64
"""


def test_a_camera_that_nobody_reads_and_one_that_no_table_names_are_told(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(TABLES)
    clock = SystemClock()
    with show_of(path) as one:
        lines = lambda: {name: rest for name, *rest in (input_line(eye, clock) for eye in one.world.eyes)}  # noqa: E731
        play(one, lambda: lines()["clip:dancer.mp4"] == ["live", ""], lambda: "2 retries" in lines()["cam"][1])
        told, found = summary(one, patch.read(path), clock)["inputs"], lines()["cam"]
    assert found[0] == "absent"
    assert found[1].startswith('there is no camera "nowhere"')
    assert list(told) == ["flow", "cam", "clip:dancer.mp4"]
    assert told["cam"]["source"] == "camera:nowhere"
    assert told["cam"]["state"] == "absent"
    assert told["cam"]["reason"].startswith('there is no camera "nowhere"')
    assert told["cam"]["retries"] >= 2
    assert told["cam"]["frames"] == 0
    assert told["clip:dancer.mp4"]["source"].endswith("dancer.mp4")
    assert told["clip:dancer.mp4"]["frames"] > 0
    assert "reason" not in told["clip:dancer.mp4"]
    assert told["flow"].keys() <= {*told["cam"], "last"}


@pytest.fixture
def child():
    ring = Ring.create(4, 300)
    yield SimpleNamespace(name="camera:/dev/v4l/by-id/usb-HD-index0", ring=ring, health=lambda: Health("open"))
    ring.close()


def test_a_camera_is_silent_live_stale_or_absent(child):
    eye, clock = Eye("cam", child), FakeClock(10.0)
    assert input_line(eye, clock) == ("cam", "silent", "camera:usb-HD-index0")
    child.ring.write(Frame(np.zeros((10, 10, 3), np.uint8), 9.9, np.empty(0, bool)), 10.0)
    assert eye.state(clock).state == "live"
    clock.time += Camera.stale_after + 0.01
    assert eye.state(clock).state == "stale"
    child.health = lambda: Health("hung", "no sign of life")
    assert input_line(eye, clock) == ("cam", "stale", "no sign of life")
    child.health = lambda: Health("lost", "its cable", lost=2, restarts=1, last="its cable")
    assert input_line(eye, clock) == ("cam", "absent", "its cable, 2 retries, 1 restarts")
    child.health = lambda: Health("open", lost=2, last="its cable")
    clock.time = 10.0
    assert input_line(eye, clock) == ("cam", "live", "camera:usb-HD-index0, 2 retries, last: its cable")
    assert Eye(None, child).name == "camera:usb-HD-index0"
