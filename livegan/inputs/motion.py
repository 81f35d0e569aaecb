"""How much moves before a camera, where and which way; needs nobody, and sees whatever moves.

senses/flow.py does the work. Runs in its own process.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.flow import Flow, flow_features
from livegan.settings import PictureSource


class MotionSettings(InputSettings):
    """Where motion is told apart, and how finely it is looked for.

    grid: columns and rows. directions: each cell's x and y beside its amount. size: pixels of the longest side of the
    picture that is compared; more sees smaller things and takes longer. floor: how many times its own noise a place
    must change to count as moving; more for a dark, grainy room.
    """

    source: PictureSource
    grid: tuple[Annotated[int, Field(ge=1, le=16)], Annotated[int, Field(ge=1, le=12)]] = (4, 3)
    directions: bool = False
    size: int = Field(160, ge=64, le=640)
    floor: float = Field(2.0, ge=1, le=100)


class Motion(Input):
    """The motion between the newest pictures; there as long as pictures come."""

    Settings = MotionSettings
    detector = True

    @staticmethod
    def features(settings: MotionSettings) -> list[Feature]:
        return flow_features(*settings.grid, settings.directions)

    def open(self, settings: MotionSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost("motion needs the pictures of a camera or a clip, found none: give it a source")
        self._source, self._count = source, 0
        self._flow = Flow(*settings.grid, settings.directions, settings.size, settings.floor)

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            self._flow.forget()
        values, known = self._flow.follow(picture.data, picture.seen)
        return Frame(values, picture.seen, np.array([known]), cut=picture.cut)
