import numpy as np
import pytest
from pydantic import ValidationError

from livegan.frame import Frame
from livegan.inputs.lfo import Lfo
from livegan.senses.waves import Wave
from livegan.show.track import Track
from tests.fakes import FakeClock

WAVES = {
    "breath": {"period": "8 s"},
    "fast": {"wave": "triangle", "hz": 4, "low": -1},
    "bar": {"wave": "saw", "beats": 4},
    "gate": {"wave": "square", "beats": 1, "phase": 0.25},
    "drift": {"wave": "noise", "period": 3, "seed": 7},
}


def asked(**changes: object) -> Lfo.Settings:
    return Lfo.Settings(**{"kind": "lfo", "waves": WAVES, **changes})


def played(start: float, seconds: float, timeout: float = 0.007, **changes: object) -> list[Frame]:
    clock = FakeClock(start)
    lfo = Lfo(clock)
    lfo.open(asked(**changes))
    frames = []
    while clock.now() < start + seconds:
        if frame := lfo.read(timeout):
            assert frame.seen <= clock.now()
            frames.append(frame)
    return frames


def test_its_features_are_the_waves():
    features = Lfo.features(asked())
    assert [feature.name for feature in features] == [*WAVES]
    assert [feature.kind for feature in features] == ["linear", "linear", "linear", "step", "linear"]
    assert (features[0].unit, features[1].unit) == (0.5, 1.0)
    assert Lfo.features(asked(waves={"flat": {"hz": 1, "low": 1}}))[0].unit == 1


def test_frames_come_at_the_rate_without_drift_on_the_clocks_own_grid():
    seen = np.array([frame.seen for frame in played(100.003, 2.0, rate=50)])
    assert np.allclose(seen, 100.02 + np.arange(len(seen)) / 50, atol=1e-9)
    assert len(seen) in (99, 100)


def test_hz_period_and_beats_say_how_long_a_cycle_is():
    same = {"a": {"period": "2 s"}, "b": {"hz": 0.5}, "c": {"beats": 3}, "d": {"beats": 6, "phase": 0}}
    for frame in played(100.0, 5.0, waves=same, tempo=90):
        wanted = Wave(period=2).at(frame.seen)
        assert frame.data[:3].tolist() == pytest.approx([wanted] * 3, abs=1e-6)
        assert frame.data[3] == pytest.approx(Wave(period=4).at(frame.seen), abs=1e-6)


def test_a_frame_says_the_same_whenever_it_was_opened_and_however_it_is_read():
    early = {frame.seen: frame.data.tolist() for frame in played(100.0, 4.0)}
    late = {frame.seen: frame.data.tolist() for frame in played(101.37, 2.0, timeout=0.25)}
    assert len(late) > 100
    assert late.items() <= early.items()


def test_a_show_started_later_and_at_another_frame_rate_agrees():
    early, late = Track(Lfo.features(asked())), Track(Lfo.features(asked()))
    for track, start in [(early, 99.0), (late, 99.37)]:
        for frame in played(start, 3.0):
            track.push(frame)
    moments = [100 + number / 48 for number in range(48)]
    fast = [early.at(moment).values.tolist() for moment in moments]
    assert [late.at(moment).values.tolist() for moment in moments[::2]] == fast[::2]
    assert [values[0] for values in fast] == pytest.approx([Wave(period=8).at(t) for t in moments], abs=1e-3)


def test_what_was_slept_through_is_not_caught_up_with():
    clock = FakeClock()
    lfo = Lfo(clock)
    lfo.open(asked(rate=10))
    lfo.read(1.0)
    clock.sleep_until(110.05)
    assert lfo.read(0).seen == pytest.approx(110.0)
    assert lfo.read(0) is None
    before = clock.now()
    assert lfo.read(0.02) is None
    assert clock.now() == before + 0.02


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waves": {}}, "waves"),
        ({"waves": {"a": {}}}, "one way"),
        ({"waves": {"a": {"hz": 1, "beats": 1}}}, "one way"),
        ({"waves": {"a": {"hz": 0}}}, "hz"),
        ({"waves": {"a": {"period": "0 s"}}}, "period"),
        ({"waves": {"a": {"period": 1e-310}}}, "period"),
        ({"waves": {"a": {"beats": 1e-320}}}, "beats"),
        ({"waves": {"a": {"hz": 1, "low": -1e300, "high": 1e300}}}, "low"),
        ({"waves": {"a": {"hz": 1, "wave": "wobble"}}}, "wave"),
        ({"tempo": 0}, "tempo"),
        ({"speed": 1}, "speed"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        asked(**changes)
