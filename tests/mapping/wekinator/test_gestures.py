"""Recorded gestures, both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator import gestures
from livegan.mapping.wekinator.gestures import Gesture
from tests.mapping.wekinator.projects import DTW, refused

CSV = (DTW / "current/currentData.csv").read_text()


def test_recorded_gestures_are_read():
    found = gestures.read(CSV, 2, 3)
    assert [one.number for one in found] == [1, 1, 2, 2, 3, 3]
    assert [len(one.values) for one in found] == [20, 24, 20, 18, 30, 26]
    assert found[2].values[1].tolist() == [0.0, 0.05263157933950424]


NO_GESTURES = ["2", "2,1", "2,1,0", "3,1,0,0,0", "2,4,0,0", "2,0,0,0", "2,1.5,0,0", "2,1,0,x", "2,1,0,,0", "2,nan,1,1"]


@pytest.mark.parametrize("line", NO_GESTURES)
def test_lines_that_are_no_gesture_are_refused(line):
    with pytest.raises(BadRequest, match="line 2"):
        gestures.read(f"# first\n{line},\n", 2, 3)


NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
SERIES = st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1)


@given(st.lists(st.tuples(st.integers(1, 3), SERIES), max_size=3))
def test_any_gestures_come_back(told):
    written = gestures.write([Gesture(number, np.array(values, np.float32)) for number, values in told])
    found = gestures.read(written, 2, 3)
    assert [(one.number, one.values.tolist()) for one in found] == told


@given(st.text(max_size=100))
def test_any_text_is_gestures_or_one_sentence(text):
    assert "\n" not in refused(gestures.read, text, 2, 3)
