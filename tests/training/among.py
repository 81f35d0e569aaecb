"""One of several processes of a small training, as torchrun starts them; it says which threads are left at the end.

python -m tests.training.among SET OUT
"""

import sys
from pathlib import Path

import torch

from livegan.clock import SystemClock
from livegan.training.loop import Telling, train
from livegan.training.spread import joined
from tests.training.small import FULL, job


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def main() -> None:
    pictures, out = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    with joined("cpu") as spread:
        for steps in (10, 20):  # the second time it goes on from a checkpoint
            one = job(pictures, out, steps=steps, every=10, config=FULL)
            train(one, spread, SystemClock(), Telling(say, say, lambda lines: b""), lambda: False)
    left = [Path(task, "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    say(f"threads at the end: {' '.join(left)}")


if __name__ == "__main__":
    main()
