"""A small dataset and a small training, for tests of what goes on around a step."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from livegan.clock import SystemClock
from livegan.training.config import Config
from livegan.training.dataset import Dataset
from livegan.training.loop import Telling, train
from livegan.training.plan import Job, Plan, digest
from livegan.training.spread import Spread

CONFIG = Config(
    size=16, channel_base=128, channel_max=16, z_dim=16, w_dim=16, mapping_layers=2, batch=8, ema_kimg=0.1, r1_every=4
)
FULL = CONFIG.model_copy(update={"batch": 16, "pl_weight": 2.0})


def discs(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Pictures [N, H, W, 3] of a light disc somewhere before a dark ground; even ones red, odd ones blue."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    pictures = np.full((count, size, size, 3), 40, np.uint8)
    for number, one in enumerate(pictures):
        at = dice.uniform(0.3, 0.7, 2) * size
        one[np.hypot(y - at[0], x - at[1]) < 0.25 * size] = [[230, 90, 60], [70, 120, 240]][number % 2]
    return pictures


def dataset(folder: Path, count: int = 40, size: int = 16, labels: tuple[str, ...] = ()) -> Path:
    """A prepared dataset in `folder`, every fifth picture held out."""
    folder.mkdir(parents=True)
    discs(count, size).tofile(folder / "pictures.u8")
    label = [number % len(labels) for number in range(count)] if labels else []
    about = {"format": 1, "size": size, "count": count, "labels": list(labels), "label": label}
    about |= {"held_out": list(range(0, count, 5)), "made": {}}
    (folder / "dataset.json").write_text(json.dumps(about))
    return folder


def job(dataset_: Path, out: Path, steps: int = 8, every: int = 4, config: Config = CONFIG) -> Job:
    """A training of it."""
    plan = Plan(
        preset="tiny", config=config, steps=steps, every=every, dataset=digest(dataset_ / "dataset.json"), seed=3
    )
    return Job(out, plan, Dataset.open(dataset_))


class Heard:
    """What a training tells; its log is drawn as the number of its lines."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.progress: list[str] = []

    def telling(self) -> Telling:
        return Telling(self.said.append, self.progress.append, lambda lines: str(len(lines)).encode())


def run(one: Job, stop: Callable[[], bool] = lambda: False, heard: Heard | None = None) -> int:
    """Train in this process, on one thread of the processor."""
    torch.set_num_threads(1)
    return train(one, Spread(0, 1, "cpu"), SystemClock(), (heard or Heard()).telling(), stop)
