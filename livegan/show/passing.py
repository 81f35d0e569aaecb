"""The frames of a mapping's inputs as they pass, one at a time: for whatever has memory and may not run per tick.

Reads tracks and changes nothing in them; nothing here waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livegan.show.feed import Feed

RECALL = 1.0
"""Seconds of frames that are gone through at most, when nobody asked for longer."""


@dataclass(frozen=True)
class Instant:
    """When an input gave a frame (seconds, on the time line of the first input), and what all of them said then.

    values: float32, the features of the show; NaN for inputs that are not asked. cut: what was before does not count.
    """

    at: float
    values: np.ndarray
    cut: bool


class Passing:
    """Goes along the frames of the `inputs` (positions in `feeds`), each once.

    before: gives values as they had become when a frame came, so that what holds and then jumps has held until then;
    else as they are from the frame on, with its events.
    """

    def __init__(self, feeds: Sequence[Feed], inputs: Sequence[int], before: bool) -> None:
        self._tracks = {place: feeds[place].track for place in inputs}
        ends = np.cumsum([len(feed.features) for feed in feeds])
        self._slices = {place: slice(ends[place] - len(feeds[place].features), ends[place]) for place in inputs}
        self._size = int(ends[-1])
        self._last = dict.fromkeys(inputs, -np.inf)
        self._before = before

    def until(self, moments: dict[int, float]) -> list[Instant]:
        """What passed since the last call until the moment of each input (by position): these moments are one."""
        first = next(iter(moments.values()))
        found = []
        for place, moment in moments.items():
            frames = self._tracks[place].frames(max(self._last[place], moment - RECALL), moment)
            found += [(seen - moment, place, seen, cut) for seen, cut in frames]
            self._last[place] = frames[-1][0] if frames else self._last[place]
        return [
            Instant(seen + (first - moments[place]), self._values(moments, place, seen, cut), cut)
            for _, place, seen, cut in sorted(found)
        ]

    def _values(self, moments: dict[int, float], place: int, seen: float, cut: bool) -> np.ndarray:
        moment = seen if cut or not self._before else np.nextafter(seen, -np.inf)
        values = np.full(self._size, np.nan, np.float32)
        for other, track in self._tracks.items():
            values[self._slices[other]] = track.told(moment + (moments[other] - moments[place]))
        return values
