"""What a performer can ask of a show: each command is a function, defined once and reached the same way from anywhere.

Its name, its arguments and its help are read off the function, so that the lists under H, in the README and on the
command line cannot differ. Nothing that is wrong in a request may reach the function.
"""

import difflib
import inspect
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from livegan.errors import BadRequest
from livegan.osc import Value

_NEEDED = inspect.Parameter.empty
_FINITE = ConfigDict(allow_inf_nan=False)
_SHOULD = re.compile("^(Input|String) should")
_MANY = 4
"""So many keys of one command are listed one by one; more become "first … last"."""


@dataclass(frozen=True)
class Arg:
    """One argument of a command. default: what it is when it is left out, unless it is needed."""

    name: str
    type: TypeAdapter
    default: Any = _NEEDED

    @property
    def needed(self) -> bool:
        """Whether it must be given."""
        return self.default is _NEEDED

    def __str__(self) -> str:
        return self.name if self.needed else f"[{self.name}]"


@dataclass(frozen=True)
class Command:
    """Something that can be asked. run: takes what it is done on, and the arguments; gives the reply, or raises.

    held: it lasts from a press to a release, of which its function is told by an argument `down` before the others.
    """

    name: str
    help: str
    args: tuple[Arg, ...]
    run: Callable[..., str | None]
    held: bool

    @property
    def usage(self) -> str:
        """Such as "teach [count]"."""
        return " ".join([self.name, *map(str, self.args)])

    def check(self, values: Sequence[Value]) -> tuple[Any, ...]:
        """The arguments as they are meant, without `down`. Raises BadRequest."""
        needed = sum(arg.needed for arg in self.args)
        if not needed <= len(values) <= len(self.args):
            raise BadRequest(f"{self.name} was given {_counted(len(values))}; use it as: {self.usage}")
        return tuple(self._meant(arg, value) for arg, value in zip(self.args, values, strict=False))

    def _meant(self, arg: Arg, value: Value) -> Any:
        try:
            return arg.type.validate_python(value)
        except ValidationError as error:
            right = _SHOULD.sub("it should", error.errors()[0]["msg"])
            found = f"found {repr(value)[:60]} for {arg.name}"
            raise BadRequest(f"{self.name}: {found}, but {right}; use it as: {self.usage}") from None


def command(function: Callable[..., str | None]) -> Command:
    """The command that a function is: `def teach(on: ..., count: Annotated[int, Field(ge=1)] = 1) -> str | None`.

    Its name without a last _ and with - for _, and the first line of its docstring, are those of the command.
    """
    name = function.__name__.removesuffix("_").replace("_", "-")
    _, *parameters = inspect.signature(function).parameters.values()
    held = bool(parameters) and parameters[0].name == "down"
    args = tuple(Arg(p.name, _adapter(p.annotation), p.default) for p in parameters[held:])
    return Command(name, inspect.getdoc(function).splitlines()[0], args, function, held)


class Commands:
    """All commands of a show, in the order in which they are listed."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._by_name = {one.name: one for one in commands}

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Command:
        """The command of this name. Raises BadRequest, which tells the nearest."""
        if name not in self._by_name:
            close = difflib.get_close_matches(name, self._by_name, 1)
            hint = f'did you mean "{close[0]}"?' if close else "livegan play --keys lists all commands"
            raise BadRequest(f'there is no command "{name}"; {hint}')
        return self._by_name[name]

    def run(self, on: object, name: str, values: Sequence[Value]) -> str:
        """Carry out a command with its arguments, the first of which is `down` for a held one; gives the reply.

        Raises BadRequest in one sentence, and whatever LiveganError the command has to tell.
        """
        wanted = self[name]
        if not wanted.held:
            return wanted.run(on, *wanted.check(values)) or ""
        down, rest = self.split(name, values)
        return wanted.run(on, down, *wanted.check(rest)) or ""

    def split(self, name: str, values: Sequence[Value]) -> tuple[bool, tuple[Value, ...]]:
        """Whether a held command is pressed (1) or let go (0), and its other arguments. Raises BadRequest."""
        if not values or not isinstance(values[0], bool | int | float) or values[0] not in (0, 1):
            raise BadRequest(f"{name} lasts as long as it is held: send 1 first, and 0 to let it go")
        return bool(values[0]), tuple(values[1:])

    def words(self, text: str) -> tuple[Command, list[str]]:
        """The command of a text such as `teach 5` or `name "red sky"`, and its arguments. Raises BadRequest."""
        try:
            name, *words = shlex.split(text)
        except ValueError:
            raise BadRequest(f"a command is a name and its arguments, such as teach 5, found {text!r}") from None
        return self[name], words

    def parse(self, text: str) -> tuple[str, tuple[Any, ...]]:
        """Name and checked arguments of a text. Raises BadRequest."""
        found, words = self.words(text)
        return found.name, found.check(words)

    def listed(self, keys: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Every command as (usage, keys, help): ("teach [count]", "T, page down", "..."); keys: key to text."""
        pressed: dict[str, list[str]] = {}
        for key, text in keys.items():
            pressed.setdefault(self.parse(text)[0], []).append(_shown(key))
        return [(one.usage, _joined(pressed.get(one.name, [])), one.help) for one in self._by_name.values()]

    def as_markdown(self, keys: Mapping[str, str]) -> str:
        """The list as a table for the README."""
        rows = [f"| `{usage}` | {_escaped(pressed)} | {help_} |" for usage, pressed, help_ in self.listed(keys)]
        return "\n".join(["| command | keys | does |", "| --- | --- | --- |", *rows, ""])


def _adapter(annotation: Any) -> TypeAdapter:
    return TypeAdapter(annotation, config=_FINITE)


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count or 'no'} arguments"


def _shown(key: str) -> str:
    return key.upper() if len(key) == 1 else key.replace("_", " ")


def _joined(keys: list[str]) -> str:
    return ", ".join(keys) if len(keys) <= _MANY else f"{keys[0]} … {keys[-1]}"


def _escaped(keys: str) -> str:
    return keys.replace("|", "\\|")
