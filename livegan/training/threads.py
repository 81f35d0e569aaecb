"""How many of a processor's threads make a step fastest, found in the first steps themselves.

Small layers are drawn faster by one thread than by several that wait for each other, more so beside other programs.
"""

from collections import defaultdict

import torch

_TRIES = 3


class Threads:
    """Tries 1, 2, 4 ... and all threads that there are, then keeps the fastest; nothing to try is settled at once."""

    def __init__(self, trying: bool) -> None:
        most = torch.get_num_threads() if trying else 1
        counts = sorted({*(2**power for power in range(most.bit_length()) if 2**power < most), most})
        self._ahead = counts * _TRIES if most > 1 else []
        self._times: dict[int, list[float]] = defaultdict(list)

    @property
    def settled(self) -> bool:
        """Whether nothing is tried any more."""
        return not self._ahead

    def begin(self) -> None:
        """A step begins."""
        if self._ahead:
            torch.set_num_threads(self._ahead[0])

    def end(self, seconds: float) -> None:
        """It took so long."""
        if self._ahead:
            self._times[self._ahead.pop(0)].append(seconds)
            if not self._ahead:
                torch.set_num_threads(min(self._times, key=lambda count: min(self._times[count])))
