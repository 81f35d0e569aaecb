"""The control server: other programs' commands by OSC over UDP, in a process of its own, and the replies to them.

Strangers' datagrams end here: nothing leaves this process for the show but the letters of `Asked`, small and of a
strict shape. It knows no command and keeps nothing but its socket, so that it can be killed at any moment; and it
never answers what could be an answer, so that two of its kind cannot talk for ever.
"""

import json
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from livegan import osc
from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Frame
from livegan.inputs.base import Input
from livegan.inputs.osc import bound
from livegan.patch import ControlSettings
from livegan.show import child
from livegan.show.child import RingSource, Task

SIZE = 2048
"""Bytes of a letter between this process and the show, at most."""

PREFIX = "/livegan/"
REPLY = "/livegan/reply"
SAID = "/livegan/said"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MOST_VALUES = 16
_LONGEST = 200
_POLL = 0.01  # seconds between two looks at what the show has to say


@dataclass(frozen=True)
class Asked:
    """A command somebody sent, not yet checked against those there are. host, port: where it came from."""

    host: str
    port: int
    name: str
    values: tuple[osc.Value, ...] = ()

    @property
    def source(self) -> str:
        """Who asks, in words."""
        return f"{self.host}:{self.port}"

    def frame(self, seen: float) -> Frame:
        """As the content of a ring. Raises osc.Refused when it is too long."""
        return letter([self.host, self.port, self.name, *self.values], seen)

    @staticmethod
    def of(frame: Frame) -> "Asked":
        """From the content of a ring. Raises ValueError for what is none."""
        host, port, name, *values = json.loads(frame.data.tobytes())
        if not all(isinstance(value, float | int | str) for value in values):
            raise ValueError("a command's arguments are numbers and texts")
        return Asked(host, port, name, tuple(values))


def letter(words: Sequence[osc.Value], seen: float) -> Frame:
    """Words as the content of a ring. Raises osc.Refused for more than 2,048 bytes of them."""
    text = json.dumps(words, ensure_ascii=False).encode()
    if len(text) > SIZE:
        raise osc.Refused(f"a command of at most {SIZE} bytes is taken, found {len(text)}")
    return Frame(np.frombuffer(text, np.uint8), seen, np.empty(0, bool))


class Receiver(Input):
    """One UDP port; its frames are the letters of Asked. `source` is a ring of (host, port, address, values...)."""

    Settings = ControlSettings
    stale_after = None

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._socket = None

    def open(self, settings: ControlSettings, source: RingSource | None = None) -> None:
        self.close()
        self._settings, self._source = settings, source
        self._sent = max((frame.count for frame in source.since(0)), default=0)
        self._asked: deque[Frame] = deque()
        try:
            self._socket = bound(settings.host, settings.port)
        except OSError as error:
            why = f"commands cannot be heard on {settings.host} port {settings.port} ({error.strerror})"
            raise Lost(f"{why}; free that port, or change port under [control] in the patch") from error
        self._socket.settimeout(_POLL)

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        while not self._asked:
            self._send()
            self._receive()
            if self._clock.now() >= until:
                break
        return self._asked.popleft() if self._asked else None

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def _send(self) -> None:
        """Send what the show has said since, as far as it can be sent."""
        for frame in self._source.since(self._sent):
            self._sent = frame.count
            host, port, address, *values = json.loads(frame.data.tobytes())
            with suppress(OSError, osc.Refused):
                self._socket.sendto(osc.encode(address, *values), (host, port))

    def _receive(self) -> None:
        try:
            datagram, peer = self._socket.recvfrom(65_535)
        except (TimeoutError, ConnectionResetError):  # the latter tells that a reply found nobody, on Windows
            return
        except OSError as error:
            raise Lost(f"listening for commands failed: {error.strerror}; check this machine's network") from error
        try:
            self._take(datagram, peer[0], peer[1])
        except osc.Refused as why:
            self.complaint = str(why)

    def _take(self, datagram: bytes, host: str, port: int) -> None:
        if not self._settings.admits(host):
            raise osc.Refused(f"{host} is not among the senders under [control] in the patch; add it, or ignore it")
        seen = self._clock.now()
        self._asked.extend([asked(message, host, port).frame(seen) for message in osc.decode(datagram)])


def asked(message: osc.Message, host: str, port: int) -> Asked:
    """The command that a message asks for. Raises osc.Refused for what has not the shape of one."""
    name = message.address.removeprefix(PREFIX)
    if not message.address.startswith(PREFIX) or not _NAME.fullmatch(name):
        raise osc.Refused(f"commands are sent to {PREFIX} and a name, found {message.address[:80]}")
    if message.address == SAID or (message.address == REPLY and len(message.values) != 1):
        raise osc.Refused(f"{message.address} tells of what was done, and is no command")
    if len(message.values) > _MOST_VALUES:
        raise osc.Refused(f"a command has at most {_MOST_VALUES} arguments, found {len(message.values)}")
    texts = [value for value in message.values if isinstance(value, str)]
    if not all(len(text) <= _LONGEST and text.isprintable() for text in texts):
        raise osc.Refused(f"a text in a command has at most {_LONGEST} letters and no control characters")
    return Asked(host, port, name, message.values)


def main(task: Task) -> None:
    """The first function of the child."""
    child.main(task, Receiver)
