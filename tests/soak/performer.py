"""A scripted performer: the bundled clip dances, OSC commands teach; from an empty folder to five looks that play.

    .venv/bin/python -m tests.soak.performer

Nothing but a clip and at most twelve commands. Then, from the mapping's folder: what is played in every taught pose
is within 10 % of the median distance between the looks, and on the straight ways between the taught poses the look
changes at most three times as fast as the two nearest poses of different looks demand anyway. A minute; prints a
table, ends with status 1 when a row failed.
"""

import contextlib
import json
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import numpy as np

from livegan import files
from livegan.generators.stylegan2 import StyleGAN2
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import Mapping
from livegan.mapping.taught import Taught
from livegan.show.routes import w_of
from tests.commander import Commander
from tests.shows import free_port, livegan, rewritten
from tests.soak import Row, status

SEEDS = (55, 70, 36, 35, 67)
MOST = 12
NEAR = 0.1
FASTEST = 3.0
LOOP = 200 / 30
STEPS = 200
TEACH = "\n[teach]\ncount = 0\nseconds = 0.4\n[control]\nport = {port}\n"


def perform(folder: Path) -> tuple[int, dict]:
    """Teach five looks to a running show; how many commands that took, and the show's report."""
    port = free_port()
    changes = {'kind = "window"': 'kind = "offscreen"\nsize = [256, 256]', "[mapping.dance]": "[mapping.own]"}
    path = rewritten("dancer", folder, changes)
    path.write_text(path.read_text() + TEACH.format(port=port))
    show = livegan("play", path, "--fps", 30, "--report", "r.json", cwd=folder)
    with contextlib.closing(Commander(port)) as commander:
        commander.reach()
        commander.rest(6.0)
        begun = time.monotonic()
        for place, seed in enumerate(SEEDS):
            # A fifth of the dance further each time, so that the five poses differ.
            commander.rest(max(0.0, begun + 1.2 * LOOP * place - time.monotonic()))
            commander.ask("seed", seed)
            commander.ask("teach")
            commander.hear("taught: ")
        count = commander.sent
        assert "a mapping plays" in commander.ask("status")
        commander.rest(7.0)
        commander.ask("quit")
        commander.ask("quit")
    show.communicate(timeout=30)
    return count, json.loads((folder / "r.json").read_text())


def looks_of(mapping: Mapping) -> np.ndarray:
    """w of the looks, float [K, D]."""
    generator = StyleGAN2(StyleGAN2.Settings(threads=2), files.bundled("models") / "skies.safetensors")
    return np.stack([w_of(look, generator).reshape(-1) for look in mapping.looks])


def missed(mapping: Mapping, taught: Taught, w: np.ndarray, usual: float) -> float:
    """How far from its look any taught pose plays, at most, over the usual distance between looks."""
    names = [look.name for look in mapping.looks]
    wanted = [names.index(taught.looks[look].name) for look in taught.look]
    found = np.stack([mapping(row) @ w for row in taught.rows])
    return float(np.linalg.norm(found - w[wanted], axis=1).max() / usual)


def hurry(mapping: Mapping, taught: Taught, w: np.ndarray, usual: float) -> float:
    """The fastest change on the straight ways between taught poses, over that between the two nearest examples.

    Both in looks a unit of movement.
    """
    points = mapping.model.centres.encoding.points(taught.rows)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    demanded = 1.0 / apart[taught.look[:, None] != taught.look].min()
    fastest = 0.0
    for a, b in combinations([taught.rows[taught.rounds == one].mean(axis=0) for one in set(taught.rounds)], 2):
        rows = a + (b - a) * np.linspace(0, 1, STEPS + 1, dtype=np.float32)[:, None]
        way, moved = np.stack([mapping(row) @ w for row in rows]), mapping.model.centres.encoding.points(rows)
        steps = np.linalg.norm(np.diff(way, axis=0), axis=1) / usual / np.linalg.norm(np.diff(moved, axis=0), axis=1)
        fastest = max(fastest, float(steps.max()))
    return fastest / demanded


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count, report = perform(folder)
        mapping = Mapping.load(folder / "mappings" / "own")
        with Examples.read_only(folder / "mappings" / "own" / FILE) as examples:
            taught = examples.read()
    w = looks_of(mapping)
    usual = float(np.median([np.linalg.norm(a - b) for a, b in combinations(w, 2)]))
    far, fast = missed(mapping, taught, w, usual), hurry(mapping, taught, w, usual)
    late = report["late"] / report["frames"]
    rows: list[Row] = [
        (f"commands to five looks, at most {MOST}", str(count), count <= MOST),
        ("looks that play", str(len(mapping.looks)), len(mapping.looks) == len(SEEDS)),
        ("examples, at least 40", str(len(taught.rows)), len(taught.rows) >= 40),
        (f"off the look in a taught pose, at most {NEAR:.0%}", f"{far:.1%}", far <= NEAR),
        (f"fastest on the way, over what is taught, at most {FASTEST:.0f}", f"{fast:.1f}", fast <= FASTEST),
        ("late pictures, at most 2 %", f"{late:.1%}", late <= 0.02),
    ]
    sys.exit(status(rows))


if __name__ == "__main__":
    main()
