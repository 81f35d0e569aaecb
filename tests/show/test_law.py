from itertools import pairwise

import pytest

from livegan.show.law import MEASURE, PROVISIONAL, SETTLING, Law


def hear(law, frames, late=0.04, period=1 / 30):
    for i in range(frames):
        law.heard(i * period, i * period + late, (i - 1) * period)


def test_a_number_in_the_patch_is_kept_whatever_is_needed():
    law = Law(0.05, bracketed=True)
    hear(law, 200)
    assert law.tick(0.033, 1.0) == 0.05
    assert law.needed(0.033) == pytest.approx(0.11)


def test_auto_measures_rounds_up_to_ten_ms_and_then_stays():
    law = Law(None, bracketed=True)
    assert law.tick(0.033, 0.03) == PROVISIONAL
    assert not law.settled
    hear(law, SETTLING + MEASURE)
    for _ in range(200):
        law.tick(0.033, 0.03)
    assert law.settled
    assert law.declared == pytest.approx(0.11)
    hear(law, 300, late=0.09)
    assert law.tick(0.033, 0.03) == law.declared


def test_time_is_stretched_gently_on_the_way_to_the_measured_latency():
    law = Law(None, bracketed=True)
    hear(law, SETTLING + MEASURE)
    steps = [PROVISIONAL, *(law.tick(0.033, 1 / 30) for _ in range(100))]
    assert max(abs(a - b) for a, b in pairwise(steps)) <= 0.1 / 30 + 1e-12


def test_the_first_frames_of_a_starting_process_do_not_set_the_latency():
    law = Law(None, bracketed=True)
    hear(law, SETTLING, late=0.3)
    assert law.needed(0.033) < 0.05


def test_faders_need_no_frame_to_bracket():
    law = Law(None, bracketed=False)
    law.heard(5.0, 5.001, 1.0)
    assert law.needed(0.066) == pytest.approx(0.07)
