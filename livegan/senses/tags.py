"""ArUco tags in a picture: which are there, where, how large and how turned, also in a mirrored picture.

Must never name a tag that was not asked for.
"""

from collections.abc import Sequence

import cv2
import numpy as np

_WINDOW = 17
"""Pixels around each over which black and white are told apart; OpenCV's three windows find no more, in thrice the
time."""

_UNIT_SQUARE = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)], np.float32)


def dictionary_size(name: str) -> int:
    """How many tags OpenCV's dictionary of this name (such as "DICT_4X4_50") has; 0 when there is none such."""
    found = getattr(cv2.aruco, name, None) if name.startswith("DICT_") else None
    return 0 if found is None else len(cv2.aruco.getPredefinedDictionary(found).bytesList)


def placed(corners: np.ndarray, width: int, height: int) -> np.ndarray:
    """Where a tag is: x and y of its middle (0..1 of the picture, y down), size, angle, tilt; float32 [5].

    corners: [4, 2] pixels, clockwise from the tag's own top left. size: its side in picture heights as if it faced the
    camera. angle: radians clockwise from upright, -pi..pi. tilt: 0 facing the camera, 0.5 turned away by 60 degrees,
    1 seen edge on. All from the square's perspective at its middle, so that foreshortening changes only the tilt.
    """
    turn = cv2.getPerspectiveTransform(_UNIT_SQUARE, np.asarray(corners, np.float32))
    middle = turn[:2, 2] / turn[2, 2]
    local = turn[:2, :2] / turn[2, 2] - np.outer(middle, turn[2, :2] / turn[2, 2])
    longest, shortest = np.linalg.svd(local, compute_uv=False)
    angle = np.arctan2(local[1, 0] - local[0, 1], local[0, 0] + local[1, 1])
    x, y = (middle + 0.5) / (width, height)
    return np.array((x, y, longest / height, angle, 1 - shortest / longest), np.float32)


class Tags:
    """Looks for tags of one dictionary.

    wanted: their numbers; no other is reported. A mirrored picture shows every tag as another pattern, so each is
    looked for in both forms; both have the same upper side and so the same angle.
    """

    def __init__(self, dictionary: str, wanted: Sequence[int]) -> None:
        whole = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
        patterns = [_pattern(whole, number) for number in wanted]
        both = [*patterns, *(np.ascontiguousarray(pattern[:, ::-1]) for pattern in patterns)]
        rows = np.concatenate([cv2.aruco.Dictionary.getByteListFromBits(pattern) for pattern in both])
        searched = cv2.aruco.Dictionary(rows, whole.markerSize, whole.maxCorrectionBits)
        how = cv2.aruco.DetectorParameters()
        how.adaptiveThreshWinSizeMin = how.adaptiveThreshWinSizeMax = _WINDOW
        how.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        self._detector = cv2.aruco.ArucoDetector(searched, how)
        self._wanted = tuple(wanted)

    def find(self, grey: np.ndarray) -> dict[int, np.ndarray]:
        """The corners [4, 2] of every tag in a picture uint8 [height, width]; of two alike the larger one."""
        corners, numbers, _ = self._detector.detectMarkers(grey)
        found: dict[int, np.ndarray] = {}
        for number, quad in zip([] if numbers is None else numbers.ravel(), corners, strict=True):
            name, quad = self._wanted[number % len(self._wanted)], quad.reshape(4, 2)
            if name not in found or cv2.contourArea(quad) > cv2.contourArea(found[name]):
                found[name] = quad
        return found


def _pattern(dictionary: cv2.aruco.Dictionary, number: int) -> np.ndarray:
    side, row = dictionary.markerSize, dictionary.bytesList[number : number + 1]
    return cv2.aruco.Dictionary.getBitsFromByteList(row, side).reshape(side, side).astype(np.uint8)
