"""How long `livegan serve` takes to answer a row, over real sockets: 1,000 rows a second, 16 inputs to 6 outputs.

python -m bench.serving [--seconds 60]

Prints lost, p50, p99 and the longest, in milliseconds; exits 1 when any was lost, or p50 > 1 ms, or p99 > 5 ms.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from livegan import osc

RATE, INPUTS, OUTPUTS = 1_000, 16, 6


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def taught(sender: socket.socket, listener: socket.socket) -> None:
    """Teach five rounds by control messages, train, and run."""
    draw = np.random.default_rng(0)

    def say(address: str, *values: float) -> None:
        sender.send(osc.encode(address, *values))
        time.sleep(0.002)

    for _ in range(5):
        say("/wekinator/control/outputs", *draw.random(OUTPUTS).tolist())
        say("/wekinator/control/startRecording")
        centre = draw.random(INPUTS)
        for _ in range(100):
            say("/wek/inputs", *(centre + draw.normal(size=INPUTS) * 0.05).tolist())
        say("/wekinator/control/stopRecording")
    say("/wekinator/control/train")
    listener.settimeout(60)
    while not listener.recv(65_535).startswith(b"/wekinator/status/done-training"):
        pass
    say("/wekinator/control/startRunning")


def measured(sender: socket.socket, listener: socket.socket, count: int) -> np.ndarray:
    """Seconds to the answer of each of `count` rows, in their order; fewer when some were lost."""
    rows = np.random.default_rng(1).random((count, INPUTS)).tolist()
    sent, heard = np.zeros(count), []

    def listen() -> None:
        listener.settimeout(2)
        try:
            while len(heard) < count:
                listener.recv(65_535)
                heard.append(time.perf_counter())
        except TimeoutError:
            return

    listening = threading.Thread(target=listen)
    listening.start()
    begun = time.perf_counter()
    for number, row in enumerate(rows):
        data = osc.encode("/wek/inputs", *row)
        time.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        sent[number] = time.perf_counter()
        sender.send(data)
    listening.join()
    return np.array(heard) - sent[: len(heard)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    count = RATE * parser.parse_args().seconds
    port, reply = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        listener.bind(("127.0.0.1", reply))
        patch = Path(folder) / "bench.toml"
        table = f'[serve]\nport = {port}\nreply = "127.0.0.1:{reply}"\ninputs = {INPUTS}\noutputs = {OUTPUTS}\n'
        patch.write_text(table)
        command = [sys.executable, "-m", "livegan", "serve", str(patch)]
        served = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
        served.stdout.readline()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", port))
            taught(sender, listener)
            took = measured(sender, listener, count) * 1e3
        served.terminate()
        served.wait(10)
    lost = count - len(took)
    p50, p99, most = np.quantile(took, [0.5, 0.99, 1])
    print(f"{count} rows at {RATE}/s: {lost} lost, p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {most:.2f} ms")
    sys.exit(int(lost > 0 or p50 > 1 or p99 > 5))


if __name__ == "__main__":
    main()
