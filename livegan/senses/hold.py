"""Things that a detector misses for a moment: they stay where they were. Must never hold one for longer than asked."""

from collections.abc import Mapping, Sequence

import numpy as np

from livegan.frame import Feature, groups


class Hold:
    """The last values of each group of features, present until it was not found for so many seconds."""

    def __init__(self, features: Sequence[Feature], seconds: float) -> None:
        self._groups, self._seconds = groups(list(features)), seconds
        self._places = [[n for n, f in enumerate(features) if f.group == group] for group in self._groups]
        self._values = np.zeros(len(features), np.float32)
        self.forget()

    def forget(self) -> None:
        """Nothing that was found before is there now."""
        self._found = np.full(len(self._groups), -np.inf)

    def follow(self, found: Mapping[str, Sequence[float]], seen: float) -> tuple[np.ndarray, np.ndarray]:
        """What is known at `seen` seconds when these groups were found; values float32 [features], bool [groups]."""
        values = self._values.copy()
        for place, (group, at) in enumerate(zip(self._groups, self._places, strict=True)):
            if group in found:
                values[at], self._found[place] = found[group], seen
        self._values = values
        return values, seen - self._found <= self._seconds
