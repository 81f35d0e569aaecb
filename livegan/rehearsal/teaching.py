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


class Teaching:
    """One look after the other: 3-2-1, then seconds of recording. show: puts a kept look on stage.

    ended: called with the rounds that were recorded, once all are on disk.
    """

    def __init__(
        self,
        settings: TeachSettings,
        lesson: Lesson,
        rounds: Rounds,
        show: Callable[[Kept], object],
        ended: Callable[[list[Round]], None],
    ) -> None:
        self._settings, self._lesson, self._rounds = settings, lesson, rounds
        self._show, self._ended = show, ended
        self._still = Still(lesson.features, settings.still)
        self._looks: list[Kept] = []
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

    @property
    def look(self) -> Kept | None:
        """The look that is being taught."""
        return self._looks[0] if self._looks else None

    def begin(self, looks: list[Kept]) -> None:
        """Teach these looks, one after the other."""
        self._looks, self._made = list(looks), []
        self._count()

    def hold(self, look: Kept) -> None:
        """Record for this look until `release`."""
        self._looks, self._made, self._held = [look], [], True
        self._record()

    def release(self) -> None:
        """End what `hold` began."""
        if self._held:
            self._held = False
            self._finish()

    def cancel(self) -> bool:
        """Stop counting or recording; what is already on disk of it is left out. Whether there was anything to stop."""
        if not self._looks:
            return False
        if self._round is not None:
            self._rounds.end(self._round, lambda one: None if one.error else self._leave_out(one))
        self._looks, self._round, self._held = [], None, False
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
                self._rounds.add(self._round, row[None])
            if self._until is not None and tick.due >= self._until:
                self._finish()
        return False

    def _count(self) -> None:
        self._show(self._looks[0])
        self.state, self._until = "counting", None

    def _record(self) -> None:
        self._round = self._rounds.start(self._looks[0].look)
        self.state, self._until = "recording", None

    def _finish(self) -> None:
        """The present look is done: wait for the disk, and go on with the next."""
        self._left += 1
        self._rounds.end(self._round, self._written)
        self._round = None
        del self._looks[0]
        if self._looks:
            self._count()
        else:
            self._settle()

    def _written(self, one: Round) -> None:
        self._left -= 1
        self._made.append(one)
        self._settle()

    def _settle(self) -> None:
        if self._looks:
            return
        self.state, self._until = ("writing" if self._left else "idle"), None
        if not self._left and self._made:
            made, self._made = self._made, []
            self._ended(made)

    def _leave_out(self, one: Round) -> None:
        self._rounds.keep([one.id], False, lambda error: None)
