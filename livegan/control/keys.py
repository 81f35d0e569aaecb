"""Keys and pointer of the show's windows, and keys that other programs press: which command each of them asks for.

Says what; the show decides when. Nothing here draws or waits.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated

from pydantic import Field

from livegan.clock import Clock
from livegan.control.commands import Commands, command
from livegan.control.holds import Holds
from livegan.errors import BadRequest
from livegan.inputs.base import Input
from livegan.inputs.keys import KeySwitches
from livegan.inputs.pointer import Pointer
from livegan.osc import Value
from livegan.patch import Patch
from livegan.stage.base import Event
from livegan.stage.screen import NAMED_KEYS

DEFAULT_KEYS = {
    "h": "view",
    "g": "grid",
    "m": "near",
    "[": "closer",
    "]": "wider",
    **{key: f"pick {number}" for number, key in enumerate("1234567890-=", 1)},
    "k": "keep",
    "enter": "keep",
    "right": "next",
    "left": "previous",
    "delete": "forget",
    "v": "grab",
    "p": "play",
    "escape": "play",
    "t": "teach",
    "page_down": "teach",
    "page_up": "teach-all",
    "r": "record",
    "b": "correct",
    "backspace": "cancel",
    "x": "replace",
    "u": "undo",
    "z": "undo",
    "y": "redo",
    "f": "freeze",
    "space": "freeze",
    "s": "safe",
    ".": "black",
    "c": "check",
    "a": "along",
    "q": "quit",
}
"""What the keys do unless the patch says otherwise; page_up, page_down, b and . are what presentation clickers send."""

KEYBOARD = "keys"
"""The source of what the show's own windows hear."""

_NOTES = frozenset(f"note-{number}" for number in range(128))


@command
def key(press: Callable[[str, bool], str], name: str, pressed: bool) -> str:
    """Press a key of the table, such as t or page_down: 1, or let it go: 0."""
    return press(name, pressed)


@command
def note(
    press: Callable[[str, bool], str],
    number: Annotated[int, Field(ge=0, le=127)],
    velocity: Annotated[float, Field(ge=0, le=127)],
) -> str:
    """Press the key note-NUMBER of the table, or with velocity 0 let it go."""
    return press(f"note-{number}", velocity > 0)


PRESSES = Commands([key, note])
"""What only other programs need: pressing keys."""


def key_table(commands: Commands, defaults: Mapping[str, str], given: Mapping[str, str], where: str) -> dict[str, str]:
    """Which key asks for which command's text: `defaults` as the `[keys]` of the patch `where` change them.

    Keys are named as in the stage's events, "note-0" to "note-127" are MIDI notes; "" frees a key. Raises BadRequest.
    """
    for key, text in given.items():
        try:
            _known(key)
            if text:
                commands.parse(text)
        except BadRequest as error:
            raise BadRequest(f'{where}, keys."{key}": {error}') from None
    return {key: text for key, text in {**defaults, **given}.items() if text}


def check_switches(plan: Patch) -> None:
    """Raises BadRequest for a key of an input that no keyboard has, or that is not free."""
    for name, part in plan.inputs.items():
        for key in part.settings.keys if issubclass(part.type, KeySwitches) else ():
            try:
                _known(key)
            except BadRequest as error:
                raise BadRequest(f"{plan.path.name}, input.{name}.keys: {key!r}: {error}") from None


def _known(key: str) -> None:
    """Raises BadRequest for a key that no keyboard has, and for one that is not free."""
    if key in NAMED_KEYS | _NOTES or (len(key) == 1 and key.isprintable() and key == key.lower() != " "):
        return
    if key.lower() == "f11":
        raise BadRequest("F11 covers the monitor, and is not free for a command; take another key")
    lower = key.lower().replace(" ", "_").replace("-", "_")
    close = [lower] if len(lower) == 1 else difflib.get_close_matches(lower, NAMED_KEYS, 1)
    hint = f'did you mean "{close[0]}"?' if close else 'keys are named as in "t", "page_down", "f5" or "note-60"'
    raise BadRequest(f"there is no such key; {hint}")


class Keys:
    """Hears the stages' events, and what other programs send, for a show.

    table: as key_table gives it. holds: where commands are carried out. inputs: those of the show's own process, of
    which it feeds pointers and key switches. close: what closing a window asks for.
    """

    def __init__(
        self, table: Mapping[str, str], holds: Holds, inputs: Sequence[Input], clock: Clock, close: Callable[[], None]
    ) -> None:
        self._asks = {key: holds.commands.parse(text) for key, text in table.items()}
        self._pointers = [one for one in inputs if isinstance(one, Pointer)]
        self._switches = [one for one in inputs if isinstance(one, KeySwitches)]
        self._holds, self._clock, self._close = holds, clock, close

    def hear(self, event: Event) -> None:
        """Keys ask for commands and switch inputs, the pointer goes to the inputs, closing the window is the end."""
        if event.kind == "key":
            for switches in self._switches:
                switches.feed(event.name, event.down, self._clock.now())
            if event.name in self._asks:
                self._holds.told(partial(self._press, KEYBOARD, event.name, event.down))
        elif event.kind == "close":
            self._close()
        elif event.kind == "pointer":
            for pointer in self._pointers:
                pointer.feed(event.x, event.y, event.down, event.inside, self._clock.now())

    def ask(self, source: str, name: str, values: Sequence[Value]) -> tuple[bool, str]:
        """What another program asks: a command, or to press a key; whether it is done, and the sentence about it."""
        self._holds.heard(source)
        if name in PRESSES:
            return self._holds.told(lambda: PRESSES.run(partial(self._press, source), name, values))
        return self._holds.told(lambda: self._holds.run(source, name, values))

    def _press(self, source: str, key: str, down: bool) -> str:
        if key not in self._asks:
            raise BadRequest(f"the key {key[:20]!r} asks for nothing; livegan play --keys lists those that do")
        name, values = self._asks[key]
        if self._holds.commands[name].held:
            return self._holds.run(source, name, (down, *values))
        return self._holds.run(source, name, values) if down else ""
