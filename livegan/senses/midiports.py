"""The MIDI ports of this machine: which there are, which one is meant, and what comes in there.

Nothing here knows what a message means. RtMidi is imported only where a port is opened: it is an extra.
"""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from livegan.errors import Lost
from livegan.senses.tracker import quiet

_THROUGH = "midi through"  # ALSA's own, where nothing is plugged in


class Ports(Protocol):
    """The MIDI inputs of this machine, of which one is listened to."""

    def names(self) -> list[str]:
        """Of those that are there now. Raises Lost."""

    def listen(self, place: int, hear: Callable[[Sequence[int]], None]) -> None:
        """Hand the bytes that come in at the port of this place to `hear`, from whichever thread. Raises Lost."""

    def close(self) -> None:
        """Listen no more."""


def stable(name: str) -> str:
    """A port's name without the numbers that ALSA gives it anew each time."""
    return re.sub(r"\s+\d+:\d+$", "", name)


def chosen(names: Sequence[str], wanted: str | None) -> int:
    """Which of the ports has `wanted` in its name, or the first one that something is plugged in at. Raises Lost."""
    known = [stable(name).casefold() for name in names]
    part = "" if wanted is None else stable(wanted).casefold()
    found = [place for place, name in enumerate(known) if part in name and (part or not name.startswith(_THROUGH))]
    if not found:
        there = ", ".join(f'"{stable(name)}"' for name in names) or "none"
        asked = "MIDI port with something plugged in" if wanted is None else f'MIDI port "{wanted}"'
        raise Lost(f"there is no {asked} (found {there}): plug it in, or name another in the patch")
    return found[0]


def opened_ports() -> Ports:
    """This machine's own. Raises Lost, with what mends it."""
    try:
        import rtmidi
    except ImportError:
        raise Lost("MIDI needs python-rtmidi, which is not installed: pip install python-rtmidi") from None
    try:
        with quiet():
            return _RtMidi(rtmidi.MidiIn(rtmidi.get_compiled_api()[0], "livegan"), rtmidi.RtMidiError)
    except rtmidi.RtMidiError as error:
        mend = "sudo modprobe snd-seq" if sys.platform == "linux" else "restart the machine's MIDI service"
        raise Lost(f"this machine's MIDI does not open ({str(error).strip(' .')}): {mend}") from error


class _RtMidi:
    """RtMidi's way to the ports of Linux, macOS and Windows."""

    def __init__(self, midi: Any, fault: type[Exception]) -> None:
        self._midi, self._fault = midi, fault

    def names(self) -> list[str]:
        try:
            return self._midi.get_ports()
        except self._fault as error:
            raise Lost(f"the MIDI ports cannot be listed ({error}): they are asked for again") from error

    def listen(self, place: int, hear: Callable[[Sequence[int]], None]) -> None:
        self._midi.ignore_types(sysex=True, timing=False, active_sense=True)
        self._midi.set_callback(lambda event, _: hear(event[0]))
        try:
            self._midi.open_port(place, "livegan")
        except self._fault as error:
            raise Lost(f"the MIDI port does not open ({error}): close what else is using it") from error

    def close(self) -> None:
        self._midi.close_port()
        self._midi.delete()
