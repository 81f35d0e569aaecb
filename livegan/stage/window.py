"""A window for the audience or the operator: pictures at display rate, keys and pointer back.

Everything here is called from the main thread, as windowing systems demand. Must never put text of its own on
the stage, and never keeps its OpenGL context current between two calls, so that several windows can live
beside each other.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import glfw
import moderngl
import numpy as np

from livegan.clock import SystemClock
from livegan.stage.base import Event, Scene, Stage, StageSettings
from livegan.stage.draw import Canvas, finisher
from livegan.stage.screen import (
    MEASURED,
    Loader,
    address,
    create_window,
    find_monitor,
    key_name,
    monitor_under,
    quiet,
    runs_ahead,
    waited_for,
)

_EVENTS_KEPT = 256


class WindowSettings(StageSettings):
    """fullscreen: cover the monitor. monitor: its name or a part of it; None is the one it appears on.

    vsync: wait for the display; off for a window beside the audience's, which must not hold that one up.
    """

    fullscreen: bool = False
    vsync: bool = True
    monitor: str | None = None


class Window(Stage):
    """Shows scenes in a window, in step with the display where the display can be waited for.

    `period` is measured, not believed: it is None where the driver or a virtual display never waits.
    F11 covers the monitor and comes back; every other key is handed on as an event.
    """

    Settings = WindowSettings

    def __init__(self) -> None:
        self._window: object | None = None
        self._context: moderngl.Context | None = None
        self._canvas: Canvas | None = None
        self._clock = SystemClock()
        self._events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._pointer = Event("pointer")
        self._down: dict[int, str] = {}
        self._toggle_wanted = False
        self._size = (0, 0)

    def open(self, settings: WindowSettings, title: str = "livegan") -> None:
        self._named, self._vsync = settings.monitor, settings.vsync
        with quiet():
            self._window = create_window(settings.size, title, settings.monitor)
            try:
                self._start(settings)
            except BaseException:
                self.close()
                raise

    def show(self, scene: Scene) -> None:
        with self._current():
            self._canvas.load(scene)
            self._present()

    def events(self) -> list[Event]:
        glfw.poll_events()
        if self._toggle_wanted:
            self._toggle_wanted = False
            with quiet():
                self._toggle()
        happened = list(self._events)
        self._events.clear()
        return happened

    def read(self) -> np.ndarray:
        with self._current():
            return self._canvas.read(self._size)

    def close(self) -> None:
        if self._window is None:
            return
        if self._canvas is not None:
            with self._current():
                self._canvas.release()
                self._context.release()
        # glfw is never terminated: that would close the other windows of this process.
        glfw.destroy_window(self._window)
        self._window = self._canvas = self._context = None

    @contextmanager
    def _current(self) -> Iterator[None]:
        glfw.make_context_current(self._window)
        try:
            yield
        finally:
            glfw.make_context_current(None)

    def _start(self, settings: WindowSettings) -> None:
        self._listen()
        with self._current():
            self._finish = finisher(address)
            self._context = moderngl.create_context(require=330, context=Loader())
            self._canvas = Canvas(self._context, settings.fit)
            if not settings.fullscreen:
                self._measure()
        if settings.fullscreen:
            self._toggle()

    def _present(self) -> None:
        size = glfw.get_framebuffer_size(self._window)
        if min(size) > 0:  # a minimised window has no pixels
            self._size = size
            self._canvas.paint(self._context.screen, size)
        glfw.swap_buffers(self._window)
        self._finish()
        self._swaps.append(self._clock.now())
        if self.period is not None and runs_ahead(self._swaps, self.period):
            # A covered or minimised window stops waiting; the show must then pace itself or it would race.
            self.period = None

    def _measure(self) -> None:
        """Present what is there some twenty times and see whether the display is waited for."""
        glfw.swap_interval(int(self._vsync))  # forgotten by some drivers when a window changes to full screen
        self.period = None
        self._swaps: deque[float] = deque(maxlen=MEASURED + 1)
        for _ in range(MEASURED + 1):
            self._present()
        monitor = glfw.get_window_monitor(self._window) or monitor_under(self._window)
        rate = glfw.get_video_mode(monitor).refresh_rate if monitor else 0
        self.period = waited_for(list(self._swaps), rate)

    def _toggle(self) -> None:
        if glfw.get_window_monitor(self._window):
            glfw.set_window_monitor(self._window, None, *self._windowed, glfw.DONT_CARE)
            glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_NORMAL)
        else:
            self._cover()
        glfw.poll_events()
        with self._current():
            self._measure()

    def _cover(self) -> None:
        # Looked up each time: what glfw gave for a monitor is gone when the monitor was unplugged.
        monitor = find_monitor(self._named) or monitor_under(self._window)
        if not monitor:
            return
        self._windowed = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        mode = glfw.get_video_mode(monitor)
        glfw.set_window_monitor(self._window, monitor, 0, 0, *mode.size, mode.refresh_rate or glfw.DONT_CARE)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)

    def _listen(self) -> None:
        glfw.set_key_callback(self._window, self._on_key)
        glfw.set_cursor_pos_callback(self._window, self._on_move)
        glfw.set_mouse_button_callback(self._window, self._on_button)
        glfw.set_cursor_enter_callback(self._window, self._on_enter)
        glfw.set_window_close_callback(self._window, self._on_close)

    def _on_key(self, window: object, key: int, scancode: int, action: int, mods: int) -> None:
        # When a window loses the keyboard, glfw itself tells that its keys are let go.
        if action == glfw.RELEASE:
            self._let_go(key)
        elif action == glfw.PRESS and key == glfw.KEY_F11:
            self._toggle_wanted = not self._toggle_wanted
        elif action == glfw.PRESS and (name := key_name(key, glfw.get_key_name(key, scancode))):
            self._down[key] = name
            self._events.append(Event("key", name, down=True))

    def _let_go(self, key: int) -> None:
        if name := self._down.pop(key, ""):
            self._events.append(Event("key", name))

    def _on_move(self, window: object, x: float, y: float) -> None:
        width, height = glfw.get_window_size(window)
        if width and height:
            self._point(replace(self._pointer, x=_within(x / width), y=_within(y / height)))

    def _on_button(self, window: object, button: int, action: int, mods: int) -> None:
        if button == glfw.MOUSE_BUTTON_LEFT:
            self._point(replace(self._pointer, down=action == glfw.PRESS))

    def _on_enter(self, window: object, entered: int) -> None:
        self._point(replace(self._pointer, inside=bool(entered)))

    def _on_close(self, window: object) -> None:
        for key in list(self._down):
            self._let_go(key)
        self._events.append(Event("close"))

    def _point(self, pointer: Event) -> None:
        last = self._events[-1] if self._events else None
        if last is not None and replace(last, x=pointer.x, y=pointer.y) == pointer:
            # A mouse reports a thousand times a second; only where it came to between two pictures counts.
            self._events.pop()
        self._events.append(pointer)
        self._pointer = pointer


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)
