"""What the operator sees: camera and skeleton, how every input is, and the clock that never lies.

Drawn ten times a second in a thread of its own, only while somebody looks; the audience's picture never has text
on it otherwise. It reads what the show last said and changes nothing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan.inputs.pose import CONNECTIONS
from livegan.ring import Ring
from livegan.show.feed import Feed
from livegan.show.report import Meters, recent
from livegan.show.show import Show
from livegan.stage.base import Event, Scene, Stage

SIZE = (1280, 720)
EVERY = 0.1
_INK, _SOFT, _LINE = (240, 240, 235), (165, 170, 175), (120, 230, 200)
_STATE = {
    "live": (110, 220, 130),
    "silent": (230, 200, 90),
    "stale": (240, 150, 60),
    "wrong": (240, 110, 90),
    "absent": (230, 80, 80),
}


@dataclass(frozen=True)
class View:
    """Everything that one drawing shows; times in seconds. camera: uint8 [h, w, 3] or None. skeleton: lines of
    ((x, y), (x, y)) in 0..1 of the camera's picture. inputs: (name, state, note)."""

    title: str
    camera: np.ndarray | None
    skeleton: list[tuple[tuple[float, float], tuple[float, float]]]
    inputs: list[tuple[str, str, str]]
    rows: list[tuple[str, str]]
    notes: list[str]


class Operator:
    """Keeps a fresh drawing while it is visible; `notes` are sentences for the operator (hints, errors)."""

    def __init__(self, show: Show, cameras: dict[str, Ring], title: str, notes: Callable[[], list[str]]) -> None:
        self._show, self._cameras, self._title, self._notes = show, cameras, title, notes
        self._visible = threading.Event()
        self._closing = threading.Event()
        self._image: np.ndarray | None = None
        self._thread = threading.Thread(target=self._work, name="operator", daemon=True)
        self._thread.start()

    def toggle(self) -> None:
        """Show the operator's view, or hide it."""
        if self._visible.is_set():
            self._visible.clear()
            self._image = None
        else:
            self._visible.set()

    def overlay(self) -> np.ndarray | None:
        """The newest drawing, uint8 [720, 1280, 4] RGBA; None while hidden."""
        return self._image if self._visible.is_set() else None

    def close(self) -> None:
        """Stop drawing."""
        self._closing.set()
        self._visible.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.wait(EVERY):
            self._visible.wait()
            image = draw(self._view())
            if self._visible.is_set():
                self._image = image

    def _view(self) -> View:
        camera = next((a.frame.data for ring in self._cameras.values() if (a := ring.newest())), None)
        return View(
            title=self._title,
            camera=camera,
            skeleton=_skeleton(self._show),
            inputs=[_input_line(feed, self._show) for feed in self._show.feeds],
            rows=_rows(self._show),
            notes=self._notes(),
        )


class OperatorWindow:
    """Shows the operator's drawings on a stage of their own, beside the audience's."""

    def __init__(self, operator: Operator, stage: Stage, hear: Callable[[Event], None]) -> None:
        self._operator, self._stage, self._hear = operator, stage, hear
        self._black = np.zeros((*SIZE[::-1], 3), np.uint8)
        self._shown: np.ndarray | None = self._black

    def refresh(self) -> None:
        """Pass on what was pressed there, and show the newest drawing if there is one; called between pictures."""
        for event in self._stage.events():
            if event.kind == "key":
                self._hear(event)
        image = self._operator.overlay()
        if image is not self._shown:
            self._stage.show(Scene(self._black, image))
            self._shown = image


def _input_line(feed: Feed, show: Show) -> tuple[str, str, str]:
    state = feed.state(show.clock)
    ages = recent(feed.ages)
    age = f"{1e3 * float(np.median(ages)):.0f} ms old on arrival" if ages else ""
    restarts = f", {state.restarts} restarts" if state.restarts else ""
    return feed.name, state.state, state.reason or f"{age}{restarts}"


def _rows(show: Show) -> list[tuple[str, str]]:
    meters: Meters = show.meters
    intervals = recent(meters.intervals)
    fps = f"{1 / float(np.mean(intervals)):.1f}" if intervals else "-"
    declared, needed = show.latency()
    measured = f"{1e3 * float(np.median(recent(meters.latency))):.0f} ms" if meters.latency else "measuring"
    took = f"{1e3 * float(np.median(recent(meters.generator))):.1f} ms" if meters.generator else "-"
    return [
        ("pictures a second", fps),
        ("latency declared", f"{1e3 * declared:.0f} ms"),
        ("latency needed", f"{1e3 * needed:.0f} ms"),
        ("latency measured", measured),
        ("a picture takes", took),
        ("late / held", f"{meters.late} / {meters.held} of {meters.frames}"),
    ]


def _skeleton(show: Show) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    if show.tick is None:
        return []
    names = [feature.name for feed in show.feeds for feature in feed.features]
    at = {name: float(v) for name, v in zip(names, show.tick.values, strict=True) if ".raw." in name}
    found = []
    for prefix in {name.split(".raw.")[0] for name in at}:
        for a, b in CONNECTIONS:
            ends = [(at.get(f"{prefix}.raw.{p}.x", np.nan), at.get(f"{prefix}.raw.{p}.y", np.nan)) for p in (a, b)]
            if np.isfinite(ends).all():
                found.append((ends[0], ends[1]))
    return found


def draw(view: View) -> np.ndarray:
    """The operator's picture, uint8 [720, 1280, 4] RGBA, translucent where the audience's picture shines through."""
    image = Image.new("RGBA", SIZE, (8, 10, 14, 175))
    pen = ImageDraw.Draw(image)
    pen.text((48, 34), view.title, _INK, _font(34))
    _draw_camera(image, pen, view, (48, 100, 640, 620))
    y = 104
    for name, value in view.rows:
        pen.text((700, y), name, _SOFT, _font(23))
        pen.text((1232, y), value, _INK, _font(23), anchor="ra")
        y += 38
    y += 24
    for name, state, note in view.inputs:
        pen.ellipse((702, y + 6, 718, y + 22), _STATE[state])
        pen.text((732, y), name, _INK, _font(23))
        pen.text((1232, y), state, _STATE[state], _font(23), anchor="ra")
        y = _draw_text(pen, (732, y + 30), note, 500) + 12
    for note in view.notes:
        y = _draw_text(pen, (702, y + 8), note, 530, _STATE["silent"])
    pen.text((48, 664), "H hides this view    F11 full screen    Q twice quits", _SOFT, _font(20))
    return np.asarray(image)


def _draw_camera(image: Image.Image, pen: ImageDraw.ImageDraw, view: View, box: tuple[int, int, int, int]) -> None:
    if view.camera is None:
        pen.rectangle(box, outline=(70, 75, 80))
        pen.text((box[0] + 24, box[1] + 20), "no camera picture", _SOFT, _font(22))
        return
    height, width = view.camera.shape[:2]
    scale = min((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    size = (round(width * scale), round(height * scale))
    dimmed = Image.fromarray(view.camera // 2).resize(size)
    image.paste(dimmed, box[:2])
    for ends in view.skeleton:
        points = [(box[0] + x * size[0], box[1] + y * size[1]) for x, y in ends]
        if all(box[0] <= x <= box[0] + size[0] and box[1] <= y <= box[1] + size[1] for x, y in points):
            pen.line(points, _LINE, 4)


def _draw_text(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    width: int,
    ink: tuple[int, int, int] = _SOFT,
) -> int:
    """Write `text` in lines of at most `width` pixels; the y below the last."""
    x, y = at
    line = ""
    for word in [*text.split(), ""]:
        if line and (not word or pen.textlength(f"{line} {word}", _font(19)) > width):
            pen.text((x, y), line, ink, _font(19))
            line, y = word, y + 25
        else:
            line = f"{line} {word}".strip()
    return y


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
