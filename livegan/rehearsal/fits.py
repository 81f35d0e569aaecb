"""Fits of the mapping that is taught: asked of the fitter, written by the scribe, swapped in by the show's watch.

A fit is kept by the version of its examples, so that undo has it at once. One that became stale is dropped; one
that failed says why; meanwhile the old mapping plays. Nothing here waits.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from livegan.latent.directions import Directions
from livegan.letters import Letter
from livegan.mapping.fitted import FILE
from livegan.rehearsal.rounds import Asks, Post, Rounds

_REMEMBERED = 64


Key = tuple[str, str | None, str]
"""What a fit is of: the version of its examples, the kind of model, the generator that drew the looks."""

Told = Callable[[dict[str, Any], str], None]
"""Gets the report of a fit, and "" or what went wrong."""


class Fitter(Asks, Protocol):
    """A clerk that can be stopped."""

    def drop(self) -> None:
        """Stop what it does and forget what it was asked."""


class Fits:
    """The fit of `rounds`. model: "rbf", "ridge" or None for the mapping's own choice.

    wake: called when a fit was written. told: gets the report of a fit, or why there is none. looks_w: gives w float32
    [num_ws, w_dim] of looks by name, for mappings to w. directions: gives those that the mapping's outputs lie along.
    drawn_by: gives the sha256 of the model that draws.
    """

    def __init__(
        self,
        rounds: Rounds,
        fitter: Fitter,
        scribe: Asks,
        post: Post,
        wake: Callable[[], None],
        told: Told,
        looks_w: Callable[[], dict[str, np.ndarray]],
        directions: Callable[[], Directions | None],
        drawn_by: Callable[[], str],
    ) -> None:
        self._rounds, self._fitter, self._scribe, self._post = rounds, fitter, scribe, post
        self._wake, self._told, self._looks_w, self._directions = wake, told, looks_w, directions
        self._drawn_by = drawn_by
        self.model: str | None = None
        self.progress: tuple[str, float] | None = None
        self._fits: dict[Key, tuple[np.ndarray, dict[str, Any]]] = {}

    def want(self) -> None:
        """Fit the examples as they are now, or take the fit that was made of them before."""
        self.cancel()
        key = self._key()
        if key in self._fits:
            self._write(key)
            return
        looks = self._looks_w()
        words = {"do": "fit", "folder": str(self._rounds.folder), "version": key[0], "model": key[1], "names": [*looks]}
        arrays = {f"w.{index}": w for index, w in enumerate(looks.values())}
        if (directions := self._directions()) is not None:
            arrays |= {"pca.mean": directions.mean, "pca.steps": directions.steps}
        self.progress = ("fitting", 0.0)
        self._fitter.ask(Letter(words, arrays), lambda answer: self._post(lambda: self._hear(key, answer)))

    def cancel(self) -> bool:
        """Stop fitting; whether there was anything to stop."""
        if self.progress is None:
            return False
        self.progress = None
        self._fitter.drop()
        return True

    def _key(self) -> Key:
        return self._rounds.version, self.model, self._drawn_by()

    def _hear(self, key: Key, answer: Letter) -> None:
        words = answer.words
        if key != self._key():
            return
        if not words["done"]:
            self.progress = (f"fitting, {words['left']:.0f} s left", words["share"])
            return
        self.progress = None
        if words.get("stale"):
            self.want()
        elif words["error"]:
            self._told({}, words["error"])
        else:
            while len(self._fits) >= _REMEMBERED:
                self._fits.pop(next(iter(self._fits)))
            self._fits[key] = (answer.arrays["fit"], words["report"])
            self._write(key)

    def _write(self, key: Key) -> None:
        data, report = self._fits[key]
        letter = Letter({"do": "file", "root": str(self._rounds.folder), "path": FILE}, {"data": data})
        self._scribe.ask(letter, lambda answer: self._post(lambda: self._written(report, answer)))

    def _written(self, report: dict[str, Any], answer: Letter) -> None:
        self._told(report, answer.words["error"])
        self._wake()
