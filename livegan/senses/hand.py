"""A hand's landmarks as what it does, in its own unit: the same for a right hand and the left one that mirrors it.

Must never say that a hand is there when it is not, nor change its side while it is followed without saying so.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from livegan.frame import Feature
from livegan.senses.calm import DOUBT

SIDES = ("left", "right")
FINGERS = ("thumb", "index", "middle", "ring", "pinky")

LANDMARKS = (
    *("wrist", "thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip"),
    *(f"{finger}_{joint}" for finger in FINGERS[1:] for joint in ("mcp", "pip", "dip", "tip")),
)
"""MediaPipe's names of its 21 landmarks, in its order; its index_finger_tip is index_tip here, and so on."""

_LINES = ((0, 1), (0, 5), (5, 9), (9, 13), (13, 17), (0, 17), *((n, n + 1) for n in range(1, 20) if n % 4))

CONNECTIONS = tuple((LANDMARKS[a], LANDMARKS[b]) for a, b in _LINES)
"""The lines of the skeleton, as pairs of landmark names."""

UNITS = {"x": 0.1, "y": 0.1, "size": 0.05, "pinch": 0.3, "openness": 0.3, "spread": 0.2, "roll": 0.3, "facing": 0.5} | {
    f"{finger}_curl": 0.3 for finger in FINGERS
}
"""What is told of each hand, and how much of it is one clearly visible movement; `roll` is an angle."""

SMALLEST = 0.01
"""A hand whose palm is shorter than this share of the picture's height is not one."""

SAME = 0.6
"""Palms between two hands below which they are one, found twice."""

KEPT = 0.5
"""Seconds for which a hand that is not found is expected near where it was."""

TRUST = 3.0
"""Seconds of being called by its side that a hand is credited at most."""

WRONG = 1.0
"""Seconds of being called by the other side, beyond its credit, after which a hand's side is changed."""

_PALM, _TIPS = [0, 5, 9, 13, 17], [8, 12, 16, 20]
_CHAINS = np.array([(0, *range(4 * n + 1, 4 * n + 5)) for n in range(len(FINGERS))])
_STRAIGHT, _BENT = np.array([0.8, 0.6, 0.6, 0.6, 0.6]), np.array([2.4, 3.4, 3.4, 3.4, 3.4])
_FIST, _OPEN = 0.95, 1.85


def palm(points: np.ndarray, aspect: float) -> tuple[np.ndarray, float]:
    """The middle of a palm [2] in picture heights, y down, and its length from wrist to knuckles in the same.

    points: [21, 3] x, y (0..1 of the picture, y down), z (as x). aspect: width / height.
    """
    placed = points * (aspect, 1.0, aspect)
    length = np.linalg.norm(placed[[5, 17]] - placed[0], axis=1).mean()
    return placed[_PALM, :2].mean(axis=0), float(length)


def hand_features(points: np.ndarray, aspect: float, outward: int) -> np.ndarray:
    """What one hand does, float64, in the order of UNITS; shapes are measured in space, whichever way the palm turns.

    points, aspect: as for `palm`. outward: 1 where away from the body is the picture's right for this hand, else -1.
    x, y: the palm's middle in 0..1 of the picture, from the top left. size: the palm's length in picture heights.
    pinch: from the thumb's tip to the index's, in palms. openness: 0 fist, 1 open. spread: radians between index and
    pinky. roll: radians, 0 fingers up, pi/2 outward. facing: 1 palm to the camera, -1 its back. Curls: 0 straight, 1
    bent into the palm.
    """
    (x, y), length = palm(points, aspect)
    shape = points * (aspect * outward, -1.0, aspect) / max(length, SMALLEST)  # outside on the right, y up
    pinch = np.linalg.norm(shape[4] - shape[8])
    reach = np.linalg.norm(shape[_TIPS] - shape[0], axis=1).mean()
    openness = np.clip((reach - _FIST) / (_OPEN - _FIST), 0.0, 1.0)
    roll = np.arctan2(*(shape[9] - shape[0])[:2])
    return np.array([x / aspect, y, length, pinch, openness, _spread(shape), roll, _facing(shape), *_curls(shape)])


def _spread(shape: np.ndarray) -> float:
    """The angle by which index and pinky lean apart along the line of the knuckles, which bending does not change."""
    lean = _directions(shape[[6, 18]] - shape[[5, 17]]) @ _directions(shape[5] - shape[17])
    return float(np.subtract(*np.arcsin(np.clip(lean, -1.0, 1.0))))


def _facing(shape: np.ndarray) -> float:
    return -float(_directions(np.cross(shape[5] - shape[0], shape[17] - shape[0]))[2])


def _curls(shape: np.ndarray) -> np.ndarray:
    """How far each finger is bent, 0..1, by the sum of the angles at its joints."""
    bones = _directions(np.diff(shape[_CHAINS], axis=1))
    bend = np.arccos(np.clip((bones[:, 1:] * bones[:, :-1]).sum(axis=-1), -1.0, 1.0)).sum(axis=-1)
    return np.clip((bend - _STRAIGHT) / (_BENT - _STRAIGHT), 0.0, 1.0)


def _directions(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


@dataclass(frozen=True)
class Found:
    """A hand in one picture: points [21, 3] as for `palm`, and how sure it is the right one, 0..1."""

    points: np.ndarray
    right: float


@dataclass
class _Followed:
    """A hand as it was seen last, and its credit: for how long it was called by its side, less how long not."""

    place: np.ndarray
    length: float
    seen: float
    credit: float


class Sides:
    """Which hand is the left one, kept while it is followed; MediaPipe's word for it flips now and then.

    mirrored: the picture is a mirror's, in which a left hand is on the left.
    """

    def __init__(self, mirrored: bool) -> None:
        self._leftmost = 0 if mirrored else 1
        self._hands: list[_Followed | None] = [None, None]

    def kept(self, found: list[Found], aspect: float, seen: float) -> tuple[list[Found | None], bool]:
        """The left and the right hand, None where it is not found, and whether what was one is now the other."""
        self._hands = [hand if hand and seen - hand.seen <= KEPT else None for hand in self._hands]
        found = self._distinct(found, aspect)
        palms = [palm(hand.points, aspect) for hand in found]
        costs = np.array([self._costs(*one) for one in zip(palms, self._rights(found), strict=True)])
        order = min(permutations((0, 1), len(found)), key=lambda order: sum(costs[n, s] for n, s in enumerate(order)))
        hands: list[Found | None] = [None, None]
        for hand, (place, length), side in zip(found, palms, order, strict=True):
            hands[side] = hand
            agrees = 2 * (hand.right if side else 1 - hand.right) - 1
            self._hands[side] = _Followed(place, length, seen, self._credit(side, agrees, seen))
        return self._corrected(hands)

    def _distinct(self, found: list[Found], aspect: float) -> list[Found]:
        """One of two hands that are one, found twice: the one that is as large as it was."""
        if len(found) < 2:
            return found
        (place, length), (other, length_there) = (palm(hand.points, aspect) for hand in found)
        if np.linalg.norm(place - other) > SAME * max(length, length_there):
            return found
        before = [hand.length for hand in self._hands if hand] or [length]
        nearer = min(abs(length - one) for one in before) <= min(abs(length_there - one) for one in before)
        return found[:1] if nearer else found[1:]

    def _rights(self, found: list[Found]) -> list[float]:
        """How sure each is the right hand; of two that are called the same, the place decides."""
        rights = [hand.right for hand in found]
        if len(found) > 1 and (rights[0] > 0.5) == (rights[1] > 0.5):
            first = found[0].points[_PALM, 0].mean() < found[1].points[_PALM, 0].mean()
            rights = [0.0, 1.0] if first == (self._leftmost == 0) else [1.0, 0.0]
        return rights

    def _costs(self, where: tuple[np.ndarray, float], right: float) -> tuple[float, float]:
        """How unlikely a hand is the left, and the right one: its way from where that was, in palms, and its name.

        A hand that is followed may have gone four palms since the last picture; where none is, its name counts.
        """
        costs = []
        for hand, wrong in zip(self._hands, (right, 1 - right), strict=True):
            if hand is None:
                costs.append(3.0 + 2.0 * wrong)
            else:
                way = np.linalg.norm(where[0] - hand.place) / max(hand.length, SMALLEST)
                costs.append(min(way, 4.0) + 0.5 * wrong)
        return tuple(costs)

    def _credit(self, side: int, agrees: float, seen: float) -> float:
        hand = self._hands[side]
        return min(hand.credit + agrees * (seen - hand.seen), TRUST) if hand else 0.0

    def _corrected(self, hands: list[Found | None]) -> tuple[list[Found | None], bool]:
        wrong = sum(hand.credit for hand in self._hands if hand) < -WRONG
        if wrong:
            self._hands.reverse()
            hands.reverse()
            for hand in filter(None, self._hands):
                hand.credit = 0.0
        return hands, wrong


class Hands:
    """Two hands followed from frame to frame: how many, what each does, and all raw landmarks for the skeleton.

    mirrored: the picture is a mirror's. landmarks: those wanted besides, by name, x, y in 0..1 of the picture, and z.
    """

    def __init__(self, mirrored: bool, landmarks: tuple[str, ...] = ()) -> None:
        told = [feature for side in SIDES for feature in _told(side, landmarks)]
        raw = [f"raw.{side}.{name}.{axis}" for side in SIDES for name in LANDMARKS for axis in "xy"]
        raw = [Feature(name, group="raw", unit=0.1) for name in raw]
        self.features = [Feature("count", "step", "hands"), *told, *raw]
        self._mirrored, self._named = mirrored, [LANDMARKS.index(name) for name in landmarks]
        self._values = [np.zeros(len(part) // 2, np.float32) for part in (told, told, raw, raw)]
        self._count, self._here = 1, -np.inf
        self.forget()

    def forget(self) -> None:
        """What was followed before is somewhere else now."""
        self._sides = Sides(self._mirrored)

    def follow(self, found: list[Found], aspect: float, seen: float) -> tuple[np.ndarray, np.ndarray, bool]:
        """What is known at `seen` seconds of at most two hands; aspect: width / height.

        Their `right` is as MediaPipe gives it, which takes every picture for a mirror's. Gives values float32
        [features] (those before where a hand is gone), present bool [groups] (any hand, left, right, raw), and whether
        these are new hands or sides were changed.
        """
        found = [self._own(hand) for hand in found if _believed(hand.points, aspect)]
        hands, new = self._sides.kept(found, aspect, seen)
        here = [hand is not None for hand in hands]
        for side, hand in enumerate(hands):
            if hand is not None:
                self._values[side], self._values[side + 2] = self._measured(hand.points, aspect, side)
        if any(here):
            new, self._here, self._count = new or seen - self._here > DOUBT, seen, sum(here)
        values = np.concatenate((np.array([self._count], np.float32), *self._values))
        return values, np.array([any(here), *here, any(here)]), new

    def _own(self, hand: Found) -> Found:
        return hand if self._mirrored else Found(hand.points, 1 - hand.right)

    def _measured(self, points: np.ndarray, aspect: float, side: int) -> tuple[np.ndarray, np.ndarray]:
        numbers = hand_features(points, aspect, 1 if bool(side) == self._mirrored else -1)
        told = np.concatenate((numbers, points[self._named].ravel()))
        return told.astype(np.float32), points[:, :2].ravel().astype(np.float32)


def _told(side: str, landmarks: tuple[str, ...]) -> list[Feature]:
    """What is told of the left or the right hand."""
    told = {**UNITS, **{f"{name}.{axis}": 0.1 for name in landmarks for axis in "xyz"}}
    return [Feature(f"{side}.{n}", "angle" if n == "roll" else "linear", side, unit=u) for n, u in told.items()]


def _believed(points: np.ndarray, aspect: float) -> bool:
    """Whether the middle of the palm is inside the picture and the hand large enough to be one."""
    (x, y), length = palm(points, aspect)
    return bool(0 <= x <= aspect and 0 <= y <= 1 and length > SMALLEST)
