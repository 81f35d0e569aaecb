"""Finds the control that somebody moves: a fader, knob, pad or button of an input that rests when nobody touches it.

What moves by itself, a beat or a stream of numbers, must never be taken for it.
"""

from collections.abc import Sequence

import numpy as np

from livegan.show.feed import Feed

CLEARLY = 0.15
"""How far a control must move, in units of its feature, from where it was when it was asked for."""

PAUSE = 1.5
"""Seconds; what went on without such a pause since longer than that before moves by itself."""


class Wiggle:
    """Watches all features of a show, so that it knows what moved before anybody was asked to move something."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        each = [(feature, feed) for feed in feeds for feature in feed.features]
        self._levels = np.array([f.kind in ("step", "linear") and not feed.continuous for f, feed in each], bool)
        self._events = np.array([f.kind == "event" for f, _ in each], bool)
        self._units = np.array([f.movement for f, _ in each])
        self._now, self._from = np.zeros((2, len(each)))
        self._moved, self._since = np.full((2, len(each)), -np.inf)
        self._asked = np.inf

    def there(self, events: bool) -> bool:
        """Whether there is any control; with or without `events`, which have no length."""
        return bool(self._levels.any() or (events and self._events.any()))

    def ask(self, now: float) -> None:
        """From now on somebody is asked to move one."""
        self._from, self._asked = self._now.copy(), now

    def moved(self, values: np.ndarray, now: float, events: bool) -> int | None:
        """Which one moved with a frame (features of the show, NaN where it says nothing); the farthest of several."""
        known = np.isfinite(values)
        change = np.where(known & self._levels, np.abs(values - self._from) / self._units, 0.0)
        # A level tells more than an event of the same press: which pad it was, and how long it is held.
        change[known & self._events & (values != 0)] = 1.01 * CLEARLY
        happened = change > CLEARLY
        self._since = np.where(happened & (now - self._moved > PAUSE), now, self._since)
        self._moved = np.where(happened, now, self._moved)
        self._now = np.where(known, values, self._now)
        self._from = np.where(happened, self._now, self._from)
        wanted = happened & (self._since > self._asked - PAUSE) & (self._levels | events)
        return int(np.argmax(np.where(wanted, change, 0.0))) if wanted.any() else None
