import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from livegan.generators.pattern import DIM, TICK, Pattern, read_bits
from livegan.latent.look import Look

FILTERS = [Image.Resampling.NEAREST, Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC]
PLAIN = Look(np.zeros((1, DIM), np.float32))
SECONDS = st.floats(0, 1600)


def pattern(**changes: object) -> Pattern:
    return Pattern(Pattern.Settings(**changes), None)


def painted(size: int, seconds: float, look: Look = PLAIN) -> np.ndarray:
    return pattern(size=size, bits=True).start(look.with_(numbers={"clock": seconds})).pixels


@given(seconds=SECONDS, size=st.integers(32, 400) | st.sampled_from([720, 1024, 1080, 2048]))
@settings(max_examples=40, deadline=None)
def test_the_clock_is_read_as_it_was_painted(seconds, size):
    assert abs(read_bits(painted(size, seconds)) - seconds) <= TICK / 2 + 1e-9


@given(
    seconds=SECONDS,
    size=st.integers(64, 300),
    width=st.integers(64, 700),
    height=st.integers(64, 700),
    how=st.sampled_from(FILTERS),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_the_clock_is_read_from_a_scaled_copy(seconds, size, width, height, how, seed):
    w = np.random.default_rng(seed).normal(size=(1, DIM)).astype(np.float32)
    copy = Image.fromarray(painted(size, seconds, Look(w))).resize((width, height), how)
    assert abs(read_bits(np.asarray(copy)) - seconds) <= TICK / 2 + 1e-9


@pytest.mark.parametrize("side", [64, 100, 256, 333, 640])
def test_the_clock_survives_shrinking_from_the_largest(side):
    big = Image.fromarray(painted(2048, 1234.5678))
    assert read_bits(np.asarray(big.resize((side, side), Image.Resampling.LANCZOS))) == pytest.approx(1234.5678)


def test_times_before_the_start_are_the_start():
    assert read_bits(painted(64, -3.0)) == 0.0


def test_without_bits_the_clock_is_not_painted():
    bare = pattern(size=64)
    assert bare.info.controls == ()
    assert np.array_equal(bare.start(PLAIN).pixels, bare.start(PLAIN.with_(numbers={"clock": 5.0})).pixels)


@pytest.mark.parametrize("place", range(DIM))
def test_every_number_of_w_changes_the_picture(place):
    w = PLAIN.w.copy()
    w[0, place] = 0.5
    one = pattern(size=64)
    assert np.abs(one.images([PLAIN]) - one.images([PLAIN.with_(w=w)])).max() > 0.02


@given(w=st.lists(st.floats(-1e6, 1e6, width=32), min_size=DIM, max_size=DIM), psi=st.floats(-2, 2))
@settings(max_examples=50, deadline=None)
def test_no_w_breaks_the_picture(w, psi):
    look = Look(np.array([w], np.float32), psi=psi)
    one = pattern(size=32)
    assert one.start(look).pixels.shape == (32, 32, 3)
    assert np.abs(one.images([look])).max() <= 1


def test_psi_0_is_one_picture_for_all():
    one = pattern(size=32)
    drawn = [one.images([Look(np.full((1, DIM), x, np.float32), psi=0.0)]) for x in (-1, 1)]
    assert np.array_equal(*drawn)


def test_a_w_has_a_mean_square_of_1():
    w = pattern().w(np.random.default_rng(0).normal(size=(5, DIM)) * 7)
    assert np.allclose((w**2).mean(axis=2), 1)
    assert np.isfinite(pattern().w(np.zeros((1, DIM)))).all()


@pytest.mark.parametrize("wrong", [{"size": 31}, {"size": 4096}, {"bits": "maybe"}, {"threads": 1}])
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValidationError):
        pattern(**wrong)


def test_it_needs_no_torch():
    code = "import sys, livegan.generators.pattern; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
