"""Two or more bodies in front of a camera, each with the numbers of a pose, in slots that keep who is who.

MediaPipe finds the bodies; senses/people.py says who of them is in which slot. Runs in its own process.
"""

from typing import Literal

from pydantic import Field

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.bodies import Bodies
from livegan.senses.crowd import Crowd
from livegan.senses.tracker import Tracker
from livegan.settings import PictureSource


class PeopleSettings(InputSettings):
    """For how many people there is room, and which of their numbers.

    features: as a pose's, "upper" (works seated) or "body" (hips must be seen). For one person, a pose costs less.
    """

    source: PictureSource
    slots: int = Field(2, ge=2, le=6)
    features: Literal["upper", "body"] = "upper"


class People(Input):
    """Those whom MediaPipe finds in the newest picture, up to as many as there are slots."""

    Settings = PeopleSettings
    detector = True

    def __init__(self) -> None:
        self._tracker: Tracker | None = None

    @staticmethod
    def features(settings: PeopleSettings) -> list[Feature]:
        return Crowd(settings.slots, settings.features).features

    def open(self, settings: PeopleSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost("people need the pictures of a camera or a clip, found none: give them a source")
        self._source, self._count = source, 0
        self._crowd = Crowd(settings.slots, settings.features)
        self._tracker = Tracker(lambda: Bodies(settings.slots))

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            self._tracker.forget()
            self._crowd.forget()
        values, present = self._crowd.follow(self._tracker.process(picture.data), picture.data, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut)

    def close(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None
