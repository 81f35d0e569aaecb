"""Commands carried out for those who ask, and what is held by whom.

A held command lasts from its first press to its last release, whoever presses; a source that has died releases what
it held. What was done and what could not be is told in sentences, whoever asked.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from livegan.clock import Clock
from livegan.control.commands import Commands
from livegan.errors import LiveganError
from livegan.osc import Value

SILENCE = 1.0
"""Seconds without a word after which a source that was heard of counts as dead."""

Say = Callable[[str, bool], None]
"""Is told every reply, and whether what was asked is done."""

_Held = tuple[str, tuple[Any, ...]]


class Holds:
    """Runs commands on a show; sources are named "keys", or "ADDRESS:PORT" of whoever sends."""

    def __init__(self, commands: Commands, on: object, clock: Clock, say: Say) -> None:
        self.commands, self._on, self._clock, self._say = commands, on, clock, say
        self._held: dict[_Held, set[str]] = {}
        self._heard: dict[str, float] = {}

    def heard(self, source: str) -> None:
        """There was a sign of life; from now on there must be one at least every second while it holds something."""
        self._heard[source] = self._clock.now()

    def told(self, ask: Callable[[], str]) -> tuple[bool, str]:
        """Whether what was asked is done, and the sentence about it, which is also said."""
        try:
            done, sentence = True, ask()
        except LiveganError as error:
            done, sentence = False, str(error)
        if sentence:
            self._say(sentence, done)
        return done, sentence

    def run(self, source: str, name: str, values: Sequence[Value]) -> str:
        """Carry out a command and give its reply. Raises LiveganError."""
        if not self.commands[name].held:
            return self.commands.run(self._on, name, values)
        down, rest = self.commands.split(name, values)
        held = name, self.commands[name].check(rest)
        return self._press(held, source) if down else self._release(held, source)

    def watch(self) -> None:
        """Let go what silent sources hold; called between pictures."""
        gone = [source for source, at in self._heard.items() if self._clock.now() - at > SILENCE]
        for source in gone:
            del self._heard[source]
            self.let_go(source)

    def let_go(self, source: str) -> None:
        """Release everything that this source holds and nobody else does."""
        for held in [held for held, sources in self._held.items() if source in sources]:
            self.told(partial(self._end, held, {source}))

    def _press(self, held: _Held, source: str) -> str:
        name, values = held
        reply = "" if held in self._held else self.commands.run(self._on, name, (True, *values))
        self._held.setdefault(held, set()).add(source)
        return reply

    def _release(self, held: _Held, source: str) -> str:
        # Some programs send each message from another port: any of the same machine may let go.
        place = _place(source)
        return self._end(held, {one for one in self._held.get(held, ()) if _place(one) == place})

    def _end(self, held: _Held, sources: set[str]) -> str:
        """Forget that these hold it; when they were the last, it is over."""
        if not sources:
            return ""
        self._held[held] -= sources
        if self._held[held]:
            return ""
        del self._held[held]
        return self.commands.run(self._on, held[0], (False, *held[1]))


def _place(source: str) -> str:
    return source.rpartition(":")[0] or source
