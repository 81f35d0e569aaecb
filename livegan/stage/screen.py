"""What a window must know of the windowing system: its monitors, its keys, whether swaps wait.

Holds nothing open of its own, and believes no driver's word about swaps.
"""

import ctypes
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import glfw
import numpy as np

from livegan.errors import BadRequest, Failure

MEASURED = 20
_KEYS = {
    number: chr(number).lower() if 32 < number < 127 else name.removeprefix("KEY_").lower()
    for name, number in vars(glfw).items()
    if name.startswith("KEY_") and name not in ("KEY_UNKNOWN", "KEY_LAST")
} | {glfw.KEY_KP_ENTER: "enter"}
NAMED_KEYS = frozenset(name for name in _KEYS.values() if len(name) > 1) - {"f11"}
"""Keys that are known by a word; F11 is the window's own."""


def key_name(key: int, printed: str | None) -> str:
    """The name of a key in events: what is printed on it in lower case, else "escape", "page_down", "f1"...

    key: glfw's number for it. printed: what the keyboard's layout writes with it, or None. Digits are told by
    their place, because some layouts write them only with shift. "" when the key has no name.
    """
    if printed and not glfw.KEY_0 <= key <= glfw.KEY_9:
        return printed.lower()
    return _KEYS.get(key, "")


def waited_for(swaps: list[float], rate: int) -> float | None:
    """The display's period in seconds when swaps wait for it, else None.

    swaps: when each swap returned, in seconds. rate: refreshes a second, as the monitor claims (0: unknown).
    The middle interval must be within 20 % of it; the first swaps never wait, until their queue is full.
    """
    if not rate or len(swaps) < 2:
        return None
    period = 1.0 / rate
    return period if abs(float(np.median(np.diff(swaps))) - period) <= 0.2 * period else None


def runs_ahead(swaps: Sequence[float], period: float) -> bool:
    """Whether twenty swaps took less than half the time that a display of this period needs for them."""
    return len(swaps) > MEASURED and swaps[-1] - swaps[0] < 0.5 * period * MEASURED


class Loader:
    """Where moderngl finds OpenGL: in the window's own context, be it of X11, Wayland, Windows or macOS."""

    def load_opengl_function(self, name: str) -> int:
        return address(name)

    def release(self) -> None:
        """The window owns the context."""

    def __enter__(self) -> None:
        """The window makes the context current."""

    def __exit__(self, *raised: object) -> None:
        """The window lets the context go."""


def address(name: str) -> int:
    """Where the OpenGL function `name` of the current context is; 0 when it has none of this name."""
    return ctypes.cast(glfw.get_proc_address(name), ctypes.c_void_p).value or 0


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings from glfw: what matters is raised as a Failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", glfw.GLFWError)
        yield


def monitors() -> list[str]:
    """Names of the monitors, the primary one first; none where no window can be opened."""
    with quiet():
        return list(_monitors()) if glfw.init() else []


def create_window(size: tuple[int, int], title: str, monitor: str | None) -> object:
    """A window of `size` (width, height) with an OpenGL 3.3 context, on the monitor of that name or anywhere.

    Raises Failure without a display or OpenGL 3.3, BadRequest for a monitor that is not there.
    """
    if not glfw.init():
        raise Failure(f"a window needs a display, and {_reason()}; start it at a screen, or use --stage offscreen")
    _hint()
    if monitor is not None:
        _hint_place(size, named_monitor(monitor))
    window = glfw.create_window(*size, title, None, None)
    if not window:
        raise Failure(f"a window needs OpenGL 3.3, and {_reason()}; update the graphics driver")
    return window


def _hint() -> None:
    glfw.default_window_hints()
    glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
    glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
    glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
    glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
    glfw.window_hint(glfw.DEPTH_BITS, 0)
    glfw.window_hint(glfw.STENCIL_BITS, 0)
    glfw.window_hint(glfw.AUTO_ICONIFY, False)  # a click on another monitor must not take the picture away


def _hint_place(size: tuple[int, int], monitor: object) -> None:
    left, top, width, height = glfw.get_monitor_workarea(monitor)
    glfw.window_hint(glfw.POSITION_X, left + max(0, (width - size[0]) // 2))
    glfw.window_hint(glfw.POSITION_Y, top + max(0, (height - size[1]) // 2))


def _reason() -> str:
    return (glfw.get_error()[1] or b"it gave no reason").decode(errors="replace").strip(" .")


def _monitors() -> dict[str, object]:
    return {glfw.get_monitor_name(monitor).decode(): monitor for monitor in glfw.get_monitors()}


def find_monitor(name: str | None) -> object | None:
    """The first monitor with `name` in its name, whatever the case; None when there is none, or no name."""
    if name is None:
        return None
    return next((found for known, found in _monitors().items() if name.casefold() in known.casefold()), None)


def named_monitor(name: str) -> object:
    """The monitor of this name. Raises BadRequest with the names there are."""
    if monitor := find_monitor(name):
        return monitor
    names = ", ".join(f'"{known}"' for known in _monitors()) or "none"
    raise BadRequest(f'there is no monitor "{name}"; the monitors here are {names}: name one, or a part of it')


def monitor_under(window: object) -> object | None:
    """The monitor that holds the middle of the window, else the primary one; None when there is none."""
    left, top = glfw.get_window_pos(window)
    width, height = glfw.get_window_size(window)
    x, y = left + width // 2, top + height // 2
    for monitor in glfw.get_monitors():
        (mx, my), mode = glfw.get_monitor_pos(monitor), glfw.get_video_mode(monitor)
        if mx <= x < mx + mode.size.width and my <= y < my + mode.size.height:
            return monitor
    return glfw.get_primary_monitor() or None
