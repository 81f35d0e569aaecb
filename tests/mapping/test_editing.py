"""Changes of what was taught: a new round in place of the old one, the rest as it was, and twice is once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping.editing import Edit, edit
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.taught import TaughtLook

FEATURES = [Feature("body.x"), Feature("body.y")]
ROWS = np.float32([[0, 1], [2, 3], [4, np.nan]])
WANTED = np.float32([[0.5, np.nan], [0.6, 7], [0.7, 8]])
OUTPUTS = ["glow", "zoom"]


@pytest.fixture
def examples(tmp_path):
    with Examples.open(tmp_path / FILE, FEATURES) as one:
        one.add(one.begin_round(), ROWS, WANTED)
        rose = one.add_look(TaughtLook("rose", seed=1))
        one.add_look(TaughtLook("noon", seed=2))
        one.add(one.begin_round(rose), ROWS)
        yield one


def test_an_output_is_changed_in_all_rows_or_in_one(examples):
    assert edit(examples, OUTPUTS, 1, None, Edit(name="zoom", value=2.0)) == 3
    _, rows, wanted = examples.of_round(3)
    assert np.array_equal(rows, ROWS, equal_nan=True)
    assert wanted.tolist() == [[0.5, 2], pytest.approx([0.6, 2]), pytest.approx([0.7, 2])]
    edit(examples, OUTPUTS, 3, None, Edit(name="glow", value=9.0, row=2))
    assert examples.of_round(4)[2][:, 0].tolist() == pytest.approx([0.5, 9, 0.7])
    assert [(one.id, one.kept) for one in examples.rounds()] == [(1, False), (2, True), (3, False), (4, True)]


def test_a_feature_is_changed_and_an_output_says_nothing_any_more(examples):
    edit(examples, OUTPUTS, 1, None, Edit(name="body.y", value=5.0, row=3))
    assert examples.of_round(3)[1][2].tolist() == [4, 5]
    edit(examples, OUTPUTS, 3, None, Edit(name="zoom"))
    assert np.isnan(examples.of_round(4)[2][:, 1]).all()


def test_a_round_is_for_another_look(examples):
    edit(examples, [], 2, None, Edit(look="noon"))
    assert examples.of_round(3)[0] == "noon"
    assert examples.counts() == {"": 3, "noon": 3}


@given(times=st.integers(1, 3))
def test_twice_is_once(times, tmp_path_factory):
    with Examples.open(tmp_path_factory.mktemp("a") / FILE, FEATURES) as one:
        one.add(one.begin_round(), ROWS, WANTED)
        for _ in range(times):
            assert edit(one, OUTPUTS, 1, 5, Edit(name="zoom", value=2.0)) == 5
        assert [(r.id, r.kept, r.count) for r in one.rounds()] == [(1, False, 3), (5, True, 3)]


@pytest.mark.parametrize(
    ("number", "change", "told"),
    [
        (1, Edit(name="nose", value=1.0), 'no "nose"; they have glow, zoom, body.x'),
        (2, Edit(name="glow", value=1.0), 'no "glow"; they have body.x, body.y'),
        (1, Edit(name="glow", value=1.0, row=4), "the round has 3 examples"),
        (2, Edit(look="dusk"), 'no look "dusk" was taught; there are rose, noon'),
        (9, Edit(name="glow", value=1.0), "there is no round 9"),
    ],
)
def test_what_cannot_be_changed_changes_nothing(examples, number, change, told):
    before = examples.version
    with pytest.raises(BadRequest, match=told):
        edit(examples, OUTPUTS, number, None, change)
    assert examples.version == before


def test_a_row_of_which_nothing_would_be_left_is_refused(examples):
    with pytest.raises(BadRequest, match="nothing that was seen"):
        edit(examples, OUTPUTS, 1, None, Edit(name="body.x", row=3))
    assert [one.kept for one in examples.rounds()] == [True, True]


def test_an_output_that_is_newer_than_a_round_can_be_said_of_it(examples):
    edit(examples, [*OUTPUTS, "late"], 1, None, Edit(name="late", value=2.0, row=2))
    assert np.array_equal(examples.of_round(3)[2][:, 2], [np.nan, 2, np.nan], equal_nan=True)
