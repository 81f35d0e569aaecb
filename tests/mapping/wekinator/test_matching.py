"""How gestures are matched, both ways."""

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.mapping.wekinator import config, gestures, matching
from livegan.mapping.wekinator.gestures import Gesture
from tests.hostile.wekinator import XML
from tests.mapping.wekinator.projects import DTW

CHANGES = [
    ("<matchThreshold>5.0<", "<matchThreshold>2.5<"),
    ("DOWNSAMPLE_TO_MAX_LENGTH", "DOWNSAMPLE_BY_CONSTANT_FACTOR"),
    ("<downsampleFactor>5<", "<downsampleFactor>7<"),
    ("SET_CONSTANT", "SET_FROM_EXAMPLES"),
    ("LABEL_CONTINUOUSLY", "LABEL_ONCE"),
    ("<hopSizeForContinuousSearch>1<", "<hopSizeForContinuousSearch>3<"),
    ("<isGestureActive>\n    <boolean>true<", "<isGestureActive>\n    <boolean>false<"),
    ("<selectedInputs>\n    <boolean>true<", "<selectedInputs>\n    <boolean>false<"),
]


def test_how_they_are_matched_is_read():
    told = matching.read((DTW / "current/models/model1.xml").read_bytes())
    assert told.params == {"threshold": 5.0, "width": 5, "hop": 1, "shortest": 5, "length": 10}
    assert (told.selected, told.notes) == ((True, True), ())


def test_other_ways_of_matching_are_read_or_told():
    text = (DTW / "current/models/model1.xml").read_text()
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    told = matching.read(text.encode())
    assert told.params == {"threshold": 2.5, "width": 5, "hop": 3, "shortest": 10_000, "every": 7}
    assert told.selected == (False, True)
    assert len(told.notes) == 3


# Wekinator keeps these two ways, or only shows them.
OWN = ("DownsampledExamples", "maxLengthToRetain", "maxDistance", "myID", "maxSliderValue", "<int>")


def test_what_is_written_for_a_real_project_is_what_wekinator_wrote():
    text = (DTW / "current/models/model1.xml").read_text()
    found = gestures.read((DTW / "current/currentData.csv").read_text(), 2, 3)
    (one,) = config.outputs((DTW / "outputConfig.xml").read_bytes()).outputs
    mine, theirs = matching.write(found, one, [True, True]).splitlines(), text.splitlines()
    assert len(mine) == len(theirs)
    other = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b and not any(one in a for one in OWN)]
    assert all(float(a.strip("</double> ")) == float(b.strip("</double> ")) for a, b in other)


def test_every_param_comes_back():
    params = {"threshold": 2.5, "width": 3, "hop": 1, "shortest": 4, "every": 7}
    (one,) = config.outputs((DTW / "outputConfig.xml").read_bytes()).outputs
    one = config.Output("a<b", one.settings.model_copy(update={"params": params}), one.messages)
    text = matching.write([Gesture(2, np.full((3, 2), np.nan))], one, [False, True])
    told = matching.read(text.encode())
    assert (told.params, told.selected, told.notes) == (params, (False, True), ())


@pytest.mark.parametrize("text", XML.values(), ids=XML.keys())
def test_hostile_settings_are_refused(text):
    with pytest.raises(BadRequest):
        matching.read(text.replace("{root}", "DtwModel").encode())


def test_a_model_that_says_nothing_of_matching_is_refused():
    with pytest.raises(BadRequest, match="settings"):
        matching.read(b"<DtwModel/>")
