"""A rehearsal on a fake clock: a body of three features, a generator without weights, clerks that work at once.

Examples and fits are real files; only time, the processes and the world are made up.
"""

from pathlib import Path

import numpy as np

from livegan import patch
from livegan.control.learning import Learning
from livegan.control.repertoire import COMMANDS, Stand
from livegan.errors import LiveganError
from livegan.frame import Feature
from livegan.generators.pattern import Pattern
from livegan.letters import Letter
from livegan.rehearsal import opening
from livegan.rehearsal.rehearsal import Rehearsal
from livegan.rehearsal.scribe import Scribe
from livegan.rehearsal.study import studied
from livegan.show import routes
from livegan.show.feed import Feed
from livegan.show.opening import Opened, World
from livegan.show.sending import Sending
from livegan.show.show import Show, Tick
from livegan.show.wiring import Wire
from tests.fakes import FakeClock, FakeRing, Inline
from tests.show.test_show import Screen

FPS = 25.0
PATCH = """
latency = "100 ms"
fps = 25
[input.body]
kind = "steady"
rate = 25
features = { x = 0.0, y = 0.0, z = 0.0 }
[mapping.own]
[generator]
kind = "pattern"
size = 32
[teach]
"""
NAMES = ["x", "y", "z"]


class AtOnce:
    """A clerk without a process. broken: a sentence that every letter is answered with instead."""

    def __init__(self, carry_out) -> None:
        self._carry_out, self.broken, self.asked = carry_out, "", []

    def ask(self, letter: Letter, hear=lambda answer: None) -> None:
        self.asked.append(letter.words["do"])
        if self.broken:
            hear(Letter({"done": True, "error": self.broken}))
            return
        for answer in self._carry_out(letter, hear):
            hear(answer)

    def drop(self) -> None:
        """Nothing is ever under way."""


class Watched:
    """The show's watch without a thread: what was written is swapped in at once."""

    def __init__(self, plan: patch.Patch, rig: "Rig") -> None:
        self._plan, self._rig = plan, rig
        self.notes: dict[int, str] = {}

    def wake(self) -> None:
        rig, names = self._rig, routes.feature_names(self._plan)
        for place, (name, settings) in enumerate(self._plan.mappings.items()):
            mapping = routes.mapping(name, settings, self._plan.path.parent, names)
            rig.show.wires[place].swap(routes.route(mapping, [rig.feed], rig.show.generator, settings))
            for hear in rig.one.heard:
                hear(place, "")


class Rig:
    """A show of `folder`/show.toml with its rehearsal; `pose` is what the body does, None when nobody is there."""

    def __init__(
        self, folder: Path, teach: str = "", seed: int = 0, mapping: str = "", cameras=None, unit: float = 1.0
    ) -> None:
        (folder / "show.toml").write_text(PATCH.replace("[mapping.own]\n", f"[mapping.own]\n{mapping}") + teach)
        plan = patch.read(folder / "show.toml")
        self.clock = FakeClock(100.0)
        self.ring = FakeRing(self.clock)
        self.pose: np.ndarray | None = np.zeros(3)
        features = [Feature(name, "linear", "body", unit=unit) for name in NAMES]
        self.feed = Feed("body", features, self.ring.since, None, 0.5, 0.1, 0.5)
        generator = Pattern(Pattern.Settings(kind="pattern", size=32), None)
        w = generator.w(np.zeros((1, generator.info.z_dim), np.float32))[0]
        rest = generator_rest(w, generator.info.sha256)
        self.ticks: list[Tick] = []
        wires = [
            Wire(routes.route(one, [self.feed], generator, wire))
            for one, wire in zip(routes.mappings(plan), plan.mappings.values(), strict=True)
        ]
        self.show = Show(
            self.clock, [self.feed], wires, rest, generator, Screen(self.clock), Inline(), FPS, observe=self._observe
        )
        self.world = World([self.feed])
        self.world.cameras.update(cameras or {})
        self.one = Opened(self.show, plan, self.world, Watched(plan, self), [], Sending(plan, [self.feed], wires))
        scribe = Scribe()
        self.scribe = AtOnce(lambda letter, hear: scribe.carry_out([letter]))
        self.fitter = AtOnce(lambda letter, hear: [studied(letter, hear, self.clock)])
        dice = np.random.default_rng(seed)
        self.rehearsal: Rehearsal = opening.rehearsal(self.one, self.scribe, self.fitter, lambda errand: errand(), dice)
        self.step = self.rehearsal.step

    def go(self, seconds: float) -> list[Tick]:
        """Play so long; the ticks of that time."""
        end, before = self.clock.time + seconds, len(self.ticks)
        self.show.run(lambda meters: self.clock.time < end)
        assert not self.show.fault, self.show.fault
        return self.ticks[before:]

    def stand(self) -> Stand:
        """What commands act on."""
        return Stand(self.rehearsal, lambda: None, self.clock, Learning(self.rehearsal, COMMANDS))

    def ask(self, deed, *values: object) -> str:
        """What a command of the rehearsal replies, or "error: ..." with its sentence."""
        try:
            return deed(*values) or ""
        except LiveganError as error:
            self.rehearsal.say(str(error), error=True)
            return f"error: {error}"

    def _observe(self, tick: Tick) -> None:
        self.ticks.append(tick)
        self.step(tick)
        seen = self.clock.time + 0.5 / FPS
        values = [0.0] * 3 if self.pose is None else [float(v) for v in self.pose]
        self.ring.put(values, seen, seen + 0.01, present=self.pose is not None)


def generator_rest(w: np.ndarray, model: str):
    """A rest that stands still."""
    from livegan.latent.look import Look

    base = Look(w, psi=0.8, model=model)
    return lambda moment: base
