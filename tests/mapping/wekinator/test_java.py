"""Models as Java streams: two strings and a table are taken out, whatever lies between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator import arff
from livegan.mapping.wekinator.java import Stored, read, write
from tests.hostile.wekinator import JAVA
from tests.mapping.wekinator.projects import REGRESSION, SAVED, model, refused

MODEL = (REGRESSION / "current/models/model2.xml").read_bytes()


def test_a_model_of_wekinators_gives_settings_and_examples():
    stored = read(MODEL)
    assert stored.path.startswith("<Path>")
    assert stored.path.endswith("</Path>")
    assert stored.model == "wekimini.learning.NeuralNetworkModel"
    table = arff.parsed(stored.examples)
    assert [column.name for column in table.columns][3:] == ["hand_x", "hand_y", "hand_z", "morph"]
    assert len(table.rows) == 46
    assert not any(None in row for row in table.rows)


def test_a_model_that_was_saved_by_itself_is_read():
    stored = read((SAVED / "model1_saved_by_osc.xml").read_bytes())
    assert len(arff.parsed(stored.examples).rows) == 68


def test_small_blocks_and_no_examples_are_read():
    assert read(model("<Path/>", "x" * 3000)).examples == "x" * 3000
    assert read(model("<Path/>")).examples is None


@pytest.mark.parametrize("data", JAVA.values(), ids=JAVA.keys())
def test_what_is_no_model_is_refused(data):
    with pytest.raises(BadRequest):
        read(data)


def test_a_model_that_is_cut_off_anywhere_is_refused_or_has_fewer_examples():
    for end in range(0, len(MODEL), 7):
        if not refused(read, MODEL[:end]):
            assert len(read(MODEL[:end]).examples or "") < 3114


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.none() | st.text("ab\n", max_size=3000))
def test_what_is_written_comes_back(path, examples):
    assert read(write(Stored(path, "", examples))) == Stored(path, "", examples)


def test_long_settings_come_back():
    assert read(write(Stored("ä" * 40_000, "", None))).path == "ä" * 40_000


@given(st.binary(max_size=100))
def test_any_bytes_are_a_model_or_one_sentence(data):
    for one in (data, b"\xac\xed\0\5\x74" + data, MODEL[:1400] + b"\x74\0\x09instances" + data):
        assert "\n" not in refused(read, one)
