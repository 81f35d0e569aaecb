import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.senses.beat import APART, Beat, Onsets, Pulse

HOP = 0.01


def followed(rises: np.ndarray, beat: Beat | None = None) -> list[Pulse]:
    beat = beat or Beat(HOP)
    return [beat.step(float(rise)) for rise in rises]


def taps(tempo: float, seconds: float, jitter: float = 0.0, seed: int = 0) -> np.ndarray:
    """Rises of taps from the first hop on."""
    rises, chance = np.zeros(round(seconds / HOP)), np.random.default_rng(seed)
    for at in np.arange(0.0, seconds, 60 / tempo):
        hop = round((at + chance.normal(0, jitter)) / HOP)
        if 0 <= hop < len(rises):
            rises[hop] = 0.5
    return rises


def off(pulses: list[Pulse], tempo: float, since: float) -> np.ndarray:
    """By how many seconds each phase is off the taps."""
    times = np.arange(len(pulses)) * HOP
    phase = np.array([pulse.phase for pulse in pulses])
    return (((times * tempo / 60 - phase + 0.5) % 1.0 - 0.5) * 60 / tempo)[times >= since]


@settings(deadline=None, max_examples=20)
@given(tempo=st.floats(75, 145), seed=st.integers(0, 999))
def test_taps_are_followed_within_four_seconds(tempo, seed):
    pulses = followed(taps(tempo, 12, 0.005, seed))
    assert all(pulse.known for pulse in pulses[400:])
    assert np.allclose([pulse.tempo for pulse in pulses[400:]], tempo, rtol=0.02)
    assert np.abs(off(pulses, tempo, 4.0)).max() < 0.03


@pytest.mark.parametrize("tempo", [45, 58, 190, 230])
def test_an_octave_is_allowed(tempo):
    told = followed(taps(tempo, 12))[-1]
    octave = np.log2(told.tempo / tempo)
    assert told.known
    assert abs(octave - round(octave)) < 0.03


@settings(deadline=None, max_examples=20)
@given(tempo=st.floats(75, 145))
def test_there_is_one_beat_each_time_around(tempo):
    pulses = followed(taps(tempo, 20))
    beats = np.flatnonzero([pulse.beat for pulse in pulses]) * HOP
    assert np.allclose(np.diff(beats[beats > 4]), 60 / tempo, atol=0.03)
    assert len(beats) >= int(15 * tempo / 60)


def test_the_wheel_goes_on_through_a_break_and_is_let_go_in_silence():
    beat = Beat(HOP)
    followed(taps(120, 8), beat)
    pulses = followed(np.zeros(1000), beat)
    assert np.abs(off(pulses, 120, 0.0)[:250]).max() < 0.03
    assert pulses[200].known
    assert not pulses[-1].known


def test_another_tempo_is_taken_up():
    pulses = followed(np.concatenate((taps(100, 10), taps(140, 8))))
    assert pulses[990].tempo == pytest.approx(100, rel=0.02)
    assert pulses[-1].tempo == pytest.approx(140, rel=0.02)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 999))
def test_where_nothing_repeats_there_is_no_beat(seed):
    noise = np.random.default_rng(seed).uniform(0, 0.1, 1000)
    assert not any(pulse.known for pulse in followed(noise))
    assert not any(pulse.known for pulse in followed(np.zeros(600)))


def heard(bands: np.ndarray) -> list[int]:
    onsets = Onsets(HOP)
    return [n - 1 for n, one in enumerate(bands) if onsets.step(one)[1]]


def test_a_sound_begins_where_its_bands_rise():
    bands = np.zeros((100, 12))
    for start in (20, 50, 80):
        bands[start : start + 20] += np.linspace(1.0, 0.0, 20)[:, None]
    assert heard(bands) == [20, 50, 80]


def test_what_moves_to_the_next_band_does_not_begin():
    bands = np.zeros((200, 12))
    bands[np.arange(200), 5 + (np.arange(200) // 7) % 2] = 2.0
    assert [hop for hop in heard(bands) if hop > 5] == []


@given(seed=st.integers(0, 999))
def test_onsets_keep_apart_and_their_rises_are_not_negative(seed):
    bands, onsets = np.random.default_rng(seed).exponential(1.0, (300, 12)), Onsets(HOP)
    told = [onsets.step(one) for one in bands]
    assert min(rise for rise, _ in told) >= 0
    assert (np.diff(np.flatnonzero([began for _, began in told])) >= round(APART / HOP)).all()


def test_what_was_forgotten_is_not_compared_with():
    onsets = Onsets(HOP)
    for _ in range(20):
        onsets.step(np.zeros(12))
    onsets.forget()
    assert not any(onsets.step(np.ones(12))[1] for _ in range(20))
