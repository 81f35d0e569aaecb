"""A few commands of every kind, for the tests of what runs them."""

from typing import Annotated

from pydantic import Field

from livegan.control.commands import Commands, command
from livegan.errors import BadRequest


class Played:
    """What the commands were asked to do, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self.fault: Exception | None = None

    def did(self, *call: object) -> None:
        if self.fault:
            raise self.fault
        self.calls.append(call)


@command
def teach(on: Played, count: Annotated[int, Field(ge=1, le=99)] = 1) -> str:
    """Teach the present look.

    This line is not help.
    """
    on.did("teach", count)
    return f"teaching {count}"


@command
def name_(on: Played, text: Annotated[str, Field(max_length=40)]) -> None:
    """Name the look."""
    on.did("name", text)


@command
def psi(on: Played, amount: Annotated[float, Field(ge=0, le=2)], now: bool = False) -> None:
    """Set the truncation."""
    on.did("psi", amount, now)


@command
def record(on: Played, down: bool) -> str:
    """Record while it is held."""
    on.did("record", down)
    return "recording" if down else "recorded"


@command
def fade_to(on: Played, down: bool, place: Annotated[int, Field(ge=1)]) -> None:
    """Fade to a look while it is held."""
    on.did("fade-to", down, place)


@command
def stumble(on: Played) -> None:
    """Fail in one sentence."""
    raise BadRequest("there is nothing to do")


COMMANDS = Commands([teach, name_, psi, record, fade_to, stumble])
