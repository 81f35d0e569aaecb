"""The sessions that were recorded with the real Wekinator, sent with their timing to `livegan serve` by UDP.

python -m tests.soak.session

Prints, for each session, how many replies came and how many Wekinator gave, and how long after their row half of them
came; exits 1 when an address or a type tag differs, or a number by more than 1e-5 of it (of 1, where it is smaller).
"""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.serving.desk import lines
from tests.serving.test_replay import told
from tests.shows import free_port

SESSIONS = {
    "session-A-regression": 'inputs = 3\noutputs = 3\nmodel = "weknet"\n',
    "session-C-dtw": 'inputs = 2\noutputs = ["output"]\ntype = "gesture"\nclasses = 3\n',
}
SILENCE = 2.0
"""Seconds after the last message in which a reply may still come, and between two parts of a session."""


def timed(recorded: list[dict]) -> Iterator[tuple[float, str, bytes]]:
    """Seconds from the start, direction and datagram; the parts of a session one after another."""
    begun, last, part = 0.0, 0.0, 0
    for line in recorded:
        if line["dir"] == "note":
            continue
        if line["phase"] != part:
            part, begun = line["phase"], last + SILENCE
        last = begun + line["t"]
        yield last, line["dir"], bytes.fromhex(line["hex"])


def sent(events: list[tuple[float, str, bytes]], port: int, reply: int) -> list[tuple[float, bytes]]:
    """Send what was sent to Wekinator, when it was; gives what is answered, and when."""
    heard: list[tuple[float, bytes]] = []
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        listener.bind(("127.0.0.1", reply))
        listener.settimeout(SILENCE)
        over, begun = threading.Event(), time.perf_counter()

        def listen() -> None:
            while True:
                try:
                    data = listener.recv(65_535)
                    heard.append((time.perf_counter() - begun, data))
                except TimeoutError:
                    if over.is_set():
                        return

        listening = threading.Thread(target=listen)
        listening.start()
        for when, direction, data in events:
            if direction == "to_wekinator":
                time.sleep(max(0.0, begun + when - time.perf_counter()))
                sender.sendto(data, ("127.0.0.1", port))
        over.set()
        listening.join()
    return heard


def served(table: str, events: list[tuple[float, str, bytes]]) -> list[tuple[float, bytes]]:
    """What a server of its own, with no mapping yet, answers."""
    port, reply = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        patch = Path(folder) / "session.toml"
        patch.write_text(f'[serve]\nport = {port}\nreply = "127.0.0.1:{reply}"\n{table}')
        command = [sys.executable, "-m", "livegan", "serve", str(patch)]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as server:
            server.stdout.readline()
            heard = sent(events, port, reply)
            server.terminate()
    return heard


def delays(events: list[tuple[float, str, bytes]], heard: list[tuple[float, bytes]]) -> list[float]:
    """Seconds from the newest message before each of `heard`."""
    times = np.array([when for when, direction, _ in events if direction == "to_wekinator"])
    return [when - times[np.searchsorted(times, when) - 1] for when, _ in heard]


def same(mine: list[tuple], its: list[tuple]) -> bool:
    """Whether all replies have the same addresses, type tags and numbers."""
    if [one[:2] for one in mine] != [one[:2] for one in its]:
        return False
    return all(np.allclose(one[2], other[2], rtol=1e-5, atol=1e-5) for one, other in zip(mine, its, strict=True))


def main() -> None:
    agree = []
    for name, table in SESSIONS.items():
        events = list(timed(lines(name)))
        expected = [(when, data) for when, direction, data in events if direction == "from_wekinator"]
        heard = served(table, events)
        agree.append(same(*([told(data) for _, data in replies] for replies in (heard, expected))))
        sys.stdout.write(
            f"{name}: {len(heard)} replies, Wekinator {len(expected)}; {'the same' if agree[-1] else 'NOT the same'}; "
            f"half within {np.median(delays(events, heard)) * 1e3:.2f} ms\n"
        )
    sys.exit(int(not all(agree)))


if __name__ == "__main__":
    main()
