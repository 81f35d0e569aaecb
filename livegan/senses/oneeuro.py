"""The one-euro filter (Casiez, Roussel and Vogel 2012): calm when something hardly moves, quick when it does.

Told by the delay that it costs at rest; at a speed of 1 it costs half as much, and so on.
"""

import math
from typing import TypeVar

import numpy as np

SPEED = 1 / (2 * math.pi)
"""Seconds over which speed is measured: a cutoff of 1 Hz, as in the paper."""

Numbers = TypeVar("Numbers", float, np.ndarray)


def speed(before: Numbers, moved: Numbers, passed: float) -> Numbers:
    """How fast something goes, in its own measure a second, that went `moved` in `passed` seconds.

    Of what came in, not of the smoothed as in the paper: that lags, and would tell another speed at another rate.
    """
    return (before * SPEED + moved) / (passed + SPEED)
