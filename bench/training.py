"""How fast a training learns: pictures a second of livegan's step beside a textbook's, in turn.

    .venv/bin/python bench/training.py [cpu | cuda]

Both make the same losses small on the same schedule (bench/textbook.py), from the same weights; the losses of the
first steps in float32 are compared before anything is timed. Each round is a whole period of the lazy regularisation.
Exits with 1 where the lower quartile of the ratio is below 1.5 on a processor or 2 on a GPU, or a loss differs.
"""

import sys
from time import perf_counter

import numpy as np
import torch
from textbook import Textbook
from torch.utils.flop_counter import FlopCounterMode

from livegan.training.config import Config
from livegan.training.presets import config_for
from livegan.training.spread import best_precision
from livegan.training.trainer import Trainer

CASES = [("tiny", 64), ("live", 64), ("live", 256)]
ROUNDS, P, SEED = 5, 0.3, 1
LEAST = {"cpu": 1.5, "cuda": 2.0}


class Both:
    """livegan's training and the textbook's, from the same weights, with the same augmentation."""

    def __init__(self, config: Config, device: str) -> None:
        self.mine = Trainer(config, device, SEED)
        self.theirs = Textbook(config, device, SEED, self.mine.tensors())
        self._even = {"ada_p": P}
        self.mine.restore(self.mine.tensors(), self.mine.numbers() | self._even)
        shape = (config.batch, config.size, config.size, 3)
        self.reals = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(SEED))

    def step(self, number: int) -> tuple[dict[str, float], dict[str, float], float, float]:
        """What both say of a step, and the seconds that each took."""
        p, began = self.mine.numbers()["ada_p"], perf_counter()
        mine = self.mine.step(number, self.reals)
        between = perf_counter()
        theirs = self.theirs.step(number, self.reals, p)
        return mine, theirs, between - began, perf_counter() - between


def alike(config: Config, device: str) -> bool:
    """Whether the first two steps have the same losses in float32."""
    both = Both(config.model_copy(update={"precision": "float32"}), device)
    for number in range(2):
        mine, theirs, _, _ = both.step(number)
        if not all(np.isclose(mine[name], value, rtol=0.01) for name, value in theirs.items()):
            return False
    return True


def timed(config: Config, device: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Seconds of both for each round, and multiply-adds for a picture without the lazy regularisation."""
    both = Both(config, device)
    with FlopCounterMode(display=False) as counted:
        both.mine.step(1, both.reals)
    both.step(2)
    rows = []
    for _ in range(ROUNDS):
        rows.append(np.sum([both.step(number)[2:] for number in range(config.r1_every)], 0))
    mine, theirs = np.array(rows).T
    return mine, theirs, counted.get_total_flops() / 2 / config.batch


def main() -> int:
    device = sys.argv[1] if len(sys.argv) > 1 else "cpu"
    cases = CASES[: 2 if device == "cpu" else None]
    print(f"{torch.get_num_threads()} threads; pictures a second, medians of {ROUNDS} rounds", flush=True)
    bad = 0
    for preset, size in cases:
        config = config_for(preset, size, size, 0, 5000, {"precision": best_precision(device), "warm_kimg": 0})
        same = alike(config, device)
        mine, theirs, work = timed(config, device)
        speed, slow = (config.batch * config.r1_every / np.median(times) for times in (mine, theirs))
        ratio = np.percentile(theirs / mine, 25)
        print(
            f"{preset} at {size} px, {config.precision}, batch {config.batch}, channels {config.channels(size)} to "
            f"{config.channels(4)}, {work / 1e9:.2f} G multiply-adds a picture: {speed:.1f} here, {slow:.1f} by the "
            f"textbook, ratio (lower quartile) {ratio:.2f}{'' if same else ', and the losses DIFFER'}",
            flush=True,
        )
        bad += ratio < LEAST[device.partition(":")[0]] or not same
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
