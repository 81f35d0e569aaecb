"""What the operator sees: a drawing for every state of a show, only while somebody looks."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from livegan.show.operator import SIZE, Operator, OperatorWindow, View, draw
from livegan.stage.base import Event
from livegan.stage.offscreen import Offscreen, StageSettings
from tests.shows import STEADY, play, show_of, wait_for

EMPTY = View("", None, [], [], [], [])
CAMERA = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
FULL = View(
    "dancer",
    CAMERA,
    [((0.1, 0.1), (0.9, 0.9)), ((0.5, 0.2), (1.5, 0.2))],
    [(word, word, "14 ms old on arrival") for word in ("live", "silent", "stale", "wrong", "absent")],
    [("pictures a second", "30.0"), ("late / held", "0 / 0 of 300")],
    ["z looks uniform"],
)
LONG = replace(
    FULL,
    title="dancer " * 100,
    inputs=[("body" * 40, "wrong", "word " * 200), ("é" * 300, "live", "x" * 900)] * 6,
    rows=[("latency " * 20, "9" * 200)] * 12,
    notes=["a note that\ngoes on\tand on " * 20] * 6,
)


@pytest.mark.parametrize("view", [EMPTY, FULL, LONG], ids=["empty", "full", "long"])
def test_every_view_is_a_picture(view):
    drawn = draw(view)
    assert drawn.shape == (*SIZE[::-1], 4)
    assert drawn.dtype == np.uint8
    assert drawn[..., :3].max() > 150


@pytest.mark.parametrize("shape", [(1, 1), (480, 640), (2000, 50), (50, 2000)])
def test_a_camera_of_any_shape_lies_in_its_place(shape):
    bare, drawn = draw(EMPTY), draw(replace(EMPTY, camera=np.full((*shape, 3), 255, np.uint8)))
    assert np.array_equal(bare[:, 660:], drawn[:, 660:])
    assert (drawn[:, 48:640, 0] == 127).any()


def test_what_is_told_is_seen():
    plain = draw(replace(FULL, notes=[], skeleton=[]))
    assert (draw(replace(FULL, skeleton=[]))[:, 660:] != plain[:, 660:]).any()
    with_skeleton = draw(replace(FULL, notes=[]))
    assert (with_skeleton[:, :660] != plain[:, :660]).any()
    assert np.array_equal(with_skeleton[:, 660:], plain[:, 660:])


def test_a_lone_limb_outside_the_picture_is_not_drawn():
    outside = replace(FULL, skeleton=FULL.skeleton[1:])
    assert np.array_equal(draw(outside), draw(replace(FULL, skeleton=[])))


@pytest.fixture
def running(tmp_path):
    """A show in the middle of playing, and its operator's view."""
    path = tmp_path / "show.toml"
    path.write_text(STEADY)
    with show_of(path) as one:
        play(one, lambda: one.show.meters.frames > 20 and one.show.feeds[0].frames > 5)
        operator = Operator(one.show, one.world.cameras, "a show", lambda: ["a note"])
        yield one, operator
        operator.close()
        assert "operator" not in {thread.name for thread in threading.enumerate()}


def test_it_is_drawn_while_somebody_looks_and_not_otherwise(running):
    _, operator = running
    assert operator.overlay() is None
    operator.toggle()
    wait_for(lambda: operator.overlay() is not None)
    first = operator.overlay()
    wait_for(lambda: operator.overlay() is not first)
    operator.toggle()
    assert operator.overlay() is None
    operator.toggle()
    wait_for(lambda: operator.overlay() is not None)


def test_its_own_window_shows_the_drawing_and_hears_the_keys(running):
    _, operator = running

    class Pressed(Offscreen):
        def events(self):
            return [Event("key", "h")]

    heard, stage = [], Pressed()
    stage.open(StageSettings(kind="offscreen", size=SIZE))
    try:
        window = OperatorWindow(operator, stage, heard.append)
        operator.toggle()
        wait_for(lambda: operator.overlay() is not None)
        window.refresh()
        assert heard == [Event("key", "h")]
        assert stage.read().max() > 100
        operator.toggle()
        window.refresh()
        assert stage.read().max() == 0
    finally:
        stage.close()
