"""The check after teaching: twenty seconds of free movement, and one page about what the mapping makes of them.

Collects while the show plays; the page is made in the process that also fits. Nothing here waits.
"""

from collections.abc import Callable

import numpy as np

from livegan.letters import Letter
from livegan.rehearsal.rounds import Asks, Post
from livegan.show.report import recent
from livegan.show.show import Show, Tick

LASTING = 20.0
PAGE, TEXT = "check.png", "check.txt"


class Checking:
    """Watches a show for a while. made: called with the page's PNG and text, or why there is none."""

    def __init__(self, show: Show, study: Asks, post: Post, made: Callable[[bytes, str, str], None]) -> None:
        self._show, self._study, self._post, self._made = show, study, post, made
        self._words: dict | None = None
        self._until: float | None = None
        self._seen: list[tuple[float, np.ndarray, float]] = []

    @property
    def running(self) -> bool:
        """Whether it is watching."""
        return self._words is not None

    def start(self, words: dict) -> None:
        """Watch from the next tick on. words: what the page needs besides."""
        self._words, self._until, self._seen = words, None, []

    def cancel(self) -> bool:
        """Stop watching; whether it was."""
        was, self._words = self.running, None
        return was

    def share(self, now: float) -> float | None:
        """How much of the time is over, 0..1."""
        return None if self._until is None else min(1.0, max(0.0, 1.0 - (self._until - now) / LASTING))

    def step(self, tick: Tick) -> None:
        """After each tick."""
        if self._words is None:
            return
        self._until = tick.due + LASTING if self._until is None else self._until
        self._seen.append((tick.due, tick.values, np.nan if tick.known is None else tick.known))
        if tick.due >= self._until:
            self._ask()

    def _ask(self) -> None:
        words, self._words = self._words, None
        times, values, known = zip(*self._seen, strict=True)
        latency = recent(self._show.meters.latency, len(times))
        arrays = {
            "times": np.array(times) - times[0],
            "values": np.array(values, np.float32),
            "known": np.array(known, np.float32),
            "latency": np.array(latency, np.float32) if latency else np.zeros(1, np.float32),
        }

        def hear(answer: Letter) -> None:
            page = answer.arrays.get("page", np.zeros(0, np.uint8)).tobytes()
            self._made(page, answer.words.get("text", ""), answer.words["error"])

        letter = Letter({**words, "do": "check"}, arrays)
        self._study.ask(letter, lambda answer: self._post(lambda: hear(answer)))
