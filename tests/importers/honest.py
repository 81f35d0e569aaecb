"""The published layouts that the tests read: copies in tests/data, and more in the folder LIVEGAN_CHECKPOINTS."""

import os
from pathlib import Path

import numpy as np
import pytest

from livegan import patch
from livegan.latent.look import Look

DATA = Path(__file__).parent.parent / "data"
MORE = Path(os.environ.get("LIVEGAN_CHECKPOINTS", DATA))
CHECKPOINTS = {
    "stylegan2-ada-64.pkl": "stylegan2",
    "stylegan2-ada-cond-32.pkl": "stylegan2",
    "stylegan2-ada-resnet-gray-32.pkl": "stylegan2",
    "stylegan3repo-stylegan2-64.pkl": "stylegan2",
    "stylegan3-t-64.pkl": "stylegan3",
    "stylegan3-r-cond-64.pkl": "stylegan3",
    "tensorflow-stylegan2-64.pkl": "stylegan2",
    "tensorflow-stylegan2-cond-32.pkl": "stylegan2",
    "rosinality-converted-32.pt": "stylegan2",
    "rosinality-trainer-64.pt": "stylegan2",
}


def checkpoint(name):
    """Where a checkpoint lies; skips the test where it does not."""
    found = [folder / name for folder in (DATA, MORE) if (folder / name).is_file()]
    if not found:
        pytest.skip(f"{name} is not here: set LIVEGAN_CHECKPOINTS to the folder that holds it")
    return found[0]


def reference(path):
    """What the published code makes with a checkpoint; skips the test where that is not known."""
    return dict(np.load(checkpoint(f"{path.stem}.npz")))


def differences(model, known):
    """By truncation: how far w and pictures of the model file are from what is known, at most."""
    kind = patch.load_class("generators", patch.architecture(model))
    generator = kind(kind.Settings(threads=1), model)
    w = generator.w(known["z"], known["c"])
    average = generator.info.w_avg
    found = {}
    for name in (name for name in known if name.startswith("ws_psi")):
        psi, cut = name.removeprefix("ws_psi").split("_cut")
        cutoff = None if cut == "None" else int(cut)
        truncated = w.copy()
        truncated[:, :cutoff] = average + float(psi) * (w[:, :cutoff] - average)
        images = generator.images([Look(one, psi=float(psi), cutoff=cutoff) for one in w])
        image = np.abs(images - known[name.replace("ws_", "img_")]).max()
        found[name] = (np.abs(truncated - known[name]).max(), image)
    if "img_noise_none" in known:
        images = generator.images([Look(one, noise="none") for one in w])
        found["none"] = (0.0, np.abs(images - known["img_noise_none"]).max())
    return found
