"""Every name that a StyleGAN file may hold, and the record that stands for it; there is no other list.

Each entry makes a record of what it is given; none calls, imports or looks up anything that the file names.
"""

import struct

from livegan.errors import BadRequest
from livegan.importers import torchfile
from livegan.importers.limits import Budget
from livegan.importers.machine import Named, Standin
from livegan.importers.records import ENTRY, Array, Kind, Module, Nothing, Storage, Table, Tensor, axes

_NUMBER = 8
_SCALARS = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "b1": "?"}


def _persistent(_: Budget, meta: object, *rest: object) -> Module:
    if rest or not isinstance(meta, dict) or meta.get("type") != "class":
        raise BadRequest("it has a module that is not written as NVIDIA's code writes them")
    kind, state = meta.get("class_name"), meta.get("state")
    if not isinstance(kind, str) or not isinstance(state, dict):
        raise BadRequest("it has a module without a class or a state")
    return Module(kind, state)


def _table(budget: Budget, *args: object) -> Table:
    """An OrderedDict or EasyDict, empty or made from one dictionary or from pairs."""
    given = args[0] if args else {}
    budget.make(ENTRY * len(given) if isinstance(given, dict | list) else 0)
    if isinstance(given, list):
        pairs = [pair for pair in given if isinstance(pair, list | tuple) and len(pair) == 2]
        given = {key: value for key, value in pairs if isinstance(key, str)}
    return Table(given if isinstance(given, dict) else {})


def _record(_: Budget, *args: object) -> Table:
    """A namespace or a TensorFlow network: its entries come as its state."""
    return Table(open_=True)


def _reconstructed(budget: Budget, kind: object, *args: object) -> object:
    """An object of old pickles: its class, the class below, and what that was made with."""
    if type(kind) is not Named or kind.standin not in (_table, _record):
        raise BadRequest("it makes an object of an unexpected kind")
    return kind.standin(budget, *(arg for arg in args[1:] if isinstance(arg, dict)))


def _parameter(_: Budget, data: object = None, *rest: object) -> object:
    return data


def _tensor(_: Budget, storage: object, offset: object, shape: object, strides: object, *rest: object) -> Tensor:
    return Tensor(storage, offset, shape, strides)


def _nested(budget: Budget, data: object = None, *rest: object) -> Storage:
    """A storage that torch wrote as a file inside the file."""
    if not isinstance(data, bytes | bytearray):
        raise BadRequest("it has a storage that is no data")
    budget.make(len(data))
    found = torchfile.old(bytes(data), TORCH, budget)
    if type(found) is not Storage:
        raise BadRequest("it has nested data that is no storage")
    return found


def _array(_: Budget, *args: object) -> Array:
    return Array()


def _buffer(_: Budget, data: object, kind: object, shape: object, order: object = "C") -> Array:
    made = Array()
    made.fill(shape, kind, data)
    made.fortran = order == "F"
    return made


def _kind(_: Budget, code: object = None, *rest: object) -> Kind:
    return Kind(code)


def _scalar(_: Budget, kind: object = None, data: object = None) -> float:
    fits = type(kind) is Kind and kind.code in _SCALARS and isinstance(data, bytes | str) and len(data) <= _NUMBER
    if not fits:
        raise BadRequest("it has a number that is no number")
    data = data.encode("latin1", "replace") if isinstance(data, str) else data
    return struct.unpack(f"{kind.order}{_SCALARS[kind.code]}", data)[0]


def _encode(budget: Budget, text: object = "", encoding: object = "latin1") -> bytes:
    """How protocol 2 writes bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise BadRequest("it encodes a text in an unexpected way")
    budget.make(len(text))
    return text.encode("latin1")


def _bytes(_: Budget, *args: object) -> bytes:
    if args:
        raise BadRequest("it makes bytes in an unexpected way")
    return b""


def _items(budget: Budget, given: object = (), *rest: object) -> list:
    budget.make(ENTRY * len(given) if isinstance(given, list) else 0)
    return list(given) if isinstance(given, list) else []


def _shape(_: Budget, given: object = ()) -> tuple[int, ...]:
    return axes(given)


def _nothing(_: Budget, *args: object) -> Nothing:
    return Nothing()


def _storage_kind(_: Budget, *args: object) -> None:
    raise BadRequest("it makes a storage by hand")


_STORAGES = ["Float", "Half", "Double", "BFloat16", "Int", "Long", "Short", "Char", "Byte", "Bool"]
_DTYPES = ["float16", "float32", "float64", "bfloat16", "int32", "int64", "uint8", "bool"]
_BUILTINS = ("builtins", "__builtin__")

_NUMPY: dict[tuple[str, str], Standin] = {("numpy", "ndarray"): _array, ("numpy", "dtype"): _kind}
for _core in ("numpy.core", "numpy._core"):
    _NUMPY[_core + ".multiarray", "_reconstruct"] = _array
    _NUMPY[_core + ".multiarray", "scalar"] = _scalar
    _NUMPY[_core + ".numeric", "_frombuffer"] = _buffer

_BOTH: dict[tuple[str, str], Standin] = (
    _NUMPY
    | {
        ("collections", "OrderedDict"): _table,
        ("torch._utils", "_rebuild_tensor"): _tensor,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch._utils", "_rebuild_parameter"): _parameter,
        ("torch", "Size"): _shape,
        ("torch", "device"): _nothing,
        ("_codecs", "encode"): _encode,
    }
    | {("torch", dtype): _nothing for dtype in _DTYPES}
    | {(module, "set"): _items for module in _BUILTINS}
    | {(module, "bytes"): _bytes for module in _BUILTINS}
)

TORCH: dict[tuple[str, str], Standin] = (
    _BOTH | {("torch", f"{kind}Storage"): _storage_kind for kind in _STORAGES} | {("argparse", "Namespace"): _record}
)
"""Names in what torch.save wrote."""

PICKLES: dict[tuple[str, str], Standin] = (
    _BOTH
    | {
        ("torch_utils.persistence", "_reconstruct_persistent_obj"): _persistent,
        ("torch.storage", "_load_from_bytes"): _nested,
        ("dnnlib.util", "EasyDict"): _table,
        ("dnnlib.tflib.network", "Network"): _record,
    }
    | {(module, "_reconstructor"): _reconstructed for module in ("copyreg", "copy_reg")}
    | {(module, name): _nothing for module in _BUILTINS for name in ("object", "dict")}
)
"""Names in NVIDIA's pickles, of PyTorch and of TensorFlow, by old and new numpy."""
