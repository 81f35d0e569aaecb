"""A formula of a patch, such as "smooth(speed(left_wrist.x), 100 ms)", read into a tree.

Knows how a formula is written, not what its names mean. Must never run anything that it reads, nor hang on it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from livegan.errors import BadRequest

LONGEST = 300
"""Characters of a formula, at most."""

DEEPEST = 20
"""Parentheses within parentheses, at most."""

MOST = 1e15
"""No number goes beyond; what would is held there."""

_TOKEN = re.compile(
    r"""
    (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?:\s*(?P<time>ms|s|min))?(?![\w.])
    | (?P<name>\w+(?:\.\w+)*)
    | '(?P<quoted>[^']*)'
    | [-+*/(),]
    """,
    re.VERBOSE,
)
_SCALE = {"ms": 1e-3, "s": 1.0, "min": 60.0}


@dataclass(frozen=True)
class Number:
    """A number, or with `time` so many seconds. at: where it stands among the formula's characters, from 0."""

    value: float
    time: bool
    at: int


@dataclass(frozen=True)
class Name:
    """A feature or a point by its name."""

    text: str
    at: int


@dataclass(frozen=True)
class Call:
    """A function, or one of + - * /, of what is within; a minus of one alone turns its sign."""

    function: str
    within: tuple["Node", ...]
    at: int


Node = Number | Name | Call


def parse(text: str) -> Node:
    """The tree of a formula. Raises BadRequest in one sentence: where it cannot be read, and what would be right."""
    if len(text) > LONGEST:
        raise BadRequest(f"a formula has at most {LONGEST} characters, found {len(text)}: make several features of it")
    return _Reader(text).whole()


def wrong(text: str, at: int, what: str) -> BadRequest:
    """The error that `what` is wrong at a place of a formula."""
    return BadRequest(f'in "{text}", character {at + 1}: {what}')


def written(name: str) -> str:
    """A feature's name as it stands in a formula: in quotes when it would be read as something else."""
    return name if is_plain(name) else f"'{name}'"


def is_plain(name: str) -> bool:
    """Whether a name can stand in a formula without quotes."""
    found = _TOKEN.fullmatch(name)
    return bool(found and found["name"])


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    node: Node | None = None


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if not found:
            raise wrong(text, at, f'"{text[at]}" means nothing in a formula')
        yield _token(text, found, at)
        at = found.end()
    yield _Token("end", "the end", len(text))


def _token(text: str, found: re.Match, at: int) -> _Token:
    if found["number"]:
        value = float(found["number"]) * _SCALE.get(found["time"], 1.0)
        if value > MOST:
            raise wrong(text, at, f"numbers are within ±{MOST:g}, found {found[0]}")
        return _Token("number", found[0], at, Number(value, bool(found["time"]), at))
    if (name := found["name"] or found["quoted"]) is not None:
        return _Token("name" if found["name"] else "quoted", name, at, Name(name, at))
    return _Token(found[0], found[0], at)


class _Reader:
    """Reads a formula from left to right; products bind closer than sums."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = next(self._tokens)
        self._depth = 0

    def whole(self) -> Node:
        found = self._sum()
        if self._next.kind != "end":
            raise self._unlike("the end or one of + - * /")
        return found

    def _sum(self) -> Node:
        found = self._product()
        while sign := self._taken("+", "-"):
            found = Call(sign.text, (found, self._product()), sign.at)
        return found

    def _product(self) -> Node:
        found = self._signed()
        while sign := self._taken("*", "/"):
            found = Call(sign.text, (found, self._signed()), sign.at)
        return found

    def _signed(self) -> Node:
        minus = self._taken("-")
        found = self._one()
        if minus and isinstance(found, Number):
            return Number(-found.value, found.time, minus.at)
        return Call("-", (found,), minus.at) if minus else found

    def _one(self) -> Node:
        token = self._taken("number", "name", "quoted", "(")
        if token is None:
            raise self._unlike("a number, a name or (")
        if token.kind == "(":
            return self._inside()[0]
        if token.kind == "name" and self._taken("("):
            return Call(token.text, self._inside(several=True), token.at)
        return token.node

    def _inside(self, several: bool = False) -> tuple[Node, ...]:
        """What stands between parentheses, of which the first is read already."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._unlike(f"at most {DEEPEST} parentheses within each other")
        found = [self._sum()]
        while several and self._taken(","):
            found.append(self._sum())
        if not self._taken(")"):
            raise self._unlike(") or ," if several else ")")
        self._depth -= 1
        return tuple(found)

    def _taken(self, *kinds: str) -> _Token | None:
        """The next token when it is of one of these kinds; it is then behind us."""
        token = self._next
        if token.kind not in kinds:
            return None
        self._next = next(self._tokens)
        return token

    def _unlike(self, wanted: str) -> BadRequest:
        found = self._next.text if self._next.kind == "end" else f'"{self._next.text}"'
        return wrong(self._text, self._next.at, f"{wanted} is wanted, found {found}")
