"""All bodies in a picture, found by the same two models with which MediaPipe's pose finds one.

MediaPipe's Tasks find several, but want their models in a bundle that says which numbers the models take pictures in.
The package has the models and no bundle: it is made here, in memory; nothing is fetched and nothing is written.
"""

import io
import zipfile
from pathlib import Path

import numpy as np

from livegan.senses.tracker import NOTHING

_MODELS = {
    "pose_detector.tflite": ("pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}
"""Of each part of a bundle: its file in the package, and what is taken off a pixel, then divided by."""

_BOLD = 0.3
"""Score from which the finder's guess is looked at; at MediaPipe's 0.5 the smaller of two is often not found. Whether
it is a body is then decided by the landmarks' own score."""

_OVERLAP = 0.8
"""Share of two bodies' places in common from which they are taken for one; 0.5 loses one of two who pass."""

_STEP = 33
"""Milliseconds between pictures, as told to MediaPipe, which only asks that time passes."""


class Bodies:
    """Finds up to `most` bodies, two or more; a solution for `senses.tracker.Tracker`."""

    def __init__(self, most: int) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        self._task = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=_bundle()),
                running_mode=vision.RunningMode.VIDEO,
                num_poses=most,
                min_pose_detection_confidence=_BOLD,
                min_tracking_confidence=_OVERLAP,
            )
        )
        self._moment = 0

    def process(self, picture: np.ndarray) -> list[np.ndarray]:
        """The landmarks of each body in a picture (uint8 [height, width, 3] RGB), in no order.

        Each is float64 [33, 4] (x, y, z, visibility), x and y in 0..1 of the picture.
        """
        from mediapipe import Image, ImageFormat

        self._moment += _STEP
        found = self._task.detect_for_video(Image(image_format=ImageFormat.SRGB, data=picture), self._moment)
        return [np.array([(p.x, p.y, p.z, p.visibility) for p in body]) for body in found.pose_landmarks]

    def reset(self) -> None:
        """Forget whom it followed; a picture without anybody does it."""
        self.process(NOTHING)

    def close(self) -> None:
        """Give its memory back."""
        self._task.close()


def _bundle() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for name, model in _MODELS.items():
            bundle.writestr(name, _described(*model))
    return packed.getvalue()


def _described(name: str, mean: float, spread: float) -> bytes:
    import mediapipe
    from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter

    model = (Path(mediapipe.__file__).parent / "modules" / name).read_bytes()
    return MetadataWriter.create(bytearray(model)).add_image_input([mean], [spread]).populate()[0]
