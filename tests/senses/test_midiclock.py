import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.midiclock import CLOCKS, SILENCE, MidiClock


def ticking(clock, count, tempo, start=10.0, jitter=0.0, seed=0):
    """The beats in `count` clocks, and when the last of them came."""
    times = start + np.arange(count) * 60 / tempo / CLOCKS
    times = np.sort(times + np.random.default_rng(seed).uniform(-jitter, jitter, count))
    return [place for place, at in enumerate(times) if clock.clock(float(at))], float(times[-1])


@given(st.floats(20, 300), st.integers(0, 99))
def test_the_tempo_is_known_within_a_beat_however_uneven_the_clocks(tempo, seed):
    clock = MidiClock()
    ticking(clock, CLOCKS + 1, tempo, jitter=0.001, seed=seed)
    assert clock.tempo == pytest.approx(tempo, rel=0.002 * tempo / 60)


def test_a_new_tempo_is_known_within_a_beat():
    clock = MidiClock()
    _, last = ticking(clock, 100, 120)
    ticking(clock, CLOCKS + 1, 90, start=last + 60 / 90 / CLOCKS)
    assert clock.tempo == pytest.approx(90)


def test_a_beat_is_24_clocks_from_the_start():
    clock = MidiClock()
    ticking(clock, 7, 120)
    clock.start()
    beats, _ = ticking(clock, 3 * CLOCKS, 120, start=20)
    assert beats == [0, CLOCKS, 2 * CLOCKS]
    assert clock.phase == pytest.approx(1 - 1 / CLOCKS)


def test_a_sender_that_never_says_start_plays():
    clock = MidiClock()
    beats, last = ticking(clock, CLOCKS + 1, 120)
    assert beats == [0, CLOCKS]
    assert clock.running(last)


def test_stopped_it_stays_where_it_is_and_goes_on_from_there():
    clock = MidiClock()
    clock.start()
    ticking(clock, 10, 120)
    clock.stop()
    beats, last = ticking(clock, 100, 120, start=20)
    assert (beats, clock.phase) == ([], 9 / CLOCKS)
    assert not clock.running(last)
    clock.resume()
    clock.clock(last + 0.02)
    assert clock.phase == 10 / CLOCKS


def test_a_song_position_counts_sixteenths():
    clock = MidiClock()
    clock.stop()
    clock.seek(6)
    clock.resume()
    assert not clock.clock(1.0)
    assert clock.phase == 0.5


def test_clocks_that_cease_stop_it_and_are_not_measured_across():
    clock = MidiClock()
    clock.start()
    _, last = ticking(clock, 50, 120)
    assert clock.running(last + 0.9 * SILENCE)
    assert not clock.running(last + 1.1 * SILENCE)
    ticking(clock, 3, 120, start=last + 9)
    assert clock.tempo == pytest.approx(120)


def test_clocks_all_at_once_give_no_tempo():
    clock = MidiClock()
    for _ in range(50):
        clock.clock(5.0)
    assert clock.tempo == 0
