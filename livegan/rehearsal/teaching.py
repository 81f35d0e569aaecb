"""Teaching: counting down, recording what the performer does for a look, one look or several after another.

A state that is moved on by each tick; it decides when, and leaves writing and fitting to others.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livegan.frame import Feature
from livegan.patch import TeachSettings
from livegan.rehearsal.looks import Kept
from livegan.rehearsal.rounds import Round, Rounds
from livegan.rehearsal.still import Still
from livegan.show.show import Tick

THERE = 0.5
"""How present every input must be for what it gives to be recorded."""


@dataclass(frozen=True)
class Lesson:
    """What is taught from: places of the mapping's features among the show's, and its inputs' positions."""

    features: tuple[Feature, ...]
    places: np.ndarray
    inputs: tuple[int, ...]

    def row(self, tick: Tick) -> np.ndarray | None:
        """The features now, float32 [F]; None when somebody is missing."""
        row = tick.values[self.places]
        if min(tick.weights[place] for place in self.inputs) < THERE or np.isnan(row).all():
            return None
        return row


@dataclass(frozen=True)
class Aim:
    """What a pose is taught for: a kept look, or numbers float32 [O], NaN where they say nothing."""

    name: str
    look: Kept | None = None
    numbers: np.ndarray | None = None


class Teaching:
    """One aim after the other: 3-2-1, then seconds of recording. show: puts a kept look on stage.

    begun: called with a round when its first example was told. ended: with the rounds that were recorded, once all
    are on disk.
    """

    def __init__(
        self,
        settings: TeachSettings,
        lesson: Lesson,
        rounds: Rounds,
        show: Callable[[Kept], object],
        begun: Callable[[Round], None],
        ended: Callable[[list[Round]], None],
    ) -> None:
        self._settings, self._lesson, self._rounds = settings, lesson, rounds
        self._show, self._begun, self._ended = show, begun, ended
        self._still = Still(lesson.features, settings.still)
        self._aims: list[Aim] = []
        self._until: float | None = None
        self._held = False
        self._round: Round | None = None
        self._made: list[Round] = []
        self._left = 0
        self.state = "idle"

    @property
    def busy(self) -> bool:
        """Whether it counts, records or waits for the disk."""
        return self.state != "idle"

    def begin(self, aims: list[Aim]) -> None:
        """Teach these, one after the other."""
        self._aims, self._made = list(aims), []
        self._count()

    def hold(self, aim: Aim) -> None:
        """Record for this until `release`."""
        self._aims, self._made, self._held = [aim], [], True
        self._record()

    def once(self, aim: Aim, row: np.ndarray) -> None:
        """Record one example, now: features float32 [F]."""
        self.hold(aim)
        self._tell(row)
        self.release()

    def release(self) -> None:
        """End what `hold` began."""
        if self._held:
            self._held = False
            self._finish()

    def cancel(self) -> bool:
        """Stop counting or recording; what is already on disk of it is left out. Whether there was anything to stop."""
        if not self._aims:
            return False
        if self._round is not None:
            self._rounds.end(self._round, lambda one: None if one.error else self._leave_out(one))
        self._aims, self._round, self._held = [], None, False
        self._settle()
        return True

    def share(self, now: float) -> float | None:
        """How far counting or recording is, 0..1."""
        if self._until is None:
            return None
        lasts = self._settings.count if self.state == "counting" else self._settings.seconds
        return min(1.0, max(0.0, 1.0 - (self._until - now) / lasts)) if lasts else 1.0

    def left(self, now: float) -> int:
        """Whole seconds until recording, from above."""
        return max(1, math.ceil((self._until or now) - now - 1e-6))

    def written(self) -> int:
        """Examples of the present round that are on disk."""
        return self._round.written if self._round else 0

    def step(self, tick: Tick, chosen: bool) -> bool:
        """Move on; whether a pose held still asks for teaching (a look is `chosen` and nothing is under way)."""
        row = self._lesson.row(tick)
        if self.state == "idle":
            return self._still.held(row, tick.due) and chosen
        self._still.forget()
        if self._until is None and self.state in ("counting", "recording") and not self._held:
            self._until = tick.due + (self._settings.count if self.state == "counting" else self._settings.seconds)
        if self.state == "counting" and tick.due >= self._until:
            self._record()
        elif self.state == "recording":
            if row is not None:
                self._tell(row)
            if self._until is not None and tick.due >= self._until:
                self._finish()
        return False

    def _tell(self, row: np.ndarray) -> None:
        numbers = self._aims[0].numbers
        first = not self._round.told and not self._round.waiting
        self._rounds.add(self._round, row[None], None if numbers is None else numbers[None])
        if first:
            self._begun(self._round)

    def _count(self) -> None:
        if self._aims[0].look:
            self._show(self._aims[0].look)
        self.state, self._until = "counting", None

    def _record(self) -> None:
        kept = self._aims[0].look
        self._round = self._rounds.start(kept.look if kept else None)
        self.state, self._until = "recording", None

    def _finish(self) -> None:
        """The present look is done: wait for the disk, and go on with the next."""
        self._left += 1
        self._rounds.end(self._round, self._written)
        self._round = None
        del self._aims[0]
        if self._aims:
            self._count()
        else:
            self._settle()

    def _written(self, one: Round) -> None:
        self._left -= 1
        self._made.append(one)
        self._settle()

    def _settle(self) -> None:
        if self._aims:
            return
        self.state, self._until = ("writing" if self._left else "idle"), None
        if not self._left and self._made:
            made, self._made = self._made, []
            self._ended(made)

    def _leave_out(self, one: Round) -> None:
        self._rounds.keep([one.id], False, lambda error: None)
