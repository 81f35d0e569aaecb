"""A gamepad: two sticks, two triggers and its buttons, as GLFW knows them.

It must never wait: it lives in the show's process, whose window hears of what is plugged in, and is asked once for each
picture. A press that is shorter than that is not seen.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from pydantic import Field

from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source

STICKS = ("left.x", "left.y", "right.x", "right.y")
TRIGGERS = ("left.trigger", "right.trigger")
BUTTONS = (
    *("a", "b", "x", "y", "left.bumper", "right.bumper", "back", "start", "guide"),
    *("left.thumb", "right.thumb", "cross.up", "cross.right", "cross.down", "cross.left"),
)
"""In GLFW's order, as on an Xbox pad; a is the lowest of the four."""

_COUNT = len(STICKS + TRIGGERS + BUTTONS)

State = tuple[Sequence[int], Sequence[float]]
"""Buttons [15], 1 while held, and axes [6]: the sticks with y down, the triggers from -1 to 1."""


class Pads(Protocol):
    """The gamepads of this machine; asked from the main thread only."""

    def names(self) -> dict[int, str]:
        """Name and GUID of each that is plugged in, by its number."""

    def state(self, number: int) -> State | None:
        """What is held of it; None when it is gone."""


class Gamepad(Input):
    """Sticks in -1..1 with right and up positive, triggers in 0..1, buttons as steps; a frame where one has changed."""

    class Settings(InputSettings):
        """pad: a part of its name or GUID; None is the first that is there. dead: how far a stick counts as let go.

        mapping: a line of SDL's game controller database, for a pad that GLFW does not know.
        """

        pad: str | None = None
        dead: float = Field(0.12, ge=0, lt=1)
        mapping: str = ""

    where = "show"
    stale_after = None

    def __init__(self, clock: Clock | None = None, open_pads: Callable[[str], Pads] | None = None) -> None:
        self._clock = clock or SystemClock()
        self._open_pads = open_pads or _Glfw

    @staticmethod
    def features(settings: "Gamepad.Settings") -> list[Feature]:
        return [
            *(Feature(name, group="pad", unit=0.5) for name in (*STICKS, *TRIGGERS)),
            *(Feature(name, "step", "pad") for name in BUTTONS),
        ]

    def open(self, settings: "Gamepad.Settings", source: Source | None = None) -> None:
        self._pads = self._open_pads(settings.mapping)
        names = self._pads.names()
        self._number = chosen(names, settings.pad)
        self._name, self._dead = names[self._number], settings.dead
        self._told: np.ndarray | None = None
        self._ending: list[bool] | None = None

    def read(self, timeout: float) -> Frame | None:
        if self._ending is None:
            if (state := self._pads.state(self._number)) is not None:
                return self._changed(played(state, self._dead))
            self._ending = [False, True]  # first all is let go, then nobody is there
        if not self._ending:
            raise Lost(f"the gamepad {self._name} is gone: plug it in again, or charge it")
        return self._frame(np.zeros(_COUNT, np.float32), self._ending.pop())

    def _changed(self, data: np.ndarray) -> Frame | None:
        if self._told is not None and np.array_equal(data, self._told):
            return None
        self._told = data
        return self._frame(data)

    def _frame(self, data: np.ndarray, present: bool = True) -> Frame:
        return Frame(data, self._clock.now(), np.array([present]))


def chosen(names: dict[int, str], wanted: str | None) -> int:
    """The number of the first pad with `wanted` in its name or GUID. Raises Lost."""
    for number, name in names.items():
        if (wanted or "").casefold() in name.casefold():
            return number
    asked, there = f'gamepad "{wanted}"' if wanted else "gamepad", ", ".join(names.values()) or "none"
    raise Lost(f"there is no {asked} (found {there}): plug it in, or name another in the patch")


def played(state: State, dead: float) -> np.ndarray:
    """What is held of a pad, float32 [21], in the order of the features."""
    buttons, (left_x, left_y, right_x, right_y, *triggers) = state
    sticks = [*_alive(left_x, -left_y, dead), *_alive(right_x, -right_y, dead)]
    return np.array([*sticks, *((axis + 1) / 2 for axis in triggers), *map(bool, buttons)], np.float32)


def _alive(x: float, y: float, dead: float) -> tuple[float, float]:
    """A stick without the circle in which it comes to rest, and without a jump at that circle's edge."""
    reach = math.hypot(x, y)
    if reach <= dead:
        return 0.0, 0.0
    scale = min(1.0, (reach - dead) / (1 - dead)) / reach
    return x * scale, y * scale


class _Glfw:
    """The pads that GLFW knows; it was started by the show's window, and hears of new ones with it."""

    def __init__(self, mapping: str) -> None:
        import glfw

        self._glfw = glfw
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", glfw.GLFWError)
            glfw.joystick_present(0)
            if glfw.get_error()[0] == glfw.NOT_INITIALIZED:
                raise Lost('a gamepad is heard by the show\'s window, found none: give [stage.main] the kind "window"')
            if mapping:
                glfw.update_gamepad_mappings(mapping)

    def names(self) -> dict[int, str]:
        name, guid = self._glfw.get_gamepad_name, self._glfw.get_joystick_guid
        pads = filter(self._glfw.joystick_is_gamepad, range(self._glfw.JOYSTICK_LAST + 1))
        return {pad: f"{name(pad)} ({guid(pad).decode()})" for pad in pads}

    def state(self, number: int) -> State | None:
        return self._glfw.get_gamepad_state(number)
