"""A body in front of a camera, as numbers that do not depend on where in the picture or how far away it is.

MediaPipe finds 33 landmarks; senses/body.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import model_validator

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, DetectorSettings, known
from livegan.senses.body import LANDMARKS, Body, Choice
from livegan.senses.tracker import Tracker


class PoseSettings(DetectorSettings):
    """Whose body, and which of its numbers.

    features: "upper" (works seated), "body" (hips must be seen), or "names": raw x, y, z of `landmarks`, x and y
    in 0..1 of the picture. All raw landmarks come last, as raw.NAME.x and .y, for the operator's skeleton.
    """

    features: Choice = "upper"
    landmarks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_names(self) -> "PoseSettings":
        known(self.landmarks, LANDMARKS)
        if (self.features == "names") != bool(self.landmarks):
            raise ValueError('features = "names" and a list of landmarks belong together; give both or neither')
        return self


class Pose(Detector):
    """The body that MediaPipe finds in the newest picture; its first group is the body itself."""

    Settings = PoseSettings

    @staticmethod
    def features(settings: PoseSettings) -> list[Feature]:
        return Body(settings.features, settings.landmarks).features

    def begin(self, settings: PoseSettings) -> None:
        self._body = Body(settings.features, settings.landmarks)
        self.tracker = Tracker(_solution)

    def forget(self) -> None:
        self._body.forget()

    def look(self, picture: Frame) -> Frame:
        height, width = picture.data.shape[:2]
        found = _landmarks(self.tracker.process(picture.data).pose_landmarks)
        values, present, new = self._body.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)


def _landmarks(found: Any) -> np.ndarray | None:
    """MediaPipe's landmarks as float64 [33, 4] (x, y, z, visibility); None when there is nobody."""
    return None if found is None else np.array([(p.x, p.y, p.z, p.visibility) for p in found.landmark])


def _solution() -> Any:
    from mediapipe.python.solutions.pose import Pose as Solution

    return Solution(model_complexity=1, smooth_landmarks=True, static_image_mode=False)
