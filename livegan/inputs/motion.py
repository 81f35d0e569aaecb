"""How much moves before a camera, where and which way; needs nobody, and sees whatever moves.

senses/flow.py does the work. Runs in its own process.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, DetectorSettings
from livegan.senses.flow import Flow, flow_features


class MotionSettings(DetectorSettings):
    """Where motion is told apart, and how finely it is looked for.

    grid: columns and rows. directions: each cell's x and y beside its amount. size: pixels of the longest side of the
    picture that is compared; more sees smaller things and takes longer. floor: how many times its own noise a place
    must change to count as moving; more for a dark, grainy room.
    """

    grid: tuple[Annotated[int, Field(ge=1, le=16)], Annotated[int, Field(ge=1, le=12)]] = (4, 3)
    directions: bool = False
    size: int = Field(160, ge=64, le=640)
    floor: float = Field(2.0, ge=1, le=100)


class Motion(Detector):
    """The motion between the newest pictures; there as long as pictures come."""

    Settings = MotionSettings

    @staticmethod
    def features(settings: MotionSettings) -> list[Feature]:
        return flow_features(*settings.grid, settings.directions)

    def begin(self, settings: MotionSettings) -> None:
        self._flow = Flow(*settings.grid, settings.directions, settings.size, settings.floor)

    def forget(self) -> None:
        self._flow.forget()

    def look(self, picture: Frame) -> Frame:
        values, known = self._flow.follow(picture.data, picture.seen)
        return Frame(values, picture.seen, np.array([known]), cut=picture.cut)
