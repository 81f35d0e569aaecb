"""Rows through a mapping, examples as sheets, and what a fit is said to miss, as the command line has them done."""

import csv

import numpy as np
import pytest

from livegan.control.fitting import fit
from livegan.control.mapping import (
    change_round,
    export_examples,
    import_examples,
    keep_rounds,
    list_rounds,
    map_rows,
    read_change,
)
from livegan.errors import BadRequest
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit as fit_folder
from livegan.mapping.mapping import Mapping, MappingSettings, write_settings
from livegan.mapping.outputs import OutputSettings
from tests.mapping.teaching import FEATURES, POSES, teach, teach_numbers

NAMES = [feature.name for feature in FEATURES]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


@pytest.fixture
def dance(place):
    """Two numbers, each with a model of its own, in two rounds; fitted."""
    folder = teach_numbers(place / "dance", POSES, POSES[:, :2] / 3, ["psi", "glow, far"])
    table = {"glow, far": OutputSettings(model="linear")}
    write_settings(folder, MappingSettings(features=NAMES, outputs=["psi", "glow, far"], output=table))
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(), POSES + 0.1, POSES[:, :2] / 3)
    return folder


def sheet(path, head, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def test_a_fit_says_by_how_much_each_output_misses_what_it_was_not_taught(dance):
    said = []
    fit("dance", None, "no model is asked for", said.append)
    assert "each fitted to 8 examples; it misses them by" in said[0]
    assert [line.split(":")[0].strip() for line in said[1:3]] == ["psi", "glow, far"]
    assert all("that it was not taught by" in line for line in said[1:3])


def test_rows_go_through_a_mapping_whatever_the_order_of_their_columns(dance, tmp_path):
    fit("dance", None, "", lambda line: None)
    rows = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    head = ["body.turn", "shoe", "body.x", "body.y"]
    told = [[row[2], "red", row[0], ""] for row in rows]
    said = []
    map_rows("dance", sheet(tmp_path / "in.csv", head, told), tmp_path / "out.csv", said.append)
    assert said[0] == "dance is not told of shoe."
    found = list(csv.reader((tmp_path / "out.csv").open(newline="")))
    assert found[0] == ["psi", "glow, far"]
    mapping = Mapping.load(dance)
    rows[:, 1] = np.nan
    wanted = np.array([mapping(row) for row in rows])
    np.testing.assert_array_equal(np.float32(found[1:]), wanted)


def test_looks_are_heads_too(place, tmp_path):
    folder = teach(place / "dance")
    rows, out = sheet(tmp_path / "in.csv", NAMES, POSES.tolist()), tmp_path / "out.csv"
    with pytest.raises(BadRequest, match="not fitted yet: run livegan fit dance"):
        map_rows("dance", rows, out, print)
    fit_folder(folder)
    map_rows("dance", rows, out, lambda line: None)
    found = list(csv.reader(out.open(newline="")))
    assert found[0] == ["look 0", "look 1", "look 2", "look 3"]
    assert np.float32(found[1:]).argmax(axis=1).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("suffix", [".csv", ".arff"])
def test_examples_go_out_and_into_another_mapping(dance, place, tmp_path, suffix):
    said = []
    out = tmp_path / f"all{suffix}"
    export_examples("dance", out, said.append)
    write_settings(place / "other", MappingSettings(features=NAMES, outputs=["psi", "glow, far"]))
    import_examples("other", out, said.append)
    import_examples("other", out, said.append)
    assert said[1:] == ["8 examples in 2 rounds are added: run livegan fit other."] * 2
    with Examples.read_only(dance / FILE) as one, Examples.read_only(place / "other" / FILE) as other:
        before, after = one.read(), other.read()
    np.testing.assert_array_equal(after.rows, np.concatenate((before.rows, before.rows)))
    np.testing.assert_array_equal(after.outputs, before.outputs + before.outputs)
    assert after.rounds.tolist() == np.repeat([1, 2, 3, 4], 4).tolist()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gone.csv", None, "there is no file"),
        ("rows.txt", "", "neither a .csv nor an .arff"),
        ("rows.csv", b"\xff\xfe\x00", "UTF-8"),
        ("rows.csv", b"body.x,body.y\n", 'no column "body.turn"'),
        ("rows.csv", b"body.x,body.y,body.turn\n1,2,three\n", '"three" .* is no number'),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(dance, tmp_path, name, text, said):
    fit("dance", None, "", lambda line: None)
    path = tmp_path / name
    if text:
        path.write_bytes(text)
    with pytest.raises(BadRequest, match=said) as mapped:
        map_rows("dance", path, tmp_path / "out.csv", print)
    with pytest.raises(BadRequest, match=said) as added:
        import_examples("dance", path, print)
    assert all(name in str(caught.value) for caught in (mapped, added))
    assert not (tmp_path / "out.csv").exists()
    with Examples.read_only(dance / FILE) as examples:
        assert len(examples.read().rows) == 8


def test_a_sheet_without_rows_adds_nothing(dance, tmp_path):
    with pytest.raises(BadRequest, match="no rows"):
        import_examples("dance", sheet(tmp_path / "in.csv", NAMES, []), print)
    with pytest.raises(BadRequest, match="an infinite number"):
        import_examples("dance", sheet(tmp_path / "in.csv", NAMES, [[1, 2, "1e60"]]), print)


def test_a_sheet_that_was_changed_takes_the_place_of_what_was_there(dance, tmp_path):
    out, said = tmp_path / "all.csv", []
    export_examples("dance", out, said.append)
    head, *rows = csv.reader(out.open(newline=""))
    changed = [[*row[:-1], "0.25"] for row in rows]
    import_examples("dance", sheet(out, head, changed), said.append, replace=True)
    with Examples.read_only(dance / FILE) as examples:
        assert [one.kept for one in examples.rounds()] == [False, False, True, True]
        assert {row[1] for row in np.array(examples.read().outputs).tolist()} == {0.25}


def test_rounds_are_told_changed_left_out_and_taken_back(dance):
    said = []
    change_round("dance", "2 psi=0.5", said.append)
    change_round("dance", "1.3 body.x=7", said.append)
    keep_rounds("dance", [4], False, said.append)
    keep_rounds("dance", [1], True, said.append)
    assert said[0] == "round 2 is left out and round 3 in its place: run livegan fit dance."
    list_rounds("dance", said.append)
    assert said[-4:] == [
        "round 1: numbers, 4 examples",
        "round 2: numbers, 4 examples, left out",
        "round 3: numbers, 4 examples",
        "round 4: numbers, 4 examples, left out",
    ]
    with Examples.read_only(dance / FILE) as examples:
        assert examples.of_round(4)[1][2, 0] == 7
        assert set(examples.of_round(3)[2][:, 0].tolist()) == {0.5}


@pytest.mark.parametrize("text", ["", "3", "3 glow", "x glow=1", "3.y glow=1", "3 glow=red", "3 =1"])
def test_a_change_that_says_nothing_is_refused(text):
    with pytest.raises(BadRequest, match="a change is"):
        read_change(text)
