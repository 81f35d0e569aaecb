import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from livegan.inputs.steady import Steady
from livegan.senses.waves import Wave
from tests.fakes import FakeClock


def settings(**changes: object) -> Steady.Settings:
    return Steady.Settings(kind="steady", **changes)


def played(seconds: float, timeout: float = 0.007, **changes: object):
    """All frames of the first `seconds`, each with the moment at which it was had."""
    clock = FakeClock(50.0)
    steady = Steady(clock)
    steady.open(settings(**changes))
    frames = []
    while clock.now() < 50 + seconds:
        frame = steady.read(timeout)
        if frame:
            frames.append((frame, clock.now()))
    return frames


def test_it_gives_frames_at_its_rate_without_drift():
    frames = played(2.0, rate=25)
    seen = np.array([frame.seen for frame, _ in frames])
    assert np.allclose(seen, 50 + np.arange(len(seen)) / 25, atol=1e-9)
    assert len(seen) in (50, 51)
    assert all(at == pytest.approx(frame.seen) for frame, at in frames)


def test_values_are_functions_of_when_they_were_seen():
    wave = Wave(period=0.5, low=-1, high=3)
    for frame, _ in played(1.0, features={"a": 0.25, "b": wave}, clock=True, jitter="50 ms"):
        assert frame.data.tolist() == [0.25, np.float32(wave.at(frame.seen)), np.float32(frame.seen - 50)]
        assert frame.present.tolist() == [True]
        assert frame.data.dtype == np.float32


def test_a_wave_keeps_within_its_bounds_and_reaches_them():
    wave = Wave(period=2.0, low=-1, high=3)
    values = [wave.at(t) for t in np.linspace(7, 9, 401)]
    assert min(values) == pytest.approx(-1, abs=1e-3)
    assert max(values) == pytest.approx(3, abs=1e-3)
    assert wave.at(0.3) == pytest.approx(wave.at(100.3))


@given(jitter=st.floats(0, 0.2), drop=st.floats(0, 0.9), seed=st.integers(0, 999))
def test_late_frames_are_late_by_at_most_the_jitter_and_never_overtake(jitter: float, drop: float, seed: int):
    frames = played(2.0, jitter=jitter, drop=drop, seed=seed)
    seen = [frame.seen for frame, _ in frames]
    assert seen == sorted(set(seen))
    assert all(-1e-9 <= at - frame.seen <= jitter + 1e-9 for frame, at in frames)
    assert all((s - 50) * 30 == pytest.approx(round((s - 50) * 30)) for s in seen)


def test_jitter_is_spread_over_its_range():
    late = [at - frame.seen for frame, at in played(20.0, rate=10, jitter=0.08)]
    assert min(late) < 0.01
    assert max(late) > 0.07


def test_the_share_that_is_dropped_is_dropped_and_the_same_each_time():
    kept = [frame.seen for frame, _ in played(20.0, rate=100, drop=0.2)]
    assert 1500 < len(kept) < 1700
    assert kept == [frame.seen for frame, _ in played(20.0, rate=100, drop=0.2, timeout=0.5)]
    assert kept != [frame.seen for frame, _ in played(20.0, rate=100, drop=0.2, seed=1)]
    assert played(1.0, drop=1.0) == []


def test_a_read_waits_no_longer_than_it_may():
    clock = FakeClock()
    steady = Steady(clock)
    steady.open(settings(rate=1))
    assert steady.read(0.5) is not None
    before = clock.now()
    assert steady.read(0.25) is None
    assert clock.now() == before + 0.25


def test_a_reader_that_was_away_gets_everything_in_order():
    clock = FakeClock()
    steady = Steady(clock)
    steady.open(settings(rate=10))
    clock.sleep_until(clock.now() + 1.05)
    seen = []
    while frame := steady.read(0):
        seen.append(frame.seen)
    assert len(seen) == 11
    assert seen == sorted(seen)


def test_features_are_named_by_the_patch():
    assert [f.name for f in Steady.features(settings())] == ["x"]
    named = Steady.features(settings(features={"a": 1, "b": {"wave": "sine", "period": "2 s"}}, clock=True))
    assert [(f.name, f.kind) for f in named] == [("a", "linear"), ("b", "linear"), ("clock", "linear")]
    assert Steady.features(settings(rate=1))[0].max_gap > 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": 0}, "rate"),
        ({"drop": 1.5}, "drop"),
        ({"jitter": -1}, "jitter"),
        ({"clock": True, "features": {"clock": 1}}, "rename"),
        ({"features": {"a": {"wave": "wobble"}}}, "sine"),
        ({"features": {"a": {"wave": "sine", "period": 0}}}, "period"),
        ({"features": {"a": float("nan")}}, "finite"),
        ({"speed": 1}, "speed"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict, said: str):
    with pytest.raises(ValidationError, match=said):
        settings(**changes)
