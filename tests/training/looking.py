"""What looks at pictures in tests of FID: random weights for the whole network, and a network that sees colours."""

from pathlib import Path

import numpy as np
import torch

from livegan.training.inception import shapes


def seeded() -> dict[str, np.ndarray]:
    """Weights that keep features within a few powers of ten, from numpy's frozen generator."""
    dice, found = np.random.RandomState(5), {}
    for name, shape in sorted(shapes().items()):
        if name.endswith("conv.weight"):
            found[name] = dice.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif name.endswith("running_var"):
            found[name] = 0.5 + dice.rand(*shape)
        else:
            found[name] = name.endswith("bn.weight") + 0.1 * dice.randn(*shape)
    return {name: array.astype(np.float32) for name, array in found.items()}


def written(path: Path, weights: dict[str, np.ndarray], classes: int = 1008) -> Path:
    """A file as torch.save writes it of the whole network; its counters and last layer say nothing."""
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    state |= {name.replace("running_var", "num_batches_tracked"): torch.tensor(0) for name in state if "_var" in name}
    torch.save(state | {"fc.weight": torch.zeros(classes, 2048), "fc.bias": torch.zeros(classes)}, path)
    return path


class Colours:
    """Sees how much of each colour is in a picture, and counts what it saw."""

    def __init__(self, sha256: str = "colours") -> None:
        self.sha256, self.seen = sha256, 0

    def features(self, pictures: np.ndarray) -> np.ndarray:
        self.seen += len(pictures)
        return pictures.mean((1, 2), dtype=np.float32) / 255
