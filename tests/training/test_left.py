"""Time left, by simulated steps: within 20 %, whatever the machine does besides."""

import numpy as np
import pytest

from livegan.training.config import Config
from livegan.training.left import Kind, Left, ahead, kind_of, told

STEPS, EVERY = 3000, 500
PLAIN = Config(size=64, pl_weight=0)
REGULAR = Config(size=64, pl_weight=2)
GROWN = Config(size=64, start_size=16, grow_kimg=12, fade_kimg=2)


def cost(config, number):
    """Seconds of a step of a machine: what regularises and what is larger takes longer."""
    kind = kind_of(config, number)
    return 0.1 * (1 + 1.1 * kind.r1 + 0.5 * kind.pl) * (kind.size / 64) ** 1.2


def shared(dice, number, seconds):
    """Other programs want the processor, too: 10 % either way, and one step in thirty takes eight times as long."""
    return seconds * dice.uniform(0.9, 1.1) * (8 if dice.random() < 1 / 30 else 1)


def warmer(dice, number, seconds):
    """Slower and slower as the machine heats up, by a quarter in the end."""
    return seconds * (1 + 0.25 * min(1, number / 1500)) * dice.uniform(0.95, 1.05)


def slept(dice, number, seconds):
    """The lid was closed for an hour, once."""
    return seconds + 3600 * (number == 290)


MACHINES = {"steady": lambda dice, number, seconds: seconds, "shared": shared, "warmer": warmer, "slept": slept}


@pytest.mark.parametrize("config", [PLAIN, REGULAR, GROWN], ids=["plain", "path lengths", "grown"])
@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_time_left_is_known_within_a_fifth(config, machine):
    dice = np.random.default_rng(1)
    times = [machine(dice, number, cost(config, number)) for number in range(STEPS)]
    left = Left(config, EVERY)
    left.saved(6.0)
    # Where it grows, later sizes are only guessed before they are seen.
    first = 2000 if config is GROWN else 300
    for number, seconds in enumerate(times):
        left.stepped(number, seconds)
        if (number + 1) % EVERY == 0:
            left.saved(6.0)
        if number >= first and number % 50 == 0 and number < STEPS - 200:
            rest = sum(times[number + 1 :]) + 6.0 * (STEPS // EVERY - (number + 1) // EVERY)
            assert left.seconds(number + 1, STEPS) == pytest.approx(rest, rel=0.2), number


def test_a_size_that_was_not_seen_yet_is_guessed_longer():
    left = Left(GROWN, EVERY)
    for number in range(32):
        left.stepped(number, 0.1)
    assert left.seconds(32, 3000) > 1.2 * 0.1 * 2968


@pytest.mark.parametrize("config", [PLAIN, REGULAR, GROWN])
@pytest.mark.parametrize("done", [0, 1, 15, 16, 17, 749, 750, 751])
def test_kinds_ahead_are_those_of_each_step(config, done):
    counted = {}
    for number in range(done, 1700):
        counted[kind_of(config, number)] = counted.get(kind_of(config, number), 0) + 1
    assert ahead(config, done, 1700) == counted


def test_a_training_that_grows_has_kinds_of_each_size():
    assert {kind.size for kind in ahead(GROWN, 0, STEPS)} == {16, 32, 64}
    assert kind_of(GROWN, 0) == Kind(16, r1=True)


def test_what_a_machine_does_a_second_is_known_when_every_kind_was_seen():
    left = Left(REGULAR, EVERY)
    assert left.rate(0) == 0
    assert left.seconds(0, 100) == float("inf")
    for number in range(1, 17):
        assert not left.known(number)
        left.stepped(number, 0.5)
    assert left.known(17)
    assert left.rate(17) == pytest.approx(REGULAR.batch / 0.5)


def test_times_are_said_as_people_say_them():
    assert [told(seconds) for seconds in (12.4, 300, 6600, float("inf"))] == [
        "12 s",
        "5 min",
        "1 h 50 min",
        "an unknown time",
    ]
