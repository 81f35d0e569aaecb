"""Numbers that other programs send by OSC over UDP.

It must never listen beyond this machine unless the patch says so, never let a wrong message change a value,
and never fall behind a flood: what waits is merged, the newest value wins, and no event is lost.
"""

import re
import socket
from collections import Counter, deque
from contextlib import suppress
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field, field_validator

from livegan import osc
from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Feature, Frame, Kind
from livegan.inputs.base import Input, InputSettings, Source
from livegan.settings import Listening, Settings

_NAMES = re.compile(r"([\w.-]+)(?::(\d{1,5}))?")
_MOST_NUMBERS = 13_000  # floats that fit into one datagram
_BEYOND = 1e15  # squares of larger float32 numbers could add up to infinity
_UNITS = {"angle": 0.3, "event": 1.0}
_BUFFER = 1 << 20  # what waits there must be read within some 50 ms
_BATCH = 1_024
_BATCH_SECONDS = 0.01
_PACE = 0.002  # between frames in a flood: more would only crowd events out of the ring


def _names(spec: str) -> list[str]:
    """Feature names of a spec: `name`, `name:512` (name.0 to name.511), or several of them after commas."""
    names = []
    for part in spec.split(","):
        found = _NAMES.fullmatch(part.strip())
        if not found:
            raise ValueError(f'a name such as "x", "pose:33" or "x, y, z" is wanted, found "{part.strip()}"')
        name, count = found[1], found[2]
        names += [f"{name}.{i}" for i in range(int(count))] if count else [name]
    if not 0 < len(names) <= _MOST_NUMBERS:
        raise ValueError(f"1 to {_MOST_NUMBERS} numbers per address are possible, found {len(names)}")
    return names


class Slots(Settings):
    """Which features an address fills, and their kind; a plain string in a patch is the spec of `step`s.

    unit: how much change is one clearly visible movement; 0: the examples show it, except for angles and events.
    """

    features: str
    kind: Kind = "step"
    unit: float = Field(0.0, ge=0, lt=1e9)

    @property
    def names(self) -> list[str]:
        """The features, in the order of the message's arguments. ValueError where it is unreadable."""
        return _names(self.features)


def _slots(value: object) -> object:
    return {"features": value} if isinstance(value, str) else value


class Osc(Input):
    """One UDP port; each address is its own group of features, present once a good message came.

    good, refused: messages taken and refused so far. complaint: why the last one was refused, or "".
    """

    class Settings(InputSettings, Listening):
        """port: of UDP. addresses: of the messages, and the features that each of them fills.

        every: give a frame for every message, merging nothing (for a mapping server that answers each one).
        """

        port: int = Field(ge=1, le=65535)
        addresses: dict[str, Annotated[Slots, BeforeValidator(_slots)]] = Field(min_length=1)
        every: bool = False

        @field_validator("addresses")
        @classmethod
        def _distinct(cls, addresses: dict[str, Slots]) -> dict[str, Slots]:
            for address in addresses:
                osc.encode(address)
            times = Counter(name for slots in addresses.values() for name in slots.names)
            twice = [name for name, count in times.items() if count > 1]
            if twice:
                raise ValueError(f'every feature needs a name of its own, found "{twice[0]}" more than once')
            return addresses

    stale_after = None

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._socket: socket.socket | None = None
        self.good = self.refused = 0
        self.complaint = ""

    @staticmethod
    def features(settings: "Osc.Settings") -> list[Feature]:
        return [
            Feature(name, slots.kind, group=address, unit=slots.unit or _UNITS.get(slots.kind, 0.0))
            for address, slots in settings.addresses.items()
            for name in slots.names
        ]

    def open(self, settings: "Osc.Settings", source: Source | None = None) -> None:
        self.close()
        self._board = _Board(settings)
        self._admits = settings.admits
        self._frames: deque[Frame] = deque()
        self._pace = 0.0 if settings.every else _PACE
        self._ready = self._clock.now()
        try:
            self._socket = bound(settings.host, settings.port)
        except OSError as error:
            why = f"OSC cannot listen on {settings.host} port {settings.port} ({error.strerror})"
            raise Lost(f"{why}; free that port, or give this input another one in the patch") from error

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        while not self._frames:
            if not self._receive(max(0.0, until - self._clock.now())):
                return None
            self._drain()
            self._frames.extend(self._board.flush())
            if self._clock.now() >= until:
                break
        return self._frames.popleft() if self._frames else None

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def _drain(self) -> None:
        """Take what waits or comes before the next frame may go, but not for longer than a slice of time."""
        until = self._clock.now() + _BATCH_SECONDS
        for _ in range(_BATCH):
            now = self._clock.now()
            if now >= until or not self._receive(max(0.0, self._ready - now)):
                break
        self._ready = self._clock.now() + self._pace

    def _receive(self, timeout: float) -> bool:
        """Take one datagram; False when none came within `timeout` seconds."""
        try:
            self._socket.settimeout(timeout)
            datagram, peer = self._socket.recvfrom(65_535)
        except (TimeoutError, BlockingIOError):
            return False
        except OSError as error:
            raise Lost(f"listening for OSC failed: {error.strerror}; check this machine's network") from error
        self._take(datagram, peer[0], self._clock.now())
        return True

    def _take(self, datagram: bytes, sender: str, seen: float) -> None:
        try:
            if not self._admits(sender):
                raise osc.Refused(f"{sender} is not among this input's senders; add it to them, or ignore it")
            messages = osc.decode(datagram)
        except osc.Refused as why:
            self._refuse(why)
            return
        for message in messages:
            try:
                self._frames.extend(self._board.put(message, seen))
                self.good += 1
            except osc.Refused as why:
                self._refuse(why)

    def _refuse(self, why: osc.Refused) -> None:
        self.refused += 1
        self.complaint = str(why)


class _Board:
    """The newest number of every feature, and whether there is something in it that no frame has told yet."""

    def __init__(self, settings: Osc.Settings) -> None:
        features = Osc.features(settings)
        self._every = settings.every
        self._events = np.array([feature.kind == "event" for feature in features])
        self._data = np.zeros(len(features), np.float32)
        self._present = np.zeros(len(settings.addresses), bool)
        self._seen: float | None = None
        self._told = -np.inf
        self._place: dict[str, tuple[int, slice]] = {}
        start = 0
        for group, (address, slots) in enumerate(settings.addresses.items()):
            end = start + len(slots.names)
            self._place[address] = group, slice(start, end)
            start = end

    def put(self, message: osc.Message, seen: float) -> list[Frame]:
        """Write a message in; gives the frame that had to go out before, if one had. Raises osc.Refused."""
        if message.address not in self._place:
            raise osc.Refused(f"no feature of this input is at the address {message.address[:80]}")
        group, place = self._place[message.address]
        numbers = _numbers(message, place.stop - place.start, bool(self._events[place.start]))
        before = self.flush() if self._crowded(place) else []
        self._data[place] = numbers
        self._present[group] = True
        self._seen = seen
        return before

    def flush(self) -> list[Frame]:
        """The frame of what is new, if anything is; events are over once they are in a frame."""
        if self._seen is None:
            return []
        # Several frames of one datagram: each newer than the one before, or a track would leave it out.
        self._told = max(self._seen, float(np.nextafter(self._told, np.inf)))
        frame = Frame(self._data.copy(), self._told, self._present.copy())
        self._data[self._events] = 0
        self._seen = None
        return [frame]

    def _crowded(self, place: slice) -> bool:
        """Whether writing there would lose something that no frame has told yet."""
        return self._every or bool((self._events[place] & (self._data[place] != 0)).any())


def _numbers(message: osc.Message, count: int, event: bool) -> np.ndarray:
    """The message's arguments as float32 [count]; an event without arguments is a 1. Raises osc.Refused."""
    values = (1,) if event and count == 1 and not message.values else message.values
    if len(values) != count:
        raise osc.Refused(f"{message.address} carries {count} numbers here, found {len(values)}")
    if any(isinstance(value, str) for value in values):
        raise osc.Refused(f"{message.address} carries numbers here, found a string")
    numbers = np.array(values, np.float64)
    if np.abs(numbers).max() > _BEYOND:
        raise osc.Refused(f"{message.address} carries numbers within ±{_BEYOND:g} here, found a larger one")
    return numbers.astype(np.float32)


def bound(host: str, port: int) -> socket.socket:
    """An open UDP socket that shares its port with nobody. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets others steal a port without it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        with suppress(OSError):  # some systems refuse what is above their limit, others cut it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
