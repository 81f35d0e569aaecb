"""The mappings of a patch that can be taught: what each is taught from, its rounds, and what is under way with them.

One of them at a time is what poses are taught to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from livegan.errors import BadRequest
from livegan.latent.directions import Directions
from livegan.mapping.outputs import OutputSettings
from livegan.rehearsal.along import Along
from livegan.rehearsal.choosing import Choosing
from livegan.rehearsal.deeds import Deeds
from livegan.rehearsal.fits import Fits, Fitter, Told
from livegan.rehearsal.home import write
from livegan.rehearsal.lectern import Lectern
from livegan.rehearsal.rounds import Asks, Post, Round, Rounds
from livegan.rehearsal.said import Says
from livegan.rehearsal.sliders import Sliders
from livegan.rehearsal.teaching import Lesson, Teaching
from livegan.rehearsal.thumbnails import Thumbnails
from livegan.show.opening import Opened
from livegan.show.routes import w_of


@dataclass(frozen=True)
class Subject:
    """A mapping that can be taught: its name and place in the show, what it is taught from, and its rounds.

    pca: along so many principal directions its outputs lie, None where they are something else. outputs: the named
    numbers that it gives, None where it makes looks.
    """

    name: str
    place: int
    lesson: Lesson
    rounds: Rounds
    pca: int | None = None
    outputs: Mapping[str, OutputSettings] | None = None


@dataclass(frozen=True)
class Course:
    """A subject being taught. sliders: set its numbers, None where it makes looks."""

    subject: Subject
    lectern: Lectern
    teaching: Teaching
    along: Along
    sliders: Sliders | None

    def numbers(self) -> Sliders:
        """What sets its numbers. Raises BadRequest where it makes looks."""
        if self.sliders is None:
            raise BadRequest(f"the mapping {self.subject.name} makes looks and has no numbers to set: choose a look")
        return self.sliders

    def refuse_numbers(self) -> None:
        """Raise BadRequest where no look can be taught."""
        if self.sliders is not None:
            raise BadRequest(f"the mapping {self.subject.name} gives numbers, not looks: set them, then teach")


class Courses:
    """A course for each subject; `now` is the one that is taught, the first until another is chosen.

    recorded: called with a course's lectern and the rounds that were recorded. moved: with a round that came of a
    path, and the performer's lag.
    """

    def __init__(
        self,
        one: Opened,
        scribe: Asks,
        fitter: Fitter,
        post: Post,
        say: Says,
        deeds: Deeds,
        choosing: Choosing,
        recorded: Callable[[Lectern, list[Round]], None],
        moved: Callable[[Round, float], None],
    ) -> None:
        self._one, self._scribe, self._fitter, self._post = one, scribe, fitter, post
        self._say, self._deeds, self._choosing = say, deeds, choosing
        self._recorded, self._moved = recorded, moved
        self.all: dict[str, Course] = {}
        self.now: Course | None = None

    def begin(self, subjects: list[Subject]) -> None:
        """Make a course for each of these."""
        self.all = {subject.name: self._course(subject) for subject in subjects}
        self.now = next(iter(self.all.values()), None)

    def change(self, name: str) -> None:
        """Teach another one from now on. Raises BadRequest."""
        if name not in self.all:
            raise BadRequest(f'no mapping "{name}" can be taught; there are {", ".join(self.all)}')
        self.now = self.all[name]

    def let_go(self) -> None:
        """What was set by hand is so no longer."""
        for sliders in [course.sliders for course in self.all.values() if course.sliders]:
            sliders.let_go()

    def renewed(self) -> None:
        """Another model draws."""
        for course in self.all.values():
            course.lectern.renewed()

    def _course(self, subject: Subject) -> Course:
        show, lesson, rounds = self._one.show, subject.lesson, subject.rounds
        lectern = Lectern(
            show, subject.place, lesson, rounds, lambda told: self._fits(subject, told), self._deeds, self._say
        )
        thumbnails = self._thumbnails(rounds)

        def recorded(made: list[Round]) -> None:
            thumbnails.settle(made)
            self._recorded(lectern, made)

        settings = self._one.plan.teach
        teaching = Teaching(settings, lesson, rounds, self._choosing.show_kept, thumbnails.take, recorded)
        along = Along(show, lesson, rounds, self._fitter, self._scribe, self._post, self._say, self._moved)
        sliders = Sliders(subject.outputs, show.wires[subject.place]) if subject.outputs else None
        return Course(subject, lectern, teaching, along, sliders)

    def _fits(self, subject: Subject, told: Told) -> Fits:
        show, wake = self._one.show, self._one.watch.wake

        def directions() -> Directions | None:
            return show.generator.directions.first(subject.pca) if subject.pca else None

        def drawn_by() -> str:
            return show.generator.info.sha256

        clerks = self._fitter, self._scribe, self._post
        return Fits(subject.rounds, *clerks, wake, told, self._looks_w, directions, drawn_by)

    def _looks_w(self) -> dict[str, np.ndarray]:
        """w of the kept looks in this model, for mappings to w."""
        found = {}
        for kept in self._choosing.kept:
            try:
                found[kept.name] = w_of(kept.look, self._one.show.generator)
            except BadRequest:
                continue
        return found

    def _thumbnails(self, rounds: Rounds) -> Thumbnails:
        def failed(error: str) -> None:
            self._post(lambda: self._say(error, error=True))

        cameras = [*self._one.world.cameras.values()] if self._one.plan.teach.thumbnails else None
        return Thumbnails(cameras, lambda: self._one.show.picture, partial(write, self._scribe, rounds.folder, failed))
