"""Two performers who cross: the bundled dancer and his mirror image, cut out along his skeleton, on one stage."""

import functools

import cv2
import numpy as np

from livegan.files import bundled
from livegan.inputs.pose import _landmarks, _solution
from livegan.senses.body import CONNECTIONS, LANDMARKS
from livegan.senses.tracker import Tracker
from tests.films import film

SIDES = ("shoulder", "hip", "elbow", "wrist", "knee", "ankle", "ear")
_AT = {name: n for n, name in enumerate(LANDMARKS)}
_PAIRS = np.array([[_AT[f"left_{part}"], _AT[f"right_{part}"]] for part in SIDES])
_LIMBS = [(_AT[a], _AT[b]) for a, b in CONNECTIONS]


@functools.cache
def dancer() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The clip's pictures, of each how much belongs to him (0..1), and the middles of his limbs [7, 2] in pixels."""
    tracker = Tracker(_solution)
    found = []
    for picture in film(bundled("media") / "dancer.mp4", 1):
        points = _landmarks(tracker.process(picture).pose_landmarks)[:, :2] * picture.shape[1::-1]
        found.append((picture, _cut(points, picture.shape[:2]), points[_PAIRS].mean(axis=1)))
    tracker.close()
    return found


def _cut(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    mask, at = np.zeros(shape, np.uint8), points.astype(int)
    torso = float(np.hypot(*(points[_PAIRS[0]].mean(axis=0) - points[_PAIRS[1]].mean(axis=0))))
    for a, b in _LIMBS:
        cv2.line(mask, at[a].tolist(), at[b].tolist(), 255, int(0.3 * torso))
    cv2.fillConvexPoly(mask, at[_PAIRS[:2].ravel()[[0, 1, 3, 2]]], 255)
    head = (int(points[:11, 0].mean()), int(points[:11, 1].mean() - 0.1 * torso))
    cv2.ellipse(mask, head, (int(0.28 * torso), int(0.38 * torso)), 0, 0, 360, 255, -1)
    return cv2.GaussianBlur(mask, (9, 9), 0)[..., None] / 255


def crossing(
    count: int, size: tuple[int, int] = (640, 360), scale: float = 0.56, lag: int = 37, far: float = 1.0
) -> tuple[list[np.ndarray], np.ndarray]:
    """`count` pictures in which the two change places and come back; the one who begins on the right is in front.

    scale: of the clip's pictures; far: how much smaller the other is. lag: frames by which their dances differ. Gives
    the pictures, and where the limbs' middles are, [count, 2, 7, 2] in 0..1 of the picture, of who begins on the left
    first.
    """
    width, height = size
    floor = np.linspace((150, 140, 135), (70, 75, 80), height)[:, None].repeat(width, axis=1)
    pictures, truth = [], np.zeros((count, 2, len(SIDES), 2))
    for n in range(count):
        picture, swing = floor.copy(), 0.27 * np.cos(2 * np.pi * n / count)
        for one, (start, side, by) in enumerate(((0, -1, scale * far), (lag, 1, scale))):
            scene, mask, points = dancer()[(n + start) % len(dancer())]
            middle = width * (0.5 + side * swing)
            points = _paste(picture, scene, mask, points, middle, by, side > 0)
            truth[n, one] = points / size
        pictures.append(picture.astype(np.uint8))
    return pictures, truth


def _paste(
    onto: np.ndarray, scene: np.ndarray, mask: np.ndarray, points: np.ndarray, middle: float, by: float, mirror: bool
) -> np.ndarray:
    high, wide = (int(by * side) for side in scene.shape[:2])
    move = np.array([[by, 0, middle - wide / 2], [0, by, onto.shape[0] - 0.9 * high]])
    if mirror:
        move[0] = -by, 0, middle + wide / 2
    size = onto.shape[1::-1]
    share = cv2.warpAffine(mask, move, size)[..., None]
    onto += share * (cv2.warpAffine(scene, move, size, flags=cv2.INTER_AREA).astype(float) - onto)
    return points @ move[:, :2].T + move[:, 2]
