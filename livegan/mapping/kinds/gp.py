"""A Gaussian process: as the bells of "rbf", with their width and the noise found as the most likely ones.

scikit-learn finds them (Rasmussen and Williams 2006); the outputs that are fitted together share them.
"""

import warnings

import numpy as np
from pydantic import Field

from livegan import settings as base
from livegan.mapping import solve
from livegan.mapping.models import Bells as Runs
from livegan.mapping.models import Points

__all__ = ["SEES", "SLOW", "TOGETHER", "TYPES", "Runs", "Settings", "fit"]

TYPES = ("number",)
TOGETHER = True
SEES = "points"
SLOW = True


class Settings(base.Settings):
    """most: how many examples are kept, those that cover all; what it takes grows with their cube."""

    most: int = Field(200, ge=2, le=solve.MOST_BELLS)


def fit(x: np.ndarray, y: np.ndarray, settings: Settings, classes: int = 0, seed: int = 0) -> Runs:
    """x: points [N, D]. y: [N, O]."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    kept = solve.thinned(x, settings.most)
    x, y = x[kept], y[kept]
    mean, spread = y.mean(axis=0), y.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    wide = float(np.sqrt(np.median(solve.squared_between(x, x)))) or 1.0
    kernel = Matern(wide, (wide / 100, wide * 100), nu=1.5) + WhiteKernel(1e-3, (1e-6, 1e1))
    process = GaussianProcessRegressor(kernel, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, (y - mean) / spread)
    heights = (process.alpha_.reshape(len(x), -1) * spread).astype(np.float32)
    width = float(process.kernel_.k1.length_scale) ** 2
    # What it expects between the examples may lie far beyond them.
    low, high = solve.bounds(y.astype(np.float32))
    scale = np.ones(x.shape[1], np.float32)
    return Runs(scale, Points(x.astype(np.float32)), width, heights, None, mean.astype(np.float32), low, high)
