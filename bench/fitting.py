"""A show while a mapping is fitted beside it, again and again, and the same show left alone: late pictures in both.

    .venv/bin/python -m bench.fitting [--pairs 6] [--seconds 20]

The bundled dancer plays offscreen at 30 pictures a second; the fitter, in a process of its own, fits 2,000 examples of
11 features to 512 outputs without a pause. Runs alternate; told are the medians over the pairs and of their
differences. Ends with status 1 when the median difference is more than half a point.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from livegan.clock import SystemClock
from livegan.frame import Feature
from livegan.letters import Letter
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.rehearsal import study
from livegan.show.clerk import Clerk
from tests.shows import rewritten, show_of, wait_for

EXAMPLES, FEATURES, OUTPUTS = 2000, 11, 512
WARM = 6.0
MOST = 0.5
OFFSCREEN = {'kind = "window"': 'kind = "offscreen"'}


def teach(folder: Path) -> str:
    """Make examples of smooth numbers; their version."""
    dice = np.random.default_rng(0)
    rows = dice.standard_normal((EXAMPLES, FEATURES)).astype(np.float32)
    outputs = np.tanh(rows @ dice.standard_normal((FEATURES, OUTPUTS))).astype(np.float32)
    features = [Feature(f"body.f{place}") for place in range(FEATURES)]
    write_settings(folder, MappingSettings(features=[feature.name for feature in features], outputs="w"))
    with Examples.open(folder / FILE, features) as examples:
        examples.add(examples.begin_round(), rows, outputs)
        return examples.version


class Fitting:
    """Fits the folder again and again until it is closed; `fits` counts."""

    def __init__(self, folder: Path, version: str) -> None:
        self._letter = Letter({"do": "fit", "folder": str(folder), "version": version, "model": None, "names": []})
        self._clerk = Clerk("fitter", study.work, SystemClock(), low_priority=True)
        self.fits = 0
        self._clerk.ask(self._letter, self._hear)

    def close(self) -> None:
        self._clerk.drop()
        self._clerk.close(0.0)

    def _hear(self, answer: Letter) -> None:
        if answer.words["done"]:
            assert not answer.words["error"], answer.words["error"]
            self.fits += 1
            self._clerk.ask(self._letter, self._hear)


def late(path: Path, seconds: float) -> float:
    """The share of late pictures in a run, in percent, after it has warmed up."""
    with show_of(path, fps=30) as one:
        clock, before = one.show.clock, [0, 0]
        begun = clock.now() + WARM

        def go_on(meters: object) -> bool:
            if clock.now() < begun:
                before[:] = [meters.frames, meters.late]
            return clock.now() < begun + seconds

        one.show.run(go_on)
        meters = one.show.meters
        return 100 * (meters.late - before[1]) / (meters.frames - before[0])


def pair(path: Path, folder: Path, version: str, seconds: float) -> tuple[float, float, int]:
    """Late without and with fitting, and how many fits that were."""
    alone = late(path, seconds)
    fitting = Fitting(folder, version)
    try:
        wait_for(lambda: fitting.fits)
        return alone, late(path, seconds), fitting.fits
    finally:
        fitting.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=20.0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name) / "fitted", rewritten("dancer", Path(name), OFFSCREEN)
        version = teach(folder)
        found = []
        for number in range(1, wanted.pairs + 1):
            found.append(pair(path, folder, version, wanted.seconds))
            print(f"pair {number}: {found[-1][0]:5.2f} % late alone, {found[-1][1]:5.2f} % beside {found[-1][2]} fits")
    alone, beside = np.array([(a, b) for a, b, _ in found]).T
    more = float(np.median(beside - alone))
    print(f"median {np.median(alone):.2f} % alone, {np.median(beside):.2f} % beside; difference {more:+.2f} points")
    sys.exit(int(more > MOST))


if __name__ == "__main__":
    main()
