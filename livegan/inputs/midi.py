"""A MIDI port: the knobs, keys and pads, and the clock, of what is plugged in there.

Must never lose a note-off between the driver and the features, nor leave a note held when the port is gone. What
waits is merged into at most a frame each `PACE`, so that no flood crowds anything out of the ring.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.heldnotes import HeldNotes
from livegan.senses.midibytes import Message, Stream
from livegan.senses.midiclock import MidiClock
from livegan.senses.midiports import Ports, chosen, opened_ports, stable

PACE = 0.002
"""Seconds between two frames, at least."""

LOOK = 0.25
"""Seconds between two looks at which ports there are; no driver says that one has gone."""

_CLOCK = {"clock.tempo": "linear", "clock.phase": "angle", "clock.beat": "event", "clock.running": "step"}
_PLAYED = {"hit": "event", "bend": "linear", "pressure": "linear"}
_STEPS = [*(f"cc.{number}" for number in range(128)), *(f"note.{number}" for number in range(128)), "program"]
_ALL = {**dict.fromkeys(_STEPS, "step"), **_PLAYED, **_CLOCK}
_HITS = {f"hit.{number}": "event" for number in range(128)}
_UNITS = {"bend": 0.5, "program": 1.0, "clock.tempo": 10.0, "clock.phase": math.pi / 2}
_NOTES_OFF = (120, *range(123, 128))


def _named(control: str) -> list[str]:
    """Features by name, or by the part before the dot: "clock" is clock.tempo, clock.phase, ..."""
    known = {**_ALL, **_HITS}
    found = [control] if control in known else [name for name in known if name.startswith(f"{control}.")]
    if not found:
        raise ValueError(f'controls are such as "cc.1", "note.36", "hit", "hit.36", "bend", "clock", found "{control}"')
    return found


class Midi(Input):
    """What was played last; notes, hits, bend and pressure are known from the start, a knob once it was turned."""

    class Settings(InputSettings):
        """port: a part of its name; None is the first that is there. channel: 1 to 16; None takes all of them.

        controls: the features, such as ["cc.1", "note.36", "hit.36", "clock"]; "all" of them but single notes' hits.
        """

        port: str | None = None
        channel: int | None = Field(None, ge=1, le=16)
        controls: Literal["all"] | tuple[str, ...] = "all"

        @field_validator("controls")
        @classmethod
        def _known(cls, controls: str | tuple[str, ...]) -> str | tuple[str, ...]:
            names = [] if controls == "all" else [name for control in controls for name in _named(control)]
            if len(set(names)) < len(names) or not controls:
                raise ValueError("at least one control is wanted, and each of them once only")
            return controls

        @property
        def names(self) -> list[str]:
            """The features, in their order."""
            return list(_ALL) if self.controls == "all" else [name for one in self.controls for name in _named(one)]

    stale_after = None

    def __init__(self, clock: Clock | None = None, open_ports: Callable[[], Ports] | None = None) -> None:
        self._clock = clock or SystemClock()
        self._open_ports = open_ports or opened_ports
        self._ports: Ports | None = None

    @staticmethod
    def features(settings: "Midi.Settings") -> list[Feature]:
        kinds = {**_ALL, **_HITS}
        return [Feature(name, kinds[name], _group(name), unit=_UNITS.get(name, 0.25)) for name in settings.names]

    def open(self, settings: "Midi.Settings", source: Source | None = None) -> None:
        self.close()
        self._board, self._stream = _Board(settings), Stream()
        self._heard: deque[tuple[float, Sequence[int]]] = deque()
        self._gone = ""
        self._ports = self._open_ports()
        names = self._ports.names()
        place = chosen(names, settings.port)
        self._name = names[place]
        self._ports.listen(place, lambda data: self._heard.append((self._clock.now(), data)))
        self._ready = self._due = self._clock.now()

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        while True:
            now = self._clock.now()
            self._take(now)
            if now >= self._ready and (frame := self._next(now)):
                self._ready = now + PACE
                return frame
            if now >= until:
                return None
            self._clock.sleep_until(min(until, self._ready if self._ready > now else now + PACE))

    def close(self) -> None:
        if self._ports is not None:
            self._ports.close()
        self._ports = None

    def _take(self, now: float) -> None:
        for _ in range(len(self._heard)):
            at, data = self._heard.popleft()
            for message in self._stream.feed(data):
                self._board.put(message, at)
        if now >= self._due and not self._gone:
            self._due = now + LOOK
            if why := self._missing():
                self._gone = why
                self._board.release()

    def _missing(self) -> str:
        """Why nothing can come any more; "" while the port is there."""
        try:
            there = self._name in self._ports.names()
        except Lost as lost:
            return str(lost)
        return "" if there else f'the MIDI port "{stable(self._name)}" is gone: plug it in again'

    def _next(self, now: float) -> Frame | None:
        """What is to be told; of a port that is gone that all is let go, then that nobody is there. Raises Lost."""
        frame = self._board.frame(now)
        if frame is None and self._gone:
            frame = self._board.farewell(now)
            if frame is None:
                raise Lost(self._gone)
        return frame


class _Board:
    """The newest number of every feature, and whether there is something that no frame has told yet."""

    def __init__(self, settings: Midi.Settings) -> None:
        features = Midi.features(settings)
        names = groups(features)
        self._place = {feature.name: place for place, feature in enumerate(features)}
        self._group = [names.index(feature.group) for feature in features]
        self._events = np.array([feature.kind == "event" for feature in features])
        self._data = np.zeros(len(features), np.float32)
        self._present = np.array([name == "played" for name in names])
        self._channel = None if settings.channel is None else settings.channel - 1
        self._notes, self._clock, self._running = HeldNotes(), MidiClock(), False
        self._heard = self._told = -math.inf
        self._new = True

    def put(self, message: Message, at: float) -> None:
        """Take in a message that came at `at` seconds."""
        self._heard = at
        status, *data = message
        if status >= 0xF0:
            self._system(status, data, at)
        elif self._channel in (None, status & 0x0F):
            self._voice(status & 0xF0, status & 0x0F, data)

    def release(self) -> None:
        """Let go all that springs back when a hand leaves it."""
        self._notes.release_all()
        self._set("bend", 0)
        self._set("pressure", 0)
        self._clock.stop()
        self._new = True

    def frame(self, now: float) -> Frame | None:
        """The frame of what is new; events are over once they are in a frame."""
        self._watch(now)
        if not (self._new or self._notes.waiting):
            return None
        for note, velocity in self._notes.tell().items():
            self._set(f"note.{note}", velocity)
            self._strike(f"hit.{note}", velocity)
            self._strike("hit", velocity)
        frame = self._frame(self._heard if self._heard > self._told else now)
        self._data[self._events] = 0
        self._new = False
        return frame

    def farewell(self, now: float) -> Frame | None:
        """The frame that says that nobody is there; None once it is told."""
        if not self._present.any():
            return None
        self._present[:] = False
        return self._frame(now)

    def _frame(self, seen: float) -> Frame:
        self._told = seen
        return Frame(self._data.copy(), seen, self._present.copy())

    def _voice(self, kind: int, channel: int, data: list[int]) -> None:
        if kind == 0x90 and data[1]:
            self._notes.press(channel, data[0], data[1] / 127)
        elif kind in (0x80, 0x90):
            self._notes.release(channel, data[0])
        elif kind == 0xB0:
            self._set(f"cc.{data[0]}", data[1] / 127)
            if data[0] in _NOTES_OFF:
                self._notes.release_all(channel)
        elif kind == 0xC0:
            self._set("program", data[0])
        elif kind == 0xD0:
            self._set("pressure", data[0] / 127)
        elif kind == 0xE0:
            bend = (data[0] | data[1] << 7) - 8192
            self._set("bend", bend / (8191 if bend > 0 else 8192))

    def _system(self, status: int, data: list[int], at: float) -> None:
        if status == 0xF8:
            self._strike("clock.beat", float(self._clock.clock(at)))
            self._set("clock.tempo", self._clock.tempo)
            self._set("clock.phase", 2 * math.pi * self._clock.phase)
        elif status == 0xF2:
            self._clock.seek(data[0] | data[1] << 7)
        elif status == 0xFF:
            self._notes.release_all()
        elif act := {0xFA: self._clock.start, 0xFB: self._clock.resume, 0xFC: self._clock.stop}.get(status):
            act()

    def _watch(self, now: float) -> None:
        """See whether the clock runs; that it stopped without saying so no message tells."""
        if self._clock.running(now) != self._running:
            self._running = not self._running
            self._set("clock.running", self._running)

    def _set(self, name: str, value: float) -> None:
        if (place := self._place.get(name)) is not None:
            self._data[place] = value
            self._present[self._group[place]] = True
            self._new = True

    def _strike(self, name: str, value: float) -> None:
        """An event; of several in one frame the strongest counts."""
        if value and (place := self._place.get(name)) is not None:
            self._set(name, max(value, self._data[place]))


def _group(name: str) -> str:
    """Knobs come one by one; what springs back is known as soon as the port is open."""
    first = name.split(".")[0]
    return "played" if first in ("note", *_PLAYED) else first if first == "clock" else name
