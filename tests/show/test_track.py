import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.frame import Feature, Frame
from livegan.show.track import EASE, FADE, Track

PERIOD = 1 / 30


def frame(values, seen, present=(True,), cut=False):
    return Frame(np.array(values, np.float32), seen, np.array(present), cut=cut)


def track(kind="linear", frames=(), **settings):
    one = Track([Feature("x", kind, "body")], **settings)
    for item in frames:
        one.push(item)
    return one


def test_linear_is_interpolated_step_holds_and_angle_goes_around():
    pair = [frame([3.0], 1.0), frame([-3.0], 1.1)]
    assert track("linear", pair).at(1.05).values[0] == pytest.approx(0.0)
    assert track("step", pair).at(1.09).values[0] == 3.0
    assert abs(track("angle", pair).at(1.05).values[0]) == pytest.approx(np.pi, abs=1e-5)


def test_nothing_is_interpolated_across_a_cut_or_a_gap():
    assert track(frames=[frame([0], 1.0), frame([1], 1.1, cut=True)]).at(1.09).values[0] == 0.0
    assert track(frames=[frame([0], 1.0), frame([1], 1.9)]).at(1.8).values[0] == 0.0


def test_an_event_is_delivered_once_to_the_first_tick_at_or_after_it():
    one = track("event", [frame([0], 1.0), frame([5], 1.1), frame([0], 1.2)])
    assert [one.at(t).values[0] for t in (1.05, 1.1, 1.15, 1.3)] == [0, 5, 0, 0]


def test_before_the_first_frame_nothing_is_known():
    sample = track(frames=[frame([1], 2.0)]).at(1.0)
    assert np.isnan(sample.values[0])
    assert sample.weight == 0


def test_nobody_is_held_then_eases_to_rest_and_back():
    one = track(frames=[frame([1], i * PERIOD) for i in range(60)], after=2.0)
    gone = 59 * PERIOD
    for i in range(60, 240):
        one.push(frame([9], i * PERIOD, present=(False,)))
    assert one.at(gone + 1.9).weight == 1.0
    assert 0 < one.at(gone + 2.5).weight < 1
    assert one.at(gone + 2.0 + FADE).weight == 0.0
    assert one.at(gone + 3.5).values[0] == 1.0
    for i in range(240, 300):
        one.push(frame([3], i * PERIOD))
    assert one.at(240 * PERIOD).weight == pytest.approx(0.0, abs=1e-6)
    assert one.at(240 * PERIOD + FADE).weight == 1.0


def test_silence_holds_counts_as_held_and_rests_like_nobody():
    one = track(frames=[frame([1], i * PERIOD) for i in range(60)])
    last = 59 * PERIOD
    assert not one.at(last).held
    assert one.at(last + 0.2).held
    assert one.at(last + 5).weight == 0.0
    assert not one.at(last + 5).held


def test_a_fader_at_rest_is_not_silence():
    one = track("step", [frame([0], 0.0), frame([7], 2.0)], stale_after=None)
    sample = one.at(1000.0)
    assert (sample.values[0], sample.weight, sample.held) == (7.0, 1.0, False)


def test_what_is_not_told_any_more_is_unseen_and_a_fader_never():
    hands = [Feature("x", "linear", "left"), Feature("y", "linear", "right")]
    for stale_after, since in ((0.5, 0.75), (None, 0.0)):
        one = Track(hands, stale_after)
        assert np.isinf(one.unseen(1.0)).all()
        one.push(frame([1, 1], 1.0, present=(False, True)))
        one.push(frame([1, 1], 2.0, present=(True, False)))
        one.push(frame([1, 1], 4.0, present=(False, False)))
        assert one.unseen(1.5).tolist() == [np.inf, 0.5 if stale_after else 0.0]
        assert one.unseen(2.75).tolist() == [since, 1.75]
        assert one.unseen(5.0).tolist() == [3.0, 4.0]


def test_values_come_back_from_a_gap_without_a_jump():
    one = track(frames=[frame([0], i * PERIOD) for i in range(30)])
    back = 2.0
    for i in range(60):
        one.push(frame([1], back + i * PERIOD))
    values = [one.at(back - 0.01 + i * 0.01).values[0] for i in range(120)]
    assert values[0] == 0.0
    assert values[-1] == 1.0
    assert max(np.diff(values)) < 1.6 * 0.01 / EASE


@given(st.lists(st.tuples(st.floats(0.005, 1.5), st.floats(-5, 5), st.booleans()), min_size=2, max_size=60))
def test_a_moment_in_the_past_reads_the_same_however_often_and_stays_in_range(steps):
    one, seen = Track([Feature("x", "linear", "body")]), 0.0
    for gap, value, present in steps:
        seen += gap
        one.push(frame([value], seen, present=(present,)))
    for moment in np.linspace(0, seen + 4, 50):
        first, again = one.at(moment), one.at(moment)
        assert np.array_equal(first.values, again.values, equal_nan=True)
        assert 0 <= first.weight <= 1
        assert np.isnan(first.values[0]) or abs(first.values[0]) <= 5.001


@given(st.lists(st.tuples(st.floats(0.005, 3), st.booleans()), min_size=2, max_size=40))
def test_the_weight_never_jumps(steps):
    one, seen = Track([Feature("x", "linear", "body")]), 0.0
    for gap, present in steps:
        seen += gap
        one.push(frame([1], seen, present=(present,)))
    weights = [one.at(moment).weight for moment in np.arange(max(0.0, seen - 5), seen + 4, 0.02)]
    assert np.abs(np.diff(weights)).max() <= 2 * 1.5 * 0.02 / FADE + 1e-6
