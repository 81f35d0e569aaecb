"""One or two hands in front of a camera, left and right kept apart, as numbers in their own unit.

MediaPipe finds 21 landmarks of each; senses/hand.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import field_validator

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, MirrorSettings, known
from livegan.senses.hand import LANDMARKS, Found
from livegan.senses.hand import Hands as Followed
from livegan.senses.tracker import Tracker


class HandsSettings(MirrorSettings):
    """Whose hands, and what besides their named numbers.

    landmarks: raw x, y (0..1 of the picture) and z of these besides. All raw landmarks come last, as
    raw.left.NAME.x and .y, for the operator's skeleton.
    """

    landmarks: tuple[str, ...] = ()

    @field_validator("landmarks")
    @classmethod
    def _known_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return known(names, LANDMARKS)


class Hands(Detector):
    """The hands that MediaPipe finds in the newest picture; its first group is present while there is any."""

    Settings = HandsSettings

    @staticmethod
    def features(settings: HandsSettings) -> list[Feature]:
        return Followed(settings.mirror, settings.landmarks).features

    def begin(self, settings: HandsSettings) -> None:
        self._hands = Followed(settings.mirror, settings.landmarks)
        self.tracker = Tracker(_solution)

    def forget(self) -> None:
        self._hands.forget()

    def look(self, picture: Frame) -> Frame:
        height, width = picture.data.shape[:2]
        found = _found(self.tracker.process(picture.data))
        values, present, new = self._hands.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)


def _found(told: Any) -> list[Found]:
    """MediaPipe's hands, and how sure it is that each is a right one in a mirror."""
    both = zip(told.multi_hand_landmarks or (), told.multi_handedness or (), strict=True)
    return [Found(np.array([(p.x, p.y, p.z) for p in hand.landmark]), _right(named)) for hand, named in both]


def _right(named: Any) -> float:
    one = named.classification[0]
    return one.score if one.label == "Right" else 1 - one.score


def _solution() -> Any:
    from mediapipe.python.solutions.hands import Hands as Solution

    return Solution(max_num_hands=2, model_complexity=1, static_image_mode=False)
