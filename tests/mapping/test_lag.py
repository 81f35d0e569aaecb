"""The lag of performers who are known: found within 30 ms, and nothing is found where nobody follows."""

import numpy as np
import pytest

from livegan.frame import Feature
from livegan.mapping.lag import LagFound, estimate
from livegan.rehearsal.path import Path

RATE = 30.0


class Performer:
    """A body whose pose is a smooth function of where on the path it is, as a tracker would see it.

    lag: seconds; it drifts slowly by 20 ms. noise, sway: units, of the tracker and of the body; the two looks that are
    nearest to each other have poses 2 units apart.
    """

    def __init__(self, seed: int, lag: float, path: Path, noise: float = 0.1, sway: float = 0.1) -> None:
        dice = np.random.default_rng(seed)
        count, looks = int(dice.integers(11, 51)), len(path.ids)
        self.path = path
        self.times = 100 + np.sort(np.arange(0, path.lasts, 1 / RATE) + dice.normal(size=_count(path)) * 0.003)
        since = self.times - 100
        self.lag = lag + 0.02 * np.sin(2 * np.pi * (1.3 * since / path.lasts + dice.random()))
        self.features = [Feature(f"f{i}", unit=0.5) for i in range(count - 1)] + [Feature("turn", "angle", unit=0.5)]
        inner, outer = dice.normal(size=(looks, 24)) * 1.2, dice.normal(size=(24, count))
        poses = np.tanh(path.weights(since - self.lag) @ inner) @ outer
        held = np.tanh(inner) @ outer
        apart = np.linalg.norm(held[:, None] - held[None], axis=2)[np.triu_indices(looks, 1)]
        poses *= 2.0 / apart.min()
        swaying = np.sin(2 * np.pi * (np.outer(since, [0.13, 0.23, 0.41]) + dice.random(3)))
        poses += swaying @ dice.normal(size=(3, count)) * sway / np.sqrt(3)
        poses += dice.normal(size=poses.shape) * noise
        self.values = (0.5 * poses).astype(np.float32)
        self._lose(dice)

    def _lose(self, dice: np.random.Generator) -> None:
        """Parts of the body, or all of it, vanish now and then."""
        since, count = self.times - 100, self.values.shape[1]
        for begin in dice.uniform(0, self.path.lasts, int(0.1 * self.path.lasts)):
            gone = (since > begin) & (since < begin + dice.uniform(0, 0.8))
            part = int(dice.integers(count))
            self.values[gone, part : part + 4] = np.nan
            if dice.random() < 0.3:
                self.values[gone] = np.nan

    def found(self) -> LagFound:
        return estimate(self.times, self.values, self.features, lambda times: self.path.weights(times - 100))


def _count(path: Path) -> int:
    return len(np.arange(0, path.lasts, 1 / RATE))


def _performer(seed: int, lag: float | None = None, **body: float) -> Performer:
    dice = np.random.default_rng(1000 + seed)
    hold, morph, lasts = dice.uniform(0.6, 1.5), dice.uniform(1.0, 2.0), dice.uniform(20, 60)
    path = Path.through(5, hold, morph, lasts)
    return Performer(seed, dice.uniform(-0.45, 0.45) if lag is None else lag, path, **body)


@pytest.mark.parametrize("seed", range(24))
def test_a_known_lag_is_found_within_30_ms(seed):
    performer = _performer(seed, noise=0.05 + 0.006 * seed)
    found = performer.found()
    assert found.clear
    assert abs(found.seconds - performer.lag.mean()) < 0.03


@pytest.mark.parametrize("lag", [-0.45, -0.3, -0.2, 0.2, 0.3, 0.45])
@pytest.mark.parametrize("seed", [30, 31, 32])
def test_what_is_missed_is_at_most_half_with_the_correction(seed, lag):
    found = Performer(seed, lag, Path.through(5, 1.0, 1.5, 40)).found()
    assert abs(found.seconds - lag) < 0.04
    assert found.error <= 0.5 * found.error_without


def test_who_does_not_follow_has_no_lag():
    for seed in range(8):
        performer, dice = _performer(seed), np.random.default_rng(seed)
        steps = np.cumsum(dice.normal(size=performer.values.shape), axis=0)
        performer.values = (steps / steps.std()).astype(np.float32)
        found = performer.found()
        assert not found.clear
        assert found.seconds == 0.0
        assert found.error == found.error_without


def test_who_stands_still_has_no_lag():
    performer = _performer(3)
    dice = np.random.default_rng(3)
    performer.values = (0.05 * dice.normal(size=performer.values.shape)).astype(np.float32)
    assert not performer.found().clear
    performer.values[:] = 0.25
    assert not performer.found().clear


def test_who_is_later_than_any_lag_tried_is_not_given_the_latest():
    found = _performer(5, 0.8).found()
    assert not found.clear
    assert found.seconds == 0.0


def test_nothing_is_found_where_there_is_nothing_to_find():
    performer = _performer(6, 0.2)
    short = estimate(performer.times[:100], performer.values[:100], performer.features, performer.path.weights)
    nobody = estimate(performer.times, performer.values * np.nan, performer.features, performer.path.weights)
    still = estimate(performer.times, performer.values, performer.features, lambda times: np.ones((len(times), 1)))
    for found in (short, nobody, still):
        assert not found.clear
        assert found.seconds == 0.0
        assert found.error == found.error_without == 1.0


def test_the_curve_is_lowest_at_the_lag_and_the_same_every_time():
    performer = _performer(7, 0.3)
    found = performer.found()
    assert abs(found.lags[found.curve.argmin()] - found.seconds) <= 0.02
    assert np.isfinite(found.curve).all()
    assert np.array_equal(found.curve, performer.found().curve)
