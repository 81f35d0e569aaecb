"""Another program that commands a show by OSC: sends, waits for the reply, and hears what is said."""

import contextlib
import socket
import time

from livegan import osc

PATIENCE = 30.0


class Commander:
    """Sends commands to a show's port; `said` is what it told meanwhile, `sent` how many commands it took."""

    def __init__(self, port: int = 7770) -> None:
        self._to = ("127.0.0.1", port)
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.said: list[str] = []
        self.sent = 0

    def ask(self, name: str, *values: osc.Value) -> str:
        """The reply; an error is raised as AssertionError."""
        self.sent += 1
        done, sentence = self._asked(name, values)
        assert done, f"{name}: {sentence}"
        return sentence

    def reach(self) -> str:
        """Wait until the show answers; gives its status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(AssertionError):
                return self._asked("status", (), 0.5)[1]
        raise AssertionError("no show answered")

    def hear(self, part: str, patience: float = PATIENCE) -> str:
        """Wait until something with `part` in it is said from now on; gives the sentence."""
        heard, end = len(self.said), time.monotonic() + patience
        while time.monotonic() < end:
            self._receive()
            for sentence in self.said[heard:]:
                if part in sentence:
                    return sentence
        raise AssertionError(f'"{part}" was not said, but {self.said[heard:]}')

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end - 0.06:
            self._receive()
        time.sleep(max(0.0, end - time.monotonic()))

    def close(self) -> None:
        """Send nothing more."""
        self._socket.close()

    def _asked(self, name: str, values: tuple[osc.Value, ...], patience: float = PATIENCE) -> tuple[bool, str]:
        self._socket.sendto(osc.encode(f"/livegan/{name}", *values), self._to)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for message in self._receive():
                if message.address == "/livegan/reply" and message.values[0] == name:
                    return bool(message.values[1]), str(message.values[2])
        raise AssertionError(f"{name} was not answered")

    def _receive(self) -> list[osc.Message]:
        try:
            found = osc.decode(self._socket.recv(65_507))
        except (TimeoutError, ConnectionRefusedError):
            return []
        self.said += [str(m.values[0]) for m in found if m.address == "/livegan/said"]
        return found
