"""What the inert reader makes of pickles: the same data, and of calls nothing but records."""

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.importers import machine, names
from livegan.importers.limits import Budget
from livegan.importers.records import Array, Kind, Storage, Tensor
from tests.importers.writing import Call, Name, pickled

PROTOCOLS = [2, 3, 4, 5]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
KEYS = st.text() | st.integers(-1000, 1000) | st.none()
DATA = st.recursive(LEAVES, lambda x: st.lists(x) | st.tuples(x, x) | st.dictionaries(KEYS, x), max_leaves=20)


def read(data):
    return machine.loads(data, names.PICKLES, Budget.of(len(data)))


@given(DATA, st.sampled_from(PROTOCOLS))
def test_plain_data_come_back_as_they_were(data, protocol):
    assert read(pickle.dumps(data, protocol)) == data


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.float64, torch.bfloat16])
def test_torchs_own_tensors_are_read(protocol, kind):
    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6).to(kind)
    for one in (whole, whole.T, whole[1:, 2:], torch.nn.Parameter(whole), whole[2, 3]):
        found = read(pickle.dumps(one, protocol))
        assert type(found) is Tensor
        np.testing.assert_array_equal(found.array(Budget.of(1000)), one.detach().float().numpy())


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("order", ["<f4", ">f4", "<f2", ">f8"])
def test_numpys_own_arrays_are_read(protocol, order):
    whole = np.arange(12).reshape(3, 4).astype(order)
    for one in (whole, np.asfortranarray(whole), whole[0], whole[:0].sum(keepdims=True)):
        found = read(pickle.dumps(one, protocol))
        assert type(found) is Array
        np.testing.assert_array_equal(found.array(Budget.of(1000)), one.astype(np.float32))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("number", [np.float64(0.25), np.float32(3), np.int64(-7), np.bool_(True)])
def test_numpys_own_scalars_become_plain_numbers(protocol, number):
    found = read(pickle.dumps(number, protocol))
    assert found == number
    assert type(found) in (float, int, bool)


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_both_names_of_numpys_core_are_known(core):
    kind = Call(Name("numpy", "dtype"), ("f4", False, True))
    start = Call(Name(f"{core}.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), b"b"))
    start.state = (1, (2,), kind, False, np.float32([1, 2]).tobytes())
    np.testing.assert_array_equal(read(pickled(start, 2)).array(Budget.of(100)), [1, 2])


def test_a_name_that_is_not_in_the_table_is_refused_by_name():
    with pytest.raises(BadRequest, match=r"asks for os\.system"):
        read(pickled(Call(Name("os", "system"), ("true",))))


def test_names_are_compared_whole():
    for module, name in [
        ("numpy", "ndarray.__class__"),
        ("numpy.ndarray", "x"),
        ("collections", "OrderedDict "),
        ("", ""),
    ]:
        with pytest.raises(BadRequest, match="asks for"):
            read(pickled(Call(Name(module, name), ())))


def test_no_stand_in_is_the_thing_itself():
    for table in (names.PICKLES, names.TORCH):
        for standin in table.values():
            assert standin.__module__ == "livegan.importers.names"


def test_views_cannot_be_larger_than_their_numbers():
    storage = Storage("f4", 8, lambda: np.arange(8, dtype=np.float32).tobytes())
    np.testing.assert_array_equal(Tensor(storage, 1, (2, 3), (3, 1)).array(Budget.of(0)), [[1, 2, 3], [4, 5, 6]])
    for offset, shape, strides in [(0, (9,), (1,)), (3, (2, 3), (3, 1)), (0, (4, 4), (0, 1)), (0, (3, 3), (1, 1))]:
        with pytest.raises(BadRequest):
            Tensor(storage, offset, shape, strides)


def test_a_file_cannot_be_unfolded_without_end():
    storage = Storage("f4", 1 << 20, lambda: bytes(4 << 20))
    tensor, budget = Tensor(storage, 0, (1 << 20,), (1,)), Budget.of(4 << 20)
    for _ in range(8):
        tensor.array(budget)
    with pytest.raises(BadRequest, match="unfold"):
        tensor.array(budget)


def test_compound_kinds_of_numbers_are_refused():
    with pytest.raises(BadRequest, match="O8"):
        Kind("O8")
    with pytest.raises(BadRequest, match="compound"):
        Kind("f4").build(Budget.of(0), (3, "<", None, ("x",), {"x": 1}, 4, 1, 0))
