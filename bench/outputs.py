"""Fitting and playing outputs that have models of their own, and the usual model against Wekinator's networks.

    .venv/bin/python -m bench.outputs [--write]

Fits 16 outputs to 1,000 examples of 34 inputs with each kind for numbers, and 512 to 500; then teaches the usual model
and Wekinator's networks 12 poses of the bundled dancer, twenty times, and counts who is nearer to a smooth teacher at
all the others. --write puts the tables into docs/mapping.md. Ends with status 1 when a promise is broken.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from livegan.frame import Feature
from livegan.inputs.pose import Pose
from livegan.mapping import kinds, sheets
from livegan.mapping.apart import fit_each
from livegan.mapping.each import Each
from livegan.mapping.encoding import encoding_of
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught
from livegan.rehearsal.fitter import one_thread

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mapping.md"
DANCE = ROOT / "bench" / "dance.csv"
BEGIN, END = "<!-- bench -->", "<!-- end of bench -->"
SEEDS, POSES, OUTPUTS = 20, 12, 4

Teacher = Callable[[np.ndarray], np.ndarray]


def taught_of(features: list[Feature], rows: np.ndarray) -> Taught:
    """In four rounds."""
    count = len(rows)
    rounds = np.arange(count) * 4 // count
    return Taught(tuple(features), (), rows.astype(np.float32), np.full(count, -1), (), rounds, "")


def examples(count: int, inputs: int, outputs: int) -> tuple[Taught, np.ndarray]:
    """Rows at random and smooth numbers of them, a little disturbed."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(count, inputs))
    wanted = np.tanh(rows @ draw.normal(size=(inputs, outputs)) / np.sqrt(inputs)) + 0.05 * draw.normal(
        size=(count, outputs)
    )
    return taught_of([Feature(f"f{place}") for place in range(inputs)], rows), wanted


def timed(kind: str, taught: Taught, wanted: np.ndarray) -> tuple[float, Each]:
    """Seconds to fit all outputs, rounds left out among them, and the model."""
    table = {f"o{place}": OutputSettings(model=kind) for place in range(wanted.shape[1])}
    begun = time.perf_counter()
    model = fit_each(taught, wanted, table).model
    return time.perf_counter() - begun, model


def prediction(model: Each, rows: np.ndarray) -> float:
    """Median seconds of one row."""
    took = []
    for row in np.tile(rows[:100], (10, 1)):
        begun = time.perf_counter()
        model.predict(row)
        took.append(time.perf_counter() - begun)
    return float(np.median(took))


def fitting() -> Iterator[tuple[str, float, float, float]]:
    """What was fitted, in how many seconds, at most how many; and milliseconds for a row."""
    numbers = [name for name in kinds.names() if "number" in kinds.named(name).TYPES]
    taught, wanted = examples(1000, 34, 16)
    for name in numbers:
        seconds, model = timed(name, taught, wanted)
        most = {"rbf": 1.0, "weknet": 5.0}.get(name, np.inf)
        yield f"{name}: 16 outputs, 1,000 examples, 34 inputs", seconds, most, 1e3 * prediction(model, taught.rows)
    taught, wanted = examples(500, 100, 512)
    seconds, model = timed("rbf", taught, wanted)
    yield "rbf: 512 outputs, 500 examples, 100 inputs", seconds, 1.0, 1e3 * prediction(model, taught.rows)


def dance() -> tuple[list[Feature], np.ndarray]:
    """The bundled dancer over one loop, as the input `pose` sees her, with its units."""
    table = sheets.csv_table(DANCE.read_text("utf-8"))
    own = {
        one.name: one for one in Pose.features(Pose.Settings(kind="pose", source="clip:dancer.mp4", features="upper"))
    }
    return [own[one.name] for one in table.columns], table.numbers(range(len(table.columns)))


def teachers(draw: np.random.Generator, inputs: int) -> dict[str, Teacher]:
    """Smooth numbers of rows whose features have the spread 1: sums of soft steps, and of waves."""
    steps, waves = draw.normal(size=(2, inputs, 32)) / np.sqrt(inputs)
    shift, phase = draw.normal(size=32), draw.uniform(0, 2 * np.pi, size=32)
    heights = draw.normal(size=(32, OUTPUTS)) / np.sqrt(32)
    return {
        "soft steps": lambda rows: np.tanh(1.5 * rows @ steps + shift) @ heights,
        "waves": lambda rows: np.cos(rows @ waves + phase) @ heights,
    }


def held_out(kind: str, features: list[Feature], rows: np.ndarray, wanted: np.ndarray, taught: np.ndarray) -> float:
    """What a model of the taught rows misses the others by, over their spread."""
    module, encoding = kinds.named(kind), encoding_of(features, rows[taught])
    seen = encoding.points(rows) if module.SEES == "points" else rows
    runs = module.fit(seen[taught].astype(float), wanted[taught], module.Settings(), 0)
    given = np.array([runs.predict(row) for row in seen[~taught].astype(float)])
    return float(np.sqrt(((given - wanted[~taught]) ** 2).mean() / wanted[~taught].var()))


def compared(features: list[Feature], rows: np.ndarray) -> dict[str, np.ndarray]:
    """By teacher what both miss, [SEEDS, 2], the usual model first."""
    spread = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    found: dict[str, list[list[float]]] = {}
    for seed in range(SEEDS):
        draw = np.random.default_rng(seed)
        for name, teacher in teachers(draw, rows.shape[1]).items():
            taught = np.zeros(len(rows), bool)
            taught[draw.choice(len(rows), POSES, replace=False)] = True
            wanted = teacher(spread)
            both = [held_out(kind, features, rows, wanted, taught) for kind in ("rbf", "weknet")]
            found.setdefault(name, []).append(both)
    return {name: np.array(both) for name, both in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Fits, rows and held-out errors of outputs with models of their own.")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/mapping.md")
    wanted = parser.parse_args()
    one_thread()  # as in the fitter
    kept, lines = True, ["| fitted | seconds | a row, ms |", "| --- | --- | --- |"]
    for what, seconds, most, row in fitting():
        kept &= seconds <= most
        lines.append(f"| {what} | {seconds:.2f}{'' if np.isinf(most) else f' (at most {most:g})'} | {row:.3f} |")
    features, rows = dance()
    lines += [
        "",
        f"| {POSES} of {len(rows)} poses, {len(features)} features | rbf misses | weknet misses | rbf is nearer |",
    ]
    lines += ["| --- | --- | --- | --- |"]
    for name, both in compared(features, rows).items():
        wins = int((both[:, 0] < both[:, 1]).sum())
        kept &= wins >= 16
        lines.append("| {} | {:.0%} | {:.0%} | {} of {} |".format(name, *np.median(both, axis=0), wins, SEEDS))
    table = "\n".join(lines)
    print(table)
    if wanted.write:
        text = PAGE.read_text("utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", "utf-8")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
