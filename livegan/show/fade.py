"""From the last picture of one model to the pictures of the next: they lie over each other for half a second.

Pictures may differ in size: the one that goes is cut to the shape of the next, never stretched. Works with what was
drawn; never asks for a picture of a model that has gone.
"""

import numpy as np
from PIL import Image, ImageOps

LASTS = 0.5
"""Seconds."""


class Fade:
    """What goes, and how far it has gone. before: the picture that goes, uint8 [h, w, 3], None when none does."""

    def __init__(self) -> None:
        self.before: np.ndarray | None = None
        self.share = 1.0
        self._since = 0.0

    def begin(self, picture: np.ndarray, moment: float) -> None:
        """From now on go from `picture`, shown last, at `moment`; what was going goes with it."""
        self.before, self.share, self._since = self.over(picture).copy(), 0.0, moment

    def go_on(self, moment: float) -> None:
        """The next picture is shown at `moment`."""
        if self.before is None:
            return
        self.share = min(1.0, max(0.0, (moment - self._since) / LASTS))
        if self.share >= 1.0:
            self.before = None

    def over(self, picture: np.ndarray) -> np.ndarray:
        """What is seen of `picture`, uint8 of its size: itself, when nothing goes."""
        if self.before is None:
            return picture
        whole = ImageOps.fit(Image.fromarray(self.before), picture.shape[1::-1], Image.Resampling.BILINEAR)
        return np.asarray(Image.blend(whole, Image.fromarray(picture), self.share))
