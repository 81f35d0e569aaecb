"""The outline that an input saw, as the mask of the pictures: the one of the moment that each picture tells of.

Pure arithmetic on what arrived; never waits. A picture whose input has gone is shown whole: it never stops.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from PIL import Image

from livegan.ring import Arrival
from livegan.show.feed import Feed
from livegan.stage.base import Mask, StageSettings
from livegan.stage.draw import scale

FADE = 1.0
"""Seconds over which a mask gives way to the whole picture, and comes back."""


class Masking:
    """The masks of one input.

    feed: the input's. arrivals: gives its masks above a count, oldest first, without waiting. stale_after: seconds
    without one before the whole picture is shown. stage: how it is to lie on which stage.
    """

    def __init__(
        self, feed: Feed, arrivals: Callable[[int], list[Arrival]], stale_after: float, stage: StageSettings
    ) -> None:
        self._feed, self._arrivals, self._stale_after, self._stage = feed, arrivals, stale_after, stage
        self._kept: deque[tuple[float, np.ndarray]] = deque()
        self._count, self._share, self._moment = 0, 0.0, -np.inf

    def at(self) -> Mask | None:
        """The mask of the moment that was sampled last of the input; None for the whole picture."""
        self._pull()
        moment, before = self._feed.moment, self._moment
        self._moment = moment
        while len(self._kept) > 1 and self._kept[1][0] <= moment:
            self._kept.popleft()
        if not self._kept:
            return None
        seen, where = self._kept[0]
        step = max(0.0, moment - before) / FADE
        live = seen <= moment <= seen + self._stale_after
        self._share = min(1.0, self._share + step) if live else max(0.0, self._share - step)
        return Mask(where, self._stage.mask_side == "outside", self._share) if self._share > 0 else None

    def _pull(self) -> None:
        for arrival in self._arrivals(self._count):
            self._count, seen = arrival.frame.count, arrival.frame.seen
            if seen <= arrival.written and (not self._kept or seen > self._kept[-1][0]):
                self._kept.append((seen, arrival.frame.data))

    def over(self, picture: np.ndarray, mask: Mask | None) -> np.ndarray:
        """What is seen of `picture`, uint8 of its size, for those who get it without the stage."""
        if mask is None:
            return picture
        size, where = picture.shape[1::-1], Image.fromarray(mask.where[..., 0])
        kept = where.crop(self._under(size, where.size)).resize(size, Image.Resampling.BILINEAR)
        kept = kept.point([_kept(value / 255, mask) for value in range(256)])
        return np.asarray(Image.composite(Image.fromarray(picture), Image.new("RGB", size), kept))

    def _under(self, picture: tuple[int, int], mask: tuple[int, int]) -> tuple[int, int, int, int]:
        """What lies under the picture on the stage, in the mask's pixels: left, top, right, bottom."""
        fit = "cover" if self._stage.fit == "cover" else "contain"
        spans = scale(mask, self._stage.size, fit), scale(picture, self._stage.size, fit)
        lengths = [length * own / under for length, own, under in zip(mask, *spans, strict=True)]
        low = [round((own - length) / 2) for own, length in zip(mask, lengths, strict=True)]
        high = [round((own + length) / 2) for own, length in zip(mask, lengths, strict=True)]
        return *low, *high


def _kept(there: float, mask: Mask) -> int:
    seen = 1.0 - there if mask.outside else there
    return round(255 * (1.0 - mask.share * (1.0 - seen)))
