"""Learning by wiggling: which control does what is shown by moving it, kept beside the patch, and undone like a look.

Everything here is called between two ticks. Nothing here waits: the scribe writes.
"""

import difflib
from dataclasses import replace

import numpy as np

from livegan.control.commands import Commands
from livegan.control.cues import Asks, Cue, asks, spots
from livegan.control.holds import Holds
from livegan.control.knobs import RANGES, Knob, Knobs
from livegan.control.learned import FILE, Binding, dumped, load, set_aside
from livegan.control.wiggle import Wiggle
from livegan.errors import BadRequest, Failure
from livegan.rehearsal.deeds import Deed
from livegan.rehearsal.rehearsal import Rehearsal
from livegan.show.board import Board

PATIENCE = 20.0
"""Seconds for which a control may be moved."""

_OWN = ("psi", "noise_strength")  # numbers that every look has
_SETTLED = 1.0  # seconds without a farther end of a control's way, after which the ends are kept


class Learning:
    """What controls of a show do, by target: a number of the look, or the text of a command.

    waiting: for which target a control is to be moved, or "". bindings: all there are, also those of other inputs;
    replaced and never changed, for the operator reads them in a thread of its own.
    """

    def __init__(self, rehearsal: Rehearsal, commands: Commands) -> None:
        self._rehearsal, self._commands, self._clock = rehearsal, commands, rehearsal.show.clock
        self._path = rehearsal.home.folder / FILE
        feeds = rehearsal.show.feeds
        self._spots, self._wiggle = spots(feeds), Wiggle(feeds)
        self._values = np.full(len(self._spots), np.nan, np.float32)
        self._cues: dict[str, Cue] = {}
        self._gone: list[Cue] = []
        self._knobs = Knobs()
        rehearsal.show.knobs = self._knobs
        self.waiting = ""
        self._until = 0.0
        self._events = True
        self._grew: float | None = None
        self._damaged = ""
        self._faults: dict[str, str] = {}
        self.bindings: dict[str, Binding] = self._load()
        for target in self.bindings:
            self._engage(target)

    def ask(self, target: str) -> str:
        """Bind the control that is moved next to a target. Raises BadRequest."""
        target = target.strip()
        wanted = self._meant(target)
        events = wanted is not None and not wanted.command.held
        if not self._wiggle.there(events):
            raise BadRequest(
                f"no input of this patch has a control for {target}: add a midi, gamepad, osc or keys input"
            )
        self._events, self.waiting, self._until = events, target, self._clock.now() + PATIENCE
        self._wiggle.ask(self._clock.now())
        return f"move the control for {target}"

    def forget(self, target: str) -> str:
        """Have no control do this any more. Raises BadRequest."""
        target = target.strip()
        if target not in self.bindings:
            raise BadRequest(
                f'no control was learned for "{target}"; there is: {", ".join(self.bindings) or "nothing"}'
            )
        told = f"{self.bindings[target].control} does not do {target} any more"
        self._change(target, None, f"unlearning {target}")
        return told

    def told(self) -> str:
        """Which control does what."""
        listed = [f"{one.target} by {one.control}{self._missing(one)}" for one in self.bindings.values()]
        return ", ".join(listed) or "nothing was learned yet: learn psi, then move a control"

    def cancel(self) -> bool:
        """Wait for no control any more; whether one was waited for."""
        waiting, self.waiting = self.waiting, ""
        return bool(waiting)

    def notes(self) -> list[str]:
        """Sentences about what was learned and cannot be used."""
        missing = [
            f"{one.target} was learned with {one.control}, which no input of this patch gives: bring the input back, "
            "learn it anew, or unlearn it"
            for one in self.bindings.values()
            if one.control not in self._spots
        ]
        return [*([self._damaged] if self._damaged else []), *missing, *tuple(self._faults.values())]

    def shown(self, board: Board) -> Board:
        """The board, with what is waited for."""
        if not self.waiting or board.big:
            return board
        return replace(board, big=f"move the control for {self.waiting}", alert=True)

    def hear(self, values: np.ndarray, holds: Holds) -> None:
        """A frame of an input: the show's features, NaN for other inputs."""
        self._values = np.where(np.isfinite(values), values, self._values)
        moved = self._wiggle.moved(values, self._clock.now(), self._events)
        for cue in [*self._cues.values()]:
            cue.hear(values, holds)
        if self.waiting and moved is not None:
            self._bind(self.waiting, moved)

    def step(self, holds: Holds) -> None:
        """After each tick."""
        for cue in self._gone:
            cue.let_go(holds)
        self._gone.clear()
        for cue in [*self._cues.values()]:
            cue.step(self._clock, holds)
        if self.waiting and self._clock.now() > self._until:
            target, self.waiting = self.waiting, ""
            self._rehearsal.say(
                f"no control was moved for {PATIENCE:.0f} s: nothing was learned for {target}", error=True
            )
        self._keep_ends()

    def _meant(self, target: str) -> Asks | None:
        """What a target asks for; None for a number of the look. Raises BadRequest."""
        generator = self._rehearsal.show.generator.info
        if target in RANGES:
            if target not in (*_OWN, *generator.controls):
                raise BadRequest(
                    f"{generator.name} does not move by {target}, StyleGAN3 does: learn psi, or change the model"
                )
            return None
        try:
            return asks(self._commands, target)
        except BadRequest:
            if close := difflib.get_close_matches(target, RANGES, 1):
                raise BadRequest(f'there is no number and no command "{target}"; did you mean "{close[0]}"?') from None
            raise

    def _bind(self, target: str, place: int) -> None:
        """Have a control do something from now on; it was moved for that."""
        self.waiting = ""
        control, value = [*self._spots][place], float(self._values[place])
        binding = Binding(target=target, control=control, low=min(0.0, value), high=max(1.0, value))
        self._change(target, binding, f"{control} for {target}")
        self._rehearsal.say(f"{control} is for {target} now")

    def _change(self, target: str, after: Binding | None, told: str) -> None:
        before = self.bindings.get(target)
        self._set(target, after)
        self._rehearsal.deeds.did(Deed(told, lambda: self._set(target, before), lambda: self._set(target, after)))

    def _set(self, target: str, binding: Binding | None) -> None:
        others = {name: one for name, one in self.bindings.items() if name != target}
        self.bindings = {**others, target: binding} if binding else others
        self._engage(target)
        self._save()

    def _engage(self, target: str) -> None:
        """Have the control do it that is bound to a target, and the one of before no more."""
        if cue := self._cues.pop(target, None):
            self._gone.append(cue)
        self._knobs.put(target, None)
        self._faults.pop(target, None)
        binding = self.bindings.get(target)
        if binding is None or binding.control not in self._spots:
            return
        spot = self._spots[binding.control]
        if target in RANGES:
            self._knobs.put(target, Knob(target, spot.at, binding.low, binding.high))
            return
        try:
            wanted = asks(self._commands, target)
            wanted.refuse(spot.feature)
            self._cues[target] = Cue(spot, wanted, f"learned {target}", float(self._values[spot.at]))
        except BadRequest as error:
            self._faults[target] = f"{target} was learned with {binding.control} and cannot be used: {error}"

    def _missing(self, one: Binding) -> str:
        return "" if one.control in self._spots else " (not in this patch)"

    def _keep_ends(self) -> None:
        """Keep how far the controls go, when that has settled."""
        ends = {name: (knob.low, knob.high) for name, knob in self._knobs.held.items()}
        known = {name: (self.bindings[name].low, self.bindings[name].high) for name in ends}
        if ends != known:
            self._grew = self._clock.now()
            grown = {
                n: self.bindings[n].model_copy(update={"low": low, "high": high}) for n, (low, high) in ends.items()
            }
            self.bindings = {**self.bindings, **grown}
        elif self._grew is not None and self._clock.now() - self._grew > _SETTLED:
            self._grew = None
            self._save()

    def _load(self) -> dict[str, Binding]:
        try:
            return load(self._path)
        except BadRequest as error:
            self._damaged = str(error)
            return {}

    def _save(self) -> None:
        try:
            if self._damaged:
                set_aside(self._path)
        except Failure as error:
            self._rehearsal.say(str(error), error=True)
            return
        self._damaged = ""
        self._rehearsal.home.write(FILE, dumped(self.bindings.values()))
