"""Kernel ridge regression: quick, smooth, and at rest far from every example; the usual one."""

import numpy as np

from livegan import settings as base
from livegan.mapping import solve
from livegan.mapping.models import Bells as Runs

__all__ = ["SEES", "SLOW", "TOGETHER", "TYPES", "Runs", "Settings", "fit"]

TYPES = ("number",)
TOGETHER = True
SEES = "points"
SLOW = False


class Settings(base.Settings):
    """None: it finds what it needs in the examples."""


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: points [N, D]. y: [N, O]."""
    return solve.bells(x.astype(np.float32), y.astype(np.float32))
