"""Another model in a running show: made ready beside it, put on stage between two ticks, taken back by undo.

Whatever goes wrong with it changes nothing and is told. Everything here but the making ready is called between ticks.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from livegan.errors import LiveganError
from livegan.generators.base import Generator
from livegan.latent.look import Look
from livegan.patch import Patch
from livegan.rehearsal.deeds import Deed, Deeds
from livegan.rehearsal.said import Says
from livegan.show.model import Staged, located, made_ready, replanned
from livegan.show.show import Show

Do = Callable[[Callable[[], object]], None]
"""Has something done: elsewhere, or between two ticks."""


class Changing:
    """The models of a show. plan: the patch with the one that it began with.

    errands: has done what takes long. post: has something called between two ticks. busy: whether something is under
    way that needs the present model. renewed: called with what redraws a look when another one is on stage.
    """

    def __init__(
        self,
        show: Show,
        plan: Patch,
        errands: Do,
        post: Do,
        deeds: Deeds,
        say: Says,
        busy: Callable[[], bool],
        renewed: Callable[[Callable[[Look], Look]], None],
    ) -> None:
        self._show, self._plan, self._errands, self._post = show, plan, errands, post
        self._deeds, self._say, self._busy, self._renewed = deeds, say, busy, renewed
        self._asked = 0
        self._ready: Staged | None = None
        self._undoable = True
        self.loading = ""

    def ask(self, name: str) -> str:
        """Load the model of this name, and put it on stage. Raises BadRequest."""
        path, plan = located(name), self._plan
        self._load(name, lambda: replanned(plan, name, path), undoable=True)
        return f"loading {name}: it comes on stage when it is ready"

    def cancel(self) -> bool:
        """Stay with the present model; whether another one was on its way."""
        loading, self.loading = self.loading, ""
        self._asked += 1
        if self._ready:
            self._errands(self._ready.generator.close)
        self._ready = None
        return bool(loading)

    def step(self) -> None:
        """After each tick: a model that is ready comes on stage as soon as nothing is under way."""
        if self._ready and not self._busy():
            self._post(self._put_on_stage)

    def _load(self, name: str, plan: Callable[[], Patch], undoable: bool) -> None:
        self.cancel()
        self.loading, self._undoable = name, undoable
        number, show = self._asked, self._show

        def load() -> None:
            if number == self._asked:  # nobody asked for another one meanwhile
                ready, error = _tried(lambda: made_ready(show.wires, show.feeds, plan()))
                self._post(partial(self._loaded, number, ready, error))

        self._errands(load)

    def _loaded(self, number: int, ready: Staged | None, error: str) -> None:
        if number != self._asked:
            if ready:
                self._errands(ready.generator.close)
            return
        self._ready = ready
        if ready is None:
            self._refuse(error)
        elif self._busy():
            self._say(f"{self.loading} is ready, and comes on stage when this is over")
        else:
            self._put_on_stage()

    def _put_on_stage(self) -> None:
        if self._ready is None or self._busy():
            return
        ready, error = _tried(lambda: self._ready.at_work(self._show.wires, self._show.feeds))
        if ready is None:
            self._refuse(error)
        else:
            self.loading, self._ready = "", None
            self._exchange(ready)

    def _refuse(self, why: str) -> None:
        name = self.loading
        self.cancel()
        self._say(f"the model {name} is not used: {why}", error=True)

    def _exchange(self, ready: Staged) -> None:
        gone = self._show.generator
        self._errands(partial(_outlive, self._show.exchange(ready), gone))
        before, self._plan = self._plan, ready.plan
        if self._undoable:
            self._deeds.did(self._deed(ready.generator.info.name, before, ready.plan))
        self._renewed(ready.redrawn)
        self._say(f"{ready.generator.info.name} is on stage")

    def _deed(self, name: str, before: Patch, after: Patch) -> Deed:
        def to(plan: Patch) -> Callable[[], None]:
            return lambda: self._load(plan.model.stem if plan.model else plan.generator.kind, lambda: plan, False)

        return Deed(f"the model {name}", to(before), to(after))


def _outlive(closed: Future[None], gone: Generator) -> None:
    """Hold a generator until it is closed, so that its memory is given back here and not between two pictures."""
    closed.result()


def _tried(make: Callable[[], Staged]) -> tuple[Staged | None, str]:
    """What was made, or why not: models come from anywhere, and nothing about them may stop a show."""
    try:
        return make(), ""
    except LiveganError as error:
        return None, str(error)
    except Exception as error:
        return None, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
