"""Training of a mapping that is served: asked of the fitter, written by the scribe, and told when it is whole.

Never waits and never plays: while it goes on the old models play, and what it made is handed over at one go.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from livegan.errors import BadRequest
from livegan.letters import Letter
from livegan.mapping import fitted
from livegan.mapping import mapping as mappings
from livegan.mapping.mapping import Mapping, MappingSettings
from livegan.mapping.report import FitReport
from livegan.serving.notebook import Asks
from livegan.serving.out import Out, refusal

Post = Callable[[Callable[[], list[Out]]], None]
"""Has something called between two messages, from any thread; what it gives is sent."""

Told = Callable[[Mapping | None, str], list[Out]]
"""Gets a new fit and how good it is, or None and what went wrong."""


class Fitter(Asks, Protocol):
    """A clerk that can be stopped."""

    def drop(self) -> None:
        """Stop what it does and forget what it was asked."""


class Training:
    """Fits of the mapping in `folder`, one at a time. post: has answers heard between two messages.

    known: what mapping.toml says, which is written anew only when something else is asked for.
    """

    def __init__(
        self, folder: Path, scribe: Asks, fitter: Fitter, post: Post, known: MappingSettings | None = None
    ) -> None:
        self._folder, self._scribe, self._fitter, self._post = folder, scribe, fitter, post
        self._known = known
        self._told: Told | None = None
        self._times = 0

    @property
    def going(self) -> bool:
        """Whether a fit is being made."""
        return self._told is not None

    def begin(self, settings: MappingSettings, told: Told) -> None:
        """Fit the examples once the scribe has written them, and nothing else; `told` gets what comes of it."""
        if self.going:
            self.cancel()
        self._told = told
        self._times += 1
        self.settle(settings)
        self._look()

    def settle(self, settings: MappingSettings) -> None:
        """Have mapping.toml say this, if it does not yet."""
        if settings != self._known:
            self.write(mappings.FILE, mappings.text(settings).encode())
            self._known = settings

    def cancel(self) -> None:
        """Stop; nothing more is told."""
        self._told = None
        self._times += 1
        self._fitter.drop()

    def _look(self) -> None:
        """Fit once what was recorded so far is written."""
        time = self._times
        letter = Letter({"do": "keep", "folder": str(self._folder), "rounds": [], "kept": True})
        self._scribe.ask(letter, lambda answer: self._later(time, lambda: self._fit(time, answer)))

    def _later(self, time: int, call: Callable[[], list[Out]]) -> None:
        """Have something done between two messages, unless the training of that time is over by then."""
        self._post(lambda: call() if time == self._times else [])

    def _fit(self, time: int, answer: Letter) -> list[Out]:
        if answer.words["error"]:
            return self._end(None, answer.words["error"])
        words = {"do": "fit", "folder": str(self._folder), "version": None, "names": []}
        self._fitter.ask(Letter(words), lambda answer: self._fitted(time, answer))
        return []

    def _fitted(self, time: int, answer: Letter) -> None:
        """In the fitter's thread: reading a fit takes longer than a message may wait."""
        if not answer.words["done"]:
            return
        found, sentence = None, answer.words["error"]
        if not sentence:
            try:
                fit = fitted.unpacked(answer.arrays["fit"].tobytes(), self._folder / fitted.FILE)
                found = Mapping.of(self._folder.name, fit)
                sentence = _sentence(found.name, FitReport(**answer.words["report"]))
            except BadRequest as why:
                sentence = str(why)
        self._later(time, lambda: self._take(answer, found, sentence))

    def _take(self, answer: Letter, found: Mapping | None, sentence: str) -> list[Out]:
        if found is not None:
            self.write(fitted.FILE, answer.arrays["fit"].tobytes())
        return self._end(found, sentence)

    def _end(self, found: Mapping | None, sentence: str) -> list[Out]:
        told, self._told = self._told, None
        return told(found, sentence) if told else []

    def tell(self, sentence: str) -> None:
        """Tell what went wrong."""
        self._post(lambda: [refusal(sentence)])

    def write(self, name: str, data: bytes) -> None:
        """Have a file of the mapping's folder written; what goes wrong is told."""

        def heard(answer: Letter) -> None:
            if answer.words["error"]:
                self.tell(answer.words["error"])

        letter = Letter(
            {"do": "file", "root": str(self._folder), "path": name}, {"data": np.frombuffer(data, np.uint8)}
        )
        self._scribe.ask(letter, heard)


def _sentence(name: str, report: FitReport) -> str:
    fitted_to = f"{name}: fitted to {report.examples} examples; it misses them by {report.error:.1%}"
    return "; ".join([fitted_to, *report.missed(), *report.warnings])
