"""Small taught mappings for the tests: poses in a plane of features, and a stand-in for a mapping network."""

from pathlib import Path

import numpy as np

from livegan.frame import Feature
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.mapping.taught import TaughtLook

Z_DIM, NUM_WS, W_DIM = 6, 3, 5
FEATURES = [
    Feature("body.x", unit=0.5),
    Feature("body.y", unit=0.5),
    Feature("body.turn", kind="angle", unit=0.5),
]
POSES = np.array([[0, 0, 0], [2, 0, 1], [0, 3, -2], [2, 2, 3]], np.float32)


def w_of(z: np.ndarray) -> np.ndarray:
    """A fixed smooth function, the same for every layer."""
    matrix = np.random.default_rng(3).normal(size=(z.shape[1], W_DIM))
    return np.repeat(np.tanh(z @ matrix)[:, None], NUM_WS, axis=1).astype(np.float32)


def teach(folder: Path, poses: np.ndarray = POSES, repeats: int = 3, **settings: object) -> Path:
    """A folder in which each pose was taught for a look of its own, held for a few slightly moving rows."""
    names = [feature.name for feature in FEATURES]
    write_settings(folder, MappingSettings(features=names, **settings))
    shake = np.random.default_rng(0).normal(size=(repeats, len(FEATURES))) * 0.01
    with Examples.open(folder / FILE, FEATURES) as examples:
        for index, pose in enumerate(poses):
            look = examples.add_look(TaughtLook(f"look {index}", seed=index))
            examples.add(examples.begin_round(look), pose + shake)
    return folder


def teach_numbers(folder: Path, rows: np.ndarray, outputs: np.ndarray, names: list[str]) -> Path:
    """A folder in which rows were taught with numbers."""
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES], outputs=names))
    with Examples.open(folder / FILE, FEATURES) as examples:
        examples.add(examples.begin_round(), rows, outputs)
    return folder
