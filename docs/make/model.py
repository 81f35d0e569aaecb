"""A model as docs/models.md shows it: 32 of its pictures, and how far they are from pictures that it never saw.

    .venv/bin/python -m docs.make.model TRAINING/models/003000.safetensors SET skies-ships [--ship skies]

Measures against the held-out pictures of SET and draws docs/pictures/skies-ships.webp. With --ship the model becomes
the bundled one of that name, with its licence.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import safe_open

from livegan import files
from livegan.generators import weights
from livegan.generators.stylegan2 import StyleGAN2
from livegan.latent.look import Look, seeded_z
from livegan.training import quality
from livegan.training.dataset import Dataset, sheet

PICTURES = Path(__file__).parents[1] / "pictures"
COLUMNS, ROWS, SIDE, PSI = 8, 4, 160, 0.8
AT_ONCE = 16
LICENCES = {"skies": "CC0-1.0", "emoji": "MIT"}


def drawn(generator: StyleGAN2, seeds: range, psi: float) -> Iterator[np.ndarray]:
    """Pictures uint8 [N, H, W, 3] of seeds, in parts."""
    for first in range(seeds.start, seeds.stop, AT_ONCE):
        z = np.stack([seeded_z(seed, generator.info.z_dim) for seed in range(first, min(first + AT_ONCE, seeds.stop))])
        images = generator.images([Look(w, psi=psi) for w in generator.w(z)])
        yield (images * 127.5 + 128).clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def distance(generator: StyleGAN2, dataset: Dataset) -> float:
    """How far its pictures are from the held-out ones, as `livegan train` measures it."""
    chosen = quality.compared(dataset.held_out, dataset.size)
    real = quality.Quality(lambda: iter(dataset.pictures(part) for part in np.array_split(chosen, 8)), len(chosen))
    return real.distance(drawn(generator, range(1000, 1000 + len(chosen)), 1.0))


def ship(made: Path, name: str) -> None:
    """Put a model in the place of the bundled one of that name, its numbers as they are."""
    with safe_open(made, "numpy") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        source = json.loads(file.metadata()["livegan"])["source"]
    whole = replace(weights.load(made), name=name, tensors=tensors, licence=LICENCES[name])
    weights.dump(files.bundled("models") / f"{name}.safetensors", whole, source)


def main() -> None:
    made, of = map(Path, sys.argv[1:3])
    generator = StyleGAN2(StyleGAN2.Settings(threads=2), made)
    pictures = np.concatenate([*drawn(generator, range(COLUMNS * ROWS), PSI)])
    sheet(pictures, COLUMNS, SIDE).save(PICTURES / f"{sys.argv[3]}.webp", quality=90, method=6)
    print(f"{made}: distance {distance(generator, Dataset.open(of)):.1f}")
    if "--ship" in sys.argv:
        ship(made, sys.argv[-1])


if __name__ == "__main__":
    main()
