"""The server over real sockets; the last test over real processes, as people start it."""

import queue
import signal
import socket
import subprocess
import sys
import threading

import pytest

from livegan import osc
from livegan.errors import BadRequest, Failure
from livegan.patch import ServeSettings
from livegan.serving import server as server_room
from livegan.serving.out import Out, refusal
from livegan.serving.server import Server
from livegan.serving.wire import Way
from tests.serving.desk import Desk

PATIENCE = 60.0


class Client:
    """Another program: it sends to the server, and hears outputs and errors on ports of its own."""

    def __init__(self) -> None:
        self.outputs, self.errors, self.sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
        for one in (self.outputs, self.errors):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            one.settimeout(PATIENCE)
            one.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def settings(self, **more):
        places = {name: f"127.0.0.1:{getattr(self, name).getsockname()[1]}" for name in ("outputs", "errors")}
        return {"port": self.port, "reply": places["outputs"], "errors": places["errors"], **more}

    def send(self, address, *values):
        self.send_raw(osc.encode(address, *values))

    def send_raw(self, data):
        self.sender.sendto(data, ("127.0.0.1", self.port))

    def tell(self, name, *values):
        self.send(f"/wekinator/control/{name}", *values)

    def heard(self):
        (message,) = osc.decode(self.outputs.recv(65_535))
        return message

    def sentence(self):
        (message,) = osc.decode(self.errors.recv(65_535))
        assert message.address == "/livegan/error"
        return message.values[0]

    def teach(self):
        """Two inputs to one output, trained and running."""
        for value in (0.0, 1.0):
            self.tell("outputs", value)
            self.tell("startRecording")
            for step in range(3):
                self.send("/wek/inputs", value + step / 100, value)
            self.tell("stopRecording")
        self.tell("train")
        assert self.heard().address == "/wekinator/status/done-training"
        self.tell("startRunning")

    def close(self):
        for one in (self.outputs, self.errors, self.sender):
            one.close()


@pytest.fixture
def client():
    client = Client()
    yield client
    client.close()


@pytest.fixture
def served(tmp_path, client):
    """A server in a thread of its own; its queue, and what it said in the terminal."""
    waiting, said = queue.SimpleQueue(), []
    desk = Desk(tmp_path / "mappings", waiting.put, inputs=2, outputs=1)
    server = Server(ServeSettings(**client.settings()), waiting, said.append)
    running = threading.Thread(target=server.run, args=(desk.session,))
    running.start()
    yield waiting, said
    waiting.put(None)
    running.join(PATIENCE)
    server.close()
    assert not running.is_alive()


def test_each_row_is_answered_once_and_in_order(client, served):
    client.teach()
    rows = [step / 500 for step in range(500)]
    for row in rows:
        client.send("/wek/inputs", row, row)
    heard = [client.heard() for _ in rows]
    assert {message.address for message in heard} == {"/wek/outputs"}
    numbers = [message.values[0] for message in heard]
    assert numbers == sorted(numbers)
    assert numbers[-1] - numbers[0] > 0.9


def test_what_is_refused_is_told_and_nothing_ends_the_server(client, served):
    client.teach()
    for wrong in (
        b"",
        b"abc",
        b"/wek/*\0\0,\0\0\0",
        b"/wek/inputs\0,ff\0\x00\x00",
        b"#bundle\0" + bytes(12),
        bytes(65_000),
    ):
        client.send_raw(wrong)
        assert "was not taken" in client.sentence()
    client.send("/wek/inputs", 1.0)
    assert client.sentence().startswith("/wek/inputs: 2 inputs are wanted, found 1")
    client.send("/wek/inputs", 1.0, 1.0)
    assert client.heard().values[0] == pytest.approx(1.0, abs=0.1)
    assert len(served[1]) >= 3


def test_a_sentence_about_a_datagram_of_the_largest_size_is_sent_and_ends_nothing(client, served):
    client.teach()
    client.tell("loadModelFromFile", 1, "a", "x" * 65_300)
    assert "found 'xxx" in client.sentence()
    served[0].put(lambda: [refusal("y" * 65_507)])
    assert client.sentence().endswith("yyy ...")
    served[0].put(lambda: [Out("/livegan/error", "z" * 65_507, "errors"), Out("/after", [1.0])])
    assert client.heard().address == "/after"


def test_a_terminal_that_is_gone_ends_nothing(tmp_path, client):
    def gone(sentence):
        raise BrokenPipeError

    waiting = queue.SimpleQueue()
    server = Server(ServeSettings(**client.settings()), waiting, gone)
    running = threading.Thread(target=server.run, args=(Desk(tmp_path, waiting.put, inputs=2).session,))
    running.start()
    for _ in range(2):
        client.send("/wek/inputs", 1.0)
        assert "2 inputs are wanted" in client.sentence()
    waiting.put(None)
    running.join(PATIENCE)
    server.close()


def test_a_fault_of_ours_is_told_and_the_next_row_is_answered(client, served):
    client.teach()
    served[0].put(lambda: [][0])
    assert "IndexError" in client.sentence()
    served[0].put(lambda: [Out("/after", [1.0])])
    assert client.heard().address == "/after"


def test_a_stranger_is_not_listened_to(tmp_path, client):
    waiting = queue.SimpleQueue()
    settings = ServeSettings(**client.settings(senders=["192.0.2.0/24"]))
    server = Server(settings, waiting, lambda sentence: None)
    running = threading.Thread(target=server.run, args=(Desk(tmp_path, inputs=2).session,))
    running.start()
    client.send("/wek/inputs", 1.0, 1.0)
    assert "127.0.0.1 is not among the senders" in client.sentence()
    waiting.put(None)
    running.join(PATIENCE)
    server.close()


def test_more_than_can_wait_is_lost_and_told_once(tmp_path, client, monkeypatch):
    monkeypatch.setattr(server_room, "MOST", 8)
    waiting, begun, go_on = queue.SimpleQueue(), threading.Event(), threading.Event()
    server = Server(ServeSettings(**client.settings()), waiting, lambda sentence: None)
    waiting.put(lambda: begun.set() or (go_on.wait(PATIENCE) and []))
    running = threading.Thread(target=server.run, args=(Desk(tmp_path, inputs=2).session,))
    running.start()
    try:
        assert begun.wait(PATIENCE)
        while waiting.qsize() < 9:
            client.send("/nothing/here", 1.0)
        go_on.set()
        said = [client.sentence() for _ in range(9)]
        assert [("more came" in one) for one in said] == [False] * 8 + [True]
        client.send("/another")
        while "/another" not in client.sentence():
            pass
    finally:
        waiting.put(None)
        go_on.set()
        running.join(PATIENCE)
        server.close()


def test_a_port_that_is_taken_is_told(client, served):
    with pytest.raises(Failure, match=f"port {client.port}.*Wekinator perhaps"):
        Server(ServeSettings(**client.settings()), queue.SimpleQueue(), print)


def test_a_place_that_does_not_exist_is_told():
    with pytest.raises(BadRequest, match="nothing can be sent to"):
        Way("no such host:12000")


def start(folder, patch):
    command = [sys.executable, "-m", "livegan", "serve", str(patch)]
    served = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = served.stdout.readline()
    assert "2 inputs come to port" in told, served.stderr.read()
    return served


def end(served):
    served.send_signal(signal.SIGTERM)
    told, errors = served.communicate(timeout=PATIENCE)
    assert (served.returncode, errors) == (0, "")
    return told


def test_what_was_taught_from_afar_is_there_after_a_restart_and_runs_at_once(tmp_path, client):
    patch = tmp_path / "own.toml"
    table = client.settings(mapping="own")
    patch.write_text("[serve]\ninputs = 2\n" + "".join(f"{key} = {value!r}\n" for key, value in table.items()))
    served = start(tmp_path, patch)
    try:
        client.teach()
        client.send("/wek/inputs", 0.3, 0.3)
        before = client.heard()
        assert "own: fitted to 6 examples" in end(served)
        served = start(tmp_path, patch)
        assert client.heard().address == "/wekinator/status/done-training"
        client.send("/wek/inputs", 0.3, 0.3)
        assert client.heard() == before
        end(served)
    finally:
        served.kill()
        served.communicate()


def test_a_patch_without_a_table_to_serve_is_refused(tmp_path):
    (tmp_path / "show.toml").write_text("")
    command = [sys.executable, "-m", "livegan", "serve", str(tmp_path / "show.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "[serve]" in done.stderr
    assert done.stderr.count("\n") == 1
