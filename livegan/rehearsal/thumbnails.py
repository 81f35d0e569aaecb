"""Thumbnails of a round, where the patch asks for them: the pose in front of the camera, and the picture on stage.

Pixels reach the disk here and nowhere else, and only by the scribe.
"""

from collections.abc import Callable

import cv2
import numpy as np

from livegan.rehearsal.rounds import Round
from livegan.ring import Ring

SIZE = 160
"""Pixels of the longest side."""

FOLDER = "thumbnails"
"""In the mapping's folder: NUMBER-camera.jpg (a digit for each further camera) and NUMBER-look.jpg of each round."""

_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]


class Thumbnails:
    """Taken when a round begins, written once it is known. cameras: their rings; None when nothing is wanted.

    picture: gives what is on stage. write: writes a file in the mapping's folder.
    """

    def __init__(
        self, cameras: list[Ring] | None, picture: Callable[[], np.ndarray], write: Callable[[str, bytes], None]
    ) -> None:
        self._cameras, self._picture, self._write = cameras, picture, write
        self._taken: list[tuple[Round, dict[str, np.ndarray]]] = []

    def take(self, one: Round) -> None:
        """Take what is seen now for a round."""
        if self._cameras is None:
            return
        arrivals = [(number, ring.newest()) for number, ring in enumerate(self._cameras, 1)]
        seen = {f"camera{number if number > 1 else ''}": a.frame.data for number, a in arrivals if a is not None}
        pictures = {name: small(picture) for name, picture in {**seen, "look": self._picture()}.items()}
        self._taken.append((one, pictures))

    def settle(self, made: list[Round]) -> None:
        """These rounds are on disk or failed: write what was taken for those that are, forget the rest."""
        taken, self._taken = self._taken, []
        for one, pictures in taken:
            if one in made and one.written and not one.error:
                for name, picture in pictures.items():
                    self._write(f"{FOLDER}/{one.id}-{name}.jpg", jpeg(picture))


def small(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 [h, w, 3] with its longest side at most `SIZE` pixels; a copy."""
    scale = min(1.0, SIZE / max(picture.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def jpeg(picture: np.ndarray) -> bytes:
    """A picture uint8 [h, w, 3] RGB as a JPEG file."""
    return cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _QUALITY)[1].tobytes()
