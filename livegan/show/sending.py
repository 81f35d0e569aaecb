"""Numbers of a running show, sent by OSC: what its mappings give, or its features, for other programs.

Nothing here waits: what the network does not take at once is dropped and counted. Only finite numbers are sent.
"""

import contextlib
import copy
import re
import socket
from collections.abc import Iterator, Sequence

import numpy as np

from livegan import osc
from livegan.mapping.mapping import Mapping
from livegan.patch import Patch, SendSettings
from livegan.show.feed import Feed
from livegan.show.passing import Instant, Passing
from livegan.show.played import played
from livegan.show.routes import expanded, inputs_of
from livegan.show.show import Tick
from livegan.show.smoothing import State, vector
from livegan.show.wiring import Route, Wire

# What a part of an OSC address may not hold.
_FORBIDDEN = re.compile(r"[^!-~]|[#*,/?\[\]{}]")


class Outlet:
    """Where numbers go. sent, dropped: datagrams so far; why: what the system said of the last one dropped."""

    def __init__(self, to: str, address: str, each: bool) -> None:
        host, _, port = to.rpartition(":")
        self._to = (host.strip("[]"), int(port))
        self._address, self._each = address, each
        self._socket = socket.socket(socket.AF_INET6 if ":" in self._to[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._names: Sequence[str] = ()
        self._heads: list[bytes] = []
        self.sent = self.dropped = 0
        self.why = ""

    def send(self, names: Sequence[str], values: np.ndarray) -> None:
        """Send numbers float32 [N] of these names; a list only when all of it is known, else those that are."""
        if names != self._names:
            self._names = names
            try:
                self._heads = list(self._made(names))
            except osc.Refused as error:  # too many for one datagram
                self._heads, self.why = [], str(error)
        self.dropped += not self._heads
        parts = values.astype(">f4").reshape(-1, 1 if self._each else len(values))
        for head, part in zip(self._heads, parts, strict=False):
            if np.isfinite(part).all():
                self._post(head + part.tobytes())

    def close(self) -> None:
        """Send nothing any more."""
        self._socket.close()

    def _made(self, names: Sequence[str]) -> Iterator[bytes]:
        """Datagrams without their numbers, which come last and of which every four bytes are one."""
        if not self._each:
            yield osc.encode(self._address, *[0.0] * len(names))[: -4 * len(names)]
            return
        for name in names:
            yield osc.encode(f"{self._address}/{_FORBIDDEN.sub('_', name)}", 0.0)[:-4]

    def _post(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._to)
            self.sent += 1
        except OSError as error:
            self.dropped, self.why = self.dropped + 1, error.strerror or type(error).__name__


class Sender:
    """What one `[send.NAME]` of a patch asks for. wire: of the mapping whose outputs are sent, None for features.

    Nothing is sent while nobody is there.
    """

    def __init__(self, settings: SendSettings, feeds: Sequence[Feed], wire: Wire | None, where: str) -> None:
        self.to, self.outlet = settings.to, Outlet(settings.to, settings.address, settings.each)
        self._feeds, self._wire = feeds, wire
        names = [feature.name for feed in feeds for feature in feed.features]
        self._features = expanded(where, settings.features, names)
        self._places = np.array([names.index(one) for one in self._features], int)
        self._rows = self._of_pictures if settings.rate == "picture" else self._of_frames
        self._frames = None if wire else _Frames(feeds, inputs_of(self._places, feeds))
        self._route: Route | None = None

    def step(self, tick: Tick) -> None:
        """Send what belongs to a picture that is begun, or to the frames that came since the last one."""
        for names, row in self._rows(tick):
            self.outlet.send(names, row)

    def _of_pictures(self, tick: Tick) -> Iterator[tuple[Sequence[str], np.ndarray]]:
        if self._frames and self._frames.here(tick):
            yield self._features, tick.values[self._places]
        elif self._wire and self._wire.played is not None:
            yield _names(self._wire.route.mapping), self._wire.played.outputs

    def _of_frames(self, tick: Tick) -> Iterator[tuple[Sequence[str], np.ndarray]]:
        if self._wire and self._wire.route is not self._route:
            self._route = self._wire.route
            self._frames = _Playing(self._feeds, self._route) if self._route else None
        names = _names(self._route.mapping) if self._route else self._features
        for values in self._frames.new(tick) if self._frames else ():
            yield names, values if self._route else values[self._places]


class _Frames:
    """What the features of a show are with each new frame of some inputs."""

    def __init__(self, feeds: Sequence[Feed], inputs: Sequence[int]) -> None:
        self._tracks = {place: feeds[place].track for place in inputs}
        self._passing = Passing(feeds, inputs, before=False)

    def here(self, tick: Tick) -> bool:
        """Whether somebody is there at all inputs."""
        return min(tick.weights[place] for place in self._tracks) > 0

    def new(self, tick: Tick) -> Iterator[np.ndarray]:
        """Those of the frames that came since the last call."""
        latest = max(track.newest for track in self._tracks.values())
        for instant in self._passing.until(dict.fromkeys(self._tracks, latest)):
            if self.here(tick):
                yield from self._given(instant)

    def _given(self, instant: Instant) -> Iterator[np.ndarray]:
        yield instant.values


class _Playing(_Frames):
    """What a mapping gives for each new frame of its inputs, smoothed as in the show."""

    def __init__(self, feeds: Sequence[Feed], route: Route) -> None:
        super().__init__(feeds, route.inputs)
        # Its own: gestures remember what they heard.
        self._mapping = copy.deepcopy(route.mapping)
        self._filter = route.smoothing.filtered if route.smoothing else None
        self._state: State | None = None

    def _given(self, instant: Instant) -> Iterator[np.ndarray]:
        with contextlib.suppress(ValueError):
            found = played(self._mapping, instant.values)
            if self._filter is not None:
                self._state = self._filter.step(None if instant.cut else self._state, instant.at, vector(found))
                found = self._state.played
            yield found.outputs


def _names(mapping: Mapping) -> Sequence[str]:
    """What the outputs are called: by name, by their looks, or by their number from 1."""
    if not isinstance(mapping.outputs, str):
        return mapping.outputs
    if mapping.outputs == "anchors":
        return tuple(look.name for look in mapping.looks)
    return tuple(str(number) for number in range(1, mapping.model.size + 1))


class Sending:
    """All that a patch asks to be sent. Raises BadRequest for features that are not there."""

    def __init__(self, plan: Patch, feeds: Sequence[Feed], wires: Sequence[Wire]) -> None:
        of = dict(zip(plan.mappings, wires, strict=True)) | {None: None}
        self._senders = {name: Sender(one, feeds, of[one.mapping], f"send.{name}") for name, one in plan.sends.items()}

    def step(self, tick: Tick) -> None:
        """After each tick."""
        for one in self._senders.values():
            one.step(tick)

    def counts(self) -> dict[str, dict[str, int]]:
        """Datagrams sent and dropped, by name."""
        return {name: {"sent": one.outlet.sent, "dropped": one.outlet.dropped} for name, one in self._senders.items()}

    def notes(self) -> list[str]:
        """Sentences about what cannot be sent."""
        wrong = [(name, one) for name, one in self._senders.items() if one.outlet.why]
        return [f"send.{name}: not all could be sent to {one.to} ({one.outlet.why})" for name, one in wrong]

    def close(self) -> None:
        """Send nothing any more."""
        for one in self._senders.values():
            one.outlet.close()
