from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.senses.people import KEPT, SURE, Person, Slots, colours, distinct, least, person

SIZE = 0.15
RED, BLUE = np.eye(16)[0], np.eye(16)[8]
SHAPE = SIZE * np.array([(0, -0.5), (0, 0.5), (0, 0), (0, 0.3), (0, 1.2), (0, 2), (0, -1)])
seeds = st.integers(0, 100_000)


def standing(x: float, y: float = 0.5, worn: np.ndarray = RED, size: float = SIZE) -> Person:
    """Somebody by hand, at a place in picture heights; `found` says who."""
    return Person(SHAPE * size / SIZE + (x, y), size, worn, np.array([x, y]))


class Watched:
    """People watched at thirty pictures a second, who all wear the same unless told; who is in each slot by place."""

    def __init__(self, slots: int) -> None:
        self.slots, self.n = Slots(slots), 0

    def see(self, *people: Person) -> list[Person | None]:
        self.n += 1
        return self.slots.follow(list(people), 10 + self.n / 30)

    def until(self, seconds: float, *people: Person) -> list[Person | None]:
        for _ in range(int(30 * seconds)):
            told = self.see(*people)
        return told


@settings(deadline=None)
@given(seed=seeds, rows=st.integers(0, 4), columns=st.integers(0, 4))
def test_pairs_cost_the_least_in_all_and_none_is_dearer_than_being_alone(seed, rows, columns):
    costs = np.random.default_rng(seed).uniform(0, 2, (rows, columns))
    pairs = least(costs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    assert all(costs[pair] < 1 for pair in pairs)
    square = np.ones((max(rows, columns),) * 2)  # to be alone costs 1
    square[:rows, :columns] = np.minimum(costs, 1)
    best = min(sum(square[row, column] for row, column in enumerate(way)) for way in permutations(range(len(square))))
    assert sum(costs[pair] for pair in pairs) + len(square) - len(pairs) == pytest.approx(best)


def test_the_first_are_sorted_from_left_to_right_once_they_are_surely_there():
    watched = Watched(2)
    both = standing(1.2), standing(0.4)
    told = [watched.see(*both) for _ in range(9)]
    assert told[0] == told[1] == [None, None]
    assert told[-1] == [both[1], both[0]]
    assert told[int(30 * SURE) + 1] != [None, None]


def test_what_is_seen_for_a_moment_gets_no_slot():
    watched, one = Watched(2), standing(0.4)
    watched.until(0.5, one)
    for n in range(60):
        told = watched.see(one, standing(1.2)) if n % 6 < 5 else watched.see(one)
        assert told == [one, None]


def test_who_comes_back_soon_gets_the_slot_again_and_who_stays_away_loses_it():
    watched, one, other = Watched(2), standing(0.4), standing(1.2)
    watched.until(0.5, one, other)
    assert watched.until(0.8 * KEPT, other) == [None, other]
    assert watched.see(other, standing(0.45))[0] is not None
    watched.until(KEPT + 0.1, other)
    new = standing(1.6)
    assert watched.until(0.4, new, other) == [new, other]


def test_the_slot_of_somebody_hidden_is_not_given_away():
    watched, one, other, third = Watched(2), standing(0.2), standing(0.9), standing(1.6)
    watched.until(0.5, one, other)
    assert watched.until(0.8 * KEPT, one, third) == [one, None]
    assert watched.until(0.5 * KEPT, one, third) == [one, third]


def test_more_people_than_slots_wait_their_turn():
    watched, people = Watched(2), [standing(x) for x in (0.2, 0.9, 1.6)]
    assert watched.until(1.0, *people) == people[:2]
    assert watched.until(KEPT + 0.4, *people[1:]) == [people[2], people[1]]


@settings(deadline=None)
@given(seed=seeds, speeds=st.tuples(st.floats(1.5, 4), st.floats(1.5, 4)), widest=st.floats(0.5, 0.9))
def test_two_who_look_alike_and_cross_keep_their_slots(seed, speeds, widest):
    """They go on while one hides the other; whom the detector finds then, it finds somewhere between them. Once they
    are a torso apart again, each is in the own slot."""
    chance, watched = np.random.default_rng(seed), Watched(2)
    a, b = (np.array(speeds) * (1, -1) * SIZE)[:, None] * np.arange(-30, 31) / 30 + [[0], [1e-9]] + 1
    for place in zip(a, b, strict=True):
        apart = abs(place[0] - place[1]) / SIZE
        people = [standing(x + chance.normal(0, 0.02 * SIZE)) for x in place]
        if apart < widest:
            people = [standing(chance.uniform(min(place), max(place)))]
        told = watched.see(*[people[n] for n in chance.permutation(len(people))])
        if apart > 1 and watched.n > 10:
            assert told == people
    assert told == people


@settings(deadline=None)
@given(seed=seeds, speed=st.floats(1.5, 4))
def test_two_who_meet_and_turn_back_are_told_apart_by_what_they_wear(seed, speed):
    chance, watched = np.random.default_rng(seed), Watched(2)
    for moment in np.arange(-30, 31) / 30:
        apart = (0.1 + speed * abs(moment)) * SIZE
        people = [standing(1 - apart / 2, worn=RED), standing(1 + apart / 2, worn=BLUE)]
        found = people if apart > 0.6 * SIZE else [people[chance.integers(2)]]
        told = watched.see(*[found[n] for n in chance.permutation(len(found))])
    assert told == people


@settings(deadline=None)
@given(seed=seeds, count=st.integers(2, 6))
def test_many_who_wander_and_are_missed_now_and_then_keep_their_slots(seed, count):
    chance, watched = np.random.default_rng(seed), Watched(count)
    places = np.stack([np.arange(count) * 4 * SIZE, np.full(count, 0.5)], axis=1)
    middle, going = places.copy(), np.zeros_like(places)
    away = np.zeros(count, int)
    for n in range(120):
        going += chance.normal(0, 0.1 * SIZE, going.shape) - 0.2 * going - 0.02 * (places - middle)
        going = np.clip(going, -0.05 * SIZE, 0.05 * SIZE)  # who runs while unseen is expected where another stands
        places = middle + np.clip(places + going - middle, -SIZE, SIZE)
        going_away = (away == 0) & (n > 12) & (chance.random(count) < 0.03)  # only who was seen last time
        away = np.where(going_away, chance.integers(1, 15), np.maximum(away - 1, 0))
        people = [standing(*place) for place in places]
        here = np.flatnonzero(away == 0)
        told = watched.see(*[people[k] for k in chance.permutation(here)])
        if n > 9:
            assert told == [one if k in here else None for k, one in enumerate(people)]


@pytest.mark.parametrize(("apart", "count"), [(0.0, 1), (0.3, 1), (0.5, 2), (2.0, 2)])
def test_one_body_found_twice_is_one(apart, count):
    assert len(distinct([standing(0.5), standing(0.5 + apart * SIZE)])) == count


@given(bright=st.floats(0.3, 1.0), corner=st.floats(0.0, 0.5))
def test_colours_are_those_between_the_corners_whatever_the_light(bright, corner):
    picture = np.full((60, 80, 3), 128, np.uint8)
    picture[10:50, 20:60] = (bright * np.array([250, 0, 0])).astype(np.uint8)
    torso = np.array([(0.3, 0.2), (0.7, 0.2), (0.3, 0.75), (0.7, 0.75)])
    found = colours(picture, torso)
    assert found.sum() == pytest.approx(1)
    assert found[0] == pytest.approx(1)
    outside = colours(picture, torso + corner + 0.6)
    assert outside.sum() == pytest.approx(1)
    assert outside[12:].sum() == pytest.approx(1)


def test_a_person_is_measured_in_picture_heights_whichever_side_is_called_the_left():
    landmarks = np.full((33, 4), 0.5)
    landmarks[[11, 12, 23, 24], :2] = (0.55, 0.3), (0.45, 0.3), (0.53, 0.6), (0.47, 0.6)
    swapped = landmarks.copy()
    swapped[[11, 12, 23, 24]] = landmarks[[12, 11, 24, 23]]
    one, other = (person(each, np.zeros((100, 200, 3), np.uint8)) for each in (landmarks, swapped))
    assert one.centre == pytest.approx((1.0, 0.45))
    assert one.size == pytest.approx(0.3, abs=0.01)
    assert one.apart(other) == pytest.approx(0)
