import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.frame import groups
from livegan.senses.sound import LOUD, RANGE, SILENCE, Gain, Sound, Spectrum, chosen, decibels

RATE, FLOOR = 44_100, -70.0
NAMES = [feature.name for feature in chosen(4)]
GROUPS = groups(chosen(4))


def sound_of(gain: float | None = 0.0, rate: float = RATE, bands: int = 4) -> Sound:
    return Sound(rate, bands, gain, FLOOR, (60, 1600))


def told(samples: np.ndarray, sound: Sound | None = None) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every feature and every group's presence, frame by frame."""
    sound = sound or sound_of()
    hops = [samples[n : n + sound.hop] for n in range(0, len(samples) - sound.hop + 1, sound.hop)]
    steps = [step for hop in hops if (step := sound.step(hop.astype(np.float32)))]
    values, present = (np.array(column) for column in zip(*steps, strict=True))
    names = NAMES if values.shape[1] == len(NAMES) else range(values.shape[1])
    return dict(zip(names, values.T, strict=True)), dict(zip(GROUPS, present.T, strict=True))


def noise(seconds: float, level: float = -20.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 10 ** (level / 20), round(seconds * RATE))


def tone(hertz: float, seconds: float, level: float = -20.0) -> np.ndarray:
    return np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


@given(level=st.floats(-45, -6), hertz=st.floats(100, 8000))
@settings(max_examples=20, deadline=None)
def test_level_is_decibels_whatever_the_pitch(level, hertz):
    values, _ = told(tone(hertz, 0.2, level))
    assert np.allclose(values["level"], 1 + level / RANGE, atol=0.01)
    assert np.allclose(values["peak"], min(1, 1 + (level + 3) / RANGE), atol=0.02)


def test_a_tone_is_in_its_band_and_moves_the_centroid():
    found = [told(tone(hertz, 0.2))[0] for hertz in (80, 400, 1600, 8000)]
    loudest = [int(np.argmax([values[f"band.{n}"][-1] for n in (1, 2, 3, 4)])) for values in found]
    assert loudest == [0, 1, 2, 3]
    assert np.all(np.diff([values["centroid"][-1] for values in found]) > 0.1)
    assert found[1]["centroid"][-1] == pytest.approx(3 / 8, abs=0.02)  # three octaves above 50 hertz, of eight


@given(rate=st.sampled_from([8_000, 22_050, 44_100, 48_000]), bands=st.integers(1, 24), seed=st.integers(0, 99))
def test_bands_share_all_the_power_between_their_edges(rate, bands, seed):
    length = 4 * round(rate / 100)
    spectrum = Spectrum(rate, length, np.geomspace(40, 0.45 * rate, bands + 1))
    sound = np.random.default_rng(seed).normal(size=length)
    power = spectrum.power(sound)
    inside = power[(spectrum.hertz > 60) & (spectrum.hertz < 0.44 * rate)].sum()
    assert spectrum.bands(power).min() >= 0
    assert inside * 0.999 <= spectrum.bands(power).sum() <= power.sum() * 1.001


def test_an_offset_of_the_card_is_no_sound():
    assert decibels(Spectrum(RATE, 1764, np.array([40, 16_000])).power(np.full(1764, 0.3)).sum()) < -100
    assert told(np.full(RATE, 0.3))[0]["level"].max() == 0


@pytest.mark.parametrize("gain", [None, 0.0, 40.0])
def test_silence_is_not_amplified(gain):
    values, present = told(noise(3, FLOOR - 2), sound_of(gain))
    assert not present["sound"].any()
    for name in ("level", "peak", "band.1", "band.4", "onset", "confidence"):
        assert values[name].max() == 0, name


def test_a_sound_is_over_some_time_after_it_fell_silent():
    samples = np.concatenate((np.zeros(RATE), noise(1), np.zeros(2 * RATE)))
    _, present = told(samples)
    here = np.flatnonzero(present["sound"]) * 0.01 + 0.02
    assert here[0] == pytest.approx(1.0, abs=0.03)
    assert here[-1] == pytest.approx(2.0 + SILENCE, abs=0.05)
    assert np.diff(here).max() < 0.011


@given(quieter=st.floats(-30, 0), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_the_gain_makes_up_for_how_far_the_microphone_is(quieter, seed):
    levels = np.random.default_rng(seed).uniform(-24, -8, 400)
    near, far = Gain(None, FLOOR), Gain(None, FLOOR)
    for level in levels:
        difference = far.step(level + quieter, 0.01) - near.step(level, 0.01)
    assert difference == pytest.approx(-quieter, abs=2.5)


def test_a_sound_that_is_quieter_from_some_moment_on_is_made_up_for_slowly():
    gain = Gain(None, FLOOR)
    gains = [gain.step(level, 0.01) for level in np.repeat([-15.0, -35.0], [2000, 4000])]
    assert gains[1999] == pytest.approx(LOUD + 15, abs=0.5)
    assert gains[2100] - gains[1999] < 3
    assert gains[-1] == pytest.approx(LOUD + 35, abs=1.5)


def test_the_room_between_two_songs_hardly_changes_the_gain():
    gain = Gain(None, FLOOR)
    gains = [gain.step(level, 0.01) for level in np.repeat([-20.0, -55.0, -75.0], [1000, 500, 6000])]
    assert gains[-1] - gains[999] < 4
    assert gains[1500] == gains[-1]


def test_a_gain_that_was_asked_for_stays():
    assert {Gain(7.0, FLOOR).step(level, 0.01) for level in (-90, -20, 0)} == {7.0}


def test_the_same_music_from_far_away_tells_the_same():
    beat = np.concatenate([noise(0.1, -6, n) * np.geomspace(1, 0.05, 4410) for n in range(20)] * 4)
    (near, here), (far, there) = told(beat, sound_of(None)), told(beat * 10 ** (-30 / 20), sound_of(None))
    for name in NAMES:
        assert np.abs(near[name] - far[name])[300:].max() < 0.06, name
    assert np.array_equal(near["onset"] > 0, far["onset"] > 0)
    assert all(np.array_equal(here[group], there[group]) for group in GROUPS)


def test_tones_begin_when_they_begin_and_have_their_pitch():
    gap, notes, end = np.zeros(RATE // 10), (57, 64, 69), np.minimum(1, np.linspace(20, 0, round(0.4 * RATE)))
    played = [part for note in notes for part in (gap, end * tone(440 * 2 ** ((note - 69) / 12), 0.4))]
    values, present = told(np.concatenate(played))
    seen = 0.02 + 0.01 * np.arange(len(values["onset"]))
    assert seen[values["onset"] > 0] == pytest.approx([0.1, 0.6, 1.1], abs=0.015)
    middles = [np.argmin(abs(seen - at)) for at in (0.3, 0.8, 1.3)]
    assert values["pitch"][middles] == pytest.approx(notes, abs=0.02)
    assert present["pitch"][middles].all()
    assert not present["pitch"][abs(seen - 0.55) < 0.02].any()
    assert values["pitch"][np.argmin(abs(seen - 0.55))] == pytest.approx(57, abs=0.5)  # the last one is held


def test_noise_has_no_pitch_and_no_onsets_but_its_first():
    values, present = told(np.concatenate((np.zeros(RATE // 5), noise(5))))
    assert not present["pitch"].any()
    assert (values["onset"] > 0).sum() == 1


@given(
    rate=st.sampled_from([8_000, 11_025, 44_100, 96_000]),
    bands=st.sampled_from([1, 7, 24]),
    loud=st.sampled_from([0.0, 1e-6, 0.1, 1.0, 100.0]),
    wrong=st.sampled_from([0.0, 1e30, -np.inf, np.nan]),
    seed=st.integers(0, 999),
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_heard_makes_numbers_in_their_ranges(rate, bands, loud, wrong, seed):
    chance, sound = np.random.default_rng(seed), sound_of(None, rate, bands)
    features = chosen(bands)
    for n in range(30):
        kind = chance.integers(3)
        hop = loud * (chance.normal(size=sound.hop) if kind else np.full(sound.hop, chance.integers(-1, 2)))
        hop = np.where(chance.random(sound.hop) < 0.9, hop, wrong)
        step = sound.step(hop)
        assert (step is None) == (n < 3)
        if step is None:
            continue
        values, present = step
        assert values.dtype == np.float32
        assert (values.shape, present.shape) == ((len(features),), (3,))
        for feature, value in zip(features, values, strict=True):
            highest = {"pitch": 130, "tempo": 220, "phase": 6.2832}.get(feature.name, 1)
            assert 0 <= value <= highest, feature.name


def test_after_a_gap_nothing_is_compared_with_what_was_before():
    sound = sound_of()
    told(noise(2), sound)
    sound.forget(0.3)
    values, _ = told(tone(300, 0.5), sound)
    assert len(values["onset"]) == 50 - 3
    assert not values["onset"].any()


def test_gaps_of_any_length_are_survived():
    sound = sound_of(None)
    told(noise(1), sound)
    sound.forget(1e9)
    assert np.isfinite(told(noise(1), sound)[0]["level"]).all()
