"""The mapping that is taught: its rounds, its fit, and what a new round says against older ones.

Every change can be undone. Nothing here waits: the scribe writes, the fitter fits, the show's watch swaps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livegan.errors import BadRequest
from livegan.mapping.editing import Edit
from livegan.mapping.mapping import refuse_model
from livegan.rehearsal.deeds import Deed, Deeds
from livegan.rehearsal.fits import Fits, Told
from livegan.rehearsal.rounds import Round, Rounds
from livegan.rehearsal.said import Says
from livegan.rehearsal.teaching import THERE, Lesson
from livegan.show.show import Show, Tick

_WORST = 3  # outputs whose errors are told
_NOTHING = {"silent": "nothing came from it yet"}


@dataclass(frozen=True)
class Question:
    """What must be decided: rounds that ask for other looks than the newest one does, at the same pose."""

    sentence: str
    rounds: tuple[int, ...]


class Lectern:
    """What is taught, and what of it plays. place: the mapping's among those of the show.

    make_fits: gives the fits of `rounds`, told where their reports go.
    """

    def __init__(
        self,
        show: Show,
        place: int,
        lesson: Lesson,
        rounds: Rounds,
        make_fits: Callable[[Told], Fits],
        deeds: Deeds,
        say: Says,
    ) -> None:
        self._show, self.place, self.lesson, self.rounds = show, place, lesson, rounds
        self._deeds, self._say = deeds, say
        self.fits = make_fits(self._fitted)
        self.question: Question | None = None
        if rounds.folder.is_dir():
            rounds.begin(self._begun)

    @property
    def plays(self) -> bool:
        """Whether anything that was taught plays."""
        return self._show.wires[self.place].route is not None

    def nobody(self, tick: Tick) -> str:
        """Why nothing can be recorded now, or ""."""
        for place in self.lesson.inputs:
            feed = self._show.feeds[place]
            state = feed.state(self._show.clock)
            if state.state != "live":
                why = state.reason or _NOTHING.get(state.state, "nothing comes from it")
                return f'the input "{feed.name}" is {state.state} ({why}): nothing can be taught from it now'
            if tick.weights[place] < THERE:
                return f'nobody is in view of "{feed.name}": step in front of it, then teach'
        return ""

    def take_in(self, made: list[Round]) -> bool:
        """Remember rounds that are on disk, and fit; whether there was anything in them."""
        for one in made:
            if one.error:
                self._say(one.error, error=True)
            elif not one.written:
                self._say(f"nobody was in view while {_named(one)} was recorded: nothing was taught", error=True)
            else:
                self.remember(one, f"teaching {_named(one)}")
        good = any(one.written and not one.error for one in made)
        if good:
            self.fits.want()
        return good

    def edit(self, number: int, change: Edit, told: str) -> str:
        """Put a changed round in place of one that counts, undoably. Raises BadRequest."""
        old = self.round(number)

        def done(new: Round | None, error: str) -> None:
            if new is None:
                self._say(error, error=True)
                return
            self._deeds.did(Deed(told, self._swap(new.id, old), self._swap(old, new.id)))
            self._say(f"{told}: it is round {new.id} now")
            self._play()

        self.question = None
        self.rounds.edit(old, change.model_dump(), done)
        return told

    def remember(self, one: Round, told: str) -> None:
        """A round was made, which can be undone."""
        out, back = self._put([one.id], False), self._put([one.id], True)
        self._deeds.did(Deed(f"{told} ({one.written} examples)", out, back))

    def leave_out(self, ids: tuple[int, ...]) -> str:
        """Count these rounds no longer, undoably."""
        return self._change(f"leaving out {numbered(ids)}", ids, False)

    def leave_out_all(self) -> str:
        """Count no round any longer, undoably. Raises BadRequest when none does."""
        if not self.rounds.kept:
            raise BadRequest("no round counts: there is nothing to leave out")
        return self.leave_out(tuple(one.id for one in self.rounds.kept))

    def take_back(self, number: int) -> str:
        """Count a round again that was left out, undoably. Raises BadRequest."""
        ids = (self.round(number, kept=False),)
        return self._change(f"taking back {numbered(ids)}", ids, True)

    def round(self, number: int, kept: bool = True) -> int:
        """The number of a round that counts (`kept`) or was left out. Raises BadRequest when there is no such one."""
        one = self.rounds.all.get(number)
        if one is None or not one.written:
            raise BadRequest(f"there is no round {number}: rounds lists those that were taught")
        if one.kept != kept:
            raise BadRequest(f"round {number} {'was left out already' if kept else 'was never left out'}")
        return number

    def told(self) -> str:
        """All rounds: number, look, examples, and which of them are left out."""
        rounds = [one for one in self.rounds.all.values() if one.written]
        told = [
            f"{one.id} {one.look or 'of numbers'}, {one.written} examples{'' if one.kept else ', left out'}"
            for one in rounds
        ]
        return "; ".join(told) or "nothing was taught yet"

    def answer(self, replace: bool) -> str:
        """Answer the question that is open: leave the older rounds out, or keep both. Raises BadRequest."""
        if self.question is None:
            raise BadRequest("no question is open: replace answers when a new round contradicts an older one")
        question, self.question = self.question, None
        if not replace:
            return "both are kept"
        self.leave_out(question.rounds)
        return f"{numbered(question.rounds)} left out"

    def refit(self, model: str | None) -> None:
        """Fit again by this kind of model (None: the mapping's own), undoably. Raises BadRequest."""
        if not self.rounds.kept:
            raise BadRequest("nothing was taught yet: teach a look first")
        refuse_model(self.rounds.folder.name, self.rounds.model, model)
        before = self.fits.model
        self._deeds.did(
            Deed(f"fitting by {model or 'its own model'}", lambda: self._by(before), lambda: self._by(model))
        )
        self._by(model)

    def _change(self, told: str, ids: tuple[int, ...], kept: bool) -> str:
        """Change what counts, of those rounds that are not so already; an open question is over."""
        self.question = None
        if ids := tuple(one for one in ids if self.rounds.all[one].kept != kept):
            change = self._put(ids, kept)
            self._deeds.did(Deed(told, self._put(ids, not kept), change))
            change()
        return told

    def renewed(self) -> None:
        """Another model draws: what was fitted to the latents of the one before is fitted anew."""
        route = self._show.wires[self.place].route
        if route is not None and route.mapping.outputs != "anchors":
            self._play()

    def _put(self, ids: list[int] | tuple[int, ...], kept: bool) -> Callable[[], None]:
        def done(error: str) -> None:
            if error:
                self._say(error, error=True)
            else:
                self._play()

        return lambda: self.rounds.keep(ids, kept, done)

    def _swap(self, out: int, back: int) -> Callable[[], None]:
        """Leave a round out and take another back."""
        leave, take = self._put([out], False), self._put([back], True)
        return lambda: (leave(), take())

    def _by(self, model: str | None) -> None:
        self.fits.model = model
        self._play()

    def _play(self) -> None:
        """Play what the kept rounds teach; without any nothing is mapped."""
        if self.rounds.kept:
            self.fits.want()
        else:
            self.fits.cancel()
            self._show.wires[self.place].swap(None)

    def _begun(self, error: str) -> None:
        """The mapping on disk is known: mend a fit that is not of its examples."""
        if error:
            self._say(error, error=True)
            return
        route = self._show.wires[self.place].route
        if (route.mapping.version if route else "") != self.rounds.version:
            self._play()

    def _fitted(self, report: dict[str, Any], error: str) -> None:
        if error:
            self._say(f"{error}; the mapping from before plays on", error=True)
            return
        looks = len(report["counts"])
        of = f" of {looks} look{'s' * (looks != 1)}" if looks else ""
        self._say(f"taught: {report['examples']} examples{of}{_missed(report)}")
        for warning in report["warnings"]:
            self._say(warning, error=True)
        self.question = _question(report["against"])


def _question(against: list[tuple[int, str]]) -> Question | None:
    if not against:
        return None
    rounds = tuple(found for found, _ in against)
    names = ", ".join(dict.fromkeys(f'"{name}"' for _, name in against))
    return Question(f"This pose was taught before, for {names} ({numbered(rounds)}): replace it, or keep both?", rounds)


def _missed(report: dict[str, Any]) -> str:
    """By how much rounds are missed that a fit was not taught: of each output, the worst first."""
    worst = sorted(report["errors"].items(), key=lambda one: -one[1])
    if worst:
        told = ", ".join(f"{name} {error:.0%}" for name, error in worst[:_WORST])
        return f"; an untaught round is missed by {told}{', others less' * (len(worst) > _WORST)}"
    if report["held_out"] is not None:
        return f"; an untaught round is missed by {report['held_out']:.0%}"
    return ""


def _named(one: Round) -> str:
    return f'"{one.look}"' if one.look else "numbers"


def numbered(rounds: tuple[int, ...]) -> str:
    """Such as "round 3" or "rounds 3, 4"."""
    return f"round{'s' * (len(rounds) > 1)} {', '.join(map(str, rounds))}"
