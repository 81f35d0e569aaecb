"""A rehearsal: the loop choose a look, take a pose, teach, play, correct, on a running show.

Everything here is called between two ticks, by commands and by `step`; what takes time is asked of the scribe, the
fitter and the sketches. Nothing here waits, and no mistake of a performer stops the picture.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest, LiveganError
from livegan.latent.look import Look
from livegan.rehearsal.along import Along
from livegan.rehearsal.changing import Changing, Do
from livegan.rehearsal.checking import PAGE, TEXT, Checking
from livegan.rehearsal.choosing import Choosing
from livegan.rehearsal.course import Course, Courses, Subject
from livegan.rehearsal.deeds import Deeds
from livegan.rehearsal.fits import Fitter
from livegan.rehearsal.home import Home
from livegan.rehearsal.lectern import Lectern
from livegan.rehearsal.looks import Kept
from livegan.rehearsal.rounds import Asks, Round
from livegan.rehearsal.said import Said
from livegan.rehearsal.sliders import Sliders
from livegan.rehearsal.teaching import Aim, Teaching
from livegan.show.opening import Opened
from livegan.show.show import Tick

PATIENCE = 1.5
"""Seconds for which a taught look stays on stage while its fit is made; then the old mapping plays meanwhile."""

_SAID = 3


class Rehearsal:
    """What a performer does with an open show.

    subjects: the mappings that can be taught, the first of which is. thumbnails: of cameras with these rings are
    wanted, None of none. errands: has done what takes long. home: the patch's folder for what is kept.
    tell: called with each sentence that is said, and whether it is an error.
    """

    def __init__(
        self,
        one: Opened,
        subjects: list[Subject],
        scribe: Asks,
        fitter: Fitter,
        errands: Do,
        home: Path,
        rng: np.random.Generator,
    ) -> None:
        self.show, self._walk = one.show, one.plan.rest.seed
        self.deeds = Deeds()
        self.said: deque[Said] = deque(maxlen=_SAID)
        self.tell: Callable[[str, bool], None] = lambda sentence, error: None
        self.tick: Tick | None = None
        self._resume_at: float | None = None
        self._taught: Look | None = None
        self._along_round: Round | None = None
        self.home = Home(home, scribe, self._post, self.say)
        self.choosing = Choosing(
            one.show, self.home.looks(), lambda: self.home.keep(self.choosing.kept), self.deeds, rng
        )
        self.checking = Checking(one.show, fitter, self._post, self._page)
        self.changing = Changing(
            one.show, one.plan, errands, self._post, self.deeds, self.say, self._needs_the_model, self._renewed
        )
        self.courses = Courses(
            one, scribe, fitter, self._post, self.say, self.deeds, self.choosing, self._recorded, self._moved
        )
        self.courses.begin(subjects)
        one.heard.append(self._swapped)

    @property
    def course(self) -> Course | None:
        """The mapping that is taught now; None without one."""
        return self.courses.now

    @property
    def lectern(self) -> Lectern | None:
        """What is taught of the mapping that is taught now; None without one."""
        return self.course.lectern if self.course else None

    @property
    def teaching(self) -> Teaching | None:
        """The teaching of the mapping that is taught now; None without one."""
        return self.course.teaching if self.course else None

    @property
    def along(self) -> Along | None:
        """The paths of the mapping that is taught now; None without one."""
        return self.course.along if self.course else None

    @property
    def chosen(self) -> bool:
        """Whether a look is chosen, or numbers are set."""
        sliders = self.course.sliders if self.course else None
        return self.choosing.chosen is not None or (sliders is not None and sliders.holds)

    def say(self, sentence: str, error: bool = False) -> None:
        """Tell the performer, and whoever else listens."""
        self.note(sentence, error)
        self.tell(sentence, error)

    def note(self, sentence: str, error: bool = False) -> None:
        """Show a sentence to the performer."""
        self.said.append(Said(sentence, error, self.show.clock.now()))

    def step(self, tick: Tick) -> None:
        """After each tick."""
        self.tick = tick
        self.choosing.remember(tick.due, tick.look)
        if self.teaching and self.teaching.step(tick, self.chosen):
            self._tried(self.teach)
        if self.along:
            self.along.step(tick)
        self.checking.step(tick)
        self.changing.step()
        if self._resume_at is not None and tick.due >= self._resume_at:
            self._go_on()

    def choices(self) -> Choosing:
        """The looks to choose from. Raises BadRequest while a pose is recorded or a path plays."""
        self._refuse_busy()
        return self.choosing

    def teach(self, count: int | None = None) -> str:
        """Teach the look that is chosen or frozen; with a count the first so many kept looks, one after the other."""
        teaching = self._free()
        if count is not None:
            self.course.refuse_numbers()
        if count is not None and len(self.choosing.kept) < count:
            kept = len(self.choosing.kept)
            raise BadRequest(f"{count} looks are to be taught and {kept} are kept: keep more, or teach fewer")
        aims = [self._aim()] if count is None else [Aim(one.name, one) for one in self.choosing.kept[:count]]
        for look in [aim.look for aim in aims if aim.look]:
            self.choosing.drawn(look)  # one that cannot be drawn is told before anything begins
        teaching.begin(aims)
        return f"teaching {', '.join(aim.name for aim in aims)}: take the pose"

    def _aim(self) -> Aim:
        """What is to be taught now: the look that is chosen or frozen, or the numbers. Raises BadRequest."""
        sliders = self.course.sliders
        if sliders is None:
            kept = self._present()
            return Aim(kept.name, kept)
        if not sliders.holds and self.show.steering.frozen is None:
            raise BadRequest(f"no numbers are set: set {sliders.names[0]} to a value or freeze the picture, then teach")
        return Aim(sliders.told(), numbers=sliders.wanted)

    def teach_all(self) -> str:
        """Teach all kept looks, one after the other."""
        self._refuse_none()
        self.course.refuse_numbers()
        if not self.choosing.kept:
            raise BadRequest("no look is kept yet: choose one and keep it, then teach")
        return self.teach(len(self.choosing.kept))

    def record(self, down: bool) -> str:
        """Record for the look that is chosen or frozen while held."""
        if down:
            self._free().hold(aim := self._aim())
            return f"recording {aim.name} until you let go"
        if self.teaching:
            self.teaching.release()
        return "recorded"

    def correct(self) -> str:
        """Freeze the picture; when it is frozen, teach it: this pose, this look."""
        if self.show.steering.frozen is None:
            self._refuse_busy()
            self.show.steering.freeze(True)
            if self.course and self.course.sliders and not self.course.sliders.holds:
                self.course.sliders.take()
            return "frozen: take the pose for this look, then correct again"
        return self.teach()

    def cancel(self) -> str:
        """Stop whatever is under way: teaching, a path, a check, a fit."""
        if self.checking.cancel() or (self.along and self.along.cancel()):
            return "cancelled"
        if self.teaching and (self.teaching.cancel() or self.lectern.fits.cancel()):
            self._resume()
            return "cancelled"
        if self.changing.cancel():
            return "cancelled: the present model stays"
        raise BadRequest("nothing is under way that could be cancelled")

    def play(self) -> str:
        """Let the mappings play again, whatever is under way."""
        self.checking.cancel()
        if self.teaching:
            self.along.cancel()
            self.teaching.cancel()
        self._resume()
        self.show.steering.freeze(False)
        return "playing"

    def keep(self, name: str | None = None) -> str:
        """Keep the present look; when a question is open, keep both rounds that it is about."""
        if self.lectern and self.lectern.question and name is None:
            return self.lectern.answer(replace=False)
        return f'"{self.choices().keep(name).name}" is kept'

    def replace(self) -> str:
        """Answer the question that is open: leave the older rounds out."""
        if self.lectern is None:
            raise BadRequest("this patch has no mapping that can be taught")
        return self.lectern.answer(replace=True)

    def taught(self, change: bool) -> Lectern:
        """What was taught, to be read or to `change`. Raises BadRequest without a mapping, or while one is taught."""
        self._refuse_none()
        if change:
            self._refuse_busy()
        return self.lectern

    def teach_to(self, name: str) -> str:
        """Teach another mapping of the patch from now on."""
        self._refuse_none()
        self._refuse_busy()
        self.courses.change(name)
        self._resume()
        return f"what is taught is {name}"

    def example(self) -> str:
        """Record one example, now."""
        teaching, aim = self._free(), self._aim()
        row = self.course.subject.lesson.row(self.tick)
        if row is None:
            raise BadRequest("nobody is in view: there is nothing to record")
        teaching.once(aim, row)
        return f"one example of {aim.name}"

    def numbers(self) -> Sliders:
        """What sets the numbers that the mapping gives. Raises BadRequest where it gives looks, or is being taught."""
        self._refuse_none()
        self._refuse_busy()
        return self.course.numbers()

    def undo(self) -> str:
        """Take the last deed back."""
        self._refuse_busy()
        if self.lectern:
            self.lectern.question = None
        return self.deeds.undo()

    def redo(self) -> str:
        """Do again what was undone last."""
        self._refuse_busy()
        return self.deeds.redo()

    def refit(self, model: str | None = None) -> str:
        """Fit again, by another kind of model."""
        self.taught(change=True).refit(model)
        return "fitting again"

    def move_along(self, seconds: float) -> str:
        """Play a path through the kept looks, or the walk, to be moved along with; when one plays, end it."""
        if self.along and self.along.running:
            self.along.stop()
            return "the path is over"
        self._free()
        self.course.refuse_numbers()
        looks = [(kept, self.choosing.drawn(kept).w) for kept in self.choosing.to_follow(self._walk)]
        self.choosing.stop()
        path = self.along.start(looks, seconds)
        return f"move along for {path.lasts:.0f} s"

    def lag(self, milliseconds: float) -> str:
        """Teach the last path again, with the performer so far behind it."""
        self._refuse_none()
        self._refuse_busy()
        if self.along.take is None:
            raise BadRequest("nobody moved along yet: move along first, then correct the lag")
        self.along.teach(self.along.take, milliseconds / 1e3)
        return f"taught again, {milliseconds:.0f} ms behind"

    def check(self) -> str:
        """Watch twenty seconds of free movement, and make a page about them."""
        if not self.lectern or not self.lectern.plays:
            raise BadRequest("nothing was taught yet: teach a few looks, then check")
        self._refuse_busy()
        names = [feature.name for feed in self.show.feeds for feature in feed.features]
        folder = self.lectern.rounds.folder
        self.play()
        colours = {kept.name: kept.colour for kept in self.choosing.kept}
        self.checking.start({"folder": str(folder), "names": names, "title": folder.name, "colours": colours})
        return "checking: move freely for 20 s"

    def status(self) -> str:
        """What is taught and kept, and what is under way."""
        kept = f"{len(self.choosing.kept)} looks kept"
        if not self.lectern or not self.teaching:
            return f"playing, {kept}, no mapping to teach"
        busy = self.teaching.state if self.teaching.busy else ""
        fitting = "fitting" if self.lectern.fits.progress else ""
        loading = f"loading {self.changing.loading}" if self.changing.loading else ""
        chosen = "choosing" if self.show.steering.muted else "playing"
        rounds = len(self.lectern.rounds.kept)
        taught = "a mapping plays" if self.lectern.plays else "no mapping plays"
        return f"{busy or fitting or loading or chosen}, {kept}, {rounds} rounds, {taught}"

    def _free(self) -> Teaching:
        """The teaching, when a round can begin now. Raises BadRequest."""
        self._refuse_none()
        self._refuse_busy()
        if self.tick is None:
            raise BadRequest("the show has not begun yet: teach once it plays")
        if why := self.lectern.nobody(self.tick):
            raise BadRequest(why)
        return self.teaching

    def _refuse_none(self) -> None:
        if self.lectern is None:
            raise BadRequest("this patch has no mapping that can be taught: put [mapping.NAME] into it")

    def _refuse_busy(self) -> None:
        if self.teaching and self.teaching.busy:
            raise BadRequest("a look is being taught: wait until it is, or cancel")
        if self.checking.running or (self.along and self.along.running):
            raise BadRequest("somebody is moving for a check or along a path: wait for its end, or cancel")

    def _needs_the_model(self) -> bool:
        """Whether something is under way that would be spoilt by another model."""
        fitting = self.lectern is not None and self.lectern.fits.progress is not None
        moving = self.checking.running or (self.along is not None and self.along.running)
        teaching = self.teaching is not None and self.teaching.busy
        return teaching or moving or fitting or self._resume_at is not None

    def _present(self) -> Kept:
        if (kept := self.choosing.present()) is None:
            raise BadRequest("no look is chosen: choose one (grid, near, seed, next) or freeze the picture, then teach")
        return kept

    def _tried(self, deed: Callable[[], str]) -> None:
        """Do what no command asked for; what is wrong with it is said."""
        try:
            self.say(deed())
        except LiveganError as error:
            self.say(str(error), error=True)

    def _recorded(self, lectern: Lectern, made: list[Round]) -> None:
        if lectern.take_in(made):
            self._resume_at, self._taught = self.show.clock.now() + PATIENCE, self.choosing.chosen
        else:
            self._resume()

    def _moved(self, one: Round, lag: float) -> None:
        """A path became a round: it replaces what the same path taught before."""
        if one.error:
            self.say(one.error, error=True)
            return
        if self._along_round is not None and self._along_round.kept:
            self.lectern.leave_out((self._along_round.id,))
        self._along_round = one
        self.lectern.remember(one, f"moving along, {1e3 * lag:.0f} ms behind")
        self.lectern.fits.want()

    def _swapped(self, place: int, why_not: str) -> None:
        if why_not:
            self.say(why_not, error=True)
        if self.lectern and place == self.lectern.place and self._resume_at is not None:
            self._go_on()

    def _go_on(self) -> None:
        """Play what was taught, unless another look was chosen meanwhile."""
        if self.choosing.chosen is self._taught:
            self._resume()
        self._resume_at = None

    def _resume(self) -> None:
        self._resume_at = None
        self.choosing.stop()
        self.courses.let_go()

    def _page(self, page: bytes, text: str, error: str) -> None:
        """The check's page is made."""
        if error:
            self.say(error, error=True)
            return
        for name, data in ((PAGE, page), (TEXT, text.encode())):
            self.home.write(name, data)
        for line in [line for line in text.splitlines() if line.startswith("- ")][:_SAID]:
            self.say(line.removeprefix("- "))

    def _renewed(self, redrawn: Callable[[Look], Look]) -> None:
        """Another model draws: everything that was chosen or taught is drawn by it."""
        self.choosing.renew(redrawn)
        self.courses.renewed()

    def _post(self, call: Callable[[], None]) -> None:
        """Have something called between two ticks; from any thread."""
        self.show.commands.put(lambda show: call())
