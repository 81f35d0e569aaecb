"""One or two hands in front of a camera, left and right kept apart, as numbers in their own unit.

MediaPipe finds 21 landmarks of each; senses/hand.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import field_validator

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.hand import LANDMARKS, Found
from livegan.senses.hand import Hands as Followed
from livegan.senses.tracker import Tracker
from livegan.settings import PictureSource


class HandsSettings(InputSettings):
    """Whose hands, and what besides their named numbers.

    mirrored: the pictures are a mirror's; None: those of a camera are and those of a clip are not, as the camera input
    has it. landmarks: raw x, y (0..1 of the picture) and z of these besides. All raw landmarks come last, as
    raw.left.NAME.x and .y, for the operator's skeleton.
    """

    source: PictureSource
    mirrored: bool | None = None
    landmarks: tuple[str, ...] = ()

    @field_validator("landmarks")
    @classmethod
    def _known_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in LANDMARKS]:
            raise ValueError(f'there is no landmark "{unknown[0]}"; there are {", ".join(LANDMARKS)}')
        if len(set(names)) < len(names):
            raise ValueError("landmarks names one landmark twice; name each once")
        return names

    @property
    def mirror(self) -> bool:
        """Whether the pictures are a mirror's."""
        return self.source.startswith("camera:") if self.mirrored is None else self.mirrored


class Hands(Input):
    """The hands that MediaPipe finds in the newest picture; its first group is present while there is any."""

    Settings = HandsSettings
    detector = True

    def __init__(self) -> None:
        self._tracker: Tracker | None = None

    @staticmethod
    def features(settings: HandsSettings) -> list[Feature]:
        return Followed(settings.mirror, settings.landmarks).features

    def open(self, settings: HandsSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost("hands need the pictures of a camera or a clip, found none: give them a source")
        self._source, self._count = source, 0
        self._hands = Followed(settings.mirror, settings.landmarks)
        self._tracker = Tracker(_solution)

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            self._tracker.forget()
            self._hands.forget()
        height, width = picture.data.shape[:2]
        found = _found(self._tracker.process(picture.data))
        values, present, new = self._hands.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)

    def close(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None


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
