"""Body, hands and face of one person from one graph: what pose, hands and face tell, in one process instead of three.

MediaPipe finds the person, then looks for hands and face where the person has them; senses/ makes movements of all.
Runs in its own process.
"""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Detector, DetectorSettings
from livegan.senses.body import LANDMARKS, Body
from livegan.senses.face import Face
from livegan.senses.hand import Found, Hands
from livegan.senses.outline import SIDE, sized, soft
from livegan.senses.tracker import Tracker


class HolisticSettings(DetectorSettings):
    """Whose body, and what is told of it.

    features: "upper" (works seated) or "body" (hips must be seen), as for a pose. hands, face: whether theirs are told
    too. mask: the body's silhouette for a stage as well.
    """

    features: Literal["upper", "body"] = "upper"
    hands: bool = True
    face: bool = True
    mask: bool = False

    @model_validator(mode="after")
    def _more_than_a_pose(self) -> "HolisticSettings":
        if not (self.hands or self.face):
            raise ValueError('hands or face are wanted too; for the body alone kind = "pose" is faster')
        return self


class Holistic(Detector):
    """The person that MediaPipe finds in the newest picture; the first group is the body itself.

    Its features are those of pose, hands and face, named body.NAME, left.NAME, right.NAME and face.NAME. Left is what
    a pose calls left, for hands and face too, so that a hand is always that of its arm.
    """

    Settings = HolisticSettings

    @staticmethod
    def features(settings: HolisticSettings) -> list[Feature]:
        return [
            feature if isinstance(part, _Hand) else _of(name, feature)
            for name, part in _parts(settings).items()
            for feature in part.features
        ]

    @staticmethod
    def mask_size(settings: HolisticSettings) -> int:
        return SIDE if settings.mask else 0

    def begin(self, settings: HolisticSettings) -> None:
        self._others, self._masked = _parts(settings), settings.mask
        self._body = self._others.pop("body")
        self._wrist = [feature.name for feature in self._body.features].index("raw.left_wrist.x")
        self.tracker = Tracker(lambda: _solution(settings.mask))

    def forget(self) -> None:
        for part in (self._body, *self._others.values()):
            part.forget()

    def look(self, picture: Frame) -> Frame:
        told = self.tracker.process(picture.data)
        values, present, new = zip(*self._followed(told, picture), strict=True)
        if self._masked:
            self.mask = _mask(told.segmentation_mask, picture.data.shape[:2])
        # A hand that comes back is no cut: what the body does goes on.
        return Frame(np.concatenate(values), picture.seen, np.concatenate(present), cut=picture.cut or new[0])

    def _followed(self, told: Any, picture: Frame) -> list[tuple[np.ndarray, np.ndarray, bool]]:
        """What is known of each part: values, presence, and whether it is new."""
        aspect, body = picture.data.shape[1] / picture.data.shape[0], _points(told.pose_landmarks, visible=True)
        known = [self._body.follow(body, aspect, picture.seen)]
        left, right = _points(told.left_hand_landmarks), _points(told.right_hand_landmarks)
        if body is not None and self._swapped(body, known[0][0]):
            left, right = right, left
        found = {"left": left, "right": right, "face": _points(told.face_landmarks)}
        others = self._others.items()
        return known + [part.follow(found[name], aspect, picture.seen) for name, part in others]

    def _swapped(self, body: np.ndarray, followed: np.ndarray) -> bool:
        """Whether the body as it is followed has other sides than MediaPipe says; its hands are then the others too."""
        left, right = np.abs(body[_WRISTS, :2] - followed[self._wrist : self._wrist + 2]).sum(axis=1)
        return bool(right < left)


_WRISTS = [LANDMARKS.index("left_wrist"), LANDMARKS.index("right_wrist")]


class _Hand:
    """One hand, which is known: the graph looks where the arm ends. Its raw landmarks are there as the body's are."""

    def __init__(self, side: Literal["left", "right"]) -> None:
        self._hands, self._side = Hands(mirrored=False), side
        told = self._hands.features
        self._own = [n for n, feature in enumerate(told) if side in feature.name.split(".")[:2]]
        self.features = [_of("hands", told[n]) if told[n].group == "raw" else told[n] for n in self._own]
        self._group = groups(told).index(side)

    def forget(self) -> None:
        self._hands.forget()

    def follow(self, found: np.ndarray | None, aspect: float, seen: float) -> tuple[np.ndarray, np.ndarray, bool]:
        """As `Hands.follow`, of this hand alone."""
        right_in_a_mirror = float(self._side == "left")
        hands = [] if found is None else [Found(found, right_in_a_mirror)]
        values, present, new = self._hands.follow(hands, aspect, seen)
        return values[self._own], present[[self._group]], new


def _parts(settings: HolisticSettings) -> dict[str, Body | _Hand | Face]:
    """What is followed of a person, by name."""
    parts: dict[str, Body | _Hand | Face] = {"body": Body(settings.features)}
    if settings.hands:
        parts |= {"left": _Hand("left"), "right": _Hand("right")}
    if settings.face:
        parts["face"] = Face(mirrored=False)
    return parts


def _of(part: str, feature: Feature) -> Feature:
    group = feature.group if feature.group in (part, "raw") else f"{part}.{feature.group}"
    return replace(feature, name=f"{part}.{feature.name}", group=group)


def _points(found: Any, visible: bool = False) -> np.ndarray | None:
    """MediaPipe's landmarks as float64 [N, 3] (x, y, z), or [N, 4] with visibility; None when there are none."""
    if found is None:
        return None
    return np.array([(p.x, p.y, p.z, p.visibility)[: 3 + visible] for p in found.landmark])


def _mask(found: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """For a stage; black for nobody. size: of the picture, (height, width)."""
    return soft(sized(np.zeros(size, np.float32) if found is None else found))


def _solution(mask: bool) -> Any:
    from mediapipe.python.solutions.holistic import Holistic as Solution

    return Solution(model_complexity=1, refine_face_landmarks=True, enable_segmentation=mask, static_image_mode=False)
