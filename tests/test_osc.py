import json
import math
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from livegan import osc
from livegan.osc import Message, Refused, decode, encode
from tests.hostile.osc_datagrams import GOOD, HOSTILE, VALID, bundle, message, mutations, text

DATA = Path(__file__).parent / "data"
SAFE = "".join(chr(c) for c in range(33, 127) if chr(c) not in "#*,?[]{}")
ADDRESSES = st.text(SAFE, max_size=40).map("/".__add__)
VALUES = st.one_of(
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20),
)


@pytest.mark.parametrize("datagram", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_datagrams_are_refused_in_one_sentence_and_at_once(datagram):
    start = time.thread_time()
    with pytest.raises(Refused) as refusal:
        decode(datagram)
    assert time.thread_time() - start < 1  # seconds of our own work; a loop or a wild pattern takes for ever
    assert 10 < len(str(refusal.value)) < 200
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("datagram", VALID.values(), ids=VALID.keys())
def test_valid_datagrams_say_what_python_osc_says(datagram):
    for packet in decode(datagram):
        assert osc.decode(encode(packet.address, *packet.values)) == [rounded(packet)]
    if not datagram.startswith(b"#bundle"):
        theirs = OscMessage(datagram)
        assert decode(datagram) == [Message(theirs.address, tuple(theirs.params))]


def rounded(one: Message) -> Message:
    """What is left of a message when its floats are sent in 32 bits."""
    values = [float(np.float32(v)) if isinstance(v, float) else v for v in one.values]
    return Message(one.address, tuple(values))


def test_every_type_keeps_its_type():
    (one,) = decode(VALID["all types"])
    assert one == Message("/all", (-1, 0.5, 1 << 40, 0.1, "größe", True, False))
    assert [type(v) for v in one.values] == [int, float, int, float, str, bool, bool]


def test_booleans_between_numbers_keep_their_places():
    assert decode(message(b"/a", b"TiFfT", b"\0\0\0\7\x3f\x80\0\0")) == [Message("/a", (True, 7, False, 1.0, True))]


def test_bundles_are_taken_in_order_whatever_their_time():
    later = bundle(text(b"/1"), bundle(text(b"/2"), text(b"/3")), text(b"/4"), time=b"\xff" * 8)
    assert [m.address for m in decode(later)] == ["/1", "/2", "/3", "/4"]


def test_the_largest_datagram_is_taken():
    fitting = message(b"/w", b"f" * 13_099, bytes(4 * 13_099))
    assert len(fitting) == osc.LARGEST - osc.LARGEST % 4
    assert len(decode(fitting)[0].values) == 13_099


@given(ADDRESSES, st.lists(VALUES, max_size=20))
def test_what_is_encoded_comes_back(address, values):
    (back,) = decode(encode(address, *values))
    assert back == Message(address, tuple(values))
    assert [type(v) for v in back.values] == [type(v) for v in values]


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_refused(data):
    try:
        found = decode(data)
    except Refused:
        return
    assert all(isinstance(one, Message) for one in found)


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/a", math.nan),
        ("/a", math.inf),
        ("/a", 1e39),
        ("/a", 1 << 63),
        ("/a", None),
        ("/a", b"blob"),
        ("/a", [1.0]),
        ("/a", "a\0\0\0b"),
        ("/a", "\udc80"),
        ("/a*", 1),
        ("a", 1),
        ("", 1),
        ("/größe", 1),
    ],
)
def test_what_we_would_refuse_is_not_sent(address, value):
    with pytest.raises(Refused):
        encode(address, value)


def test_mutations_do_no_harm():
    process = psutil.Process()
    kinds = {"taken": 0, "refused": 0}
    slow = 0
    for number, datagram in enumerate(mutations(seed=1, count=200_000)):
        if number == 20_000:
            before = process.memory_info().rss
        start = time.thread_time()
        kinds[outcome(datagram)] += 1
        slow += time.thread_time() - start > 0.1
        if number % 1_000 == 0:
            assert decode(GOOD) == [Message("/wek/inputs", (0.25, 0.5, 0.75))]
    assert process.memory_info().rss - before < 20 << 20
    assert min(kinds.values()) > 10_000  # neither all noise nor all harmless
    assert slow == 0


def outcome(datagram: bytes) -> str:
    try:
        found = decode(datagram)
    except Refused:
        return "refused"
    for one in found:
        assert all(isinstance(v, str) or math.isfinite(v) for v in one.values)
    return "taken"


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def test_a_session_with_wekinator_is_understood():
    session = lines("wekinator_session.jsonl")
    assert len(session) > 20
    for line in session:
        ((address, values),) = line["osc"]
        assert decode(bytes.fromhex(line["hex"])) == [rounded(Message(address, tuple(values)))]


def test_what_wekinator_takes_silently_is_taken_or_refused_in_words():
    for line in lines("wekinator_edgecases.jsonl"):
        datagram = bytes.fromhex(line["hex"])
        if line["note"] in ("NaN", "inf"):
            with pytest.raises(Refused, match="finite"):
                decode(datagram)
        else:
            assert all(one.address.lower().startswith("/wek/inputs") for one in decode(datagram))
