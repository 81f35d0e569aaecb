"""What a long command says while it runs, and how it hears that it is to stop.

Writes sentences and a line of progress; knows nothing of what is done.
"""

import sys
from collections.abc import Callable

Say = Callable[[str], None]

_ALONE = 30.0
"""Seconds from one line of progress to the next, where lines stay."""


class Stop:
    """Hears that the training is to stop."""

    asked = False

    def __call__(self) -> None:
        """Stop after this step."""
        self.asked = True


class Voice:
    """Sentences, and a line of progress that is written over on a terminal and told now and then elsewhere."""

    def __init__(self, now: Callable[[], float], say: Say) -> None:
        self._now, self._say, self._last, self._open = now, say, -_ALONE, False

    def say(self, sentence: str) -> None:
        """Tell a sentence."""
        if self._open:
            sys.stdout.write("\n")
            self._open = False
        self._say(sentence)

    def progress(self, line: str) -> None:
        """Tell how far it is."""
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\x1b[K{line}")
            sys.stdout.flush()
            self._open = True
        elif self._now() - self._last >= _ALONE:
            self._last = self._now()
            self._say(line)
