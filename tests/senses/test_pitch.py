import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.pitch import Pitch, midi

RATE, LENGTH = 44_100, 1764
PITCH = Pitch(RATE, LENGTH, 60, 1600)
TIME = np.arange(LENGTH) / RATE
SHAPES = {"sine": [1], "saw": [1 / k for k in range(1, 16)], "voice": [0.3, 0.5, 1, 0.6], "no ground": [0, 1, 1, 1]}


def cents(hertz: float, truth: float) -> float:
    return 1200 * abs(np.log2(hertz / truth))


def test_notes_are_numbered_as_midi_does():
    assert [midi(hertz) for hertz in (440, 220, 261.6255653)] == pytest.approx([69, 57, 60])


@given(hertz=st.floats(65, 1500), shape=st.sampled_from(sorted(SHAPES)), turn=st.floats(0, 1), loud=st.floats(1e-3, 1))
def test_a_tone_is_told_to_a_few_cents(hertz, shape, turn, loud):
    sound = sum(a * np.sin(2 * np.pi * k * (hertz * TIME + turn * k)) for k, a in enumerate(SHAPES[shape], start=1))
    found, sure = PITCH.of((loud * sound).astype(np.float32))
    assert cents(found, hertz) < 5
    assert sure > 0.97


@pytest.mark.parametrize("kind", ["in octaves", "in hertz"])
def test_of_a_glide_it_tells_the_middle(kind):
    """From 100 to 1,000 hertz in five seconds."""
    t = np.arange(5 * RATE) / RATE
    hertz = 100 * 10 ** (t / 5) if kind == "in octaves" else 100 + 180 * t
    sound = np.sin(2 * np.pi * np.cumsum(hertz) / RATE)
    for start in range(0, len(t) - LENGTH, 2205):
        found, sure = PITCH.of(sound[start : start + LENGTH])
        assert cents(found, hertz[start + LENGTH // 2]) < 5
        assert sure > 0.98


@given(seed=st.integers(0, 10_000), smooth=st.sampled_from([1, 2, 4]))
def test_noise_is_not_pitched(seed, smooth):
    noise = np.random.default_rng(seed).normal(size=LENGTH + smooth - 1)
    assert PITCH.of(np.convolve(noise, np.ones(smooth), "valid"))[1] < 0.6


@pytest.mark.parametrize("sound", [np.zeros(LENGTH), np.ones(LENGTH), np.eye(1, LENGTH, 900)[0], TIME], ids=str)
def test_what_does_not_come_again_has_no_pitch(sound):
    assert PITCH.of(sound)[1] < 0.5


@given(
    st.integers(0, 10_000), st.sampled_from([8_000, 22_050, 48_000, 96_000]), st.sampled_from([0.0, 1e-20, 1.0, 1e6])
)
def test_whatever_it_hears_it_tells_numbers(seed, rate, loud):
    length = 4 * round(rate / 100)
    sound = loud * np.random.default_rng(seed).integers(-1, 2, length).astype(np.float32)
    found, sure = Pitch(rate, length, 60, 1600).of(sound)
    assert found == 0 or 50 < found < 1800
    assert 0 <= sure <= 1
