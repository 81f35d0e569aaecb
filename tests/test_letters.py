"""Letters arrive as they were sent; damaged ones are a ValueError and nothing else."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save

from livegan.letters import Letter, pack, unpack

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
WORDS = st.dictionaries(st.text(), st.recursive(PLAIN, lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
TYPES = st.sampled_from([np.float32, np.float64, np.uint8, np.int64, np.bool_, np.dtype(">f4")])
NAMES = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name != "__metadata__")
ARRAYS = st.dictionaries(NAMES, arrays.arrays(TYPES, arrays.array_shapes(min_dims=0, min_side=0)), max_size=3)


@given(words=WORDS, given=ARRAYS)
def test_what_is_packed_is_unpacked(words, given):
    letter = unpack(pack(Letter(words, given)))
    assert letter.words == words
    assert set(letter.arrays) == set(given)
    for name, array in given.items():
        np.testing.assert_array_equal(letter.arrays[name], array)
        assert letter.arrays[name].shape == array.shape
        assert letter.arrays[name].dtype == array.dtype.newbyteorder("=")


def test_arrays_may_lie_in_memory_as_they_like():
    block = np.arange(24, dtype=np.float32).reshape(4, 6)
    for array in (block.T, block[::2, ::-1], np.broadcast_to(block[0], (3, 6))):
        np.testing.assert_array_equal(unpack(pack(Letter({}, {"a": array}))).arrays["a"], array)


def test_the_same_letter_gives_the_same_bytes():
    once, again = (Letter({"do": "rows", "first": 3}, {"b": np.eye(3), "a": np.ones(2)}) for _ in range(2))
    assert pack(once) == pack(again)


@pytest.mark.parametrize("array", [np.array([None]), np.array(["words"]), np.array([b"bytes"])])
def test_what_is_not_numbers_is_refused(array):
    with pytest.raises(ValueError, match="cannot be sent"):
        pack(Letter({}, {"a": array}))


WHOLE = pack(Letter({"do": "rows", "at": [1, 2.5]}, {"rows": np.ones((3, 2), np.float32), "z": np.zeros(4, np.uint8)}))


@given(
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6),
    length=st.integers(0, len(WHOLE)) | st.just(len(WHOLE)),
)
def test_damaged_bytes_are_a_value_error_or_another_letter(flips, length):
    data = bytearray(WHOLE)
    for at, value in flips:
        data[at] = value
    try:
        letter = unpack(bytes(data[:length]))
    except ValueError:
        return
    assert isinstance(letter.words, dict)
    assert all(isinstance(array, np.ndarray) for array in letter.arrays.values())


@given(st.binary(max_size=200))
def test_noise_is_no_letter(data):
    with pytest.raises(ValueError, match=r"."):
        unpack(data)


@pytest.mark.parametrize(
    "data",
    [
        save({}),
        save({}, {"other": "{}"}),
        save({}, {"livegan": "[1]"}),
        save({}, {"livegan": "{"}),
        save({}, {"livegan": "[" * 100_000}),
        save({}, {"livegan": json.dumps({"n": 0}).replace("0", "9" * 5000)}),
    ],
    ids=["no words", "other words", "a list", "cut off", "nested without end", "a huge number"],
)
def test_a_safetensors_file_that_is_no_letter_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        unpack(data)


def test_a_kind_of_number_that_numpy_has_not_is_refused():
    data = save({"a": np.zeros(2, np.uint16)}, {"livegan": "{}"}).replace(b'"U16"', b'"BF16"')
    head = int.from_bytes(data[:8], "little")
    with pytest.raises(ValueError, match="no letter"):
        unpack((head + 1).to_bytes(8, "little") + data[8:])
