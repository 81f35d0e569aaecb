"""Whether a performer holds still: a pose kept for a second can begin teaching, without a hand on a key."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from livegan.frame import Feature

CALM = 0.2
"""How far, in clearly visible movements (units), a pose may stray while it counts as held."""

STIRRED = 1.0
"""How far it must have moved from the pose held before, so that one pose is held once."""


class Still:
    """Watches rows of features; seconds: how long a pose must be held, None never."""

    def __init__(self, features: Sequence[Feature], seconds: float | None) -> None:
        self._unit = np.array([feature.movement for feature in features], np.float32)
        self._seconds = seconds
        self._rows: deque[tuple[float, np.ndarray]] = deque()
        self._before: np.ndarray | None = None

    def forget(self) -> None:
        """Begin watching anew; the pose held now must be left first."""
        if self._rows:
            self._before = self._rows[-1][1]
        self._rows.clear()

    def held(self, row: np.ndarray | None, now: float) -> bool:
        """Whether, with this row float32 [F] (None: nobody), a new pose has been held long enough."""
        if row is None or self._seconds is None:
            self._rows.clear()
            return False
        newest = row / self._unit
        self._rows.append((now, newest))
        while now - self._rows[0][0] > self._seconds:
            self._rows.popleft()
        if self._before is not None and _apart(newest, self._before) > STIRRED:
            self._before = None
        whole = now - self._rows[0][0] >= 0.9 * self._seconds
        calm = whole and max(_apart(one, newest) for _, one in self._rows) < CALM
        if not calm or self._before is not None:
            return False
        self._before = newest
        return True


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of what both have seen, in units."""
    apart = np.abs(a - b)
    return float(np.nanmax(apart)) if not np.isnan(apart).all() else np.inf
