"""The picture of docs/inputs/midi.md: a phrase played into the real input by bytes, until the port is pulled.

.venv/bin/python -m docs.make.inputs.midi
"""

from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mido
import numpy as np
from matplotlib.axes import Axes

from livegan.errors import Lost
from livegan.inputs.midi import Midi
from tests.fakes import FakeClock
from tests.ports import FakePorts

PICTURE = Path(__file__).parents[2] / "pictures/input-midi.png"
DARK, TEXT, DIM, RED, ORANGE, BLUE = "#111216", "#c8ccd4", "#737a87", "#e2575a", (1.0, 0.77, 0.33), "#6ebeff"
BEAT, BEATS, PULLED = 60 / 112, 12, 7.05
CHORDS = [(48, 60, 64, 67), (45, 57, 60, 64), (41, 57, 60, 65)]


def phrase() -> list[tuple[float, mido.Message]]:
    """Broken chords with short taps of a pad, a wheel, a knob and a clock: when, and what."""
    found = [(0.0, mido.Message("start"))]
    found += [(n * BEAT / 24, mido.Message("clock")) for n in range(round(PULLED / BEAT * 24))]
    for bar, (bass, *above) in enumerate(CHORDS):
        found += note(bass, bar * 4, 3.9, 100)
        for place in range(16):
            found += note(above[place % 3], bar * 4 + place / 4, 0.3, 40 + 5 * place)
        for beat in (1, 3):
            found += note(38, bar * 4 + beat, 0.0, 127)
    found += note(69, 12, 9, 90)
    for step in range(240):
        at = step / 240 * BEATS * BEAT
        knob = round(63.5 * (1 - np.cos(at)))
        found.append((at, mido.Message("control_change", control=1, value=knob)))
        if at > 4:
            found.append((at, mido.Message("pitchwheel", pitch=round(8000 * np.sin(4 * (at - 4)) * (at < 5.57)))))
    return sorted(found, key=lambda one: one[0])


def note(number: int, beat: float, beats: float, velocity: int) -> list[tuple[float, mido.Message]]:
    on = mido.Message("note_on", note=number, velocity=velocity)
    return [(beat * BEAT, on), ((beat + beats) * BEAT, mido.Message("note_off", note=number))]


def told() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """When frames were seen, from the first, and what they say, [N, F]; the features' names."""
    clock, ports, settings = FakeClock(0.0), FakePorts("keys 20:0"), Midi.Settings(kind="midi")
    one, waiting, frames = Midi(clock, ports), phrase(), []
    one.open(settings)

    def play(moment: float) -> None:
        while waiting and waiting[0][0] <= moment:
            ports.send(*waiting.pop(0)[1].bytes())
        if moment > PULLED:
            ports.present.clear()

    clock.on_sleep = play
    try:
        while True:
            if frame := one.read(0.25):
                frames.append(frame)
    except Lost:
        names = [feature.name for feature in Midi.features(settings)]
        return np.array([frame.seen for frame in frames]), np.array([frame.data for frame in frames]), names


def held(seen: np.ndarray, velocity: np.ndarray) -> list[tuple[float, float, float]]:
    """From when to when a note was held, and its velocity."""
    changes = np.flatnonzero(np.diff(velocity, prepend=0, append=0))
    runs = [(a, b) for a, b in pairwise(changes) if velocity[a] > 0]
    return [(seen[a], seen[min(b, len(seen) - 1)], float(velocity[a])) for a, b in runs]


def lane(axes: Axes, name: str, low: float, high: float) -> None:
    axes.set_facecolor(DARK)
    axes.set_axisbelow(True)
    axes.set_ylim(low, high)
    axes.set_ylabel(name, color=TEXT, rotation=0, ha="right", va="center", fontsize=10)
    axes.tick_params(colors=DIM, labelsize=8)
    axes.grid(axis="x", color="#22242b", linewidth=0.8)
    for edge in axes.spines.values():
        edge.set_visible(False)


def main() -> None:
    seen, rows, names = told()
    column = {name: rows[:, place] for place, name in enumerate(names)}
    figure, lanes = plt.subplots(5, sharex=True, figsize=(12, 6.6), height_ratios=[4, 1, 1, 1, 1.2], facecolor=DARK)
    lane(lanes[0], "note.36 …\nnote.70", 36, 71)
    for number in range(36, 71):
        for start, end, velocity in held(seen, column[f"note.{number}"]):
            colour = (*ORANGE, 0.25 + 0.75 * velocity)
            lanes[0].broken_barh([(start, max(end - start, 0.012))], (number - 0.4, 0.8), color=colour, linewidth=0)
    lane(lanes[1], "hit", 0, 1.05)
    lanes[1].vlines(seen, 0, column["hit"], color=ORANGE, linewidth=1)
    for axes, name, low in [(lanes[2], "cc.1", -0.05), (lanes[3], "bend", -1.1)]:
        lane(axes, name, low, 1.1)
        axes.step(seen, column[name], where="post", color=BLUE, linewidth=1.4)
    lane(lanes[4], "clock.phase\nclock.beat", 0, 6.6)
    lanes[4].plot(seen, column["clock.phase"], color=BLUE, linewidth=1)
    beats = seen[column["clock.beat"] > 0]
    lanes[4].plot(beats, np.full(len(beats), 6.2), "v", color=ORANGE, markersize=5)
    for axes in lanes:
        axes.axvline(PULLED, color=RED, linewidth=1)
    lanes[0].text(PULLED + 0.04, 38, "port pulled:\nnoticed, all let go", color=RED, fontsize=9)
    lanes[4].text(0.02, -3.6, f"seconds; clock.tempo {column['clock.tempo'][-1]:.2f}", color=DIM, fontsize=9)
    lanes[0].set_xlim(0, 8)
    figure.subplots_adjust(0.105, 0.08, 0.99, 0.98, hspace=0.12)
    figure.savefig(PICTURE, dpi=100)


if __name__ == "__main__":
    main()
