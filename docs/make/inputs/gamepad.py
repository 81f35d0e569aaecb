"""The picture of docs/inputs/gamepad.md: what a hand does to a pad, and what the real input tells of it.

The pad is made up (GLFW's numbers for one): no real one was at hand.

.venv/bin/python -m docs.make.inputs.gamepad
"""

from pathlib import Path

import numpy as np

from docs.make.inputs.midi import BLUE, DARK, DIM, ORANGE, TEXT, lane, plt
from livegan.inputs.gamepad import Gamepad
from tests.fakes import FakeClock
from tests.inputs.test_gamepad import NAMES, FakePads

PICTURE = Path(__file__).parents[2] / "pictures/input-gamepad.png"
SECONDS, FPS, DEAD = 6.0, 60, 0.12
HELD = {"a": [(0.8, 1.3), (2.0, 2.1)], "left.bumper": [(1.0, 3.4)], "cross.up": [(4.2, 4.6)]}


def stick(at: float) -> tuple[float, float]:
    """A stick that trembles at rest, then turns and goes outward; never still, as real ones."""
    tremble = 0.04 * np.array([np.sin(31 * at), np.cos(43 * at)])
    reach = 1.05 * np.clip((at - 1) / 4, 0, 1)
    x, y = reach * np.array([np.cos(5 * at), np.sin(5 * at)]) + tremble
    return float(np.clip(x, -1, 1)), float(np.clip(y, -1, 1))


def told() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When frames were seen, what they say [N, 21], and what the stick did [N, 2], with up positive."""
    clock, pads = FakeClock(0.0), FakePads()
    pads.plug(0)
    one, found = Gamepad(clock, pads), []
    one.open(Gamepad.Settings(kind="gamepad", dead=DEAD))
    for number in range(round(SECONDS * FPS)):
        clock.sleep_until(number / FPS)
        x, y = stick(clock.now())
        pads.held[0][1][:] = [x, -y, 0.0, 0.0, -1.0, float(-np.cos(2 * clock.now()))]
        for button, times in HELD.items():
            pads.press(button, int(any(start <= clock.now() < end for start, end in times)))
        if frame := one.read(0.0):
            found.append((frame.seen, frame.data, (x, y)))
    seen, rows, raw = zip(*found, strict=True)
    return np.array(seen), np.array(rows), np.array(raw)


def main() -> None:
    seen, rows, raw = told()
    column = {name: rows[:, place] for place, name in enumerate(NAMES)}
    figure = plt.figure(figsize=(12, 4.6), facecolor=DARK)
    grid = figure.add_gridspec(5, 4, width_ratios=[1.2, 1.2, 0.3, 1.7], height_ratios=[2, 2, 0.6, 0.6, 0.6], hspace=0.2)
    for place, (x, y, said) in enumerate(
        [(*raw.T, "the stick"), (column["left.x"], column["left.y"], "left.x, left.y")]
    ):
        axes = figure.add_subplot(grid[:, place])
        lane(axes, "", -1.15, 1.15)
        axes.set(xlim=(-1.15, 1.15), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        axes.add_patch(plt.Circle((0, 0), 1, fill=False, color=DIM, linewidth=0.8))
        if place == 0:
            axes.add_patch(plt.Circle((0, 0), DEAD, fill=False, color=ORANGE, linewidth=0.8))
        axes.plot(x, y, ".-", color=BLUE, linewidth=0.8, markersize=3)
        axes.set_title(said, color=TEXT, fontsize=10)
    for place, name in enumerate(["left.x", "right.trigger", *HELD]):
        axes = figure.add_subplot(grid[place, 3])
        lane(axes, name, -1.1 if name == "left.x" else -0.05, 1.1)
        axes.set_xlim(0, SECONDS)
        axes.tick_params(labelbottom=place == 4)
        if name in HELD:
            axes.set_yticks([])
            axes.fill_between(seen, column[name], step="post", color=ORANGE, linewidth=0)
        else:
            axes.plot(seen, column[name], color=BLUE, linewidth=1.2)
    figure.subplots_adjust(0.03, 0.07, 0.99, 0.93, wspace=0.16)
    figure.savefig(PICTURE, dpi=100)


if __name__ == "__main__":
    main()
