import glfw
import pytest

from livegan import patch
from livegan.control.holds import Holds
from livegan.control.keys import DEFAULT_KEYS, PRESSES, Keys, check_switches, key_table
from livegan.errors import BadRequest
from livegan.inputs.keys import KeySwitches
from livegan.inputs.pointer import Pointer
from livegan.stage.base import Event
from livegan.stage.screen import key_name
from tests.control.table import COMMANDS, Played
from tests.fakes import FakeClock

SENDER = "127.0.0.1:5000"
TABLE = {"t": "teach", "5": "teach 5", "r": "record", "f1": "fade-to 3", "note-60": "record", "x": "stumble"}


def down(name):
    return Event("key", name, down=True)


def up(name):
    return Event("key", name)


class Room:
    """Keys whose commands only note what was asked."""

    def __init__(self) -> None:
        self.on, self.clock, self.pointers = Played(), FakeClock(), [Pointer(), Pointer()]
        self.switches = KeySwitches(self.clock)
        self.said, self.closed = [], 0
        holds = Holds(COMMANDS, self.on, self.clock, lambda sentence, done: self.said.append(sentence))
        self.keys = Keys(TABLE, holds, [*self.pointers, self.switches], self.clock, self._close)

    def _close(self):
        self.closed += 1

    def hear(self, *events):
        for event in events:
            self.keys.hear(event)
        return self.on.calls


@pytest.fixture
def room():
    return Room()


def test_a_key_asks_for_its_command_once_however_long_it_is_held(room):
    assert room.hear(down("t"), up("t"), down("5"), up("5")) == [("teach", 1), ("teach", 5)]
    assert room.said == ["teaching 1", "teaching 5"]


def test_a_held_command_lasts_as_long_as_its_key(room):
    assert room.hear(down("r"), down("f1")) == [("record", True), ("fade-to", True, 3)]
    assert room.hear(up("r"))[-1] == ("record", False)


def test_what_a_key_cannot_do_is_said(room):
    assert room.hear(down("x"), up("x")) == []
    assert room.said == ["there is nothing to do"]


@pytest.mark.parametrize("event", [down("w"), up("t"), down(""), down("escape"), Event("click")])
def test_other_events_do_nothing(room, event):
    assert room.hear(event) == []
    assert (room.closed, room.said) == (0, [])
    assert all(pointer.read(0) is None for pointer in room.pointers)


def test_closing_the_window_is_told(room):
    room.hear(Event("close"))
    assert room.closed == 1


def test_a_key_that_asks_for_a_command_switches_inputs_all_the_same(room):
    room.switches.open(KeySwitches.Settings(kind="keys", keys=["t", "w"]))
    room.clock.time = 123.0
    assert room.hear(down("t"), down("w"), up("t"), down("q")) == [("teach", 1)]
    frames = [room.switches.read(0) for _ in range(4)]
    assert [frame.data.tolist() for frame in frames] == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert frames[-1].seen == 123.0
    assert room.switches.read(0) is None


@pytest.mark.parametrize(("keys", "said"), [("spce", '"space"'), ("f11", "F11"), ("foo", "page_down")])
def test_a_key_that_no_keyboard_has_is_no_switch(keys, said, tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(f'[input.desk]\nkind = "keys"\nkeys = ["a", "{keys}"]\n')
    with pytest.raises(BadRequest, match=rf"show.toml, input.desk.keys: '{keys}': .*{said}"):
        check_switches(patch.read(path))


def test_the_pointer_goes_to_every_input_that_wants_it(room):
    room.clock.time = 123.0
    room.hear(Event("pointer", x=0.25, y=0.75, down=True, inside=True))
    for pointer in room.pointers:
        frame = pointer.read(0)
        assert frame.data.tolist() == [0.25, 0.75, 1.0]
        assert frame.seen == 123.0
        assert frame.present.tolist() == [True]


def test_another_program_asks_for_commands_and_presses_keys(room):
    assert room.keys.ask(SENDER, "teach", (2.0,)) == (True, "teaching 2")
    assert room.keys.ask(SENDER, "key", ("5", 1.0)) == (True, "teaching 5")
    assert room.keys.ask(SENDER, "key", ("5", 0)) == (True, "")
    assert room.keys.ask(SENDER, "note", (60, 100)) == (True, "recording")
    assert room.keys.ask(SENDER, "note", (60, 0)) == (True, "recorded")
    assert room.on.calls == [("teach", 2), ("teach", 5), ("record", True), ("record", False)]


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("key", ("w", 1), "the key 'w' asks for nothing"),
        ("key", (), "use it as: key name pressed"),
        ("key", ("t", 7), "for pressed"),
        ("note", (61, 100), "the key 'note-61' asks for nothing"),
        ("note", (128, 100), "for number"),
        ("note", (60, -1), "for velocity"),
        ("tech", (), 'did you mean "teach"'),
    ],
)
def test_what_another_program_cannot_ask_is_told(room, name, values, says):
    done, sentence = room.keys.ask(SENDER, name, values)
    assert not done
    assert says in sentence
    assert (room.on.calls, room.said) == ([], [sentence])


def test_a_key_that_a_dead_program_pressed_is_let_go(room):
    room.keys.ask(SENDER, "key", ("r", 1))
    room.clock.time += 1.5
    room.keys._holds.watch()
    assert room.on.calls == [("record", True), ("record", False)]


def test_the_patch_changes_the_table_and_frees_keys():
    given = {"t": "", "f5": "teach 5", "ü": 'name "red sky"', "note-127": "record", "page_down": "teach"}
    table = key_table(COMMANDS, {"t": "teach", "r": "record", "page_down": "teach 9"}, given, "show.toml")
    assert table == {"r": "record", "page_down": "teach", "f5": "teach 5", "ü": 'name "red sky"', "note-127": "record"}


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("pagedown", "teach", 'no such key; did you mean "page_down"?'),
        ("Page Down", "teach", 'did you mean "page_down"?'),
        ("PageUp", "teach", 'did you mean "page_up"?'),
        ("T", "teach", 'did you mean "t"?'),
        ("esc", "teach", 'did you mean "escape"?'),
        ("F5", "teach", 'did you mean "f5"?'),
        ("note-128", "teach", "no such key"),
        ("f11", "teach", "F11 covers the monitor"),
        ("", "teach", 'as in "t", "page_down", "f5" or "note-60"'),
        ("\n", "", "no such key"),
        ("f5", "tech 5", 'did you mean "teach"?'),
        ("f5", "teach 500", "for count"),
        ("f5", "fade-to", "fade-to was given no arguments"),
    ],
)
def test_a_wrong_table_is_one_sentence_with_patch_and_key_and_what_is_right(key, text, says):
    with pytest.raises(BadRequest) as error:
        key_table(COMMANDS, {}, {key: text}, "show.toml")
    assert f'show.toml, keys."{key}": ' in str(error.value)
    assert says in str(error.value)


def test_every_default_is_a_key_that_there_is():
    class All:
        """Commands of any name."""

        def parse(self, text):
            return text

    assert key_table(All(), {}, DEFAULT_KEYS, "test") == DEFAULT_KEYS
    assert DEFAULT_KEYS["="] == "pick 12"
    assert DEFAULT_KEYS["escape"] == "play"
    assert [key for key, text in DEFAULT_KEYS.items() if text == "quit"] == ["q"]


def test_every_default_is_what_a_keyboard_tells():
    told = {
        key_name(number, chr(number) if 32 < number < 127 else None)
        for name, number in vars(glfw).items()
        if name.startswith("KEY_")
    }
    assert set(DEFAULT_KEYS) <= told


def test_what_only_programs_need_is_listed_too():
    assert [usage for usage, _, _ in PRESSES.listed({})] == ["key name pressed", "note number velocity"]
