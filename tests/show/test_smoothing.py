"""Smoothing goes on by the frames of the inputs: its delay is what was asked, and looks are the same at any rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.frame import Feature
from livegan.generators.pattern import DIM, Pattern
from livegan.latent.look import Look
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import Mapping, MappingSettings, write_settings
from livegan.mapping.outputs import OutputSettings
from livegan.patch import WireSettings
from livegan.show import routes
from livegan.show.feed import Feed
from livegan.show.show import Show
from livegan.show.smoothing import OneEuro, one_euro
from livegan.show.wiring import Wire
from tests.fakes import FakeClock, FakeRing, Inline
from tests.show.test_show import START, Screen

GENERATOR = Pattern(Pattern.Settings(kind="pattern", size=32), None)
LATENCY = 0.3
BODY = [Feature("x"), Feature("y")]


def filtered(delay: float, outputs: int = 1) -> OneEuro:
    return OneEuro(np.full(outputs, delay), np.ones(outputs), np.zeros(outputs, int))


def run_through(one: OneEuro, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    state, found = None, []
    for at, raw in zip(times, values, strict=True):
        state = one.step(state, float(at), np.atleast_1d(raw))
        found.append(state.smooth)
    return np.array(found)


@pytest.mark.parametrize("rate", [25, 60])
@pytest.mark.parametrize("delay", [0.04, 0.12])
def test_the_delay_at_rest_is_the_one_that_was_asked_for(rate, delay):
    times, hertz = np.arange(0, 20, 1 / rate), 0.2
    turn = 2 * np.pi * hertz
    smooth = run_through(filtered(delay), times, 0.01 * np.sin(turn * times))[:, 0]
    late = times > 5
    phase = np.angle((smooth[late] * np.exp(-1j * turn * times[late])).sum() * 1j)
    assert -phase / turn == pytest.approx(delay, rel=0.1)


def test_what_is_fast_is_delayed_less():
    times = np.arange(0, 4, 1 / 30)
    behind = [(v * times - run_through(filtered(0.12), times, v * times)[:, 0])[-1] / v for v in (0.01, 1.0, 3.0)]
    assert behind == pytest.approx([0.12, 0.06, 0.03], rel=0.05)


def test_trembling_is_calmed():
    shaking = np.random.default_rng(1).normal(size=600) * 0.02
    smooth = run_through(filtered(0.2), np.arange(600) / 30, shaking)[60:, 0]
    assert smooth.std() < 0.4 * shaking.std()


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=2, max_size=20))
def test_numbers_of_one_group_keep_their_sum(rows):
    rows = np.array([[*row, 1 - sum(row)] for row in rows])
    smooth = run_through(filtered(0.1, 4), np.arange(len(rows)) / 30, rows)
    assert np.allclose(smooth.sum(axis=1), 1)


class Live:
    """Twelve seconds of a show in which a body of 30 frames a second dances, and a fader is seldom moved."""

    def __init__(
        self, fps: float, smooth: float = 0.2, cut_at: float | None = None, mapping: Mapping | None = None
    ) -> None:
        self.clock = FakeClock(START)
        bodies, faders = FakeRing(self.clock), FakeRing(self.clock)
        dice, written = np.random.default_rng(4), 0.0
        for seen in START + np.arange(0, 13, 1 / 30):
            written = max(written, seen + 0.03 + 0.05 * dice.random())
            since, after = seen - START, cut_at is not None and seen - START > cut_at
            shake = 0.05 * dice.normal(size=2)
            values = [np.sin(3 * since) + 5 * after + shake[0], np.cos(since) + shake[1]]
            bodies.put(values, seen, written, cut=bool(after and since - cut_at < 1 / 30))
        for seen in START + np.array([0.5, 4.0, 4.1, 9.0]):
            faders.put([seen - START], seen, seen + 0.01)
        body = Feed("body", BODY, bodies.since, None, 0.5, LATENCY, 1.0)
        fader = Feed("fader", [Feature("level", "step")], faders.since, None, None, LATENCY, 1.0)
        names = ["body.x", "body.y", "fader.level"]
        used = [*names[: 2 if cut_at else 3], *names[:2] * 7][:DIM]
        mapping = (mapping or Mapping.direct(used, outputs="w")).bind(names)
        feeds = [body, fader]
        self.wire = Wire(routes.route(mapping, feeds, GENERATOR, WireSettings(smooth=smooth)))
        base = Look(np.zeros((1, DIM), np.float32))
        show = Show(self.clock, feeds, [self.wire], lambda moment: base, GENERATOR, Screen(self.clock), Inline(), fps)
        self.found: dict[int, np.ndarray] = {}
        self.moves: dict[int, float | None] = {}
        show.observe = self._note
        show.run(lambda meters: meters.frames < int(12 * fps))

    def _note(self, tick) -> None:
        self.found[round((tick.due - START) * 60)] = tick.look.w[0]
        self.moves[round((tick.due - START) * 60)] = tick.look.numbers.get("move")

    def column(self, place: int, rate: int) -> np.ndarray:
        """One number of w, at the moments of a slower show."""
        return np.array([self.found[slot][place] for slot in sorted(self.found) if slot % (60 // rate) == 0])


def test_looks_are_the_same_at_any_frame_rate():
    slow, usual, fast = (Live(fps).found for fps in (15.0, 30.0, 60.0))
    for many, few in ((fast, usual), (fast, slow)):
        both = sorted(many.keys() & few.keys())
        assert len(both) > len(few) - 20
        assert np.allclose([many[slot] for slot in both], [few[slot] for slot in both], atol=1e-5)


def test_it_is_smooth_and_says_what_it_costs():
    rough, smooth = Live(30.0, smooth=0.0), Live(30.0)
    assert rough.wire.route.smoothing is None
    steps = [np.abs(np.diff(live.column(1, 30)[60:], n=2)).mean() for live in (rough, smooth)]
    assert steps[1] < 0.4 * steps[0]
    told = smooth.wire.route.smoothing
    assert told.asked == 0.2
    assert 0 < np.median(told.delays) < 0.2
    assert 300 < len(told.delays) < 400


def test_a_fader_that_jumps_after_a_rest_is_followed_smoothly_and_arrives():
    level = Live(60.0, smooth=0.1).column(2, 60)
    assert np.abs(np.diff(level)).max() < 2.5
    assert level[-1] == pytest.approx(9.0, abs=0.01)


def test_gestures_hear_every_frame_once_at_any_frame_rate(tmp_path):
    table = {"move": {"type": "gesture", "classes": 1, "params": {"threshold": 3.0, "every": 1}}}
    write_settings(tmp_path, MappingSettings(features=["body.x"], outputs=["move"], output=table))
    swing = np.sin(3 * np.arange(0, 1.5, 1 / 30))[:, None]
    with Examples.open(tmp_path / FILE, [Feature("body.x")]) as examples:
        examples.add(examples.begin_round(), swing, np.ones(1))
    fit(tmp_path)
    slow, usual, fast = (Live(fps, 0.0, mapping=Mapping.load(tmp_path)).moves for fps in (15.0, 30.0, 60.0))
    assert {0.0, 1.0} <= set(usual.values())
    for other in (slow, fast):
        both = sorted(usual.keys() & other.keys())
        assert len(both) > 150
        assert [usual[slot] for slot in both] == [other[slot] for slot in both]


def test_a_cut_begins_anew():
    cut, straight = Live(60.0, cut_at=6.0), Live(60.0, cut_at=6.0, smooth=0.0)
    steps = np.abs(np.diff(cut.column(0, 60)))
    assert (steps > 4).sum() == 1
    place = int(steps.argmax())
    assert place == int(np.abs(np.diff(straight.column(0, 60))).argmax())
    assert cut.column(0, 60)[place + 1] == pytest.approx(straight.column(0, 60)[place + 1], abs=0.2)


def test_what_is_not_finite_is_left_out():
    live = Live(30.0)
    route = live.wire.route
    with pytest.raises(ValueError, match="seen"):
        route.smoothing.at(np.full(3, np.nan, np.float32))
    with pytest.raises(ValueError, match="finite"):
        route.smoothing.at(np.array([np.nan, 1, np.inf], np.float32))


def test_a_speed_of_one_is_a_whole_way_between_two_looks():
    z = Mapping.direct(["a"] * 8, outputs="z", shape="uniform")
    assert one_euro(z, 0.1, GENERATOR.info).scales[0] == pytest.approx(0.408, abs=0.01)
    w = Mapping.direct(["a"] * 8, outputs="w")
    assert one_euro(w, 0.1, GENERATOR.info).scales[0] == pytest.approx(np.sqrt(2))
    named = one_euro(Mapping.direct(["a", "b"], outputs=("psi", "glow")), 0.1, GENERATOR.info)
    assert named.scales.tolist() == [1, 1, 1]
    assert named.groups.tolist() == [0, 1, 2]
    assert one_euro(w, 0.0, GENERATOR.info) is None


def test_outputs_by_name_have_a_delay_of_their_own(tmp_path):
    table = {"glow": {"smooth": 0.3, "min": -5, "max": 5}, "kind": {"type": "class", "classes": 2}, "zoom": {}}
    write_settings(tmp_path, MappingSettings(features=["body.x"], outputs=["glow", "kind", "zoom"], output=table))
    with Examples.open(tmp_path / FILE, [Feature("body.x")]) as examples:
        rows = np.array([[0.0], [0.5], [1.0], [1.5]])
        examples.add(examples.begin_round(), rows, np.column_stack([rows, [1, 1, 2, 2], -rows]))
    fit(tmp_path)
    mapping = Mapping.load(tmp_path)
    assert one_euro(mapping, 0.1, GENERATOR.info).delays.tolist() == [0.3, 0, 0.1, 0.3]
    assert one_euro(mapping, 0.0, GENERATOR.info).delays.tolist() == [0.3, 0, 0, 0.3]
    assert one_euro(mapping, 0.0, GENERATOR.info).scales.tolist() == [10, 1, 1, 1]


@pytest.mark.parametrize("told", [{"type": "class", "classes": 2}, {"integer": "round"}])
def test_what_has_nothing_between_its_values_cannot_be_smooth(told):
    assert OutputSettings(smooth="40 ms").smooth == pytest.approx(0.04)
    with pytest.raises(ValueError, match="smooth is for numbers that need not be whole"):
        OutputSettings(smooth=0.1, **told)
