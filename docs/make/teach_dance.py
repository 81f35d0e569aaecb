"""Teach mappings/dance as a performer does: the clip dances, commands come by OSC, and pictures of it are kept.

    .venv/bin/python docs/make/teach_dance.py

Watches the dance for a loop and a half, finds the five poses that differ most, and for each: seed, keep, and teach so
that the countdown ends when the pose comes. About a minute and a half. Writes mappings/dance, the kept looks in
patches/dancer, and docs/pictures/{choose,ready,taught}.png.
"""

import contextlib
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

from livegan import files, patch
from livegan.clock import SystemClock
from livegan.control.control import Control
from livegan.rehearsal.opening import rehearsing
from livegan.show.opening import opened
from livegan.show.operator import Operator
from livegan.show.show import Show, Tick
from livegan.stage.offscreen import Offscreen
from tests.commander import Commander

ROOT = Path(__file__).parents[2]
SEEDS = {"aurora": 39, "rose": 51, "noon": 5, "ember": 11, "dawn": 13}
LOOP = 200 / 30
COUNT, HOLD = 3.0, 0.2
WATCHED = 1.5 * LOOP
REACTION = 0.05
"""Seconds from sending a command until the show counts."""
CHANGES = {
    'kind = "window"': 'kind = "offscreen"\nsize = [960, 540]\nfit = "cover"',
    "psi = 0.8": "psi = 0.9",
}
TEACH = f"\n[teach]\ncount = {COUNT}\nseconds = {HOLD}\n"


class Stills:
    """Pictures of the stage, taken in the show's thread when the performer asks for them."""

    def __init__(self, stage: Offscreen) -> None:
        self._stage, self._name, self._taken = stage, "", threading.Event()

    def step(self) -> None:
        if self._name:
            picture = Image.fromarray(self._stage.read())
            picture.save(ROOT / "docs" / "pictures" / f"{self._name}.png", optimize=True)
            self._name = ""
            self._taken.set()

    def take(self, name: str) -> None:
        self._taken.clear()
        self._name = name
        self._taken.wait()


class Watching:
    """What the performer sees of herself: the features at each moment."""

    def __init__(self, units: np.ndarray, places: list[int]) -> None:
        self._units, self._places = units, places
        self.moments: list[float] = []
        self.rows: list[np.ndarray] = []

    def __call__(self, tick: Tick) -> None:
        if tick.weights.min() > 0.99:
            self.moments.append(tick.moment)
            self.rows.append(tick.values[self._places] / self._units)

    def poses(self, count: int) -> list[float]:
        """The moments of the poses that differ most, with all that is done around them, out of what is calm."""
        rows, moments = np.array(self.rows), np.array(self.moments)
        around = [rows[np.abs(moments - moment) < HOLD] for moment in moments]
        stir = np.array([np.linalg.norm(near - near.mean(axis=0), axis=1).mean() for near in around])
        calm = np.flatnonzero(stir < np.percentile(stir, 70))
        found = [int(calm[np.linalg.norm(rows[calm] - rows[calm].mean(axis=0), axis=1).argmin()])]
        while len(found) < count:
            far = [min(nearest(around[one], around[other]) for other in found) for one in calm]
            found.append(int(calm[np.argmax(far)]))
        return [float(moments[one]) for one in found]


def nearest(a: np.ndarray, b: np.ndarray) -> float:
    """The distance of the two nearest rows."""
    return float(np.linalg.norm(a[:, None] - b[None], axis=2).min())


def perform(show: Show, watching: Watching, stills: Stills, view: Operator) -> None:
    """The performer: everything is asked by OSC."""
    clock = SystemClock()
    with contextlib.closing(Commander()) as commander:
        commander.reach()
        commander.rest(8.0)
        watching.moments.clear()
        watching.rows.clear()
        commander.rest(WATCHED)
        commander.ask("grid")
        commander.rest(2.0)
        commander.ask("pick", 6)
        commander.rest(0.7)
        stills.take("choose")
        for pose, (name, seed) in zip(watching.poses(len(SEEDS)), SEEDS.items(), strict=True):
            commander.ask("seed", seed)
            commander.ask("keep", name)
            commander.rest(0.3)
            begin = pose - HOLD / 2 + show.latency()[0] - show.lead - REACTION - COUNT
            loops = np.ceil((clock.now() + 0.1 - begin) / LOOP)
            commander.rest(begin + loops * LOOP - clock.now())
            commander.ask("teach")
            if name == "noon":
                commander.rest(1.5)
                stills.take("ready")
            print(f"{name}: {commander.hear('taught: ')}")
        view.toggle()
        commander.rest(5.0)
        stills.take("taught")
        commander.ask("quit")
        commander.ask("quit")


def play(folder: Path) -> None:
    """The show that is taught, offscreen, in this process."""
    path, clock = folder / "dancer.toml", SystemClock()
    plan = patch.read(path)
    stage = Offscreen()
    stage.open(plan.stages["main"].settings)
    with contextlib.closing(stage), opened(plan, clock, stage) as one, rehearsing(one, clock) as rehearsal:
        control = Control(rehearsal, plan, lambda: None, [], clock, print)
        view = Operator(one.show, one.world.cameras, "dancer", one.notes, lambda: control.board, one.world.eyes)
        lesson, stills = rehearsal.lectern.lesson, Stills(stage)
        watching = Watching(np.array([feature.unit for feature in lesson.features]), lesson.places.tolist())
        one.show.overlay = view.overlay
        one.show.aside = lambda: (control.step(), stills.step())
        one.show.observe = lambda tick: (rehearsal.step(tick), watching(tick))
        performer = threading.Thread(target=perform, args=(one.show, watching, stills, view), daemon=True)
        performer.start()
        end = time.monotonic() + 300
        one.show.run(lambda meters: time.monotonic() < end and (performer.is_alive() or one.show.running))
        view.close()
        control.close()


def main() -> None:
    shutil.rmtree(ROOT / "mappings" / "dance", ignore_errors=True)
    text = files.find("patches", "dancer.toml").read_text("utf-8")
    for before, after in CHANGES.items():
        text = text.replace(before, after)
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        (folder / "dancer.toml").write_text(text + TEACH)
        play(folder)
        shutil.copytree(folder / "mappings" / "dance", ROOT / "mappings" / "dance")
        (ROOT / "patches" / "dancer").mkdir(exist_ok=True)
        shutil.copy(folder / "dancer" / "looks.safetensors", ROOT / "patches" / "dancer")


if __name__ == "__main__":
    main()
