"""A camera as the operator and the report know it: no features, but how it is, whoever reads it.

Must never take a picture away from its readers, nor wait for one.
"""

from dataclasses import asdict
from pathlib import PurePath

from livegan.clock import Clock
from livegan.inputs.camera import Camera
from livegan.ring import Ring
from livegan.show.feed import State
from livegan.show.host import Child, Health


class Eye:
    """One camera or clip. name: what the patch calls it; without one it goes by its source."""

    def __init__(self, name: str | None, child: Child) -> None:
        scheme, _, place = child.name.partition(":")
        short = f"{scheme}:{PurePath(place).name}"
        self.name, self._child = name or short, child
        self.note = short if name else ""

    def state(self, clock: Clock) -> State:
        """How it is now."""
        health = self._child.health()
        counts = health.restarts, health.lost, health.replaced
        return State(_word(health, self._child.ring, clock.now()), health.reason, health.last, *counts)

    def summary(self, clock: Clock) -> dict[str, object]:
        """For the report. frames: pictures that came; the show itself takes none, and so misses none."""
        state = {what: said for what, said in asdict(self.state(clock)).items() if said != ""}
        return {**state, "frames": self._child.ring.count, "dropped": 0, "source": self._child.name}


def _word(health: Health, ring: Ring, now: float) -> str:
    if health.state != "open":
        return "stale" if health.state == "hung" else "absent"
    newest = ring.newest()
    if newest is None:
        return "silent"
    return "live" if now - newest.written <= Camera.stale_after else "stale"
