import wave
from pathlib import Path

import numpy as np
import pytest

from livegan.errors import Lost
from livegan.senses.soundclip import SoundClip
from tests.fakes import FakeClock

RATE = 8_000
RAMP = np.arange(2500) / 4000 - 0.3
"""Samples that tell their place; their number is no multiple of a hop's."""


@pytest.fixture
def path(tmp_path) -> Path:
    """The ramp on the left and silence on the right."""
    both = np.stack((RAMP, np.zeros_like(RAMP)), axis=1)
    with wave.open(str(tmp_path / "ramp.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.round(32768 * both).astype("<i2").tobytes())
    return tmp_path / "ramp.wav"


def played(path: Path, hops: int, channel: int | None = 1, loop: bool = True) -> np.ndarray:
    clip = SoundClip(path, channel, loop, FakeClock(5.0))
    return np.concatenate([heard.samples for _ in range(hops) if (heard := clip.next(80, 1e9))])


def test_laps_follow_each_other_without_a_seam(path):
    assert np.allclose(played(path, 125), np.tile(RAMP, 4), atol=1e-4)


def test_the_end_is_the_end_where_it_does_not_loop(path):
    assert np.allclose(played(path, 125, loop=False), RAMP[:2480], atol=1e-4)


@pytest.mark.parametrize(("channel", "share"), [(1, 1.0), (2, 0.0), (7, 0.0), (None, 0.5)])
def test_one_channel_is_taken_or_their_mean(path, channel, share):
    assert np.allclose(played(path, 30, channel), share * RAMP[:2400], atol=1e-4)


def test_sound_is_given_when_it_was_played(path):
    clock = FakeClock(5.0)
    clip = SoundClip(path, None, True, clock)
    assert clip.next(80, 5.005) is None
    assert clock.now() == pytest.approx(5.005)
    heard = clip.next(80, 6.0)
    assert (heard.end, clock.now(), heard.waiting, heard.lost) == pytest.approx((5.01, 5.01, 0.0, 0.0))


@pytest.mark.parametrize("away", [1.5, 60.0, 86_400.0])
def test_what_was_missed_is_left_out(path, away):
    clock = FakeClock(0.0)
    clip = SoundClip(path, 1, True, clock)
    for _ in range(50):
        clip.next(80, 1e9)
    clock.time += away
    heard = clip.next(80, 1e9)
    assert heard.waiting < 0.01
    assert heard.lost == pytest.approx(away, abs=0.02)
    place = (heard.end * RATE - 80 + np.arange(80)) % len(RAMP)
    assert np.allclose(heard.samples, RAMP[np.round(place).astype(int) % len(RAMP)], atol=1e-3)


def test_a_file_that_holds_no_sound_is_lost(tmp_path):
    with wave.open(str(tmp_path / "empty.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
    with pytest.raises(Lost, match=r"empty\.wav"):
        SoundClip(tmp_path / "empty.wav", None, True, FakeClock())
