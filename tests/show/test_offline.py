"""A take played offline says what the live show said, picture by picture."""

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame
from livegan.generators.pattern import Pattern
from livegan.latent.look import Look
from livegan.show.feed import Feed
from livegan.show.offline import sampled
from livegan.show.show import Show
from tests.fakes import FakeClock, FakeRing, Inline
from tests.show.test_show import START, Screen

BODY = [Feature("x"), Feature("turn", "angle")]
FADER = [Feature("level", "step")]
LATENCY = {"body": 0.35, "fader": 0.12}


class Live:
    """A show with a body that comes and goes, and a fader that is seldom moved; keeps its frames and its ticks."""

    def __init__(self, fps: float = 25.0) -> None:
        self.clock, self.ticks = FakeClock(START), []
        bodies, faders = FakeRing(self.clock), FakeRing(self.clock)
        self._move(bodies, faders, np.random.default_rng(4))
        self.body = Feed("body", BODY, bodies.since, None, 0.5, LATENCY["body"], 1.0)
        self.fader = Feed("fader", FADER, faders.since, None, None, LATENCY["fader"], 1.0)
        self.body.kept, self.fader.kept = [], []
        generator = Pattern(Pattern.Settings(kind="pattern", size=64), None)
        w = np.zeros((generator.info.num_ws, generator.info.w_dim), np.float32)
        feeds = [self.body, self.fader]
        self.weights: list[list[float]] = []
        show = Show(self.clock, feeds, [], lambda moment: Look(w), generator, Screen(self.clock), Inline(), fps)
        show.observe = self._note
        show.run(lambda meters: meters.frames < int(20 * fps))

    def _move(self, bodies: FakeRing, faders: FakeRing, dice: np.random.Generator) -> None:
        written = 0.0
        for seen in START + np.arange(0, 25, 1 / 30):
            written = max(written, seen + 0.03 + 0.05 * dice.random())
            since = seen - START
            if dice.random() < 0.9:
                here = not 6 < since < 12
                values = [np.sin(since), 3 * since % (2 * np.pi) - np.pi]
                bodies.put(values, seen, written, present=here, cut=abs(since - 3) < 0.02)
        for seen in START + np.array([2.0, 2.1, 9.0, 15.0]):
            faders.put([seen - START], seen, seen + 0.01)

    def _note(self, tick) -> None:
        self.ticks.append(tick)
        weights = [feed.track.at(tick.due - feed.law.declared).weight for feed in (self.body, self.fader)]
        self.weights.append(weights)


@pytest.mark.parametrize("fps", [25.0, 12.5])
def test_offline_says_what_the_live_show_said(fps):
    live = Live(fps)
    assert not any(tick.held for tick in live.ticks)
    recorded = {"body": (BODY, live.body.kept), "fader": (FADER, live.fader.kept)}
    dues = np.array([tick.due for tick in live.ticks])
    features, values, weights = sampled(recorded, dues, LATENCY, 1.0, {"fader"})
    assert [feature.name for feature in features] == ["body.x", "body.turn", "fader.level"]
    assert values.dtype == weights.dtype == np.float32
    assert np.array_equal(values, np.array([tick.values for tick in live.ticks]), equal_nan=True)
    assert np.array_equal(weights, np.array(live.weights, np.float32))
    assert weights[:, 0].min() == 0.0
    assert weights[:, 0].max() == 1.0


def _frames(rate: float = 30.0, seconds: float = 20.0) -> list[Frame]:
    moments = np.arange(0, seconds, 1 / rate)
    return [Frame(np.array([m], np.float32), float(m), np.array([True])) for m in moments]


def test_a_moment_is_interpolated_however_long_the_take():
    times = np.arange(1.0, 19.0, 0.0417)
    _, values, weights = sampled({"body": ([Feature("x")], _frames())}, times, 0.1)
    assert np.allclose(values[:, 0], times - 0.1, atol=1e-4)
    assert (weights[times > 2.0] == 1).all()


def test_pictures_seconds_apart_say_the_same_as_those_between_them():
    recorded = {"body": ([Feature("x")], _frames())}
    often, seldom = np.arange(1.0, 19.0, 0.05), np.arange(1.0, 19.0, 0.05)[::160]
    _, all_values, all_weights = sampled(recorded, often, 0.1)
    _, values, weights = sampled(recorded, seldom, 0.1)
    assert np.array_equal(values, all_values[::160])
    assert np.array_equal(weights, all_weights[::160])


def test_an_event_is_told_once():
    frames = [Frame(np.array([float(n == 30)], np.float32), n / 30, np.array([True])) for n in range(60)]
    _, values, _ = sampled({"drum": ([Feature("hit", "event")], frames)}, np.arange(0, 2, 0.011), 0.0)
    assert (values == 1).sum() == 1


def test_before_the_first_frame_and_after_the_last_nothing_is_invented():
    recorded = {"body": ([Feature("x")], _frames(seconds=2.0))}
    _, values, weights = sampled(recorded, np.array([-1.0, 1.0, 30.0]), 0.0)
    assert np.isnan(values[0, 0])
    assert weights[0, 0] == 0.0
    assert values[2, 0] == pytest.approx(2.0, abs=0.05)
    assert weights[2, 0] == 0.0


def test_nothing_recorded_and_nothing_asked():
    features, values, weights = sampled({}, np.arange(3.0), 0.1)
    assert (features, values.shape, weights.shape) == ([], (3, 0), (3, 0))
    _, values, weights = sampled({"body": ([Feature("x")], _frames())}, np.empty(0), 0.1)
    assert values.shape == weights.shape == (0, 1)


def test_an_input_without_a_latency_is_refused():
    with pytest.raises(BadRequest, match="latency"):
        sampled({"body": ([Feature("x")], _frames())}, np.arange(3.0), {"other": 0.1})
