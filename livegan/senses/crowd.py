"""Several bodies as features: of each slot the numbers of a pose, where it is and how large; and how many there are.

Must never give a slot somebody's numbers without a pause when they follow on another's, or on a body turned around.
"""

from dataclasses import replace

import numpy as np

from livegan.frame import Feature, groups
from livegan.senses.body import Body, Choice
from livegan.senses.people import Person, Slots, person


class Crowd:
    """People followed from picture to picture, each in a slot from 1 on; raw landmarks last, for the skeletons.

    The first group is there while anybody is, each slot's own ("1") while its person is seen.
    """

    def __init__(self, slots: int, choice: Choice) -> None:
        self._seats = [_Seat(slot, choice) for slot in range(1, slots + 1)]
        told = [feature for seat in self._seats for feature in seat.features]
        raw = [feature for seat in self._seats for feature in seat.raw]
        self.features = [Feature("count", "step", "people"), *told, *raw]
        self._count = 0
        self.forget()

    def forget(self) -> None:
        """Who was there before is somewhere else now."""
        self._slots = Slots(len(self._seats))
        for seat in self._seats:
            seat.body.forget()

    def follow(self, found: list[np.ndarray], picture: np.ndarray, seen: float) -> tuple[np.ndarray, np.ndarray]:
        """What is known at `seen` seconds of the landmarks [33, 4] of all found in a picture, uint8 [h, w, 3].

        Gives values float32 [features], those before where somebody is gone, and present bool [groups].
        """
        aspect = picture.shape[1] / picture.shape[0]
        known = [person(landmarks, picture) for landmarks in found if np.isfinite(landmarks).all()]
        people = self._slots.follow(known, seen)
        here = sum(one is not None for one in people)
        self._count = here or self._count
        for seat, one in zip(self._seats, people, strict=True):
            seat.follow(one, aspect, seen)
        values = [[self._count], *(seat.values for seat in self._seats), *(seat.points for seat in self._seats)]
        present = [[here > 0], *(seat.present for seat in self._seats), [here > 0]]
        return np.concatenate(values).astype(np.float32), np.concatenate(present)


class _Seat:
    """One slot: its person's place and body; `values`, `points` and `present` are the newest."""

    def __init__(self, slot: int, choice: Choice) -> None:
        self.body = Body(choice)
        named = [replace(f, name=f"{slot}.{f.name}") for f in self.body.features]
        place = [Feature(f"{slot}.{name}", group=f"{slot}", unit=0.1) for name in ("x", "y", "size")]
        own = [replace(feature, group=f"{slot}.{feature.group}") for feature in named if feature.group != "raw"]
        self.features, self.raw = place + own, [feature for feature in named if feature.group == "raw"]
        self.values = np.zeros(len(self.features), np.float32)
        self.points = np.zeros(len(self.raw), np.float32)
        self.present = np.zeros(len(groups(self.features)), bool)

    def follow(self, one: Person | None, aspect: float, seen: float) -> None:
        """Who is in the slot now. A body that goes on as another one is away for a frame: nothing moves from one
        to the other."""
        values, present, new = self.body.follow(None if one is None else one.found, aspect, seen)
        if one is None or (new and self.present[0]):
            self.present = np.zeros_like(self.present)
            return
        own = len(self.values) - 3
        self.values = np.concatenate((one.centre / (aspect, 1.0), [one.size], values[:own]))
        self.points, self.present = values[own:], np.append(True, present[:-1])
