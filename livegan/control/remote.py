"""The show's side of the control server: what other programs ask, a few at a time, and what they are told.

Nothing here waits; a server that hangs or dies is replaced, and its askers are still known.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from pydantic import Field

from livegan.clock import Clock
from livegan.control import receiver
from livegan.control.commands import command
from livegan.control.receiver import REPLY, SAID, SIZE, Asked, Receiver, letter
from livegan.errors import BadRequest
from livegan.osc import Value
from livegan.patch import ControlSettings, Part
from livegan.ring import Ring
from livegan.show.host import Child, Health, Host

MOST = 8
"""Commands taken between two pictures."""

RECENT = 60.0
"""Seconds for which somebody who sent a command hears what is said."""

_SLOTS = 256
_KNOWN = 64  # askers and chosen ports that are remembered
_SENTENCE = 400  # letters of a sentence that are sent


@command
def reply_(choose: Callable[[int], None], port: Annotated[int, Field(ge=1, le=65535)]) -> str:
    """Send replies to this port of yours, instead of where the command came from."""
    choose(port)
    return f"replies go to your port {port} from now on"


class Remote:
    """Commands from elsewhere, all for one thread. dropped: how many came too fast to be taken."""

    def __init__(self, settings: ControlSettings, clock: Clock) -> None:
        self._clock = clock
        self._asked, self._told = Ring.create(_SLOTS, SIZE), Ring.create(_SLOTS, SIZE)
        part = Part("control", Receiver, settings)
        self._child = Child("control", part, self._asked, self._told, clock, receiver.main)
        self._host = Host([self._child], clock)
        self._taken = self.dropped = 0
        self._ports: dict[str, int] = {}
        self._askers: dict[tuple[str, int], float] = {}
        self._host.start()

    def commands(self) -> list[Asked]:
        """The next commands, 8 at most, in order; never waits."""
        newest = self._asked.count
        first = max(self._taken + 1, newest - _SLOTS + 2)
        last = min(newest, first + MOST - 1)
        found = [self._read(count) for count in range(first, last + 1)]
        self.dropped += first - self._taken - 1 + found.count(None)
        self._taken = last
        return [asked for asked in found if asked is not None and self._heard(asked)]

    def reply(self, asked: Asked, done: bool, sentence: str) -> None:
        """Tell whoever asked what came of it."""
        self._send(self._address(asked.host, asked.port), REPLY, asked.name, int(done), _clean(sentence))

    def say(self, sentence: str) -> None:
        """Tell news to everybody who sent a command in the last minute."""
        recent = self._clock.now() - RECENT
        for address in {self._address(*asker) for asker, at in self._askers.items() if at >= recent}:
            self._send(address, SAID, _clean(sentence))

    def health(self) -> Health:
        """How the server is, and what was last wrong with what came."""
        return self._child.health()

    def close(self) -> None:
        """End the server; its port is free when this returns."""
        self._host.close()
        self._asked.close()
        self._told.close()

    def _read(self, count: int) -> Asked | None:
        arrival = self._asked.read(count)
        try:
            return Asked.of(arrival.frame) if arrival else None
        except ValueError:
            return None

    def _heard(self, asked: Asked) -> bool:
        """Note who asks; whether it is for the show, and not for this."""
        _remember(self._askers, (asked.host, asked.port), self._clock.now())
        if asked.name != reply_.name:
            return True
        try:
            choose = partial(_remember, self._ports, asked.host)
            self.reply(asked, True, reply_.run(choose, *reply_.check(asked.values)))
        except BadRequest as error:
            self.reply(asked, False, str(error))
        return False

    def _address(self, host: str, port: int) -> tuple[str, int]:
        return host, self._ports.get(host, port)

    def _send(self, address: tuple[str, int], *words: Value) -> None:
        now = self._clock.now()
        self._told.write(letter([*address, *words], now), now)


def _remember(known: dict, key: object, value: object) -> None:
    """Put it in as the newest; the oldest of too many is forgotten."""
    known.pop(key, None)
    known[key] = value
    if len(known) > _KNOWN:
        del known[next(iter(known))]


def _clean(sentence: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in sentence[:_SENTENCE])
