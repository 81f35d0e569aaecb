"""The models that the tests of generators share, and how near two pictures are."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from livegan.files import bundled
from livegan.generators import weights
from livegan.generators.stylegan2 import StyleGAN2

DATA = Path(__file__).parent.parent / "data"
SMALL = ["stylegan2-ada-64", "stylegan2-ada-cond-32", "stylegan2-ada-resnet-gray-32", "stylegan3repo-stylegan2-64"]


def path_of(name: str) -> Path:
    """The file of a model of tests/data, or of one that comes with livegan."""
    inside = DATA / f"{name}.safetensors"
    return inside if inside.exists() else bundled("models") / f"{name}.safetensors"


def begun(name: str, start: tuple[int, int], **config: object) -> weights.Model:
    """A model of tests/data that grows from a constant of another height and width, with noise that fits."""
    model, dice = weights.load(path_of(name)), np.random.default_rng(0)
    tensors = dict(model.tensors)
    for place, tensor in model.tensors.items():
        if place.endswith(("b4.const", "noise_const")):
            sides = (side * tensor.shape[-1] // 4 for side in start)
            tensors[place] = dice.standard_normal((*tensor.shape[:-2], *sides), np.float32)
    return replace(model, config=model.config | {"start": start} | config, tensors=tensors)


def opened(path: Path) -> StyleGAN2:
    """The model in `path`, on one thread."""
    return StyleGAN2(StyleGAN2.Settings(threads=1), path)


def reference(name: str) -> dict[str, np.ndarray]:
    """What the published code makes with a model of tests/data."""
    with np.load(DATA / f"{name}.npz") as file:
        return dict(file)


def decibels(image: np.ndarray, pixels: np.ndarray) -> float:
    """PSNR of pixels uint8 [H, W, 3] against a picture [C, H, W] in about [-1, 1]."""
    exact = np.clip(image.transpose(1, 2, 0) * 127.5 + 127.5, 0, 255)
    return float(10 * np.log10(255**2 / np.mean((exact - pixels) ** 2)))
