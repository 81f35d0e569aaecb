"""How long one prediction takes: median and 99th percentile, in microseconds, of each kind of model."""

import numpy as np

from livegan.control.benching import taken
from livegan.frame import Feature
from livegan.mapping import solve
from livegan.mapping.encoding import encoding_of
from livegan.mapping.models import Model

RUNS = 3000


def timed(model: Model, rows: np.ndarray) -> tuple[float, float]:
    """Median and 99th percentile of one prediction, in microseconds."""
    took = taken(RUNS, lambda run: model.predict(rows[run % len(rows)]))
    return float(np.median(took) * 1e6), float(np.quantile(took, 0.99) * 1e6)


def models(examples: int, inputs: int, outputs: int, looks: int) -> dict[str, Model]:
    """Each kind of model, fitted to examples drawn at random."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(examples, inputs)).astype(np.float32)
    owner = np.arange(examples) % looks
    encoding = encoding_of([Feature(f"f{i}") for i in range(inputs)], rows)
    w = draw.normal(size=(looks, outputs)).astype(np.float32)
    each = draw.normal(size=(examples, outputs)).astype(np.float32)
    return {
        f"rbf, {looks} looks": solve.anchors(encoding, rows, np.eye(looks, dtype=np.float32)[owner]),
        f"ridge, {looks} looks, {outputs} outputs": solve.ridge(encoding, rows, w[owner]),
        f"ridge, {looks} looks, 18 x {outputs} outputs": solve.ridge(encoding, rows, np.tile(w, 18)[owner]),
        f"ridge, {examples} targets, {outputs} outputs": solve.ridge(encoding, rows, each),
    }


def main() -> None:
    rows = np.random.default_rng(1).normal(size=(64, 100)).astype(np.float32)
    print(f"{'500 examples, 100 inputs':42} {'p50 us':>8} {'p99 us':>8}")
    for name, model in models(500, 100, 512, 8).items():
        median, high = timed(model, rows)
        print(f"{name:42} {median:8.1f} {high:8.1f}")


if __name__ == "__main__":
    main()
