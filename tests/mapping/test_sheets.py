"""Examples as sheets: out and in again to the last digit, and a sentence for whatever is not understood."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping import sheets
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught
from tests.mapping.teaching import POSES, teach

SETTINGS = MappingSettings(
    features=["x", "hand y"],
    outputs=["glow", "side, which"],
    output={"side, which": OutputSettings(type="class", classes=3)},
)
NAMES = SETTINGS.features
singles = st.floats(width=32, allow_nan=True, allow_infinity=False)


def some(*shape):
    return arrays(np.float32, shape, elements=singles)


def taught_of(rows, outputs, rounds=None):
    count = len(rows)
    features = tuple(map(Feature, NAMES))
    return Taught(features, (), rows, np.full(count, -1), tuple(outputs), np.array(rounds or [1] * count), "")


@given(
    arrays(np.float32, (5, 2), elements=singles),
    arrays(np.float32, 5, elements=singles),
    st.sampled_from([".csv", ".arff"]),
)
def test_every_number_comes_back_as_it_was(rows, glow, suffix):
    sides = np.float32([0, 1, 3, np.nan, 2])
    taught = taught_of(rows, np.stack([glow, sides], axis=1), [4, 4, 7, 7, 9])
    text = sheets.written(sheets.of_examples(taught, SETTINGS), suffix)
    sheet = sheets.read(sheets.parsed(text, suffix), NAMES, SETTINGS)
    np.testing.assert_array_equal(sheet.rows, rows)
    np.testing.assert_array_equal(sheet.outputs, np.stack([glow, sides], axis=1))
    assert sheet.rounds == [4, 4, 7, 7, 9]
    assert sheet.looks == [None] * 5
    assert sheet.unknown == ()


def read(text, settings=SETTINGS, weights=()):
    return sheets.read(sheets.csv_table(text), settings.features, settings, weights)


def test_columns_may_be_in_any_order_and_some_may_miss():
    sheet = read('glow,Time,hand y,x\n0.5,now,?,1\n,"la,ter",3,\n')
    np.testing.assert_array_equal(sheet.rows, np.float32([[1, np.nan], [np.nan, 3]]))
    np.testing.assert_array_equal(sheet.outputs, np.float32([[0.5, np.nan], [np.nan, np.nan]]))
    assert sheet.unknown == ("Time",)
    assert sheet.rounds == [1, 1]


def test_what_is_shown_goes_before_what_a_column_is_usually_called():
    settings = MappingSettings(features=["round", "look"], outputs=["glow"])
    sheet = read("round,look,glow\n3,4,5\n", settings)
    assert sheet.rows.tolist() == [[3, 4]]
    assert (sheet.rounds, sheet.looks) == ([1], [None])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be a head"),
        ("x,x\n", "must be a head"),
        ("x,\n1,2\n", "must be a head"),
        ("x,glow\n1,2\n", 'no column "hand y"'),
        ("x,hand y\n1\n", "line 2 has 1 cells"),
        ("x,hand y\n1,two\n", "is no number"),
        ('x,hand y\n1,"two\n', "no CSV"),
        ('x,hand y,"side, which"\n1,2,4\n', "asks .* for 4, which is none of its 3"),
        ('x,hand y,"side, which"\n1,2,1.5\n', "for 1.5"),
    ],
)
def test_what_is_not_understood_is_one_sentence(text, said):
    with pytest.raises(BadRequest, match=said):
        read(text)


@given(st.text(max_size=200), st.sampled_from([".csv", ".arff"]))
def test_no_text_does_more_than_be_refused(text, suffix):
    with contextlib.suppress(BadRequest):
        assert isinstance(sheets.read(sheets.parsed(text, suffix), NAMES, SETTINGS), sheets.Sheet)


@pytest.mark.parametrize("suffix", [".csv", ".arff"])
def test_looks_and_their_weights_go_out_and_in(tmp_path, suffix):
    folder = teach(tmp_path / "dance", POSES[:2], repeats=2)
    settings = MappingSettings(features=["body.x", "body.y", "body.turn"])
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(), POSES[2], [0.25, 0.75])
        before = examples.read()
        text = sheets.written(sheets.of_examples(before, settings), suffix)
        for one in examples.rounds():
            examples.keep(one.id, False)
        sheet = sheets.read(sheets.parsed(text, suffix), settings.features, settings, list(examples.looks()))
        assert sheets.add(sheet, examples) == 3
        after = examples.read()
    np.testing.assert_array_equal(after.rows, before.rows)
    np.testing.assert_array_equal(after.look, before.look)
    assert [None if one is None else one.tolist() for one in after.outputs] == [None] * 4 + [[0.25, 0.75]]
    assert np.unique(after.rounds, return_inverse=True)[1].tolist() == [0, 0, 1, 1, 2]


def test_a_look_that_is_only_a_name_is_refused_and_nothing_is_added(tmp_path):
    folder = teach(tmp_path / "dance", POSES[:1])
    settings = MappingSettings(features=["body.x", "body.y", "body.turn"])
    with Examples.open(folder / FILE) as examples:
        version = examples.version
        sheet = read("body.x,body.y,body.turn,look\n1,2,3,look 0\n1,2,3,sky\n", settings)
        with pytest.raises(BadRequest, match='no look "sky"'):
            sheets.add(sheet, examples)
        assert examples.version == version


def test_two_columns_of_one_name_are_refused():
    settings = MappingSettings(features=["x", "hand y"], outputs=["x"])
    with pytest.raises(BadRequest, match='two columns "x"'):
        sheets.of_examples(taught_of(np.ones((1, 2), np.float32), [np.ones(1, np.float32)]), settings)


def test_features_begun_with_a_sheet_know_what_a_movement_is():
    units = [one.unit for one in sheets.features_of(read("x,hand y\n0,5\n8,5\n4,\n"))]
    assert units == [2, 1]
    assert [one.unit for one in sheets.features_of(read("x,hand y\n,\n,\n"))] == [1, 1]
