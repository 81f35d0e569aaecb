"""What the real Wekinator was sent and answered, message by message, and where livegan answers otherwise on purpose."""

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from livegan import osc
from livegan.mapping.apart import Group
from livegan.serving.wire import datagram
from tests.serving.desk import Desk, errors, lines

NET = {"inputs": 3, "outputs": 3, "model": "weknet", "mapping": "WekinatorProject"}

DIFFERENT = {
    "fresh process": "no slider is moved while a project is opened: only done-training is sent",
    "string s s s": "a text is refused in words, not taken for 0",
    "NaN": "what is no number is refused",
    "inf": "what is infinite is refused",
    "startDtwRecording in a supervised": "a message that is out of place does not end the receiver: rows are answered",
}
"""By the beginning of the note in the recording: which replies are not those of Wekinator, and why."""

OTHER_NUMBERS = {
    "integer arguments": "ints are numbers, not 0",
    "int64": "they are numbers, not 0",
    "doubles": "they are numbers, not 0",
    "mixed f i f": "ints are numbers, not 0",
    "booleans": "true is 1, not 0",
    "outputs with ints": "ints are numbers, not 0",
    "train while running": "the outputs change together when all are trained, not one after the other",
}
"""The same for numbers that differ in replies that are otherwise the same."""


def told(data: bytes) -> tuple[str, str, list]:
    """Address, type tags and arguments."""
    message = OscMessage(data)
    tags = data[data.index(b",") :].split(b"\0")[0].decode()
    return message.address, tags, message.params


def exchanges(name):
    """(note, datagram, what it was answered with) in order."""
    found, note = [], ""
    for line in lines(name):
        if line["dir"] == "note":
            note = line["text"].strip()
        elif line["dir"] == "to_wekinator":
            found.append((note, bytes.fromhex(line["hex"]), []))
        else:
            found[-1][2].append(told(bytes.fromhex(line["hex"])))
    return found


def replayed(desk, name):
    """(note, what was answered, what Wekinator answered, sentences) for each datagram; training takes as long."""
    desk.fitter.holds = True
    for note, data, expected in exchanges(name):
        try:
            said = desk.datagram(data)
        except osc.Refused as why:
            yield note, [], expected, [str(why)]
            continue
        if len(said) < len(expected) or desk.session.project.gesture:
            desk.fitter.go_on()
            said += desk.posted()
        yield note, [told(datagram(out)) for out in said if out.to == "outputs"], expected, errors(said)


def is_among(note, table):
    return any(note.startswith(start) for start in table)


@pytest.fixture
def taught(tmp_path, monkeypatch):
    """A desk that went through the first session, in which Wekinator's project A was made.

    How well rounds are met that were left out is not asked for here, and would take most of the time.
    """
    monkeypatch.setattr(Group, "held", lambda group: [])
    desk = Desk(tmp_path / "mappings", **NET)
    desk.log = list(replayed(desk, "session-A-regression"))
    return desk


def test_a_session_of_numbers_is_answered_as_wekinator_did(taught):
    assert sum(len(said) for _, said, _, _ in taught.log) > 80
    for note, said, expected, sentences in taught.log:
        assert [one[:2] for one in said] == [one[:2] for one in expected], note
        assert sentences == [], note
        for mine, its in zip(said, expected, strict=True):
            np.testing.assert_allclose(mine[2], its[2], atol=1e-5, err_msg=note)
    assert taught.session.project.names == ("brightness", "zoom", "morph")


def test_the_edge_cases_are_answered_as_wekinator_did_or_otherwise_on_purpose(taught):
    desk = Desk(taught.shelf.root, **(NET | {"mapping": "another"}))
    differed, other = set(), set()
    for note, said, expected, _ in replayed(desk, "session-A-edgecases"):
        if [one[:2] for one in said] != [one[:2] for one in expected]:
            assert is_among(note, DIFFERENT), (note, said, expected)
            differed.add(note)
        elif any(not np.allclose(one[2], its[2], atol=2e-3) for one, its in zip(said, expected, strict=True)):
            assert is_among(note, OTHER_NUMBERS), (note, said, expected)
            other.add(note)
    assert all(any(note.startswith(start) for note in differed) for start in DIFFERENT)
    assert all(any(note.startswith(start) for note in other) for start in OTHER_NUMBERS)


def test_a_session_of_gestures_is_answered_as_wekinator_did(tmp_path):
    desk = Desk(tmp_path / "mappings", inputs=2, outputs=["output"], type="gesture", classes=3)
    for note, said, expected, _ in replayed(desk, "session-C-dtw"):
        assert [one[:2] for one in said] == [one[:2] for one in expected], note
        for mine, its in zip(said, expected, strict=True):
            np.testing.assert_allclose(mine[2], its[2], rtol=1e-6, err_msg=note)
