"""A body's landmarks as movements around its own centre, in its own unit: the same wherever in the picture it is.

Must never say that a body is there when it is not, nor take how well it is seen as a movement: visibility decides
presence only.
"""

from typing import Literal

import numpy as np

from livegan.frame import Feature, groups
from livegan.senses.calm import DOUBT, Calm

LANDMARKS = (
    *(
        "nose",
        "left_eye_inner",
        "left_eye",
        "left_eye_outer",
        "right_eye_inner",
        "right_eye",
        "right_eye_outer",
    ),
    *("left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder"),
    *("left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky"),
    *(
        "left_index",
        "right_index",
        "left_thumb",
        "right_thumb",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
    ),
    *("left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index"),
)
"""MediaPipe's names of its 33 landmarks, in its order."""

_LINES = (
    *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10)),
    *((11, 12), (11, 23), (12, 24), (23, 24)),
    *((11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19)),
    *((12, 14), (14, 16), (16, 18), (16, 20), (16, 22), (18, 20)),
    *((23, 25), (25, 27), (27, 29), (27, 31), (29, 31)),
    *((24, 26), (26, 28), (28, 30), (28, 32), (30, 32)),
)

CONNECTIONS = tuple((LANDMARKS[a], LANDMARKS[b]) for a, b in _LINES)
"""The lines of the skeleton, as pairs of landmark names."""

VISIBLE = 0.5
"""Visibility above which a landmark is believed."""

MARGIN = 0.02
"""Share of the picture by which a landmark may lie outside it; beyond that MediaPipe guesses."""

EDGE = 0.05
"""Share of the picture by which hips must lie inside it; MediaPipe draws hips that are cut off up to the border."""

SMALLEST = 0.02
"""A body whose unit is shorter than this share of the picture's height is not one."""

SETTLE = 0.5
"""Seconds in which the unit follows a body that comes nearer; a turn is over sooner."""

Choice = Literal["upper", "body", "names"]

_ARM, _LEG = ("elbow", "wrist"), ("knee", "ankle")
_NEEDED = {"upper": {"shoulder": MARGIN}, "body": {"shoulder": MARGIN, "hip": -EDGE}}
_CENTRE = {"upper": "shoulder", "body": "hip"}
_CORE = {"upper": ("nose",), "body": ("nose", "left_shoulder", "right_shoulder")}
_ANGLE = {"upper": "tilt", "body": "lean"}
_UNIT = {"nose": 0.2, "shoulder": 0.2, "elbow": 0.35, "wrist": 0.5, "knee": 0.3, "ankle": 0.4}


def _limbs(choice: Choice) -> dict[str, tuple[str, ...]]:
    """The groups beside the core, and their landmarks."""
    parts = {"arm": _ARM, "leg": _LEG} if choice == "body" else {"arm": _ARM}
    return {f"{side}_{limb}": _both(ends, (side,)) for limb, ends in parts.items() for side in ("left", "right")}


def _both(ends: tuple[str, ...], sides: tuple[str, ...] = ("left", "right")) -> tuple[str, ...]:
    return tuple(f"{side}_{end}" for side in sides for end in ends)


def _at(names: tuple[str, ...]) -> list[int]:
    return [LANDMARKS.index(name) for name in names]


_SWAP = {"left": "right", "right": "left"}
_MIRRORED = _at(tuple("_".join(_SWAP.get(part, part) for part in name.split("_")) for name in LANDMARKS))
_LIMBS = [n for n, name in enumerate(LANDMARKS) if name.split("_")[-1] in _UNIT and name != "nose"]


def _middle(points: np.ndarray, part: str) -> np.ndarray:
    return points[_at(_both((part,)))].mean(axis=0)


def believed(landmarks: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """Which landmarks are seen, and at most `margin` outside: [33, 4] (x, y, z, visibility) to bool [33]."""
    inside = (landmarks[:, :2] > -margin) & (landmarks[:, :2] < 1 + margin)
    return inside.all(axis=1) & (landmarks[:, 3] > VISIBLE)


def _upright(landmarks: np.ndarray, aspect: float) -> np.ndarray:
    """Points [33, 2] in picture heights, x right and y up; MediaPipe divides x by the width."""
    return landmarks[:, :2] * (aspect, -1.0)


def body_unit(landmarks: np.ndarray, aspect: float, choice: Choice) -> float:
    """The length of the torso in picture heights, whichever way the body faces.

    A turn shortens the shoulders, a bow the torso or the neck: the longer of two wins, each scaled (by what
    dancers measure) to about a torso's length, so that the change from one to the other is slight.
    """
    points = _upright(landmarks, aspect)
    left, right = points[_at(_both(("shoulder",)))]
    neck = _middle(points, "shoulder")
    across = float(np.hypot(*(left - right)))
    if choice == "body":
        return max(float(np.hypot(*(neck - _middle(points, "hip")))), 1.3 * across)
    return max(1.45 * across, 2.8 * float(np.hypot(*(_middle(points, "ear") - neck))))


def body_features(
    landmarks: np.ndarray, aspect: float, choice: Choice, unit: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A body's own numbers, the same wherever and however large it is in the picture.

    landmarks: [33, 4] x, y (0..1 of the picture, y down), z, visibility. aspect: width / height. choice:
    "upper" (around the middle of the shoulders) or "body" (of the hips). unit: picture heights, None: measured.
    Returns values float32 [features] and present bool [groups] as in `chosen(choice)`; x right and y up.
    """
    unit = body_unit(landmarks, aspect, choice) if unit is None else unit
    seen, needed = believed(landmarks), _NEEDED[choice].items()
    here = all(believed(landmarks, margin)[_at(_both((part,)))].all() for part, margin in needed)
    here = here and unit > SMALLEST
    points = _upright(landmarks, aspect)
    placed = (points - _middle(points, _CENTRE[choice])) / max(unit, SMALLEST)
    limbs = _limbs(choice)
    values = [*placed[_at(_CORE[choice])].ravel(), _angle(placed, choice)]
    values += [number for names in limbs.values() for number in placed[_at(names)].ravel()]
    present = [here, *(here and bool(seen[_at(names)].all()) for names in limbs.values())]
    return np.array(values, np.float32), np.array(present, bool)


def _angle(placed: np.ndarray, choice: Choice) -> float:
    """The shoulders' rise towards the left one, or the torso's lean to the picture's right; radians."""
    if choice == "body":
        return float(np.arctan2(*_middle(placed, "shoulder")))
    left, right = placed[_at(_both(("shoulder",)))]
    width = 1 / 1.45  # of a body seen from the front: from the side the line is short and its own angle noise
    return float(np.arctan2((left - right)[1], max(abs((left - right)[0]), width)))


class Sides:
    """Which arm is the left one, kept from frame to frame; MediaPipe swaps sides when it cannot see the face.

    A body that appears is taken to face the camera, and its limbs then stay where they were a frame ago.
    """

    def __init__(self) -> None:
        self._before: np.ndarray | None = None
        self._seen, self._doubted = -np.inf, 0.0

    def kept(self, landmarks: np.ndarray, seen: float) -> tuple[np.ndarray, bool]:
        """The landmarks [33, 4] with steady sides, and whether this is a new body or its sides were changed."""
        passed, self._seen = seen - self._seen, seen
        other = landmarks[_MIRRORED]
        new = self._before is None or passed > DOUBT
        if new:
            kept = landmarks if _faces(landmarks) else other
        else:
            kept = landmarks if _moved(landmarks, self._before) <= _moved(other, self._before) else other
        doubtful = kept is other and not _faces(kept) and not new
        self._doubted = self._doubted + passed if doubtful else 0.0
        if self._doubted > DOUBT:
            kept, new, self._doubted = landmarks, True, 0.0
        self._before = kept
        return kept, new


def _faces(landmarks: np.ndarray) -> bool:
    left, right = _at(_both(("shoulder",)))
    return bool(landmarks[left, 0] >= landmarks[right, 0])


def _moved(landmarks: np.ndarray, before: np.ndarray) -> float:
    return float(np.abs(landmarks[_LIMBS, :2] - before[_LIMBS, :2]).sum())


def chosen(choice: Choice, landmarks: tuple[str, ...] = ()) -> list[Feature]:
    """The features of a choice; `landmarks` are those wanted by "names", each a group of its own."""
    if choice == "names":
        units = {"x": 0.1, "y": 0.1, "z": 0.2}
        return [Feature(f"{n}.{axis}", group=n, unit=unit) for n in landmarks for axis, unit in units.items()]
    features = _places(_CORE[choice], choice)
    features.append(Feature(_ANGLE[choice], "angle", choice, unit=0.3))
    return features + [f for group, names in _limbs(choice).items() for f in _places(names, group)]


def _places(names: tuple[str, ...], group: str) -> list[Feature]:
    return [Feature(f"{n}.{axis}", group=group, unit=_UNIT[n.split("_")[-1]]) for n in names for axis in "xy"]


class Body:
    """A body followed from frame to frame: its features as in `chosen`, then all raw landmarks for the skeleton.

    landmarks: those wanted by the choice "names".
    """

    def __init__(self, choice: Choice, landmarks: tuple[str, ...] = ()) -> None:
        raw = [Feature(f"raw.{name}.{axis}", group="raw", unit=0.1) for name in LANDMARKS for axis in "xy"]
        self.features = chosen(choice, landmarks) + raw
        self._choice, self._named = choice, _at(landmarks)
        names = groups(self.features)
        self._group = np.array([names.index(feature.group) for feature in self.features])
        self._last, self._absent = np.zeros(len(self.features), np.float32), np.zeros(len(names), bool)
        self._here = self._absent
        self.forget()

    def forget(self) -> None:
        """What was tracked before is somewhere else now."""
        self._unit, self._measured, self._sides = None, -np.inf, Sides()
        self._calm = Calm(self.features, self._group)

    def follow(self, found: np.ndarray | None, aspect: float, seen: float) -> tuple[np.ndarray, np.ndarray, bool]:
        """What is known at `seen` seconds of landmarks float [33, 4], None for nobody; aspect: width / height.

        Gives values float32 [features] (those before where somebody is gone), present bool [groups], and whether this
        is a new body.
        """
        new = False
        found = None if found is None or not np.isfinite(found).all() else found
        if found is not None:
            found, new = self._sides.kept(found, seen)
        values, present = self._measure(found, aspect, seen)
        if not new:
            values = self._calm.kept(values, self._last, present & self._here, seen)
        self._last, self._here = np.where(present[self._group], values, self._last), present
        return self._last, present, new

    def _measure(self, landmarks: np.ndarray | None, aspect: float, seen: float) -> tuple[np.ndarray, np.ndarray]:
        if landmarks is None:
            return self._last, self._absent
        if self._choice == "names":
            values, present = landmarks[self._named, :3].ravel(), believed(landmarks)[self._named]
        else:
            unit = self._settled(body_unit(landmarks, aspect, self._choice), seen)
            values, present = body_features(landmarks, aspect, self._choice, unit)
            if not present[0]:
                self._unit = None
        values = np.concatenate((values, landmarks[:, :2].ravel())).astype(np.float32)
        return values, np.append(present, True)

    def _settled(self, unit: float, seen: float) -> float:
        """The unit, smoothed over the frames of one body; the first frame of a body sets it."""
        passed, self._measured = seen - self._measured, seen
        share = 1.0 if self._unit is None else 1 - np.exp(-max(passed, 0.0) / SETTLE)
        self._unit = unit if self._unit is None else self._unit + share * (unit - self._unit)
        return self._unit
