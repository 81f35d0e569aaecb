"""Names of keys, and whether swaps wait for a display: plain numbers, no window."""

import glfw
import numpy as np
import pytest

from livegan.stage.screen import MEASURED, key_name, runs_ahead, waited_for


@pytest.mark.parametrize(
    ("key", "printed", "name"),
    [
        (glfw.KEY_H, "h", "h"),
        (glfw.KEY_Q, "A", "a"),
        (glfw.KEY_1, "&", "1"),
        (glfw.KEY_ESCAPE, None, "escape"),
        (glfw.KEY_PAGE_DOWN, None, "page_down"),
        (glfw.KEY_KP_ENTER, None, "enter"),
        (glfw.KEY_LEFT_BRACKET, None, "["),
        (glfw.KEY_Z, None, "z"),
        (glfw.KEY_SPACE, None, "space"),
        (glfw.KEY_F1, None, "f1"),
        (glfw.KEY_SEMICOLON, "ö", "ö"),
        (glfw.KEY_UNKNOWN, None, ""),
    ],
)
def test_a_key_has_the_name_that_is_printed_on_it(key, printed, name):
    assert key_name(key, printed) == name


def swaps(interval, count=MEASURED + 1):
    return list(np.arange(count) * interval)


def test_a_display_that_is_waited_for_has_its_period():
    assert waited_for(swaps(1 / 60), 60) == pytest.approx(1 / 60)
    assert waited_for(swaps(1 / 59.94), 60) == pytest.approx(1 / 60)


def test_a_full_queue_at_the_start_and_one_late_swap_do_not_spoil_the_measure():
    moments = [0.0, 0.0, 0.0, *(1 / 60 * n + (0.1 if n > 9 else 0.0) for n in range(1, 18))]
    assert waited_for(moments, 60) == pytest.approx(1 / 60)


@pytest.mark.parametrize(("interval", "rate"), [(0.0005, 60), (1 / 30, 60), (1 / 60, 144), (1 / 60, 0)])
def test_what_is_not_in_step_with_the_display_has_no_period(interval, rate):
    assert waited_for(swaps(interval), rate) is None


def test_swaps_that_stopped_waiting_are_found_and_late_ones_are_not():
    assert runs_ahead(swaps(0.002), 1 / 60)
    assert not runs_ahead(swaps(0.002)[:-1], 1 / 60)
    assert not runs_ahead(swaps(1 / 60), 1 / 60)
    assert not runs_ahead(swaps(1 / 20), 1 / 60)
