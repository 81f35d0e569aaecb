import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.control.holds import SILENCE, Holds
from livegan.errors import BadRequest, Failure
from tests.control.table import COMMANDS, Played
from tests.fakes import FakeClock

A, B, C = "127.0.0.1:5001", "127.0.0.1:5002", "10.0.0.7:5001"


class Room:
    """Holds on a show that only notes what was asked."""

    def __init__(self) -> None:
        self.clock, self.on, self.said = FakeClock(), Played(), []
        self.holds = Holds(COMMANDS, self.on, self.clock, lambda sentence, done: self.said.append((sentence, done)))

    def run(self, source, name, *values):
        return self.holds.told(lambda: self.holds.run(source, name, values))

    @property
    def recorded(self):
        return [down for name, down in self.on.calls if name == "record"]


@pytest.fixture
def room():
    return Room()


def test_what_is_done_and_what_is_not_is_said_in_a_sentence(room):
    assert room.run("keys", "teach", 3) == (True, "teaching 3")
    assert room.run("keys", "stumble") == (False, "there is nothing to do")
    assert room.run("keys", "psi", 1) == (True, "")
    assert room.run("keys", "tech")[0] is False
    assert [done for _, done in room.said] == [True, False, False]
    room.on.fault = Failure("the disk is full")
    assert room.run("keys", "teach") == (False, "the disk is full")


def test_a_held_command_lasts_from_the_first_press_to_the_last_release(room):
    room.run("keys", "record", True)
    room.run(C, "record", 1)
    room.run(C, "record", 1.0)
    assert room.recorded == [True]
    room.run("keys", "record", False)
    assert room.recorded == [True]
    assert room.run(C, "record", 0) == (True, "recorded")
    assert room.run(C, "record", 0) == (True, "")
    assert room.recorded == [True, False]


def test_the_same_command_with_other_arguments_is_another(room):
    room.run("keys", "fade-to", True, 1)
    room.run("keys", "fade-to", True, 2)
    room.run("keys", "fade-to", False, 1)
    assert room.on.calls == [("fade-to", True, 1), ("fade-to", True, 2), ("fade-to", False, 1)]


def test_a_source_that_falls_silent_lets_go_within_a_second_and_says_so(room):
    room.holds.heard(A)
    room.run(A, "record", 1)
    room.clock.time += SILENCE
    room.holds.watch()
    assert room.recorded == [True]
    room.holds.heard(B)  # another program on the same machine does not keep it alive
    room.clock.time += 0.01
    room.holds.watch()
    assert room.recorded == [True, False]
    assert room.said[-1] == ("recorded", True)


def test_any_word_keeps_a_source_alive(room):
    for _ in range(10):
        room.holds.heard(A)
        room.run(A, "record", 1)
        room.clock.time += 0.9 * SILENCE
        room.holds.watch()
    assert room.recorded == [True]


def test_keys_are_held_as_long_as_they_are(room):
    room.run("keys", "record", True)
    room.clock.time += 1000
    room.holds.watch()
    assert room.recorded == [True]
    room.holds.let_go("keys")
    assert room.recorded == [True, False]


def test_a_program_may_let_go_from_another_port_of_its_machine_and_no_other_machine_may(room):
    room.run(A, "record", 1)
    room.run(C, "record", 0)
    assert room.recorded == [True]
    room.run(B, "record", 0)
    assert room.recorded == [True, False]


def test_a_press_that_failed_is_not_held(room):
    room.on.fault = BadRequest("nobody is in view")
    assert room.run("keys", "record", True) == (False, "nobody is in view")
    room.on.fault = None
    assert room.run("keys", "record", False) == (True, "")
    assert room.recorded == []


def test_a_release_that_fails_is_said_and_over(room):
    room.holds.heard(A)
    room.run(A, "record", 1)
    room.on.fault = Failure("the disk is full")
    room.clock.time += 2 * SILENCE
    room.holds.watch()
    assert room.said[-1] == ("the disk is full", False)
    room.on.fault = None
    room.run("keys", "record", True)
    assert room.recorded == [True, True]


STEPS = st.lists(st.tuples(st.sampled_from(["keys", A, B, C]), st.sampled_from(["down", "up", "dies", "wait"])))


@given(STEPS)
def test_whatever_happens_presses_and_releases_alternate_and_nothing_is_held_by_nobody(steps):
    room = Room()
    for source, what in steps:
        if what == "wait":
            room.clock.time += 0.4
        elif what == "dies":
            room.holds.let_go(source)
        else:
            if source != "keys":
                room.holds.heard(source)
            room.run(source, "record", what == "down")
        room.holds.watch()
    assert room.recorded == [n % 2 == 0 for n in range(len(room.recorded))]
    room.clock.time += 10
    room.holds.watch()
    room.holds.let_go("keys")
    assert len(room.recorded) % 2 == 0
