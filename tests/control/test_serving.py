"""The mapping server beside a real show, as people start it."""

import signal
import subprocess
import sys

import psutil
import pytest

from livegan.clock import SystemClock
from livegan.control.serving import BesideSettings, Serving
from livegan.errors import Lost
from livegan.patch import ServeSettings
from livegan.serving.server import Server
from tests.serving.test_server import PATIENCE, Client
from tests.shows import STEADY


@pytest.fixture
def client():
    one = Client()
    yield one
    for part in (one.outputs, one.errors, one.sender):
        part.close()


def answered(client, row):
    """What the server says to a row, asked until it does."""
    client.outputs.settimeout(0.5)
    until = SystemClock().now() + PATIENCE
    while SystemClock().now() < until:
        client.send("/wek/inputs", *row)
        try:
            message = client.heard()
        except TimeoutError:
            continue
        if message.address == "/wek/outputs":
            return message.values
    raise AssertionError("the server does not answer")


def test_a_show_answers_rows_and_goes_on_when_the_server_is_killed(tmp_path, client):
    table = client.settings(mapping="own")
    serve = "[serve]\ninputs = 2\n" + "".join(f"{key} = {value!r}\n" for key, value in table.items())
    (tmp_path / "show.toml").write_text(STEADY + "[control]\non = false\n" + serve)
    command = [sys.executable, "-m", "livegan", "play", "show.toml"]
    show = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until = SystemClock().now() + PATIENCE
        while client.port not in {one.laddr.port for one in psutil.net_connections("udp")}:
            assert SystemClock().now() < until
        client.teach()
        before = answered(client, (0.3, 0.3))
        holder = next(one.pid for one in psutil.net_connections("udp") if one.laddr.port == client.port)
        assert holder != show.pid
        psutil.Process(holder).kill()
        assert answered(client, (0.3, 0.3)) == before
        family = psutil.Process(show.pid).children(recursive=True)
        show.send_signal(signal.SIGINT)
        told, errors = show.communicate(timeout=PATIENCE)
        assert (show.returncode, errors) == (0, "")
        assert "pictures at" in told
        assert not psutil.wait_procs(family, timeout=PATIENCE)[1]
    finally:
        show.kill()
        show.communicate()


def test_what_the_server_cannot_do_is_told_by_the_show(tmp_path, client):
    taken = client.errors.getsockname()[1]
    (tmp_path / "show.toml").write_text(f"{STEADY}[control]\non = false\n[serve]\nport = {taken}\n")
    command = [sys.executable, "-m", "livegan", "play", "show.toml", "--seconds", "5"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert f"rows cannot be heard on 127.0.0.1 port {taken}" in told


def test_a_server_that_has_ended_by_itself_is_lost_and_so_comes_back(tmp_path, client, monkeypatch):
    monkeypatch.setattr(Server, "run", lambda server, session: None)
    serving = Serving()
    serving.open(BesideSettings(kind="serve", serve=ServeSettings(**client.settings()), root=tmp_path))
    try:
        with pytest.raises(Lost, match="ended by itself"):
            serving.read(PATIENCE)
    finally:
        serving.close()
