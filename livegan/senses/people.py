"""Who is who: bodies found in one picture after the other, each kept in its own slot, also when they cross.

Two who cross are not told apart while one hides the other, but by how they moved, how large they were and which colours
they wore when they were last apart. Must never learn any of these while somebody else is near.
"""

from dataclasses import dataclass, field

import numpy as np

from livegan.senses.body import LANDMARKS, body_unit

KEPT = 1.0
"""Seconds for which the slot of somebody who is gone, or hidden, is kept for them."""

SURE = 0.2
"""Seconds for which somebody new must be seen to get a slot; what is no body seldom lasts as long."""

REACH, FASTER, STRAY = 1.0, 3.0, 0.5
"""Torsos by which somebody may differ from what is expected, and how much more for each second unseen, or not apart."""

TWICE, NEAR, HIDDEN = 0.4, 0.7, 1.5
"""Torsos: below the first, one body was found twice; below the second, two that are seen can be taken for each other;
below the third, one that is seen and one that is not."""

CROWDED = 2.0
"""Seconds of being near each other after which what was known from before says nothing."""

_SETTLE, _COAST, _MEMORY = 0.3, 2.0, 1.0
"""Seconds in which a speed is believed, in which somebody unseen slows down, and in which size and colours are."""

_CORNERS = [LANDMARKS.index(f"{side}_{part}") for part in ("shoulder", "hip") for side in ("left", "right")]
_PAIRS = ("shoulder", "hip", "elbow", "wrist", "knee", "ankle", "ear")
_LEFT, _RIGHT = ([LANDMARKS.index(f"{side}_{part}") for part in _PAIRS] for side in ("left", "right"))
_GRID, _HUES, _GREYS = 12, 12, 4


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """What one picture shows of somebody.

    points: the middles between left and right shoulder, hip, elbow, wrist, knee, ankle, ear, [7, 2] in picture heights,
    y down; a tracker takes left for right, and the middles stay. size: a torso's length in picture heights. colours:
    the torso's, shares [16] of hues and greys. found: the landmarks [33, 4].
    """

    points: np.ndarray
    size: float
    colours: np.ndarray
    found: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        """The middle of the torso, [2]."""
        return self.points[:2].mean(axis=0)

    def apart(self, other: "Person") -> float:
        """How far their landmarks are from each other, in torsos."""
        return _between(self.points, other.points) / self.size


def person(landmarks: np.ndarray, picture: np.ndarray) -> Person:
    """What landmarks [33, 4] (x, y, z, visibility) and their picture, uint8 [height, width, 3], tell of somebody."""
    aspect = picture.shape[1] / picture.shape[0]
    points = (landmarks[_LEFT, :2] + landmarks[_RIGHT, :2]) / 2 * (aspect, 1.0)
    size = max(body_unit(landmarks, aspect, "body"), 1e-3)
    return Person(points, size, colours(picture, landmarks[_CORNERS, :2]), landmarks)


def colours(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Shares float [16] of 12 hues and 4 greys between four corners [4, 2] (x, y in 0..1: above two, below two)."""
    down, along = (way.ravel() for way in np.meshgrid(*[np.linspace(0, 1, _GRID)] * 2))
    shares = np.stack([(1 - down) * (1 - along), (1 - down) * along, down * (1 - along), down * along], axis=1)
    edge = np.array(picture.shape[1::-1]) - 1
    column, row = np.clip(shares @ corners * edge, 0, edge).astype(int).T
    red, green, blue = rgb = picture[row, column].astype(float).T
    hue = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * np.pi) % 1
    colourful = np.ptp(rgb, axis=0) / np.maximum(rgb.max(axis=0), 1)
    hues = np.bincount((hue * _HUES).astype(int) % _HUES, colourful, _HUES)
    greys = np.bincount((rgb.max(axis=0) / 256 * _GREYS).astype(int), 1 - colourful, _GREYS)
    return np.append(hues, greys) / len(hue)


@dataclass(slots=True, eq=False)
class _Known:
    """Somebody as last seen, and as last seen apart from all others, which cannot be of somebody else.

    since: when first seen. clear: when last apart, and where (the torso's middle), how fast, of which size and colours.
    """

    last: Person
    seen: float
    since: float
    clear: float
    place: np.ndarray
    size: float
    colours: np.ndarray
    speed: np.ndarray = field(default_factory=lambda: np.zeros(2))

    def expected(self, moment: float) -> np.ndarray:
        """Where the torso's middle would be now, had it gone on."""
        return self.place + self.speed * _coasted(moment - self.clear)

    def unlike(self, other: Person, moment: float) -> float:
        """How much somebody differs from what is expected of this one; 1 and more: somebody else."""
        unseen, mixed = moment - self.seen, moment - self.clear
        went = self.last.points + self.speed * _coasted(unseen)
        sure = np.exp(-mixed / _SETTLE)  # of two who cross, the one seen last may be the other
        moved = sure * _between(other.points, went) + _long(other.centre - self.expected(moment))
        grown = abs(np.log(other.size / self.size))
        differing = 1 - np.sqrt(self.colours * other.colours).sum()
        return float(moved / self.size / (REACH + FASTER * unseen + STRAY * mixed) + grown + differing)

    def saw(self, now: Person, moment: float) -> None:
        """It is there."""
        self.last, self.seen = now, moment

    def learn(self) -> None:
        """Nobody else is near: what was seen last is its own."""
        passed = max(self.seen - self.clear, 1e-3)
        settled, learnt = 1 - np.exp(-passed / np.array([_SETTLE, _MEMORY]))
        self.speed = self.speed + settled * ((self.last.centre - self.place) / passed - self.speed)
        self.size += learnt * (self.last.size - self.size)
        self.colours = self.colours + learnt * (self.last.colours - self.colours)
        self.place, self.clear = self.last.centre, self.seen

    def near(self, other: "_Known") -> bool:
        """Whether this one, seen now, can be taken for another, or the other for it."""
        hidden = other.seen < self.seen
        there = other.expected(self.seen) if hidden else other.last.centre
        return _long(self.last.centre - there) < (HIDDEN if hidden else NEAR) * self.size


class Slots:
    """Keeps people in `count` slots, from picture to picture."""

    def __init__(self, count: int) -> None:
        self._slots: list[_Known | None] = [None] * count
        self._new: list[_Known] = []

    def follow(self, people: list[Person], seen: float) -> list[Person | None]:
        """Who of the people seen at `seen` seconds is in each slot; None for nobody."""
        self._slots = [None if one is None or seen - one.seen > KEPT else one for one in self._slots]
        left = _recognised([one for one in self._slots if one], distinct(people), seen)
        left = _recognised(self._new, left, seen)
        self._new = [one for one in self._new if one.seen == seen]
        self._new += [_Known(one, seen, seen, seen, one.centre, one.size, one.colours) for one in left]
        self._admit(seen)
        self._learn(seen)
        return [one.last if one and one.seen == seen else None for one in self._slots]

    def _admit(self, seen: float) -> None:
        """Free slots go to those who are surely there, from left to right."""
        sure = sorted((one for one in self._new if seen - one.since >= SURE), key=lambda one: one.last.centre[0])
        free = [place for place, one in enumerate(self._slots) if one is None]
        for place, one in zip(free, sure, strict=False):
            self._slots[place] = one
            self._new.remove(one)

    def _learn(self, seen: float) -> None:
        known = [one for one in self._slots if one]
        for one in self._new + [one for one in known if one.seen == seen]:
            others = (other for other in known if other is not one)
            if seen - one.clear > CROWDED or not any(one.near(other) for other in others):
                one.learn()


def _recognised(known: list[_Known], people: list[Person], seen: float) -> list[Person]:
    """Let each of the known see where they are now; gives those of the people who are none of them."""
    costs = np.array([[one.unlike(other, seen) for other in people] for one in known])
    pairs = least(costs.reshape(len(known), len(people)))
    for one, other in pairs:
        known[one].saw(people[other], seen)
    taken = {other for _, other in pairs}
    return [one for place, one in enumerate(people) if place not in taken]


def distinct(people: list[Person]) -> list[Person]:
    """The people without those who were found twice."""
    kept: list[Person] = []
    for one in people:
        if all(one.apart(other) > TWICE for other in kept):
            kept.append(one)
    return kept


def least(costs: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (row, column), each of both at most once, of the least cost in all; pairs of 1 and more are left out."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.minimum(costs, 1.0))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if costs[row, column] < 1.0]


def _between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.hypot(*(a - b).T).mean())


def _long(way: np.ndarray) -> float:
    return float(np.hypot(*way))


def _coasted(passed: float) -> float:
    """Seconds of the speed in which somebody who slows down goes as far."""
    return _COAST * (1 - np.exp(-passed / _COAST))
