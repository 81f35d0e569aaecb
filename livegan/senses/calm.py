"""Slips of a tracker, kept out of the numbers. Must never slow a movement down that goes on."""

import numpy as np

from livegan.frame import Feature

TOO_FAST = 30.0
"""Clearly visible movements in a second that no limb makes; of a wrist 15 torsos."""

DOUBT = 1.0
"""Seconds after which the frame before says nothing about this one."""


class Calm:
    """Leaves out what a limb did for one frame only: a tracker's slip, not a movement.

    A group of features that moves faster than `TOO_FAST` stays where it was for one frame; if the next frame says the
    same again, it is believed.
    """

    def __init__(self, features: list[Feature], group: np.ndarray) -> None:
        self._unit = np.array([feature.unit if feature.group != "raw" else np.inf for feature in features])
        self._group = group
        self._doubted = np.zeros(group.max() + 1, bool)
        self._seen = -np.inf

    def kept(self, values: np.ndarray, before: np.ndarray, present: np.ndarray, seen: float) -> np.ndarray:
        """The values [features], where a group jumped those of the frame before."""
        passed, self._seen = seen - self._seen, seen
        speed = np.abs(values - before) / self._unit / passed
        jumped = np.zeros_like(self._doubted)
        np.logical_or.at(jumped, self._group, speed > TOO_FAST)
        self._doubted = jumped & present & ~self._doubted & (passed < DOUBT)
        return np.where(self._doubted[self._group], before, values)
