"""Inputs of the show's own process, on a real ring."""

import subprocess
import sys

import numpy as np
import pytest

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings
from livegan.ring import Ring
from livegan.senses.derived import Derived
from livegan.show.child import RETRY
from livegan.show.local import Local
from tests.fakes import FakeClock

FEATURES = [Feature("x")]


class Plug(Input):
    """An input that is there or not."""

    Settings = InputSettings
    where = "show"

    def __init__(self) -> None:
        self.waiting, self.there, self.opened, self.closed = [], True, 0, 0

    def open(self, settings, source=None):
        if not self.there:
            raise Lost("it is not plugged in")
        self.opened += 1

    def read(self, timeout):
        if not self.there:
            raise Lost("it was pulled")
        return self.waiting.pop(0) if self.waiting else None

    def close(self):
        self.closed += 1


class Room:
    def __init__(self, there: bool = True) -> None:
        self.clock, self.plug = FakeClock(), Plug()
        self.plug.there = there
        self.ring = Ring.create(16, 64)
        derived = Derived(FEATURES, {})
        self.local = Local(self.plug, InputSettings(kind="plug"), derived, self.ring, self.clock)

    def come(self, value: float) -> None:
        self.plug.waiting.append(Frame(np.array([value], np.float32), self.clock.now(), np.ones(1, bool)))

    def told(self, count: int = 0) -> list[float]:
        return [float(arrival.frame.data[0]) for arrival in self.local.arrivals(count)]

    @property
    def health(self) -> tuple[str, str, int]:
        found = self.local.health()
        return found.state, found.reason, found.lost


@pytest.fixture
def room():
    rooms = []

    def opened(there=True):
        rooms.append(Room(there))
        return rooms[-1]

    yield opened
    for one in rooms:
        one.ring.close()


def test_frames_go_by_the_ring_in_order(room):
    one = room()
    assert one.health == ("open", "", 0)
    one.come(1)
    one.come(2)
    assert one.told() == [1, 2]
    one.come(3)
    assert one.told(2) == [3]


def test_what_is_not_there_at_the_start_does_not_stop_the_show_and_comes_later(room):
    one = room(there=False)
    assert one.health == ("lost", "it is not plugged in", 1)
    assert one.told() == []
    one.plug.there = True
    assert one.told() == []
    one.clock.sleep_until(one.clock.now() + RETRY)
    one.come(1)
    assert one.told() == [1]
    assert one.health == ("open", "", 1)


def test_what_is_lost_is_told_at_once_and_tried_again_in_a_while(room):
    one = room()
    one.plug.there = False
    assert one.told() == []
    assert one.health == ("lost", "it was pulled", 1)
    for _ in range(100):
        one.told()
    assert (one.plug.opened, one.health[2]) == (1, 1)
    one.clock.sleep_until(one.clock.now() + RETRY)
    one.told()
    assert one.health == ("lost", "it is not plugged in", 2)
    one.plug.there = True
    one.clock.sleep_until(one.clock.now() + RETRY)
    one.come(5)
    assert one.told() == [5]
    assert (one.plug.opened, one.health) == (2, ("open", "", 2))


WITHOUT_A_WINDOW = """
from livegan.clock import SystemClock
from livegan.inputs.gamepad import Gamepad
from livegan.ring import Ring
from livegan.show.local import Local
settings = Gamepad.Settings(kind="gamepad")
ring = Ring.create(4, 256)
local = Local(Gamepad(), settings, Gamepad.derived(settings), ring, SystemClock())
assert local.arrivals(0) == []
print(local.health().state, local.health().reason)
ring.close()
"""


def test_a_gamepad_without_a_window_is_absent_and_says_why():
    told = subprocess.run([sys.executable, "-c", WITHOUT_A_WINDOW], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("lost a gamepad is heard by the show's window, found none")
    assert told.stderr == ""


def test_an_input_that_fails_in_its_own_code_is_lost_and_tried_again():
    room = Room()
    room.come(1.0)
    room.told()
    room.plug.read = lambda timeout: [][0]
    assert room.told() == [1.0]
    state, why, lost = room.health
    assert (state, lost) == ("lost", 1)
    assert why.startswith("IndexError")
    del room.plug.read
    room.clock.time += RETRY
    room.come(2.0)
    assert room.told() == [1.0, 2.0]
    assert room.health[0] == "open"
