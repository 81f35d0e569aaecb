"""A face in front of a camera, as named expressions that do not depend on where, how large or how turned it is.

MediaPipe finds a mesh of 478 points; senses/face.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import field_validator

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, MirrorSettings, known
from livegan.senses.face import LANDMARKS
from livegan.senses.face import Face as Followed
from livegan.senses.tracker import Tracker


class FaceSettings(MirrorSettings):
    """Whose face, and what besides its named expressions.

    landmarks: raw x, y (0..1 of the picture) and z of these besides.
    """

    landmarks: tuple[str, ...] = ()

    @field_validator("landmarks")
    @classmethod
    def _known_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return known(names, LANDMARKS)


class Face(Detector):
    """The face that MediaPipe finds in the newest picture."""

    Settings = FaceSettings

    @staticmethod
    def features(settings: FaceSettings) -> list[Feature]:
        return Followed(settings.mirror, settings.landmarks).features

    def begin(self, settings: FaceSettings) -> None:
        self._face = Followed(settings.mirror, settings.landmarks)
        self.tracker = Tracker(_solution)

    def forget(self) -> None:
        self._face.forget()

    def look(self, picture: Frame) -> Frame:
        height, width = picture.data.shape[:2]
        found = _mesh(self.tracker.process(picture.data).multi_face_landmarks)
        values, present, new = self._face.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)


def _mesh(faces: Any) -> np.ndarray | None:
    """MediaPipe's mesh of the first face as float64 [478, 3]; None when there is nobody."""
    return np.array([(p.x, p.y, p.z) for p in faces[0].landmark]) if faces else None


def _solution() -> Any:
    from mediapipe.python.solutions.face_mesh import FaceMesh

    return FaceMesh(max_num_faces=1, refine_landmarks=True, static_image_mode=False)
