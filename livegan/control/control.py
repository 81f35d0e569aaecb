"""Control of a running show: keys, cues, other programs' commands, and what the performer sees, between two pictures.

Says what; the show and its rehearsal decide when. Nothing here waits.
"""

import re
from collections.abc import Callable, Sequence

from livegan.clock import Clock
from livegan.control.cues import Cue, Heard, cue_table, spots
from livegan.control.holds import Holds
from livegan.control.keys import DEFAULT_KEYS, Keys, check_switches, key_table
from livegan.control.learning import Learning
from livegan.control.remote import Remote
from livegan.control.repertoire import COMMANDS, Stand
from livegan.inputs.base import Input
from livegan.patch import Patch
from livegan.rehearsal.notice import board
from livegan.rehearsal.rehearsal import Rehearsal
from livegan.show.board import Board
from livegan.show.show import Tick
from livegan.stage.base import Event
from livegan.stage.click import Clicks

EVERY = 0.1
"""Seconds between two boards."""


class Control:
    """Everything that can be asked of a show, by whomever. view: shows or hides the operator's view.

    inputs: those of the show's own process. say: tells the terminal what went wrong. Raises BadRequest for keys of the
    patch that are none, or that ask for nothing known.
    """

    def __init__(
        self,
        rehearsal: Rehearsal,
        plan: Patch,
        view: Callable[[], None],
        inputs: Sequence[Input],
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._rehearsal, self._clock, self._say = rehearsal, clock, say
        check_switches(plan)
        table = key_table(COMMANDS, DEFAULT_KEYS, plan.keys, plan.path.name)
        self._learning = Learning(rehearsal, COMMANDS)
        self._holds = Holds(COMMANDS, Stand(rehearsal, view, clock, self._learning), clock, self._replied)
        there = spots(rehearsal.show.feeds)
        wanted = cue_table(plan, COMMANDS, {name: spot.feature for name, spot in there.items()})
        self._cues = [Cue(there[name], asked, f"cue {name}") for name, asked in wanted.items()]
        self._heard = Heard(rehearsal.show.feeds)
        self._keys = Keys(table, self._holds, inputs, clock, rehearsal.show.stop)
        listed = [(keys, _short(help_)) for _, keys, help_ in COMMANDS.listed(table) if keys]
        self._listed = (*listed, ("F11", "cover the monitor, and back"))
        self._remote = Remote(plan.control, clock) if plan.control.on else None
        self._clicks = Clicks() if plan.teach.click else None
        self._beat = ""
        self._drawn = clock.now()
        self.board = Board()
        rehearsal.tell = self._tell

    def hear(self, event: Event) -> None:
        """What happened at a stage."""
        self._keys.hear(event)

    def observe(self, tick: Tick) -> None:
        """After each tick, also for what the inputs told since the last one."""
        self._rehearsal.step(tick)
        for values in self._heard.new():
            for cue in self._cues:
                cue.hear(values, self._holds)
            self._learning.hear(values, self._holds)
        for cue in self._cues:
            cue.step(self._clock, self._holds)
        self._learning.step(self._holds)

    def step(self) -> None:
        """Between two pictures: do what was asked from elsewhere, let go what nobody holds, renew the board."""
        if self._remote is not None:
            for asked in self._remote.commands():
                self._remote.reply(asked, *self._keys.ask(asked.source, asked.name, asked.values))
        self._holds.watch()
        self._click()
        if self._clock.now() - self._drawn >= EVERY:
            self._drawn = self._clock.now()
            self.board = self._learning.shown(board(self._rehearsal, self._listed))

    def notes(self) -> list[str]:
        """What the operator should know about how others reach the show."""
        health = self._remote.health() if self._remote else None
        found = [health.reason if health else "", self._clicks.complaint if self._clicks else ""]
        return [*self._learning.notes(), *(sentence for sentence in found if sentence)]

    def close(self) -> None:
        """Listen to nobody any more."""
        if self._remote is not None:
            self._remote.close()
        if self._clicks is not None:
            self._clicks.close()

    def _click(self) -> None:
        """One click for each second of a countdown, a high one when recording begins."""
        teaching, tick = self._rehearsal.teaching, self._rehearsal.tick
        if self._clicks is None or teaching is None or tick is None:
            return
        before = self._beat
        self._beat = f"{teaching.state} {teaching.left(tick.due)}" if teaching.state == "counting" else teaching.state
        if self._beat != before and teaching.state in ("counting", "recording"):
            self._clicks.play(high=teaching.state == "recording")

    def _replied(self, sentence: str, done: bool) -> None:
        self._rehearsal.note(sentence, error=not done)

    def _tell(self, sentence: str, error: bool) -> None:
        if error:
            self._say(sentence)
        if self._remote is not None:
            self._remote.say(sentence)


def _short(help_: str) -> str:
    """Of the help only what it begins with, for those who stand far away."""
    return re.split(r"[;:.]", help_)[0].lower()
