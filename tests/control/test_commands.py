import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.control.commands import command
from livegan.errors import BadRequest
from tests.control.table import COMMANDS, Played

VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text(max_size=20),
)


def run(*words):
    on = Played()
    reply = COMMANDS.run(on, words[0], words[1:])
    return reply, on.calls


def test_a_command_is_what_its_function_says():
    teach, fade = COMMANDS["teach"], COMMANDS["fade-to"]
    assert (teach.usage, teach.help, teach.held) == ("teach [count]", "Teach the present look.", False)
    assert (fade.usage, fade.held, [arg.name for arg in fade.args]) == ("fade-to place", True, ["place"])
    assert COMMANDS["name"].usage == "name text"


def test_what_is_left_out_is_what_the_function_says_and_a_reply_may_be_empty():
    assert run("teach") == ("teaching 1", [("teach", 1)])
    assert run("psi", 0.5) == ("", [("psi", 0.5, False)])


@pytest.mark.parametrize("five", [5, 5.0, "5"])
def test_a_whole_number_is_one_however_it_was_sent(five):
    ((_, count),) = run("teach", five)[1]
    assert count == 5
    assert type(count) is int


@pytest.mark.parametrize("yes", [True, 1, 1.0, "true", "1"])
def test_a_switch_is_one_however_it_was_sent(yes):
    assert run("psi", 1, yes)[1] == [("psi", 1.0, True)]


def test_a_held_command_is_told_of_its_press_and_its_release():
    assert run("record", 1)[1] == [("record", True)]
    assert run("fade-to", 0.0, 3.0)[1] == [("fade-to", False, 3)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tech"], ['no command "tech"', 'did you mean "teach"?']),
        (["abracadabra"], ['no command "abracadabra"', "livegan play --keys"]),
        (
            ["teach", 100],
            ["teach: found 100 for count, but it should be less than or equal to 99; use it as: teach [count]"],
        ),
        (["teach", 2.5], ["for count", "integer", "2.5"]),
        (["teach", "many"], ["for count", "integer", "'many'"]),
        (["teach", 1e30], ["for count", "1e+30"]),
        (["teach", 1, 2], ["teach was given 2 arguments", "use it as: teach [count]"]),
        (["name"], ["name was given no arguments", "use it as: name text"]),
        (["name", 5], ["for text", "string", "5"]),
        (["psi", "nan"], ["for amount", "finite"]),
        (["psi", 0.5, 7], ["for now", "7"]),
        (["record"], ["record lasts as long as it is held"]),
        (["record", "yes"], ["record lasts as long as it is held"]),
        (["record", 0.5], ["record lasts as long as it is held"]),
        (["record", 1, 2], ["record was given 1 argument;"]),
        (["fade-to", 1, 0], ["for place", "0"]),
        (["name", "x" * 1000], ["for text", "40"]),
    ],
)
def test_what_is_wrong_is_one_short_sentence_and_nothing_is_done(words, says):
    on = Played()
    with pytest.raises(BadRequest) as error:
        COMMANDS.run(on, words[0], words[1:])
    sentence = str(error.value)
    assert all(word in sentence for word in says), sentence
    assert "\n" not in sentence
    assert len(sentence) < 250
    assert on.calls == []


@given(st.sampled_from(["teach", "name", "psi", "record", "fade-to", "stumble"]), st.lists(VALUES, max_size=4))
def test_whatever_is_sent_is_done_as_it_was_written_or_refused(name, values):
    on = Played()
    try:
        COMMANDS.run(on, name, values)
    except BadRequest:
        assert on.calls == []
        return
    ((done, *args),) = on.calls
    assert done == name
    right = {
        "teach": lambda count: type(count) is int and 1 <= count <= 99,
        "name": lambda text: type(text) is str and len(text) <= 40,
        "psi": lambda amount, now: type(amount) is float and 0 <= amount <= 2 and type(now) is bool,
        "record": lambda down: type(down) is bool,
        "fade-to": lambda down, place: type(down) is bool and type(place) is int and place >= 1,
    }
    assert right[name](*args)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("teach", ("teach", ())),
        ("teach 5", ("teach", (5,))),
        ('name "red sky"', ("name", ("red sky",))),
        ("psi .5 true", ("psi", (0.5, True))),
        ("record", ("record", ())),
        ("fade-to 3", ("fade-to", (3,))),
    ],
)
def test_a_text_is_read_when_the_patch_is(text, call):
    assert COMMANDS.parse(text) == call


@pytest.mark.parametrize("text", ["", " ", 'name "red', "teach five", "tech 5", "fade-to", "record 1"])
def test_a_text_that_asks_for_nothing_is_told(text):
    with pytest.raises(BadRequest):
        COMMANDS.parse(text)


@given(st.text(max_size=30))
def test_no_text_is_more_than_refused(text):
    with contextlib.suppress(BadRequest):
        assert COMMANDS.parse(text)[0] in COMMANDS


def test_the_list_has_every_command_once_with_its_keys():
    keys = {"t": "teach", "page_down": "teach 5", **{str(n): f"fade-to {n}" for n in range(1, 9)}, "r": "record"}
    listed = COMMANDS.listed(keys)
    assert [usage.split()[0] for usage, _, _ in listed] == ["teach", "name", "psi", "record", "fade-to", "stumble"]
    assert listed[0] == ("teach [count]", "T, page down", "Teach the present look.")
    assert listed[1][1] == ""
    assert listed[4][1] == "1 … 8"


def test_the_table_for_the_readme_has_a_row_for_each():
    table = COMMANDS.as_markdown({"|": "teach"}).splitlines()
    assert table[:2] == ["| command | keys | does |", "| --- | --- | --- |"]
    assert table[2] == "| `teach [count]` | \\| | Teach the present look. |"
    assert len(table) == 8


def test_a_command_without_help_cannot_be_made():
    with pytest.raises(AttributeError):
        command(lambda on: None)
