"""Clicks: short, quiet enough, higher at the end, and one sentence where there is no sound device."""

import numpy as np
import pytest

from livegan.stage.click import RATE, Clicks, click


@pytest.mark.parametrize(("high", "pitch"), [(False, 880), (True, 1760)])
def test_a_click_is_a_short_tone_that_ends_in_silence(high, pitch):
    sound = click(high)
    assert len(sound) < 0.1 * RATE
    assert 0.1 < np.abs(sound).max() <= 0.5
    assert np.abs(sound[-100:]).max() < 0.01
    heard = np.abs(np.fft.rfft(sound, RATE)).argmax()
    assert abs(int(heard) - pitch) < 30


def test_without_a_sound_device_it_says_why_and_goes_on(monkeypatch):
    clicks = Clicks()
    monkeypatch.setitem(__import__("sys").modules, "sounddevice", None)
    clicks.play(True)
    clicks.play(False)
    clicks._player.shutdown(wait=True)
    assert clicks.complaint.startswith("the countdown cannot be heard (")
    clicks.close()
