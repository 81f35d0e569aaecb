"""What the arguments of a message stand for, and that nothing else gets through."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan import osc
from livegan.errors import BadRequest
from livegan.serving import arguments
from livegan.serving.control import CONTROL, PREFIX, heard
from livegan.serving.out import Out
from livegan.serving.wire import datagram
from tests.serving.desk import Desk, errors

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(2**63), 2**63 - 1) | st.booleans()
VALUES = st.lists(NUMBERS | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=6)


def test_every_type_of_number_is_one():
    np.testing.assert_array_equal(arguments.row([1, 2.5, True], 3, "inputs"), [1, 2.5, 1])
    assert [arguments.place([one], 3, "output") for one in (1, 2.0, 3)] == [0, 1, 2]


@pytest.mark.parametrize("wrong", [(), (0,), (4,), (1.5,), ("1",), (True,), (-1,), (1e30,)])
def test_what_is_no_number_of_an_output_is_refused(wrong):
    with pytest.raises(BadRequest, match="from 1 to 3"):
        arguments.place(wrong, 3, "output")


def test_of_a_path_only_the_name_counts():
    for path in ("dance", "dance.wekproj", "/home/anna/dance.wekproj", "C:\\anna\\dance.wekproj", "../../dance.xml"):
        assert arguments.stem([path]) == "dance"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("fuzz") / "mappings", inputs=2, outputs=2)
    desk.record([[0, 0], [1, 1]], [0, 1])
    desk.say("train")
    desk.say("startRunning")
    return desk


@given(st.sampled_from(sorted({*CONTROL} - {"train"})) | st.text("abc/", max_size=8), VALUES)
def test_whatever_comes_is_answered_or_refused_in_one_sentence(desk, name, values):
    said = heard(desk.session, osc.Message(PREFIX + name, tuple(values)))
    assert all(isinstance(out, Out) and osc.decode(datagram(out)) for out in said)
    assert all("\n" not in sentence and len(sentence) < 1000 for sentence in errors(said))
    assert desk.session.state in ("idle", "recording", "running")


def test_what_another_server_says_is_not_answered(desk):
    assert desk.say("/livegan/error", "no") == []
    assert len(errors(desk.say("/wek/other", 1.0))) == 1


def test_there_are_all_messages_of_wekinator():
    assert len(CONTROL) == 23


def test_floats_go_out_as_floats_in_32_bits_whatever_they_are():
    assert datagram(Out("/wek/outputs", np.array([0.5, 2.0]))) == osc.encode("/wek/outputs", 0.5, 2.0)
    assert datagram(Out("/done")) == osc.encode("/done")
    assert datagram(Out("/d", [np.inf]))[-4:] == bytes.fromhex("7f800000")
