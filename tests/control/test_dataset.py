"""`livegan dataset`: what is asked is checked, what came of it is told."""

import pytest

from livegan.control.dataset import Asked, dataset
from livegan.errors import BadRequest
from livegan.training.dataset import Dataset
from tests.training import odd


def told(source, out, **asked):
    said = []
    dataset(Asked(str(source), out, **asked), said.append)
    return said


WRONG = {
    "no power of two": {"size": 100},
    "too large": {"size": 2048},
    "half held out": {"hold_out": 0.7},
    "a seed below zero": {"seed": -1},
    "a count": {"count": 5},
    "two ways": {"every": 1.0, "frames": 4},
    "no time at all": {"every": 0.0},
    "not a time": {"every": float("nan")},
    "no limit": {"limit": 0},
    "a crop": {"crop": "left"},
    "a colour": {"fill": "blurple"},
    "another colour": {"alpha": "#12"},
}


@pytest.mark.parametrize("asked", WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_one_sentence_and_makes_nothing(tmp_path, asked):
    (tmp_path / "src").mkdir()
    odd.painting(0).save(tmp_path / "src/a.png")
    with pytest.raises(BadRequest, match=next(reversed(asked)).replace("_", "-")):
        told(tmp_path / "src", tmp_path / "set", **asked)
    assert [p.name for p in tmp_path.iterdir()] == ["src"]


def test_a_source_that_is_not_there(tmp_path):
    with pytest.raises(BadRequest, match="there is no"):
        told(tmp_path / "missing", tmp_path / "set")


@pytest.mark.parametrize("asked", [{"crop": "none"}, {"mirror": True}, {"limit": 3}, {"count": 0}])
def test_skies_take_no_options_of_files(tmp_path, asked):
    with pytest.raises(BadRequest, match=next(iter(asked))):
        told("skies", tmp_path / "set", **asked)


def test_a_long_list_of_what_was_left_out_is_in_the_report(tmp_path):
    (tmp_path / "src").mkdir()
    for seed in range(20):
        odd.painting(seed).save(tmp_path / "src" / f"good{seed}.png")
        (tmp_path / "src" / f"bad{seed}.png").write_bytes(b"bad")
    said = told(tmp_path / "src", tmp_path / "set", size=32, alpha="#ff0000")
    assert sum(line.startswith("left out: bad") for line in said) == 12
    assert any(line.startswith("and 8 more") for line in said)
    assert "20 left out: 20 not a picture." in said
    assert said[-1].startswith("20 pictures of 32 px")
    assert len(Dataset.open(tmp_path / "set")) == 20


def test_skies_are_painted_with_their_labels(tmp_path):
    said = told("skies", tmp_path / "set", count=8, size=32, labels=True)
    found = Dataset.open(tmp_path / "set")
    assert (len(found), found.size) == (8, 32)
    assert found.labels
    assert said[-1].startswith("8 pictures of 32 px")
