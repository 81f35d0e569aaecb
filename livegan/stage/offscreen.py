"""A stage without a screen: pictures are drawn into memory as in a window, for tests, benches, rendering.

Must never need a display, and never keeps its OpenGL context current between two calls, so that windows of
the same process can live beside it.
"""

import sys

import glcontext
import moderngl
import numpy as np

from livegan.errors import Failure
from livegan.stage.base import Event, Scene, Stage, StageSettings
from livegan.stage.draw import Canvas, finisher, pixels


class Offscreen(Stage):
    """Draws into a framebuffer of its own; nobody waits for a display, so the show paces itself."""

    Settings = StageSettings
    period = None

    def __init__(self) -> None:
        self._context: moderngl.Context | None = None

    def open(self, settings: StageSettings, title: str = "livegan") -> None:
        loader = _standalone()
        self._context = moderngl.create_context(require=330, standalone=True, context=loader)
        with self._context:
            self._finish = finisher(loader.load_opengl_function)
            self._canvas = Canvas(self._context, settings.fit)
            self._target = self._context.framebuffer([self._context.renderbuffer(settings.size)])
            self._canvas.paint(self._target, settings.size)

    def show(self, scene: Scene) -> None:
        with self._context:
            self._canvas.load(scene)
            self._canvas.paint(self._target, self._target.size)
            self._finish()

    def events(self) -> list[Event]:
        return []

    def read(self) -> np.ndarray:
        with self._context:
            return pixels(self._target)

    def close(self) -> None:
        if self._context is None:
            return
        with self._context:
            self._canvas.release()
        self._context.release()
        self._context = None


def _standalone() -> object:
    """An OpenGL 3.3 context of no window: EGL on Linux, else what the platform has. Raises Failure."""
    linux = sys.platform == "linux"
    create = glcontext.get_backend_by_name("egl") if linux else glcontext.default_backend()
    try:
        return create(mode="standalone", glversion=330)
    except Exception as error:  # glcontext raises bare Exception
        cure = "apt install libegl1 libgl1 libgl1-mesa-dri" if linux else "update the graphics driver"
        raise Failure(f"the offscreen stage needs OpenGL 3.3, and {error}; {cure}") from error
