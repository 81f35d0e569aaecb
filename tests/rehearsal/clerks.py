"""Clerks without processes whose answers come when a test says so."""

from collections.abc import Callable
from typing import Any

import numpy as np

from livegan.letters import Letter


class Patient:
    """Keeps what it is asked until a test answers it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Letter, Callable[[Letter], None]]] = []
        self.dropped = 0

    def ask(self, letter: Letter, hear: Callable[[Letter], None] = lambda answer: None) -> None:
        self.asked.append((letter, hear))

    def drop(self) -> None:
        self.dropped += 1

    @property
    def does(self) -> list[str]:
        """What it was asked to do, in order."""
        return [letter.words["do"] for letter, _ in self.asked]

    def answer(self, arrays: dict[str, np.ndarray] | None = None, **words: Any) -> Letter:
        """Answer the oldest letter, and forget it when that was the last answer; gives the letter."""
        letter, hear = self.asked[0]
        told = {"done": True, "error": "", **words}
        if told["done"]:
            del self.asked[0]
        hear(Letter(told, arrays or {}))
        return letter
