"""Where a picture lands on a stage, as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.stage.draw import scale

SIZES = st.tuples(st.integers(1, 4096), st.integers(1, 4096))


def test_contain_leaves_bars_and_cover_crops():
    assert scale((100, 100), (200, 100), "contain") == (2.0, 1.0)
    assert scale((100, 100), (200, 100), "cover") == (1.0, 0.5)
    assert scale((100, 100), (200, 100), "mirror") == (2.0, 1.0)


@given(SIZES, SIZES, st.sampled_from(["contain", "cover", "mirror"]))
def test_a_fit_never_distorts_and_always_touches_two_edges(picture, stage, fit):
    across, down = scale(picture, stage, fit)
    shown = stage[0] / across / picture[0], stage[1] / down / picture[1]
    assert shown[0] == pytest.approx(shown[1])
    assert (max if fit == "cover" else min)(across, down) == pytest.approx(1.0)
