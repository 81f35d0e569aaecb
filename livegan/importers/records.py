"""What a stranger's file becomes: records of numbers, tables and modules, that hold data and do nothing.

Numbers are taken out of the file's bytes only when an importer asks for them, checked and paid for.
"""

import math
from collections.abc import Callable

import numpy as np

from livegan.errors import BadRequest
from livegan.importers.limits import Budget, told

ENTRY = 100
"""Bytes that one entry of a table or a list costs."""

_AXES = 8
_LARGE = 1 << 40
_CODES = frozenset(["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"])
FLOATS = frozenset(["f2", "f4", "f8", "bf16"])
"""Number formats that can be weights."""

WIDTHS = {"f2": 2, "f4": 4, "f8": 8, "bf16": 2, "i1": 1, "i2": 2, "i4": 4, "i8": 8, "u1": 1, "b1": 1}


class Nothing:
    """Stands for what a generator does not need: devices, hooks, flags."""

    def build(self, budget: Budget, state: object) -> None:
        """Its state is not needed either."""


class Table(dict):
    """A dictionary of a class of its own; `build` is for those whose state are their entries."""

    def __init__(self, entries: dict | None = None, open_: bool = False) -> None:
        super().__init__(entries or {})
        self._open = open_

    def build(self, budget: Budget, state: object) -> None:
        """Entries of a namespace or a network; what else a dictionary carries along is left out."""
        if not isinstance(state, dict):
            raise BadRequest("it gives a table a state that is no dictionary")
        if self._open:
            budget.make(ENTRY * len(state))
            self.update(state)


class Module:
    """A persistent module of NVIDIA's PyTorch code. kind: the name of its class; state: its attributes."""

    __slots__ = ("kind", "state")

    def __init__(self, kind: str, state: dict) -> None:
        self.kind, self.state = kind, state

    def children(self, place: str) -> dict:
        """Its `_modules`, `_parameters` or `_buffers`."""
        found = self.state.get(place, {})
        if not isinstance(found, dict):
            raise BadRequest("it has a module whose parts are no dictionary")
        return found

    def keywords(self) -> dict:
        """What it was made with."""
        found = self.state.get("_init_kwargs")
        return found if isinstance(found, dict) else {}


class Storage:
    """Numbers of one kind in a row; read from the file, once, when they are asked for."""

    __slots__ = ("_read", "code", "count", "data")

    def __init__(self, code: str, count: object, read: Callable[[], bytes] | None = None) -> None:
        self.code, self.count, self._read = code, whole(count), read
        self.data: bytes | None = None

    def numbers(self) -> np.ndarray:
        """All of them, bfloat16 as uint16. Raises BadRequest when the file holds fewer than it says."""
        if self.data is None:
            self.data = self._read() if self._read else b""
        if len(self.data) < self.count * WIDTHS[self.code]:
            raise BadRequest("it promises more numbers than it holds: copy or download it again")
        kind = "<u2" if self.code == "bf16" else f"<{self.code}"
        return np.frombuffer(self.data, kind, self.count)


class Tensor:
    """A view into a storage."""

    __slots__ = ("offset", "shape", "storage", "strides")

    def __init__(self, storage: object, offset: object, shape: object, strides: object) -> None:
        if type(storage) is not Storage:
            raise BadRequest("it has a tensor without numbers")
        self.storage, self.offset = storage, whole(offset)
        self.shape, self.strides = axes(shape), axes(strides)
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=False))
        fits = last < storage.count and math.prod(self.shape) <= storage.count
        if len(self.shape) != len(self.strides) or not (fits or 0 in self.shape):
            raise BadRequest(f"it has a tensor of shape {self.shape} that is larger than its numbers")

    def array(self, budget: Budget) -> np.ndarray:
        """As contiguous float32."""
        if self.storage.code not in FLOATS:
            raise BadRequest(f"it has weights of the kind {self.storage.code}, floating point numbers are wanted")
        if 0 in self.shape:
            raise BadRequest("it has weights without a single number")
        budget.make(4 * math.prod(self.shape))
        numbers = self.storage.numbers()
        steps = [s * numbers.itemsize for s in self.strides]
        view = np.ndarray(self.shape, numbers.dtype, numbers.data, self.offset * numbers.itemsize, steps)
        if self.storage.code == "bf16":
            return (np.array(view, np.uint32, order="C") << 16).view(np.float32)
        return _single(view)


class Kind:
    """A numpy dtype: one of the plain numbers, in either byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: object) -> None:
        name = code.lstrip("<>=|") if isinstance(code, str) else ""
        if name not in _CODES:
            raise BadRequest(f"it has numbers of the kind {told(code)}, which no StyleGAN file has")
        self.code, self.order = name, "<"

    def build(self, budget: Budget, state: object) -> None:
        """The byte order is the second entry of its state."""
        plain = isinstance(state, tuple) and len(state) >= 2 and state[1] in ("<", ">", "|", "=")
        if not plain or any(state[i] is not None for i in range(2, min(5, len(state)))):
            raise BadRequest("it has numbers of a compound kind, which no StyleGAN file has")
        self.order = ">" if state[1] == ">" else "<"

    def numpy(self) -> np.dtype:
        """As numpy knows it."""
        return np.dtype(self.order + self.code)


class Array:
    """A numpy array, before and after its state arrived."""

    __slots__ = ("data", "fortran", "kind", "shape")

    def __init__(self) -> None:
        self.shape, self.kind, self.fortran, self.data = (0,), Kind("f4"), False, b""

    def build(self, budget: Budget, state: object) -> None:
        """(version, shape, dtype, in Fortran's order, bytes), as numpy writes it."""
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise BadRequest("it has an array without its numbers")
        shape, kind, self.fortran, data = state[-4:]
        if isinstance(data, str):
            budget.make(len(data))
            data = data.encode("latin1", "replace")
        self.fill(shape, kind, data)

    def fill(self, shape: object, kind: object, data: object) -> None:
        """Take the content, as long as it fits the shape."""
        self.shape = axes(shape)
        fits = type(kind) is Kind and isinstance(data, bytes | bytearray)
        if not fits or len(data) != math.prod(self.shape) * WIDTHS.get(kind.code, 0):
            raise BadRequest("it has an array whose numbers do not fit its shape")
        self.kind, self.data = kind, data

    def array(self, budget: Budget) -> np.ndarray:
        """As contiguous float32."""
        if self.kind.code not in FLOATS:
            raise BadRequest(f"it has weights of the kind {self.kind.code}, floating point numbers are wanted")
        budget.make(4 * math.prod(self.shape))
        numbers = np.frombuffer(self.data, self.kind.numpy())
        return _single(numbers.reshape(self.shape, order="F" if self.fortran is True else "C"))


def _single(numbers: np.ndarray) -> np.ndarray:
    """A copy as float32; what is too large for it becomes infinite, and is found as that later."""
    with np.errstate(over="ignore"):
        return np.array(numbers, np.float32, order="C")


def whole(value: object) -> int:
    """A count or a size in a file. Raises BadRequest for anything else."""
    if type(value) is not int or not 0 <= value < _LARGE:
        raise BadRequest("it has a size that is no size")
    return value


def axes(value: object) -> tuple[int, ...]:
    """The shape or the strides of an array. Raises BadRequest."""
    if not isinstance(value, tuple | list) or len(value) > _AXES:
        raise BadRequest("it has an array whose shape is no shape")
    return tuple(whole(size) for size in value)
