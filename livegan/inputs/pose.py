"""A body in front of a camera, as numbers that do not depend on where in the picture or how far away it is.

MediaPipe finds 33 landmarks; senses/body.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import model_validator

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.body import LANDMARKS, Body, Choice
from livegan.senses.tracker import Tracker
from livegan.settings import PictureSource


class PoseSettings(InputSettings):
    """Whose body, and which of its numbers.

    features: "upper" (works seated), "body" (hips must be seen), or "names": raw x, y, z of `landmarks`, x and y
    in 0..1 of the picture. All raw landmarks come last, as raw.NAME.x and .y, for the operator's skeleton.
    """

    source: PictureSource
    features: Choice = "upper"
    landmarks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_names(self) -> "PoseSettings":
        unknown = [name for name in self.landmarks if name not in LANDMARKS]
        if unknown:
            raise ValueError(f'there is no landmark "{unknown[0]}"; there are {", ".join(LANDMARKS)}')
        if len(set(self.landmarks)) < len(self.landmarks):
            raise ValueError("landmarks names one landmark twice; name each once")
        if (self.features == "names") != bool(self.landmarks):
            raise ValueError('features = "names" and a list of landmarks belong together; give both or neither')
        return self


class Pose(Input):
    """The body that MediaPipe finds in the newest picture; its first group is the body itself."""

    Settings = PoseSettings
    detector = True

    def __init__(self) -> None:
        self._tracker: Tracker | None = None

    @staticmethod
    def features(settings: PoseSettings) -> list[Feature]:
        return Body(settings.features, settings.landmarks).features

    def open(self, settings: PoseSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost("a pose needs the pictures of a camera or a clip, found none: give it a source")
        self._source, self._count = source, 0
        self._body = Body(settings.features, settings.landmarks)
        self._tracker = Tracker(_solution)

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            self._tracker.forget()
            self._body.forget()
        height, width = picture.data.shape[:2]
        found = _landmarks(self._tracker.process(picture.data).pose_landmarks)
        values, present, new = self._body.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)

    def close(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None


def _landmarks(found: Any) -> np.ndarray | None:
    """MediaPipe's landmarks as float64 [33, 4] (x, y, z, visibility); None when there is nobody."""
    return None if found is None else np.array([(p.x, p.y, p.z, p.visibility) for p in found.landmark])


def _solution() -> Any:
    from mediapipe.python.solutions.pose import Pose as Solution

    return Solution(model_complexity=1, smooth_landmarks=True, static_image_mode=False)
