"""Smoothing of what is answered, for outputs that ask for it: by the time at which their rows came.

Wekinator has none; an output without `smooth` passes as it is.
"""

from collections.abc import Callable, Sequence

import numpy as np

from livegan.mapping.outputs import OutputSettings
from livegan.show.smoothing import OneEuro, State

_TOLD_AFTER = 100  # rows


class Calming:
    """A one-euro filter over the outputs of a session. now: gives seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._outputs: tuple[OutputSettings, ...] = ()
        self._state: State | None = None
        self._cost: list[np.ndarray] = []

    def calmed(self, values: np.ndarray, outputs: Sequence[OutputSettings]) -> np.ndarray:
        """What is to be answered now instead of values float64 [O]."""
        if tuple(outputs) != self._outputs:
            self._outputs, self._state, self._cost = tuple(outputs), None, []
        delays = np.array([one.smooth for one in outputs])
        if not delays.any():
            return values
        scales = np.array([one.max - one.min or 1.0 for one in outputs])
        # A copy: the session changes its values in place.
        self._state = OneEuro(delays, scales, np.arange(len(outputs))).step(self._state, self._now(), values.copy())
        if len(self._cost) <= _TOLD_AFTER:
            self._cost.append(self._state.delays)
        return self._state.smooth

    def told(self) -> str:
        """What it cost so far, in one sentence, once there were enough rows to say so; else nothing."""
        if len(self._cost) != _TOLD_AFTER:
            return ""
        cost = np.median(self._cost, axis=0).max()
        return f"smoothing delays the outputs by {cost * 1000:.0f} ms as a rule"
