"""The operator's view: drawn while somebody looks or the board calls, shown on a stage of its own."""

import threading

import numpy as np
import pytest

from livegan.show.board import Board
from livegan.show.drawing import SIZE
from livegan.show.operator import Operator, OperatorWindow
from livegan.stage.base import Event
from livegan.stage.offscreen import Offscreen, StageSettings
from tests.shows import PATIENCE, STEADY, play, show_of, wait_for


@pytest.fixture
def running(tmp_path):
    """The boards of a show in the middle of playing, of which the newest counts, and its operator's view."""
    path = tmp_path / "show.toml"
    path.write_text(STEADY)
    with show_of(path) as one:
        play(one, lambda: one.show.meters.frames > 20 and one.show.feeds[0].frames > 5)
        boards = [Board()]
        operator = Operator(one.show, one.world.cameras, "a show", lambda: ["a note"], lambda: boards[-1])
        yield boards, operator
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


def test_it_is_seen_by_itself_while_the_board_is_on_alert(running):
    boards, operator = running
    boards.append(Board(mode="counting", big="3", alert=True))
    wait_for(lambda: operator.overlay() is not None)
    assert operator.overlay().any(), "what must be told is to be seen"
    boards.append(Board(mode="frozen"))
    wait_for(lambda: operator.overlay() is None)


@pytest.mark.parametrize("alerts", [True, False])
def test_where_no_alerts_are_wanted_it_is_seen_only_when_asked_for(tmp_path, alerts):
    path = tmp_path / "show.toml"
    path.write_text(STEADY)
    asked = threading.Semaphore(0)

    def board() -> Board:
        asked.release()
        return Board(mode="counting", big="3", alert=True)

    with show_of(path) as one:
        operator = Operator(one.show, {}, "a show", list, board, alerts=alerts)
        for _ in range(3):  # the third board is asked for when the second is drawn
            assert asked.acquire(timeout=PATIENCE)
        assert (operator.overlay() is not None) == alerts
        operator.toggle()
        wait_for(lambda: operator.overlay() is not None)
        operator.close()


def test_under_an_alert_the_whole_view_comes_and_goes_when_asked_for(running):
    boards, operator = running
    boards.append(Board(mode="counting", big="3", alert=True))
    wait_for(lambda: operator.overlay() is not None)
    alone = operator.overlay()
    operator.toggle()
    wait_for(lambda: not np.array_equal(operator.overlay(), alone))
    assert operator.overlay().shape == alone.shape
    operator.toggle()
    wait_for(lambda: np.array_equal(operator.overlay(), alone))


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
