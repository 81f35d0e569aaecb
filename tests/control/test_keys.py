import pytest

from livegan.control.keys import AGAIN, Keys
from livegan.inputs.pointer import Pointer
from livegan.show.operator import Operator
from livegan.stage.base import Event
from tests.fakes import FakeClock
from tests.shows import STEADY, show_of

H, Q, CLOSE = Event("key", "h"), Event("key", "q"), Event("close")


@pytest.fixture
def keys(tmp_path):
    """Keys of an open show, its operator's view, two pointers, and the clock that they go by."""
    path = tmp_path / "show.toml"
    path.write_text(STEADY)
    with show_of(path) as one:
        operator = Operator(one.show, {}, "test", list)
        clock, pointers = FakeClock(), [Pointer(), Pointer()]
        yield Keys(one.show, operator, pointers, clock), one.show, operator, pointers, clock
        operator.close()


def test_h_shows_and_hides_the_operators_view(keys):
    hears, _, operator, _, _ = keys
    hears.hear(H)
    assert operator._visible.is_set()
    hears.hear(H)
    assert not operator._visible.is_set()


def test_q_twice_in_time_ends_the_show(keys):
    hears, show, _, _, clock = keys
    hears.hear(Q)
    assert show.running
    clock.time += AGAIN - 0.01
    hears.hear(Q)
    assert not show.running


def test_q_now_and_then_does_not(keys):
    hears, show, _, _, clock = keys
    for _ in range(5):
        hears.hear(Q)
        clock.time += AGAIN
    assert show.running


def test_closing_the_window_ends_the_show(keys):
    hears, show, _, _, _ = keys
    hears.hear(CLOSE)
    assert not show.running


def test_the_pointer_goes_to_every_input_that_wants_it(keys):
    hears, show, _, pointers, clock = keys
    clock.time = 123.0
    hears.hear(Event("pointer", x=0.25, y=0.75, down=True, inside=True))
    for pointer in pointers:
        frame = pointer.read(0)
        assert frame.data.tolist() == [0.25, 0.75, 1.0]
        assert frame.seen == 123.0
        assert frame.present.tolist() == [True]
    assert show.running


@pytest.mark.parametrize("event", [Event("key", "x"), Event("key", ""), Event("key", "escape"), Event("click")])
def test_other_events_do_nothing(keys, event):
    hears, show, operator, pointers, _ = keys
    hears.hear(event)
    assert show.running
    assert operator.overlay() is None
    assert all(pointer.read(0) is None for pointer in pointers)
