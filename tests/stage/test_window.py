"""Windows on a real X server: what is on the screen, what keys and pointer tell, two windows at once."""

import os
import shutil
import subprocess
import sys
import time

import glfw
import numpy as np
import pytest
from PIL import ImageGrab

from livegan.errors import BadRequest
from livegan.stage.base import Event, Scene, StageSettings
from livegan.stage.offscreen import Offscreen
from livegan.stage.window import Window, WindowSettings
from tests.stage.corners import BLACK, BLUE, GREEN, RED, WHITE, corners, quarters

pytestmark = pytest.mark.usefixtures("display")
SCREEN = (1280, 800)
PRESSED = {
    "h": "h",
    "H": "h",
    "Escape": "escape",
    "Next": "page_down",
    "Prior": "page_up",
    "space": "space",
    "Return": "enter",
    "KP_Enter": "enter",
    "Delete": "delete",
    "BackSpace": "backspace",
    "Left": "left",
    "Right": "right",
    "Up": "up",
    "Down": "down",
    "F1": "f1",
    "F12": "f12",
    "bracketleft": "[",
    "period": ".",
    "minus": "-",
    "equal": "=",
    "0": "0",
    "3": "3",
}
"""What xdotool presses, and how the window tells it."""


@pytest.fixture
def window():
    windows = []

    def opened(title="livegan", **settings):
        windows.append(Window())
        windows[-1].open(WindowSettings(kind="window", **settings), title)
        return windows[-1]

    yield opened
    for each in windows:
        each.close()


@pytest.fixture
def xdotool():
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed (apt install xdotool)")

    def do(*words):
        subprocess.run(["xdotool", *map(str, words)], check=True, capture_output=True)

    return do


def on_screen(shown):
    """What the X server has where the window is, uint8 [height, width, 3]."""
    left, top = glfw.get_window_pos(shown._window)
    width, height = glfw.get_window_size(shown._window)
    whole = np.asarray(ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("RGB"))
    return whole[top : top + height, left : left + width]


def happened(shown, wanted, within=10.0):
    """Everything that happened until an event fulfilled `wanted`; fails when none did."""
    seen, end = [], time.monotonic() + within
    while not any(wanted(event) for event in seen):
        assert time.monotonic() < end, f"did not happen; what did: {seen}"
        seen += shown.events()
        time.sleep(0.005)
    return seen


def happened_to(shown, attribute, within=10.0):
    """Wait until the window system has given the window an attribute."""
    end = time.monotonic() + within
    while not glfw.get_window_attrib(shown._window, attribute):
        assert time.monotonic() < end, "the window did not come to it"
        shown.events()
        time.sleep(0.005)


def show_until_size(shown, scene, size, within=10.0):
    """Show until a resize, which the X server does in its own time, has arrived."""
    end = time.monotonic() + within
    while shown.read().shape[:2] != (size[1], size[0]):
        assert time.monotonic() < end, f"the window never became {size}"
        shown.events()
        shown.show(scene)
    shown.show(scene)  # Mesa gives the first picture after a resize the old window's buffer


def shows_quarters(shown, fit, picture):
    """Check the corners in what the stage reads back and in what the X server has."""
    for pixels in (shown.read(), on_screen(shown)):
        height, width = pixels.shape[:2]
        if fit == "contain" and width > height:
            left = (width - height * picture[0] // picture[1]) // 2
            assert corners(pixels) == [BLACK] * 4
            inside = pixels[:, left + 1 : width - left - 1]
        else:
            inside = pixels
        far = fit == "mirror" and width > 2 * height  # the bars show more than half of the mirrored picture
        assert corners(inside) == ([GREEN, RED, WHITE, BLUE] if far else [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("fit", ["contain", "cover", "mirror"])
@pytest.mark.parametrize("picture", [(64, 64), (33, 33)])
def test_corners_are_in_place_also_after_a_resize_and_in_full_screen(window, fit, picture):
    shown, scene = window(size=(450, 202), fit=fit), Scene(quarters(*picture))
    shown.show(scene)
    shows_quarters(shown, fit, picture)
    glfw.set_window_size(shown._window, 350, 201)
    show_until_size(shown, scene, (350, 201))
    shows_quarters(shown, fit, picture)
    shown._toggle_wanted = True
    show_until_size(shown, scene, SCREEN)
    shows_quarters(shown, fit, picture)
    shown._toggle_wanted = True
    show_until_size(shown, scene, (350, 201))
    shows_quarters(shown, fit, picture)


def test_the_screen_holds_the_bytes_of_the_picture(window):
    shown = window(size=(160, 90))
    picture = np.random.default_rng(3).integers(0, 256, (90, 160, 3), np.uint8)
    shown.show(Scene(picture))
    assert np.array_equal(shown.read(), picture)
    assert np.array_equal(on_screen(shown), picture)


def test_reading_and_drawing_leave_no_opengl_error(window):
    shown = window(size=(64, 64))
    shown.show(Scene(quarters(8, 8), np.zeros((4, 4, 4), np.uint8)))
    shown.read()
    with shown._current():
        assert shown._context.error == "GL_NO_ERROR"


def test_nothing_is_allocated_from_picture_to_picture(window):
    shown, overlay = window(size=(64, 64)), np.zeros((64, 64, 4), np.uint8)
    for _ in range(30):
        shown.show(Scene(quarters(31, 17), overlay))
    assert (shown._canvas.allocations, shown._canvas.uploads) == (2, 1)


def test_swaps_that_do_not_wait_give_no_period(window):
    assert window(size=(64, 64)).period is None


def test_a_period_is_given_up_when_swaps_stop_waiting(window):
    shown = window(size=(64, 64))
    shown.period = 1.0
    for _ in range(40):
        shown.show(Scene(quarters(8, 8)))
    assert shown.period is None


def test_opened_in_full_screen_it_covers_the_monitor_and_hides_the_cursor(window):
    shown = window(size=(320, 200), fullscreen=True)
    shown.show(Scene(quarters(16, 10)))
    assert shown.read().shape == (SCREEN[1], SCREEN[0], 3)
    assert glfw.get_input_mode(shown._window, glfw.CURSOR) == glfw.CURSOR_HIDDEN
    shown._toggle_wanted = True
    show_until_size(shown, Scene(quarters(16, 10)), (320, 200))
    assert glfw.get_input_mode(shown._window, glfw.CURSOR) == glfw.CURSOR_NORMAL


def test_a_part_of_a_monitors_name_is_enough(window):
    shown = window(size=(100, 60), monitor="SCRE")
    assert glfw.get_window_pos(shown._window) == (590, 370)


def test_an_unknown_monitor_is_told_in_one_sentence_with_the_names_there_are(window):
    with pytest.raises(BadRequest, match=r'no monitor "beamer".*"screen"'):
        window(monitor="beamer")


def test_keys_and_close_are_events(window, xdotool):
    shown = window(size=(300, 200))
    xdotool("mousemove", 100, 100)
    for key in PRESSED:
        xdotool("key", key)
    seen = happened(shown, lambda event: event == Event("key", "3"))
    told = [(event.name, event.down) for event in seen if event.kind == "key" and "shift" not in event.name]
    assert told == [(name, down) for name in PRESSED.values() for down in (True, False)]


def test_a_key_that_is_held_is_pressed_once_and_let_go_once(window, xdotool):
    shown = window(size=(300, 200))
    xdotool("mousemove", 100, 100, "keydown", "r")
    happened(shown, lambda event: event == Event("key", "r", down=True))
    xdotool("sleep", 1.0)  # the X server repeats a key after 0.66 s, 25 times a second
    xdotool("keyup", "r", "key", "x")
    seen = happened(shown, lambda event: event == Event("key", "x"))
    assert [event.down for event in seen if event.name == "r"] == [False]


def test_a_window_that_loses_the_keyboard_lets_its_keys_go(window, xdotool):
    shown, beside = window(size=(300, 200)), window("beside", size=(300, 200))
    for one in (shown, beside):
        glfw.focus_window(one._window)
        happened_to(one, glfw.FOCUSED)
        xdotool("keydown", "r")
        happened(one, lambda event: event == Event("key", "r", down=True))
        xdotool("keydown", "t")
        happened(one, lambda event: event == Event("key", "t", down=True))
        glfw.focus_window((beside if one is shown else shown)._window)
        seen = happened(one, lambda event: event == Event("key", "t"))
        assert Event("key", "r") in seen
        xdotool("keyup", "r", "keyup", "t")


def test_a_window_that_is_closed_lets_its_keys_go_first(window):
    shown = window(size=(64, 64))
    shown._on_key(shown._window, glfw.KEY_R, 0, glfw.PRESS, 0)
    shown._on_close(shown._window)
    shown._on_key(shown._window, glfw.KEY_R, 0, glfw.RELEASE, 0)
    assert [event for event in shown.events() if event.kind != "pointer"] == [
        Event("key", "r", down=True),
        Event("key", "r"),
        Event("close"),
    ]


def test_f11_covers_the_monitor_and_comes_back_and_is_no_event(window, xdotool):
    shown, scene = window(size=(300, 200)), Scene(quarters(8, 8))
    shown.show(scene)
    xdotool("mousemove", 100, 100)
    for size in (SCREEN, (300, 200)):
        xdotool("key", "F11", "key", "x")
        seen = happened(shown, lambda event: event.name == "x")
        assert "f11" not in [event.name for event in seen]
        show_until_size(shown, scene, size)


def test_the_pointer_is_told_from_the_top_left(window, xdotool):
    shown = window(size=(200, 100), monitor="screen")
    left, top = glfw.get_window_pos(shown._window)
    xdotool("mousemove", left + 50, top + 75)
    happened(shown, lambda event: event == Event("pointer", "", 0.25, 0.75, False, True))
    xdotool("mousedown", 1)
    happened(shown, lambda event: event == Event("pointer", "", 0.25, 0.75, True, True))
    xdotool("mousemove", left + 150, top + 25)
    happened(shown, lambda event: event == Event("pointer", "", 0.75, 0.25, True, True))
    xdotool("mouseup", 1)
    happened(shown, lambda event: event == Event("pointer", "", 0.75, 0.25, False, True))
    xdotool("mousemove", left + 400, top + 25)
    happened(shown, lambda event: event.kind == "pointer" and not event.inside)


def test_many_moves_between_two_pictures_are_one_event_and_no_press_is_lost(window):
    shown = window(size=(200, 100))
    shown.events()
    shown._on_enter(shown._window, 1)
    for x in range(100):
        shown._on_move(shown._window, x, 10)
    shown._on_button(shown._window, glfw.MOUSE_BUTTON_LEFT, glfw.PRESS, 0)
    shown._on_button(shown._window, glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE, 0)
    shown._on_move(shown._window, 100, 50)
    told = [(event.x, event.down) for event in shown._events if event.inside]
    assert told == [(0.495, False), (0.495, True), (0.5, False)]


def test_the_close_button_is_an_event_and_the_window_stays_until_it_is_closed(window):
    shown = window(size=(64, 64))
    shown._on_close(shown._window)
    assert Event("close") in shown.events()
    shown.show(Scene(quarters(8, 8)))


def test_two_windows_and_an_offscreen_stage_show_their_own_pictures(window):
    audience, operator, beside = window(size=(128, 96)), window("operator", size=(96, 128)), Offscreen()
    beside.open(StageSettings(kind="offscreen", size=(32, 32)))
    for _ in range(3):
        audience.show(Scene(np.full((8, 8, 3), RED, np.uint8), light=1.0))
        beside.show(Scene(np.full((8, 8, 3), BLUE, np.uint8)))
        operator.show(Scene(np.full((8, 8, 3), GREEN, np.uint8)))
    assert tuple(audience.read()[48, 64]) == RED
    assert tuple(operator.read()[64, 48]) == GREEN
    assert tuple(on_screen(operator)[64, 48]) == GREEN
    assert tuple(beside.read()[16, 16]) == BLUE
    operator.close()
    audience.show(Scene(np.full((8, 8, 3), WHITE, np.uint8)))
    assert tuple(audience.read()[48, 64]) == WHITE
    beside.close()


def test_closing_twice_is_allowed():
    shown = Window()
    shown.close()
    shown.open(WindowSettings(kind="window", size=(32, 32)))
    shown.close()
    shown.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_one_sentence_says_what_to_do():
    code = (
        "from livegan.stage.window import Window, WindowSettings\n"
        "from livegan.errors import Failure\n"
        "try: Window().open(WindowSettings(kind='window'))\n"
        "except Failure as failure: print(failure)\n"
    )
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "needs a display" in done.stdout
    assert "--stage offscreen" in done.stdout
    assert done.stdout.count("\n") == 1
    assert not done.stderr
