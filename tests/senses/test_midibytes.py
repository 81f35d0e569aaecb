import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.midibytes import Stream

DATA = st.integers(0, 127)
VOICE = st.one_of(
    st.tuples(st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xE0]), st.integers(0, 15), DATA, DATA).map(
        lambda m: (m[0] | m[1], m[2], m[3])
    ),
    st.tuples(st.sampled_from([0xC0, 0xD0]), st.integers(0, 15), DATA).map(lambda m: (m[0] | m[1], m[2])),
)
REALTIME = st.sampled_from([0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF])


def read(data):
    return list(Stream().feed(data))


def test_a_note_comes_and_goes():
    assert read([0x90, 60, 100, 0x80, 60, 0]) == [(0x90, 60, 100), (0x80, 60, 0)]


def test_running_status_leaves_the_status_out():
    assert read([0x90, 60, 100, 60, 0, 0xC1, 5, 6]) == [(0x90, 60, 100), (0x90, 60, 0), (0xC1, 5), (0xC1, 6)]


def test_a_clock_in_the_middle_of_a_message_comes_first_and_breaks_nothing():
    assert read([0x80, 60, 0xF8, 0, 61, 0xFE, 1]) == [(0xF8,), (0x80, 60, 0), (0xFE,), (0x80, 61, 1)]


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        ([60, 100], []),
        ([0x90, 60], []),
        ([0x90, 60, 0x80, 60, 0], [(0x80, 60, 0)]),
        ([0xF0, 1, 2, 0xF8, 3, 0xF7, 4, 5], [(0xF8,)]),
        ([0xF0, 1, 2, 0x90, 60, 1], [(0x90, 60, 1)]),
        ([0x90, 60, 1, 0xF6, 60, 0], [(0x90, 60, 1), (0xF6,)]),
        ([0xF2, 1, 2, 3, 4], [(0xF2, 1, 2)]),
        ([0x90, 60, 1, 0xF4, 60, 0], [(0x90, 60, 1)]),
    ],
    ids=["stray", "truncated", "interrupted", "sysex", "sysex cut off", "tune request", "not running", "undefined"],
)
def test_what_is_no_message_is_left_out(data, messages):
    assert read(data) == messages


def test_an_endless_sysex_takes_no_memory():
    stream = Stream()
    assert list(stream.feed([0xF0])) == []
    for _ in range(50):
        assert list(stream.feed([1] * 1000)) == []
    assert stream._data == []
    assert list(stream.feed([0xF7, 0x90, 1, 2])) == [(0x90, 1, 2)]


@given(st.lists(VOICE, max_size=40))
def test_whole_messages_are_read_as_mido_reads_them(messages):
    data = [byte for message in messages for byte in message]
    assert read(data) == messages == [tuple(one.bytes()) for one in mido.parse_all(data)]


@given(st.lists(VOICE, max_size=40), st.data())
def test_running_status_clocks_and_cuts_change_nothing(messages, data):
    shortened = [list(one[1:]) if i and one[0] == messages[i - 1][0] else list(one) for i, one in enumerate(messages)]
    stream, found = Stream(), []
    for byte in [byte for one in shortened for byte in one]:
        if data.draw(st.booleans()):
            assert list(stream.feed([clock := data.draw(REALTIME)])) == [(clock,)]
        found += stream.feed([byte])
    assert found == messages


@given(st.binary(max_size=300))
def test_garbage_gives_nothing_but_whole_messages(garbage):
    for status, *data in read(garbage):
        assert status >= 0x80
        assert len(data) <= 2
        assert all(0 <= byte <= 127 for byte in data)
