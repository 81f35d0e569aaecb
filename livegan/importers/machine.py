"""The inert reader of pickles: lists, numbers and texts are read, every call in them only leaves a record.

It is not Python's unpickler: there is no way from here to any function, class or module that a file names. A name
is looked up, exactly, in the table that it was given; what is not there is refused by name.
"""

import io
import pickletools
import struct
from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol

from livegan.errors import BadRequest
from livegan.importers.kinds import foreign
from livegan.importers.limits import Budget, told

_KEY = 1 << 31
_NEWEST = 5


class Standin(Protocol):
    """What stands for one name: makes a record of a call, and calls nothing."""

    def __call__(self, budget: Budget, *args: object) -> object: ...


class Named:
    """A name in a file, and what stands for it."""

    __slots__ = ("module", "name", "standin")

    def __init__(self, module: str, name: str, standin: Standin) -> None:
        self.module, self.name, self.standin = module, name, standin


class Built(Protocol):
    """A record that takes the state of what it stands for."""

    def build(self, budget: Budget, state: object) -> None: ...


class Machine:
    """Reads one pickle after another from a stream. persistent: what a torch file's references to numbers become."""

    def __init__(
        self,
        names: Mapping[tuple[str, str], Standin],
        budget: Budget,
        persistent: Callable[[object], object] | None = None,
    ) -> None:
        self._names, self._budget, self._persistent = names, budget, persistent
        self._stack: list = []
        self._marks: list[list] = []
        self._memo: dict[int, object] = {}

    def load(self, stream: BinaryIO) -> object:
        """The next object in `stream`, as records. Raises BadRequest for what is damaged, refused or too much."""
        self._stack, self._marks, self._memo = [], [], {}
        try:
            for opcode, arg, _ in pickletools.genops(stream):
                self._budget.step()
                self._do(opcode.name, arg)
            (result,) = self._stack
        except (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error):
            raise BadRequest("it is damaged or ends too early: copy or download it again") from None
        return result

    def _do(self, name: str, arg: object) -> None:
        if name in _VALUES:
            self._stack.append(arg)
        elif name in _FRESH:
            self._stack.append(_FRESH[name]())
        elif name in _ACTIONS:
            _ACTIONS[name](self, arg)
        else:
            raise BadRequest(f"it uses the pickle operation {name}, which no StyleGAN file needs")

    def _proto(self, version: object) -> None:
        if version > _NEWEST:
            raise BadRequest(f"it is written in pickle protocol {version}, livegan knows {_NEWEST} and older")

    def _skip(self, _: object) -> None:
        """Frames and the end say nothing that is needed."""

    def _mark(self, _: object) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def _marked(self) -> list:
        """All that was put down since the last mark."""
        items, self._stack = self._stack, self._marks.pop()
        return items

    def _taken(self, count: int) -> tuple:
        if len(self._stack) < count:
            raise IndexError
        items = tuple(self._stack[-count:])
        del self._stack[-count:]
        return items

    def _pop(self, _: object) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._marked()

    def _pop_mark(self, _: object) -> None:
        self._marked()

    def _dup(self, _: object) -> None:
        self._stack.append(self._stack[-1])

    def _tuple1(self, _: object) -> None:
        self._stack.append(self._taken(1))

    def _tuple2(self, _: object) -> None:
        self._stack.append(self._taken(2))

    def _tuple3(self, _: object) -> None:
        self._stack.append(self._taken(3))

    def _tuple(self, _: object) -> None:
        items = self._marked()
        self._stack.append(tuple(items))

    def _list(self, _: object) -> None:
        items = self._marked()
        self._stack.append(items)

    def _dict(self, _: object) -> None:
        items, made = self._marked(), {}
        _fill(made, items)
        self._stack.append(made)

    def _append(self, _: object) -> None:
        self._extend(list(self._taken(1)))

    def _appends(self, _: object) -> None:
        self._extend(self._marked())

    def _extend(self, items: list) -> None:
        if type(self._stack[-1]) is not list:
            raise BadRequest("it adds items to what is no list")
        self._stack[-1].extend(items)

    def _setitem(self, _: object) -> None:
        items = self._taken(2)
        _fill(self._stack[-1], items)

    def _setitems(self, _: object) -> None:
        items = self._marked()
        _fill(self._stack[-1], items)

    def _get(self, index: object) -> None:
        self._stack.append(self._memo[int(index)])

    def _put(self, index: object) -> None:
        self._memo[int(index)] = self._stack[-1]

    def _memoize(self, _: object) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _global(self, both: object) -> None:
        module, _, name = both.partition(" ")
        self._stack.append(self._named(module, name))

    def _stack_global(self, _: object) -> None:
        module, name = self._taken(2)
        if type(module) is not str or type(name) is not str:
            raise BadRequest("it names code by something that is no text")
        self._stack.append(self._named(module, name))

    def _named(self, module: str, name: str) -> Named:
        standin = self._names.get((module, name))
        if standin is None:
            raise BadRequest(f"it asks for {told(module)}.{told(name)}, {foreign(module)}; nothing of it was run")
        return Named(module, name, standin)

    def _reduce(self, _: object) -> None:
        called, args = self._taken(2)
        if type(called) is not Named or type(args) is not tuple:
            raise BadRequest("it calls something that has no name")
        self._stack.append(called.standin(self._budget, *args))

    def _build(self, _: object) -> None:
        (state,) = self._taken(1)
        build = getattr(self._stack[-1], "build", None)
        if build is None or type(self._stack[-1]) is Named:
            raise BadRequest("it gives a state to something that has none")
        build(self._budget, state)

    def _persistent_id(self, _: object) -> None:
        if self._persistent is None:
            raise BadRequest("it refers to data outside of itself")
        self._stack.append(self._persistent(*self._taken(1)))


def _fill(target: object, items: tuple | list) -> None:
    """Put keys and values into a dict of ours; keys are plain, so that finding them can cost nothing unforeseen."""
    if not isinstance(target, dict) or len(items) % 2:
        raise BadRequest("it sets entries of what is no dictionary")
    for key, value in zip(items[::2], items[1::2], strict=True):
        plain = type(key) is str or key is None or (type(key) is int and -_KEY < key < _KEY)
        if not plain:
            raise BadRequest("it has a dictionary with keys that no StyleGAN file has")
        target[key] = value


def loads(data: bytes, names: Mapping[tuple[str, str], Standin], budget: Budget) -> object:
    """The one object that the pickle `data` describes, as records. Raises BadRequest."""
    return Machine(names, budget).load(io.BytesIO(data))


_VALUES = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    ]
)
_FRESH: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,
}
_ACTIONS: dict[str, Callable[[Machine, object], None]] = {
    "PROTO": Machine._proto,
    "FRAME": Machine._skip,
    "STOP": Machine._skip,
    "MARK": Machine._mark,
    "POP": Machine._pop,
    "POP_MARK": Machine._pop_mark,
    "DUP": Machine._dup,
    "TUPLE": Machine._tuple,
    "TUPLE1": Machine._tuple1,
    "TUPLE2": Machine._tuple2,
    "TUPLE3": Machine._tuple3,
    "LIST": Machine._list,
    "DICT": Machine._dict,
    "FROZENSET": Machine._list,
    "APPEND": Machine._append,
    "APPENDS": Machine._appends,
    "ADDITEMS": Machine._appends,
    "SETITEM": Machine._setitem,
    "SETITEMS": Machine._setitems,
    "GET": Machine._get,
    "BINGET": Machine._get,
    "LONG_BINGET": Machine._get,
    "PUT": Machine._put,
    "BINPUT": Machine._put,
    "LONG_BINPUT": Machine._put,
    "MEMOIZE": Machine._memoize,
    "GLOBAL": Machine._global,
    "STACK_GLOBAL": Machine._stack_global,
    "REDUCE": Machine._reduce,
    "NEWOBJ": Machine._reduce,
    "BUILD": Machine._build,
    "BINPERSID": Machine._persistent_id,
}
