"""The silhouette of a body in front of a camera: where it is, how it is stretched, and its mask for the stage.

MediaPipe tells body from background; senses/outline.py makes numbers of it. Runs in its own process.
"""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from livegan.frame import Feature, Frame
from livegan.inputs.base import Detector, DetectorSettings
from livegan.senses.outline import SIDE, Outline, sized, soft
from livegan.senses.tracker import Tracker

Model = Literal["body", "selfie"]


class SilhouetteSettings(DetectorSettings):
    """Whose silhouette.

    model: "body" follows one person, near or far; "selfie" takes all who are near the camera, in a quarter of the time.
    smallest: share of the picture below which an outline is nobody's.
    """

    model: Model = "body"
    smallest: float = Field(0.005, gt=0, lt=1)


class Silhouette(Detector):
    """The outline that MediaPipe finds in the newest picture."""

    Settings = SilhouetteSettings

    @staticmethod
    def features(settings: SilhouetteSettings) -> list[Feature]:
        return list(Outline.features)

    @staticmethod
    def mask_size(settings: SilhouetteSettings) -> int:
        return SIDE

    def begin(self, settings: SilhouetteSettings) -> None:
        self._outline = Outline(settings.smallest)
        self.tracker = Tracker(_SOLUTIONS[settings.model])

    def forget(self) -> None:
        self._outline.forget()

    def look(self, picture: Frame) -> Frame:
        found = self.tracker.process(picture.data).segmentation_mask
        mask = sized(np.zeros(picture.data.shape[:2], np.float32) if found is None else found)
        values, here, new = self._outline.follow(mask, picture.seen)
        self.mask = soft(mask if here else np.zeros_like(mask))
        return Frame(values, picture.seen, np.array([here]), cut=picture.cut or new)


def _body() -> Any:
    from mediapipe.python.solutions.pose import Pose

    return Pose(model_complexity=1, enable_segmentation=True)


def _selfie() -> Any:
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

    return SelfieSegmentation(model_selection=0)


_SOLUTIONS = {"body": _body, "selfie": _selfie}
