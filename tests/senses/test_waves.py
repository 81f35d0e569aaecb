import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.waves import Wave

FORMS = ["sine", "triangle", "saw", "square", "noise"]


@pytest.mark.parametrize("form", FORMS)
def test_it_stays_between_low_and_high_and_comes_near_both(form):
    wave = Wave(wave=form, period=0.5, low=-1, high=3)
    values = [wave.at(t) for t in np.linspace(1000, 1050, 20_001)]
    assert -1 <= min(values) < -0.9
    assert 2.9 < max(values) <= 3


@pytest.mark.parametrize(
    ("form", "quarters"),
    [
        ("sine", [0.5, 1, 0.5, 0]),
        ("triangle", [0.5, 1, 0.5, 0]),
        ("saw", [0, 0.25, 0.5, 0.75]),
        ("square", [1, 1, 0, 0]),
    ],
)
def test_its_quarters(form, quarters):
    wave = Wave(wave=form, period=4)
    assert [wave.at(t) for t in range(8)] == pytest.approx(quarters * 2)
    ahead = Wave(wave=form, period=4, phase=0.25)
    assert [ahead.at(t) for t in range(4)] == pytest.approx([*quarters[1:], quarters[0]])


@given(st.floats(-1e6, 1e6), st.integers(0, 2**32 - 1))
def test_noise_has_no_corners_and_no_gaps(moment, seed):
    wave = Wave(wave="noise", period=1.0, seed=seed)
    near = [wave.at(moment + step) for step in np.linspace(0, 0.01, 11)]
    assert np.abs(np.diff(near)).max() <= 1.5 * 0.001 + 1e-6
    before, after = np.floor(moment), np.floor(moment) + 1
    assert wave.at(before + 1e-4) == pytest.approx(wave.at(before), abs=1e-6)
    assert wave.at(after - 1e-4) == pytest.approx(wave.at(after), abs=1e-6)


def test_noise_is_the_same_for_the_same_seed_only_and_never_comes_round():
    heights = np.array([[Wave(wave="noise", period=1, seed=seed).at(t) for t in range(2000)] for seed in range(3)])
    assert heights[0].tolist() == [Wave(wave="noise", period=1).at(t) for t in range(2000)]
    assert np.abs(np.corrcoef(heights) - np.eye(3)).max() < 0.1
    assert np.histogram(heights, 10, (0, 1))[0].min() > 500
    assert len(set(heights[0])) == 2000
