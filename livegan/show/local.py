"""The life of an input that has no process of its own: read between two pictures, and tried again when it is lost.

Must never wait, nor let an input that is lost take the show with it.
"""

from livegan.clock import Clock
from livegan.errors import Lost
from livegan.inputs.base import Input, InputSettings
from livegan.ring import Arrival, Ring
from livegan.senses.derived import Derived
from livegan.senses.onward import Onward
from livegan.show.child import RETRY
from livegan.show.host import Health


class Local:
    """Keeps an input of the show's own process open; its frames go by a ring, as those of all others."""

    def __init__(self, one: Input, settings: InputSettings, derived: Derived, ring: Ring, clock: Clock) -> None:
        self._one, self._settings, self._derived = one, settings, derived
        self._ring, self._clock = ring, clock
        self._health, self._due = Health("lost"), clock.now()
        self._go_on()

    def arrivals(self, count: int) -> list[Arrival]:
        """The frames above `count` that are still there, oldest first, with those that came just now."""
        self._go_on()
        return self._ring.since(count)

    def health(self) -> Health:
        """How it is: "open", or "lost" and why."""
        return self._health

    def _go_on(self) -> None:
        try:
            self._open()
            reading = self._health.state == "open"
            while reading:
                moment = self._clock.now()
                frame = self._one.read(0.0)
                for arrival in self._onward.step(frame, moment, self._clock):
                    self._ring.write(arrival.frame, arrival.written)
                reading = frame is not None
        except Lost as lost:
            self._lose(str(lost))
        except Exception as error:
            self._lose(f"{type(error).__name__}: {error}")

    def _lose(self, why: str) -> None:
        self._health = Health("lost", why, self._health.lost + 1)
        self._due = self._clock.now() + RETRY

    def _open(self) -> None:
        if self._health.state == "lost" and self._clock.now() >= self._due:
            self._one.close()
            self._one.open(self._settings)
            self._onward = Onward(self._derived, self._one.stale_after is None)
            self._health = Health("open", lost=self._health.lost)
