"""A session for the tests: real files and real fits, with clerks that work at once instead of processes."""

import json
from collections import deque
from pathlib import Path

from livegan import osc
from livegan.clock import SystemClock
from livegan.letters import Letter
from livegan.patch import ServeSettings
from livegan.rehearsal.scribe import Scribe
from livegan.rehearsal.study import studied
from livegan.serving.control import PREFIX, heard
from livegan.serving.out import Out
from livegan.serving.project import Shelf
from livegan.serving.session import Session

DATA = Path(__file__).parent.parent / "data" / "wekinator"


class AtOnce:
    """A clerk without a process. held: letters that wait until `go_on`, when it is told to hold them."""

    def __init__(self, carry_out) -> None:
        self._carry_out, self.holds, self.held = carry_out, False, deque()

    def ask(self, letter: Letter, hear=lambda answer: None) -> None:
        self.held.append((letter, hear))
        if not self.holds:
            self.go_on()

    def go_on(self) -> None:
        """Carry out what was held."""
        while self.held:
            letter, hear = self.held.popleft()
            hear(self._carry_out(letter))

    def drop(self) -> None:
        """Forget what is held."""
        self.held.clear()


class Desk:
    """A session over the mappings in `root`, and what it says."""

    def __init__(self, root: Path, post=None, **serve: object) -> None:
        self.time = 0.0
        self.scribe = Scribe()
        self.fitter = AtOnce(lambda letter: studied(letter, lambda _: None, SystemClock()))
        self.writing = AtOnce(lambda letter: self.scribe.carry_out([letter])[0])
        self._posted: deque = deque()
        self.shelf = Shelf(root, self.writing, self.fitter, post or self._posted.append)
        self.settings = ServeSettings(**serve)
        self.session = Session(self.shelf.opened(self.settings), self.shelf.open, lambda: self.time)

    def say(self, address: str, *values: osc.Value) -> list[Out]:
        """Send one message, as short as "train" for a control message; gives what comes back, also later."""
        full = address if address.startswith("/") else PREFIX + address
        return self.datagram(osc.encode(full, *values))

    def datagram(self, data: bytes) -> list[Out]:
        """The same for a datagram. Raises osc.Refused."""
        said = [out for message in osc.decode(data) for out in heard(self.session, message)]
        return said + self.posted()

    def posted(self) -> list[Out]:
        """What came of what was posted between two messages."""
        said = []
        while self._posted:
            said += self._posted.popleft()()
        return said

    def row(self, *values: float) -> list[Out]:
        """Send a row of inputs."""
        return self.say("/wek/inputs", *map(float, values))

    def record(self, rows: list[list[float]], outputs: list[float]) -> None:
        """Record a round."""
        assert self.say("outputs", *outputs) == []
        assert self.say("startRecording") == []
        for row in rows:
            assert self.row(*row) == []
        assert self.say("stopRecording") == []


def errors(said: list[Out]) -> list[str]:
    """The sentences in what was said."""
    return [out.values for out in said if out.to == "errors"]


def lines(name: str) -> list[dict]:
    """A recorded session."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text().splitlines()]


def notes(said: list[Out]) -> list[str]:
    """The sentences for the terminal alone."""
    return [out.values for out in said if out.to == "terminal"]
