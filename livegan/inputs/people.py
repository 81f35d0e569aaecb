"""Two or more bodies in front of a camera, each with the numbers of a pose, in slots that keep who is who.

MediaPipe finds the bodies; senses/people.py says who of them is in which slot. Runs in its own process.
"""

from typing import Literal

from pydantic import Field

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, DetectorSettings
from livegan.senses.bodies import Bodies
from livegan.senses.crowd import Crowd
from livegan.senses.tracker import Tracker


class PeopleSettings(DetectorSettings):
    """For how many people there is room, and which of their numbers.

    features: as a pose's, "upper" (works seated) or "body" (hips must be seen). For one person, a pose costs less.
    """

    slots: int = Field(2, ge=2, le=6)
    features: Literal["upper", "body"] = "upper"


class People(Detector):
    """Those whom MediaPipe finds in the newest picture, up to as many as there are slots."""

    Settings = PeopleSettings

    @staticmethod
    def features(settings: PeopleSettings) -> list[Feature]:
        return Crowd(settings.slots, settings.features).features

    def begin(self, settings: PeopleSettings) -> None:
        self._crowd = Crowd(settings.slots, settings.features)
        self.tracker = Tracker(lambda: Bodies(settings.slots))

    def forget(self) -> None:
        self._crowd.forget()

    def look(self, picture: Frame) -> Frame:
        values, present = self._crowd.follow(self.tracker.process(picture.data), picture.data, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut)
