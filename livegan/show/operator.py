"""What the operator sees: camera and skeleton, the board of who rehearses, and the clock that never lies.

Drawn ten times a second in a thread of its own, only while somebody looks or the board has to tell something; the
audience's picture never has text on it otherwise. It reads what the show last said and changes nothing.
"""

import threading
from collections.abc import Callable, Sequence

import numpy as np

from livegan.clock import Clock
from livegan.ring import Ring
from livegan.senses.skeleton import figures
from livegan.show.board import Board
from livegan.show.drawing import SIZE, Painter, View
from livegan.show.eye import Eye
from livegan.show.feed import Feed
from livegan.show.report import Meters, recent
from livegan.show.show import Show
from livegan.stage.base import Event, Scene, Stage

EVERY = 0.1


class Operator:
    """Keeps a fresh drawing while it is seen: while it is asked for, and by itself while the board is on alert.

    notes: sentences for the operator (hints, errors). board: gives the newest board; both are called in the
    drawing thread. eyes: the cameras that are told below the inputs. alerts: whether it comes by itself.
    """

    def __init__(
        self,
        show: Show,
        cameras: dict[str, Ring],
        title: str,
        notes: Callable[[], list[str]],
        board: Callable[[], Board] = Board,
        eyes: Sequence[Eye] = (),
        alerts: bool = True,
    ) -> None:
        self._show, self._cameras, self._title, self._notes, self._board = show, cameras, title, notes, board
        self._eyes, self._alerts = eyes, alerts
        self._painter = Painter()
        self._visible, self._alert = threading.Event(), False
        self._closing = threading.Event()
        self._image: np.ndarray | None = None
        self._thread = threading.Thread(target=self._work, name="operator", daemon=True)
        self._thread.start()

    def toggle(self) -> None:
        """Show the operator's view, or hide it."""
        if self._visible.is_set():
            self._visible.clear()
        else:
            self._visible.set()

    def overlay(self) -> np.ndarray | None:
        """The newest drawing, uint8 [720, 1280, 4] RGBA; None while hidden."""
        return self._image if self._visible.is_set() or self._alert else None

    def close(self) -> None:
        """Stop drawing."""
        self._closing.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.wait(EVERY):
            board, whole = self._board(), self._visible.is_set()
            alert = board.alert and self._alerts
            self._image = self._painter.draw(self._view(board, whole)) if whole or alert else None
            self._alert = alert

    def _view(self, board: Board, whole: bool) -> View:
        camera = next((a.frame.data for ring in self._cameras.values() if (a := ring.newest())), None)
        return View(
            title=self._title,
            camera=camera,
            skeleton=_skeleton(self._show),
            inputs=[input_line(one, self._show.clock) for one in (*self._show.feeds, *self._eyes)],
            rows=_rows(self._show),
            notes=self._notes(),
            board=board,
            whole=whole,
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


def input_line(one: Feed | Eye, clock: Clock) -> tuple[str, str, str]:
    """An input's name, its state, and what else there is to say of it."""
    state = one.state(clock)
    well = one.note if isinstance(one, Eye) else _age(one)
    counts = {"retries": state.retries, "restarts": state.restarts, "replaced": state.replaced}
    told = [state.reason or well, *(f"{count} {what}" for what, count in counts.items() if count)]
    if state.last and not state.reason:
        told.append(f"last: {state.last}")
    return one.name, state.state, ", ".join(filter(None, told))


def _age(feed: Feed) -> str:
    ages = recent(feed.ages)
    return f"{1e3 * float(np.median(ages)):.0f} ms old on arrival" if ages else ""


def _rows(show: Show) -> list[tuple[str, str]]:
    meters: Meters = show.meters
    intervals = recent(meters.intervals)
    fps = f"{1 / float(np.mean(intervals)):.1f}" if intervals else "-"
    declared, needed = show.latency()
    measured = f"{1e3 * float(np.median(recent(meters.latency))):.0f} ms" if meters.latency else "measuring"
    took = f"{1e3 * float(np.median(recent(meters.generator))):.1f} ms" if meters.generator else "-"
    found = [wire.route.smoothing for wire in show.wires if wire.route]
    smoothings = [one for one in found if one and one.asked]
    smooth = [("smoothing", f"+{1e3 * max(one.adds for one in smoothings):.0f} ms")] if smoothings else []
    return [
        ("pictures a second", fps),
        ("latency declared", f"{1e3 * declared:.0f} ms"),
        ("latency needed", f"{1e3 * needed:.0f} ms"),
        ("latency measured", measured),
        *smooth,
        ("a picture takes", took),
        ("late / held", f"{meters.late} / {meters.held} of {meters.frames}"),
    ]


def _skeleton(show: Show) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    if show.tick is None:
        return []
    return figures([feature.name for feed in show.feeds for feature in feed.features], show.tick.values)
