"""ARFF: what Weka writes is read, what is written comes back, and nothing else than BadRequest ever comes out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator.arff import Column, Table, parsed, written
from tests.hostile.wekinator import ARFF
from tests.mapping.wekinator.projects import REGRESSION, refused

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
WORDS = st.lists(NAMES, min_size=1, max_size=4, unique=True)


def test_a_file_of_wekinators_is_read():
    table = parsed((REGRESSION / "current/currentData.arff").read_text())
    assert [column.name for column in table.columns][:4] == ["ID", "Time", "Training round", "hand_x"]
    assert table.columns[1] == Column("Time", "date", pattern="yyyy/MM/dd HH:mm:ss:SSS")
    assert len(table.rows) == 66
    assert table.rows[0][:4] == (1.0, "2026/11/21 09:08:45:290", 1.0, 0.1)
    # The third round was recorded without the third output.
    assert [row[-1] is None for row in table.rows] == [row[2] == 3 for row in table.rows]


def test_quotes_comments_and_classes_are_read():
    text = """% by hand
@RELATION 'a b'
@attribute 'it\\'s\\t1' NUMERIC
@attribute "b" {0, 1,'2 3'}
@attribute c date "yyyy, MM"

@DATA
1e-3 , 0 , '2020, 01'
% none
?,'2 3',?
'?',1,"a\\\\b"
"""
    with pytest.raises(BadRequest, match="line 11"):
        parsed(text)
    table = parsed(text.replace("'?'", "-.5"))
    assert [column.name for column in table.columns] == ["it's\t1", "b", "c"]
    assert table.columns[1].words == ("0", "1", "2 3")
    assert table.rows == ((1e-3, "0", "2020, 01"), (None, "2 3", None), (-0.5, "1", "a\\b"))


def test_classes_are_numbers_and_what_is_missing_is_nan():
    table = parsed("@relation a\n@attribute x {0,1,2}\n@attribute y numeric\n@data\n2,NaN\n?,-Infinity\n")
    assert np.array_equal(table.numbers([0, 1]), [[2, np.nan], [np.nan, -np.inf]], equal_nan=True)


@pytest.mark.parametrize("text", ARFF.values(), ids=ARFF.keys())
def test_what_is_no_table_is_refused(text):
    with pytest.raises(BadRequest, match="line"):
        parsed(text)


@st.composite
def tables(draw):
    columns = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=5)):
        kind = draw(st.sampled_from(["number", "word", "text", "date"]))
        words = tuple(draw(WORDS)) if kind == "word" else ()
        columns.append(Column(name, "word" if kind == "text" else kind, words, "yyyy" if kind == "date" else ""))
    rows = draw(st.lists(st.tuples(*(cells(column) for column in columns)), max_size=6))
    return Table(draw(NAMES), tuple(columns), tuple(rows))


def cells(column):
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    own = numbers if column.kind == "number" else st.sampled_from(column.words) if column.words else NAMES
    return st.none() | own


@given(tables())
def test_what_is_written_comes_back_whole(table):
    assert parsed(written(table)) == table


@given(st.text(max_size=300), st.integers(0, 200))
def test_any_text_is_a_table_or_one_sentence(text, at):
    start = "@relation a\n@attribute b numeric\n@attribute 'c d' {0,1}\n@data\n1,0\n2,?\n"
    for one in (text, start[:at] + text + start[at:]):
        assert "\n" not in refused(parsed, one)


def test_a_line_of_quotes_takes_no_time_to_refuse():
    with pytest.raises(BadRequest):
        parsed("@relation a\n@attribute b string\n@data\n" + "'\\" * 50_000)
