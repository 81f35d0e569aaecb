"""The model that ships: what a training made becomes livegan/models/skies.safetensors, beside the one it replaces.

    .venv/bin/python -m docs.make.model TRAINING/models/009375.safetensors SET OTHER.safetensors

Measures both against the held-out pictures of SET, draws the same 32 seeds of both into docs/pictures, and copies the
first with its licence. Prints what docs/models.md says of them.
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


def drawn(generator: StyleGAN2, seeds: range, psi: float) -> Iterator[np.ndarray]:
    """Pictures uint8 [N, H, W, 3] of seeds, in parts."""
    for first in range(seeds.start, seeds.stop, AT_ONCE):
        z = np.stack([seeded_z(seed, generator.info.z_dim) for seed in range(first, min(first + AT_ONCE, seeds.stop))])
        images = generator.images([Look(w, psi=psi) for w in generator.w(z)])
        yield (images * 127.5 + 128).clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def distance(generator: StyleGAN2, dataset: Dataset) -> float:
    """How far its pictures are from the held-out ones, as `livegan train` measures it."""
    chosen = dataset.held_out[: quality.wanted(dataset.size, len(dataset.held_out))]
    real = quality.Quality(lambda: iter(dataset.pictures(part) for part in np.array_split(chosen, 8)), len(chosen))
    return real.distance(drawn(generator, range(1000, 1000 + len(chosen)), 1.0))


def main() -> None:
    made, of, other = map(Path, sys.argv[1:])
    dataset = Dataset.open(of)
    for name, path in (("skies-made", made), ("skies-starter", other)):
        generator = StyleGAN2(StyleGAN2.Settings(threads=2), path)
        pictures = np.concatenate([*drawn(generator, range(COLUMNS * ROWS), PSI)])
        sheet(pictures, COLUMNS, SIDE).save(PICTURES / f"{name}.webp", quality=90, method=6)
        print(f"{name}: distance {distance(generator, dataset):.1f}")
    with safe_open(made, "numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        source = json.loads(file.metadata()["livegan"])["source"]
    whole = replace(weights.load(made), name="skies", tensors=tensors, licence="CC0-1.0")
    weights.dump(files.bundled("models") / "skies.safetensors", whole, source)
    print(f"{sum(tensor.nbytes for tensor in tensors.values()) / 1e6:.1f} MB, {json.dumps(source)}")


if __name__ == "__main__":
    main()
