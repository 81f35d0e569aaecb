"""Keys and pointer of the show's windows.

Says what; the show decides when. Nothing here draws or waits.
"""

from livegan.clock import Clock
from livegan.inputs.pointer import Pointer
from livegan.show.operator import Operator
from livegan.show.show import Show
from livegan.stage.base import Event

AGAIN = 2.0
"""Seconds within which the second press of Q quits."""


class Keys:
    """Hears a stage's events for a show."""

    def __init__(self, show: Show, operator: Operator, pointers: list[Pointer], clock: Clock) -> None:
        self._show, self._operator, self._pointers, self._clock = show, operator, pointers, clock
        self._asked = -AGAIN

    def hear(self, event: Event) -> None:
        """H: operator's view. Q twice, or closing the window: the end. The pointer goes to the inputs."""
        if event.kind == "key" and event.name == "h":
            self._operator.toggle()
        elif event.kind == "close" or (event.kind == "key" and event.name == "q" and self._twice()):
            self._show.running = False
        elif event.kind == "pointer":
            for pointer in self._pointers:
                pointer.feed(event.x, event.y, event.down, event.inside, self._clock.now())

    def _twice(self) -> bool:
        before, self._asked = self._asked, self._clock.now()
        return self._asked - before < AGAIN
