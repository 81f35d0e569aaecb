"""The picture of docs/inputs/lfo.md: the real input's waves, and the keys beside them.

.venv/bin/python -m docs.make.inputs.lfo
"""

from pathlib import Path

import numpy as np

from docs.make.inputs.midi import BLUE, DARK, DIM, ORANGE, lane, plt
from livegan.inputs.keys import KeySwitches
from livegan.inputs.lfo import Lfo
from tests.fakes import FakeClock

PICTURE = Path(__file__).parents[2] / "pictures/input-lfo.png"
WAVES = {
    "sine": ('period = "4 s"', {"period": 4}),
    "triangle": ("hz = 0.5", {"wave": "triangle", "hz": 0.5}),
    "saw": ("beats = 4\ntempo = 96", {"wave": "saw", "beats": 4}),
    "square": ("beats = 2\nphase = 0.25", {"wave": "square", "beats": 2, "phase": 0.25}),
    "noise": ('period = "1 s"\nseed = 3', {"wave": "noise", "period": 1, "seed": 3}),
}
PRESSED = [(1.2, "w", True), (2.4, "w", False), (3.0, "space", True), (3.06, "space", False), (5.5, "w", True)]
SECONDS = 10.0


def waved() -> tuple[np.ndarray, np.ndarray]:
    """When frames were seen, and what they say, [N, F]."""
    clock = FakeClock(0.0)
    lfo, frames = Lfo(clock), []
    lfo.open(Lfo.Settings(kind="lfo", tempo=96, waves={name: table for name, (_, table) in WAVES.items()}))
    while clock.now() < SECONDS:
        frames.append(lfo.read(1.0))
    return np.array([frame.seen for frame in frames]), np.array([frame.data for frame in frames])


def switched() -> tuple[np.ndarray, np.ndarray]:
    """The same of the keys."""
    switches = KeySwitches(FakeClock(0.0))
    switches.open(KeySwitches.Settings(kind="keys", keys=["w", "space"]))
    for at, key, down in [*PRESSED, (SECONDS, "w", False)]:
        switches.feed(key, down, at)
    frames = [switches.read(0) for _ in range(len(PRESSED) + 2)]
    return np.array([frame.seen for frame in frames]), np.array([frame.data for frame in frames])


def main() -> None:
    seen, rows = waved()
    figure, lanes = plt.subplots(7, sharex=True, figsize=(12, 6), height_ratios=[1] * 5 + [0.4] * 2, facecolor=DARK)
    for axes, row, (name, (said, _)) in zip(lanes, rows.T, WAVES.items(), strict=False):
        lane(axes, name, -0.1, 1.1)
        axes.plot(seen, row, color=BLUE, linewidth=1.4, drawstyle="steps-post" if name == "square" else "default")
        axes.text(1.005, 0.5, said, color=DIM, fontsize=9, va="center", transform=axes.transAxes)
    seen, rows = switched()
    for axes, row, name in zip(lanes[5:], rows.T, ("key w", "key space"), strict=True):
        lane(axes, name, 0, 1.1)
        axes.set_yticks([])
        axes.fill_between(seen, row, step="post", color=ORANGE, linewidth=0)
    lanes[0].set_xlim(0, SECONDS)
    figure.subplots_adjust(0.09, 0.06, 0.88, 0.98, hspace=0.12)
    figure.savefig(PICTURE, dpi=100)


if __name__ == "__main__":
    main()
