"""The picture of docs/inputs/audio.md: a drum loop and a glide, and what the input tells of them; and what it costs.

.venv/bin/python -m docs.make.inputs.audio
"""

import json
import tempfile
import time
import wave
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from livegan.frame import Frame
from livegan.inputs.audio import Audio
from livegan.senses.soundclip import decoded

ROOT = Path(__file__).parents[3]
PICTURE = ROOT / "docs/pictures/input-audio.webp"
DRUMS = ROOT / "tests/media/drums.flac"
BANDS, RATE = 24, 44_100
LAP = 302_400 / RATE
DARK, TEXT, DIM, SOUND, TOLD, KNOWN = "#111216", "#c8ccd4", "#5d636f", "#7f8794", "#ffc454", "#6ebeff"


class Leaping:
    """A clock on which every wait is over at once."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep_until(self, moment: float) -> None:
        self._now = max(self._now, moment)


class Heard:
    """What the input tells of a clip: `seen` seconds, and every feature by its name."""

    def __init__(self, path: Path, seconds: float) -> None:
        settings = Audio.Settings(kind="audio", source=f"clip:{path}", bands=BANDS)
        clock, audio = Leaping(), Audio()
        audio._clock = clock
        audio.open(settings)
        began, frames = time.process_time(), []
        while clock.now() < seconds:
            frames.append(audio.read(1.0))
        self.cost = 1000 * (time.process_time() - began) / seconds
        audio.close()
        self._columns(frames, [feature.name for feature in Audio.features(settings)])

    def _columns(self, frames: list[Frame], names: list[str]) -> None:
        self.seen = np.array([frame.seen for frame in frames])
        rows = np.array([frame.data for frame in frames])
        self.present = np.array([frame.present for frame in frames])
        self._values = dict(zip(names, rows.T, strict=True))

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[name]


def glide(folder: Path) -> Path:
    """Four seconds from 100 to 1,000 hertz."""
    t = np.arange(4 * RATE) / RATE
    sound = 0.5 * np.sin(2 * np.pi * np.cumsum(100 * 10 ** (t / 4)) / RATE)
    with wave.open(str(folder / "glide.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((32767 * sound).astype("<i2").tobytes())
    return folder / "glide.wav"


def onsets(axes: Axes, heard: Heard, lap: int) -> None:
    samples = np.concatenate([block for _, block in decoded(DRUMS, None)])
    columns = samples[: len(samples) // 120 * 120].reshape(-1, 120)
    t = np.arange(len(columns)) * 120 / RATE
    axes.fill_between(t, 0.85 * columns.min(axis=1), 0.85 * columns.max(axis=1), color=SOUND, lw=0.4, alpha=0.55)
    at = heard.seen[heard["onset"] > 0] - lap * LAP
    strength = heard["onset"][heard["onset"] > 0]
    axes.vlines(at, 0, 0.5 + 0.6 * strength, color=TOLD, lw=1.6)
    known = json.loads((ROOT / "tests/data/drums.json").read_text())["onsets"]
    axes.vlines(known, -0.9, 0, color=KNOWN, lw=1.6)
    axes.text(2.03, 1.1, "begins here, and how strongly", color=TOLD, va="bottom")
    axes.text(2.03, -1.0, "as librosa finds it, afterwards", color=KNOWN, va="top")
    axes.set(ylim=(-1.3, 1.4), yticks=[], ylabel="sound, onsets")


def spectrum(axes: Axes, heard: Heard, lap: int) -> None:
    bands = np.array([heard[f"band.{n}"] for n in range(1, BANDS + 1)])
    first, last = heard.seen[0] - lap * LAP - 0.005, heard.seen[-1] - lap * LAP + 0.005
    axes.imshow(bands, aspect="auto", origin="lower", cmap="magma", vmin=0.1, vmax=1, extent=(first, last, 0, BANDS))
    level = heard.seen - lap * LAP
    axes.plot(level, heard["level"] * BANDS, color=DARK, lw=3.5, alpha=0.7)
    axes.plot(level, heard["level"] * BANDS, color="white", lw=1.4)
    axes.text(2.03, 0.9 * BANDS, "level", color="white", va="center")
    hertz = (40, 200, 1000, 5000, 16_000)
    axes.set_yticks([BANDS * np.log(one / 40) / np.log(400) for one in hertz], [f"{one:,}" for one in hertz])
    axes.set(ylabel=f"{BANDS} bands, Hz", ylim=(0, BANDS))


def beat(axes: Axes, heard: Heard, lap: int) -> None:
    seen = heard.seen - lap * LAP
    phase = heard["phase"] / (2 * np.pi)
    axes.plot(seen, np.where(np.diff(phase, append=1) < 0, np.nan, phase), color=TOLD, lw=1.4)
    axes.vlines(seen[heard["beat"] > 0], 0, 1.08, color=TOLD, lw=1.0, alpha=0.6)
    axes.plot(np.arange(0, 16) * 60 / 140, np.full(16, 1.2), "v", color=KNOWN, ms=6)
    inside = (seen > 2) & (seen < 5.5)
    axes.text(2.02, 1.5, f"tempo {np.median(heard['tempo'][inside]):.1f}", color=TOLD, va="center")
    axes.text(5.48, 1.5, "the loop's own beats, 140 a minute", color=KNOWN, va="center", ha="right")
    axes.set(ylim=(0, 1.7), yticks=[0, 1], ylabel="beat phase / 2π", xlabel="seconds of the second lap")


def pitch(axes: tuple[Axes, Axes], heard: Heard) -> None:
    truth = 69 + 12 * np.log2(100 * 10 ** (heard.seen / 4) / 440)
    line, error = axes
    line.plot(heard.seen, truth, color=KNOWN, lw=4, alpha=0.5)
    line.plot(heard.seen, heard["pitch"], color=TOLD, lw=1.2)
    line.set(ylabel="pitch, MIDI note", xticklabels=[])
    line.text(0.1, 82.5, "told", color=TOLD, va="top")
    line.text(0.1, 80.8, "played: 100 to 1,000 Hz", color=KNOWN, va="top")
    error.plot(heard.seen, 100 * (heard["pitch"] - truth), color=TOLD, lw=0.9)
    error.axhspan(-10, 10, color=KNOWN, alpha=0.12)
    error.set(ylim=(-12, 12), yticks=[-10, 0, 10], ylabel="off by, cents", xlabel="seconds")


def main() -> None:
    plt.rcParams.update({"font.size": 11, "text.color": TEXT, "axes.labelcolor": TEXT, "axes.edgecolor": DIM})
    plt.rcParams.update({"xtick.color": TEXT, "ytick.color": TEXT, "axes.facecolor": DARK, "figure.facecolor": DARK})
    figure = plt.figure(figsize=(13, 7.6), layout="constrained")
    grid = figure.add_gridspec(4, 2, width_ratios=(2.3, 1), height_ratios=(1.1, 1.3, 0.55, 0.45))
    drums = Heard(DRUMS, 2 * LAP)
    left = [figure.add_subplot(grid[place, 0]) for place in (0, 1, slice(2, 4))]
    for axes, draw in zip(left, (onsets, spectrum, beat), strict=True):
        draw(axes, drums, 1)
        axes.set_xlim(2, 5.5)
    for axes in left[:-1]:
        axes.set_xticklabels([])
    with tempfile.TemporaryDirectory() as folder:
        tone = Heard(glide(Path(folder)), 3.96)
    pitch((figure.add_subplot(grid[0:3, 1]), figure.add_subplot(grid[3, 1])), tone)
    figure.savefig(PICTURE, dpi=100, pil_kwargs={"quality": 82, "method": 6})
    print(f"{drums.cost:.0f} ms of processor for a second of drums, {tone.cost:.0f} of a tone")


if __name__ == "__main__":
    main()
