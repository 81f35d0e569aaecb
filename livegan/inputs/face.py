"""A face in front of a camera, as named expressions that do not depend on where, how large or how turned it is.

MediaPipe finds a mesh of 478 points; senses/face.py makes movements of them. Runs in its own process.
"""

from typing import Any

import numpy as np
from pydantic import field_validator

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.face import LANDMARKS
from livegan.senses.face import Face as Followed
from livegan.senses.tracker import Tracker
from livegan.settings import PictureSource


class FaceSettings(InputSettings):
    """Whose face, and what besides its named expressions.

    mirrored: the pictures are a mirror's, so that the face's left is the picture's left; None: those of a camera are
    and those of a clip are not, as the camera input has it. landmarks: raw x, y (0..1 of the picture) and z of these
    besides.
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


class Face(Input):
    """The face that MediaPipe finds in the newest picture."""

    Settings = FaceSettings
    detector = True

    def __init__(self) -> None:
        self._tracker: Tracker | None = None

    @staticmethod
    def features(settings: FaceSettings) -> list[Feature]:
        return Followed(settings.mirror, settings.landmarks).features

    def open(self, settings: FaceSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost("a face needs the pictures of a camera or a clip, found none: give it a source")
        self._source, self._count = source, 0
        self._face = Followed(settings.mirror, settings.landmarks)
        self._tracker = Tracker(_solution)

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            self._tracker.forget()
            self._face.forget()
        height, width = picture.data.shape[:2]
        found = _mesh(self._tracker.process(picture.data).multi_face_landmarks)
        values, present, new = self._face.follow(found, width / height, picture.seen)
        return Frame(values, picture.seen, present, cut=picture.cut or new)

    def close(self) -> None:
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None


def _mesh(faces: Any) -> np.ndarray | None:
    """MediaPipe's mesh of the first face as float64 [478, 3]; None when there is nobody."""
    return np.array([(p.x, p.y, p.z) for p in faces[0].landmark]) if faces else None


def _solution() -> Any:
    from mediapipe.python.solutions.face_mesh import FaceMesh

    return FaceMesh(max_num_faces=1, refine_landmarks=True, static_image_mode=False)
