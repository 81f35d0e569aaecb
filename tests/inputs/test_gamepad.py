import math

import glfw
import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.frame import Frame, groups
from livegan.inputs.gamepad import BUTTONS, STICKS, TRIGGERS, Gamepad, played
from livegan.show.track import Track
from tests.fakes import FakeClock

NAMES = [*STICKS, *TRIGGERS, *BUTTONS]
XBOX = "Xbox Controller (030000005e0400008e02000010010000)"


class FakePads:
    """A machine's gamepads, as GLFW would tell of them. held: of each that is plugged in, its buttons and axes."""

    def __init__(self) -> None:
        self.named: dict[int, str] = {}
        self.held: dict[int, tuple[list[int], list[float]]] = {}
        self.mapping = ""

    def __call__(self, mapping: str) -> "FakePads":
        self.mapping = mapping
        return self

    def plug(self, number: int, name: str = XBOX) -> None:
        self.named[number] = name
        self.let_go(number)

    def let_go(self, number: int) -> None:
        self.held[number] = [0] * 15, [0.0] * 4 + [-1.0, -1.0]

    def pull(self) -> None:
        self.named, self.held = {}, {}

    def press(self, button: str, down: int = 1, number: int = 0) -> None:
        self.held[number][0][BUTTONS.index(button)] = down

    def names(self) -> dict[int, str]:
        return dict(self.named)

    def state(self, number: int) -> tuple[list[int], list[float]] | None:
        return self.held.get(number)


def asked(**changes: object) -> Gamepad.Settings:
    return Gamepad.Settings(kind="gamepad", **changes)


class Hand:
    """An open gamepad and who holds it."""

    def __init__(self, **changes: object) -> None:
        self.clock, self.pads = FakeClock(), FakePads()
        self.pads.plug(0)
        self.input, self.settings = Gamepad(self.clock, self.pads), asked(**changes)
        self.input.open(self.settings)

    def look(self) -> list[Frame]:
        """The frames of one picture."""
        self.clock.sleep_until(self.clock.now() + 1 / 30)
        frames = []
        while frame := self.input.read(0.0):
            self.clock.sleep_until(self.clock.now() + 1e-5)
            frames.append(frame)
        return frames


def test_its_features_are_sticks_triggers_and_buttons():
    features = Gamepad.features(asked())
    assert [feature.name for feature in features] == NAMES
    assert [feature.kind for feature in features] == ["linear"] * 6 + ["step"] * 15
    assert groups(features) == ["pad"]
    assert (len(BUTTONS) - 1, len(STICKS + TRIGGERS) - 1) == (glfw.GAMEPAD_BUTTON_LAST, glfw.GAMEPAD_AXIS_LAST)


@pytest.mark.parametrize("name", ["a", "left.bumper", "guide", "right.thumb", "cross.left"])
def test_buttons_are_where_glfw_has_them(name):
    number = getattr(glfw, "GAMEPAD_BUTTON_" + name.replace(".", "_").replace("cross", "dpad").upper())
    assert BUTTONS[number] == name


def test_a_frame_comes_where_something_has_changed():
    hand = Hand()
    assert [frame.data.tolist() for frame in hand.look()] == [[0.0] * 21]
    assert hand.look() == []
    hand.pads.press("a")
    (frame,) = hand.look()
    assert (frame.data[NAMES.index("a")], frame.data.sum(), frame.present.tolist()) == (1, 1, [True])
    assert frame.data.dtype == np.float32
    assert hand.look() == []
    hand.pads.press("a", 0)
    assert [frame.data.sum() for frame in hand.look()] == [0]


def test_right_and_up_are_positive_and_triggers_go_from_0_to_1():
    told = dict(zip(NAMES, played(([0] * 15, [1.0, -1.0, 0.0, 1.0, -1.0, 1.0]), dead=0.0), strict=True))
    assert (told["left.x"], told["left.y"]) == (pytest.approx(math.sqrt(0.5)), pytest.approx(math.sqrt(0.5)))
    assert (told["right.x"], told["right.y"]) == (0, -1)
    assert (told["left.trigger"], told["right.trigger"]) == (0, 1)


AXIS = st.floats(-1, 1)


@given(AXIS, AXIS, st.floats(0, 0.9))
def test_a_stick_keeps_its_direction_and_grows_from_the_dead_circle_without_a_jump(x, y, dead):
    out = played(([0] * 15, [x, y, 0.0, 0.0, -1.0, -1.0]), dead)
    reach, told = math.hypot(x, y), math.hypot(out[0], out[1])
    assert told <= 1 + 1e-6
    if reach <= dead:
        assert told == 0
    else:
        assert told == pytest.approx(min(1, (reach - dead) / (1 - dead)), abs=1e-5)
        assert out[0] * -y == pytest.approx(out[1] * x, abs=1e-5)
        assert out[0] * x - out[1] * y >= -1e-6


def test_the_pad_is_found_by_a_part_of_its_name_or_its_guid():
    hand = Hand()
    hand.pads.plug(3, "Wireless Controller (050000004c050000c405000000010000)")
    for wanted, number in [("wireless", 3), ("4c05", 3), ("XBOX", 0), (None, 0)]:
        hand.input.open(asked(pad=wanted))
        hand.look()
        hand.pads.press("b", number=number)
        assert len(hand.look()) == 1
        hand.pads.let_go(number)
    with pytest.raises(Lost, match=r'"guitar" \(found Xbox'):
        hand.input.open(asked(pad="guitar"))


def test_a_pad_that_is_gone_lets_all_go_and_then_nobody_is_there():
    hand = Hand()
    hand.pads.press("a")
    hand.look()
    hand.pads.pull()
    frames = [hand.input.read(0.0), hand.input.read(0.0)]
    assert [(frame.data.sum(), frame.present.tolist()) for frame in frames] == [(0, [True]), (0, [False])]
    for _ in range(2):
        with pytest.raises(Lost, match="Xbox Controller"):
            hand.input.read(0.0)
    with pytest.raises(Lost, match="found none"):
        hand.input.open(hand.settings)


def test_a_pad_that_is_gone_before_it_was_read_is_no_error_of_its_own():
    hand = Hand()
    hand.pads.pull()
    assert hand.input.read(0.0).data.tolist() == [0] * 21


def test_the_show_rests_without_it_and_comes_back_two_hundred_times():
    hand, me = Hand(), psutil.Process()
    track = Track(Gamepad.features(hand.settings), Gamepad.stale_after, after=0.5)
    before = me.num_fds(), me.num_threads()
    for _ in range(200):
        hand.pads.press("x")
        for frame in hand.look():
            track.push(frame)
        hand.clock.sleep_until(hand.clock.now() + 2)
        assert (track.at(hand.clock.now()).weight, track.at(hand.clock.now()).values.sum()) == (1, 1)
        hand.pads.pull()
        hand.clock.sleep_until(hand.clock.now() + 1e-3)
        for _ in range(2):
            track.push(hand.input.read(0.0))
            hand.clock.sleep_until(hand.clock.now() + 1e-3)
        hand.clock.sleep_until(hand.clock.now() + 2)
        assert (track.at(hand.clock.now()).weight, track.at(hand.clock.now()).values.sum()) == (0, 0)
        hand.pads.plug(0)
        hand.input.open(hand.settings)
    assert (me.num_fds(), me.num_threads()) == before


def test_a_line_for_an_unknown_pad_reaches_glfw():
    assert Hand(mapping="03000000,Old pad,a:b0").pads.mapping == "03000000,Old pad,a:b0"


def test_with_a_window_there_is_glfw_to_ask(display):
    glfw.init()
    one = Gamepad()
    with pytest.raises(Lost, match='no gamepad "no such pad"'):
        one.open(asked(pad="no such pad", mapping="03000000ba2200002010000001010000,Jess Pad,a:b2,platform:Linux,"))


@pytest.mark.parametrize(("changes", "said"), [({"dead": 1}, "dead"), ({"dead": -1}, "dead"), ({"speed": 1}, "speed")])
def test_settings_that_cannot_be_meant_are_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        asked(**changes)
