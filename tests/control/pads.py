"""A show on a fake clock, with a body and a pad of controls in front of it, and with control."""

from pathlib import Path

from livegan.control.control import Control
from livegan.errors import LiveganError
from livegan.frame import Feature
from livegan.show.feed import Feed
from tests.fakes import FakeRing
from tests.rehearsal.rig import FPS, Rig

CONTROLS = {"knob": "step", "note": "step", "stick": "linear", "hit": "event"}
TICK = 1 / FPS


class Pads:
    """more: text of the patch, such as its [cues]. control: of the show, whose commands are asked for by `ask`."""

    def __init__(self, folder: Path, more: str = "", stale_after: float | None = None, mapping: str = "") -> None:
        self.rig = Rig(folder, f"count = 0.2\nseconds = 0.2\n[control]\non = false\n{more}", mapping=mapping)
        self.ring = FakeRing(self.rig.clock)
        self.values = dict.fromkeys(CONTROLS, 0.0)
        features = [Feature(name, kind) for name, kind in CONTROLS.items()]
        self.pad = Feed("pad", features, self.ring.since, None, stale_after, 0.1, 0.5)
        self.rig.show.feeds.append(self.pad)
        self.told: list[str] = []
        self.control = Control(
            self.rig.rehearsal, self.rig.one.plan, lambda: None, [], self.rig.clock, self.told.append
        )
        self.rig.step = self.control.observe
        self.rig.show.aside = self.control.step
        self.rig.go(1.0)

    @property
    def show(self):
        return self.rig.show

    @property
    def learning(self):
        return self.control._learning

    @property
    def stand(self):
        return self.control._holds._on

    @property
    def said(self) -> list[str]:
        return [one.sentence for one in self.rig.rehearsal.said]

    def ask(self, name: str, *values: object) -> str:
        holds = self.control._holds
        try:
            reply = holds.run("test", name, values)
        except LiveganError as error:
            return f"error: {error}"
        return reply

    def put(self, present: bool = True, **values: float) -> None:
        """A frame of the pad, now."""
        self.values.update(values)
        now = self.rig.clock.time
        self.ring.put([*self.values.values()], now, now, present)
        self.values["hit"] = 0.0
        self.rig.clock.time += 1e-4

    def turn(self, name: str, *values: float) -> None:
        """Frames one after the other, a tick apart, and then the show's latency."""
        for value in values:
            self.put(**{name: value})
            self.rig.go(TICK)
        self.rig.go(0.2)
