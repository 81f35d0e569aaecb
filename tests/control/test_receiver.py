"""The control server: its strict door, the way of commands into the show and of replies back, and its end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from pythonosc.udp_client import SimpleUDPClient

from livegan import osc
from livegan.clock import SystemClock
from livegan.control.holds import Holds
from livegan.control.keys import Keys
from livegan.control.receiver import REPLY, SAID, SIZE, Asked, Receiver, asked, letter
from livegan.control.remote import MOST, RECENT, Remote
from livegan.errors import Lost
from livegan.patch import ControlSettings
from livegan.ring import Ring
from livegan.show.child import RingSource
from tests.control.table import COMMANDS, Played
from tests.hostile.commands import COMMANDS as GOOD
from tests.hostile.commands import SHAPELESS, stream
from tests.hostile.osc_datagrams import HOSTILE
from tests.shows import free_port, shared_memory, wait_for

HERE = "127.0.0.1"
LONG = 5.0


def taken(datagram: bytes) -> list[Asked]:
    """What a datagram of this machine asks for. Raises osc.Refused."""
    return [asked(message, HERE, 5000) for message in osc.decode(datagram)]


def test_a_command_is_an_address_and_its_arguments():
    assert taken(GOOD["a number"]) == [Asked(HERE, 5000, "teach", (5.0,))]
    assert taken(GOOD["two numbers"]) == [Asked(HERE, 5000, "psi", (0.5, True))]
    assert [one.name for one in taken(GOOD["several"])] == ["teach", "record"]


@pytest.mark.parametrize("datagram", [*SHAPELESS.values(), *HOSTILE.values()])
def test_what_has_not_the_shape_of_a_command_is_refused_whole(datagram):
    with pytest.raises(osc.Refused) as why:
        [one.frame(0.0) for one in taken(datagram)]
    assert "\n" not in str(why.value)
    assert len(str(why.value)) < 300


@pytest.mark.parametrize("datagram", GOOD.values())
def test_a_command_comes_out_of_a_ring_as_it_went_in(datagram):
    for one in taken(datagram):
        assert Asked.of(one.frame(1.0)) == one
        assert [type(value) for value in Asked.of(one.frame(1.0)).values] == [type(value) for value in one.values]


@pytest.mark.parametrize("words", [[], ["a"], [1], ["a", 1, "b", [1]], ["a", 1, "b", None], ["a", 1, "b", {}]])
def test_a_letter_that_is_no_command_is_told(words):
    with pytest.raises(ValueError, match=r"values|numbers and texts"):
        Asked.of(letter(words, 0.0))


class Door:
    """A receiver in this process, and what it would tell the show."""

    def __init__(self, **changes: object) -> None:
        self.settings = ControlSettings(**{"port": free_port(), **changes})
        self.told = Ring.create(16, SIZE)
        self.receiver = Receiver()
        self.receiver.open(self.settings, RingSource(self.told, SystemClock()))
        self.socket = socket.socket(type=socket.SOCK_DGRAM)

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.socket.sendto(datagram, (HERE, self.settings.port))

    def rest(self) -> list[Asked]:
        """Everything that is still to be had."""
        found = []
        while frame := self.receiver.read(0.05):
            found.append(Asked.of(frame))
        return found

    def close(self) -> None:
        self.receiver.close()
        self.told.close()
        self.socket.close()


@pytest.fixture
def door():
    with contextlib.ExitStack() as stack:
        yield lambda **changes: stack.enter_context(contextlib.closing(Door(**changes)))


def test_strangers_datagrams_leave_as_commands_of_the_right_shape_or_not_at_all(door):
    one = door()
    found = []
    for number, datagram in enumerate(stream(seed=5, count=3_000)):
        one.send(datagram)
        if number % 50 == 0:
            found += one.rest()
    found += one.rest()
    assert len(found) > 100
    for asks in found:
        assert asks.host == HERE
        assert asks.name.replace("-", "").isalnum()
        assert asks.name.islower() or asks.name[1:].isdecimal()
        assert all(isinstance(value, float | int | str) for value in asks.values)
        assert all(len(value) <= 200 and value.isprintable() for value in asks.values if isinstance(value, str))
    assert one.receiver.complaint


def test_only_the_named_senders_are_heard(door):
    one = door(listen="0.0.0.0", senders=["10.0.0.0/24"])
    one.send(GOOD["a number"])
    assert one.rest() == []
    assert f"{HERE} is not among the senders under [control]" in one.receiver.complaint


def test_what_cannot_be_sent_does_not_stop_what_can(door):
    one = door()
    for words in ([HERE, 0, SAID, "a"], [HERE, 9, "no address", "a"], ["nowhere.invalid:1", 9, SAID, "a"]):
        one.told.write(letter(words, 0.0), 0.0)
    one.told.write(letter([HERE, one.socket.getsockname()[1] or _bound(one.socket), SAID, "b"], 0.0), 0.0)
    one.rest()
    one.socket.settimeout(LONG)
    assert osc.decode(one.socket.recv(1000)) == [osc.Message(SAID, ("b",))]


def _bound(one: socket.socket) -> int:
    one.bind((HERE, 0))
    return one.getsockname()[1]


def test_a_busy_port_is_told_with_the_line_to_change(door):
    one = door()
    with pytest.raises(Lost, match=rf"port {one.settings.port} .*change port under \[control\] in the patch"):
        Receiver().open(one.settings, RingSource(one.told, SystemClock()))


class Far:
    """A program somewhere else: it sends commands and hears replies."""

    def __init__(self, port: int) -> None:
        self.client = SimpleUDPClient(HERE, port)
        self.socket = self.client._sock
        self.socket.setblocking(True)
        self.socket.settimeout(LONG)

    def hear(self) -> tuple[str, tuple]:
        (message,) = osc.decode(self.socket.recv(4096))
        return message.address, message.values


@contextlib.contextmanager
def remote(port: int) -> Iterator[Remote]:
    one = Remote(ControlSettings(port=port), SystemClock())
    with contextlib.closing(one):
        yield one


@pytest.fixture
def far():
    """A control server that is open, and a program that knows it."""
    port = free_port()
    with remote(port) as one:
        wait_for(lambda: one.health().state == "open")
        yield one, Far(port)


def next_of(one: Remote) -> Asked:
    found: list[Asked] = []
    wait_for(lambda: found.extend(one.commands()) or found)
    (first,) = found
    return first


def test_a_command_comes_to_the_show_and_its_reply_to_whoever_sent_it(far):
    one, program = far
    program.client.send_message("/livegan/teach", [5.0])
    asks = next_of(one)
    assert (asks.name, asks.values, asks.source) == ("teach", (5.0,), f"{HERE}:{program.socket.getsockname()[1]}")
    one.reply(asks, True, "teaching\n5")
    assert program.hear() == (REPLY, ("teach", 1, "teaching 5"))
    one.reply(asks, False, '"' * 10_000)
    assert program.hear() == (REPLY, ("teach", 0, '"' * 400))
    one.say("fitted")
    assert program.hear() == (SAID, ("fitted",))


def test_replies_go_to_the_port_that_was_chosen(far):
    one, program = far
    with socket.socket(type=socket.SOCK_DGRAM) as ear:
        program.client.send_message("/livegan/reply", [float(_bound(ear))])
        ear.settimeout(LONG)
        program.client.send_message("/livegan/teach", [])
        one.reply(next_of(one), True, "teaching")
        one.say("fitted")
        told = [osc.decode(ear.recv(4096))[0] for _ in range(3)]
    assert told[0].values[:2] == ("reply", 1)
    assert told[1:] == [osc.Message(REPLY, ("teach", 1, "teaching")), osc.Message(SAID, ("fitted",))]


@pytest.mark.parametrize("port", [0, 65_536, 2.5, "here"])
def test_a_port_that_cannot_be_is_told_where_it_came_from(far, port):
    one, program = far
    program.client.send_message("/livegan/reply", port)
    wait_for(lambda: one.commands() or one._told.count)
    address, (name, done, sentence) = program.hear()
    assert (address, name, done) == (REPLY, "reply", 0)
    assert "use it as: reply port" in sentence


def test_news_goes_to_those_who_sent_something_lately(far):
    one, program = far
    program.client.send_message("/livegan/teach", [])
    next_of(one)
    one._askers = {asker: at - RECENT - 1 for asker, at in one._askers.items()}
    before = one._told.count
    one.say("fitted")
    assert one._told.count == before


def test_a_few_are_taken_at_a_time_in_order_and_what_is_too_much_is_counted(far):
    one, program = far
    for number in range(100):
        program.client.send_message("/livegan/teach", number)
    wait_for(lambda: one._asked.count == 100)
    taken_at_once = [one.commands() for _ in range(13)]
    assert [len(part) for part in taken_at_once] == [MOST] * 12 + [4]
    assert [asks.values for part in taken_at_once for asks in part] == [(number,) for number in range(100)]
    for number in range(1000):
        program.client.send_message("/livegan/teach", number)
        if number % 50 == 0:
            wait_for(lambda sent=number: one._asked.count > 100 + sent)
    wait_for(lambda: one._asked.count == 1100)
    left = []
    while some := one.commands():
        left += some
    assert left[-1].values == (999,)
    assert len(left) + one.dropped == 1000


def test_a_killed_server_comes_back_and_its_askers_are_still_known(far):
    one, program = far
    program.client.send_message("/livegan/teach", 1)
    asks = next_of(one)
    first = one._child.pid()
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: one._child.pid() not in (None, first) and one.health().state == "open")
    one.reply(asks, True, "taught")
    assert program.hear() == (REPLY, ("teach", 1, "taught"))
    program.client.send_message("/livegan/teach", 2)
    assert next_of(one).values == (2,)


def test_a_taken_port_is_told_and_tried_again_and_the_show_goes_on():
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        port = _bound(other)
        with remote(port) as one:
            wait_for(lambda: one.health().state == "lost")
            assert f"port {port}" in one.health().reason
            assert "[control]" in one.health().reason
            assert one.commands() == []
            one.say("nobody hears this")
            other.close()
            wait_for(lambda: one.health().state == "open")


def test_nothing_is_left_when_it_is_closed():
    before = shared_memory()
    with remote(free_port()) as one:
        wait_for(lambda: one.health().state == "open")
        pid = one._child.pid()
        assert shared_memory() != before
    assert not psutil.pid_exists(pid)
    assert shared_memory() <= before


def test_what_comes_out_is_a_known_command_with_checked_arguments_or_a_sentence(far):
    one, program = far
    on, clock = Played(), SystemClock()
    holds = Holds(COMMANDS, on, clock, lambda sentence, done: None)
    keys = Keys({"t": "teach", "note-60": "record"}, holds, [], clock, lambda: None)
    done = []

    def obey() -> None:
        for asks in one.commands():
            done.append(keys.ask(asks.source, asks.name, asks.values))
            one.reply(asks, *done[-1])
        holds.watch()

    for number, datagram in enumerate(stream(seed=6, count=2_000)):
        program.socket.sendto(datagram, (HERE, program.client._port))
        if number % 20 == 0:
            obey()
    program.client.send_message("/livegan/teach", 99)
    wait_for(lambda: obey() or on.calls[-1:] == [("teach", 99)])
    assert one.health().restarts == 0
    assert {call[0] for call in on.calls} <= {"teach", "name", "psi", "record", "fade-to"}
    assert all(1 <= call[1] <= 99 for call in on.calls if call[0] == "teach")
    assert {True, False} <= {good for good, _ in done}


def test_the_servers_process_imports_neither_torch_nor_a_window():
    code = "import sys; import livegan.control.receiver; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"torch", "moderngl", "glfw", "mediapipe", "sqlite3"}
