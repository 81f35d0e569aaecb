"""A set is read as it was written, or one sentence says what is wrong with it."""

import hashlib
import json
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.errors import BadRequest, Failure
from livegan.training.dataset import Dataset, Making, sheet


def made(path, count=100, size=8, labels=("day", "night"), hold_out=0.05):
    pixels = np.random.default_rng(0).integers(0, 255, (count, size, size, 3), np.uint8)
    with Making(path, size) as making:
        for number, one in enumerate(pixels):
            making.add([one], labels[number % len(labels)] if labels else "")
        return pixels, making.finish({"source": "test"}, hold_out, 0, "all well\n")


def test_what_was_written_is_read(tmp_path):
    pixels, _ = made(tmp_path / "set")
    found = Dataset.open(tmp_path / "set")
    assert (len(found), found.size, found.labels) == (100, 8, ("day", "night"))
    assert np.array_equal(found.pictures([3, 99, 3]), pixels[[3, 99, 3]])
    assert found.label(np.array([0, 1, 2])).tolist() == [0, 1, 0]
    assert found.label([0]).dtype == np.int64


def test_pictures_are_copies(tmp_path):
    pixels, found = made(tmp_path / "set", 4)
    found.pictures([0])[:] = 0
    assert np.array_equal(found.pictures([0])[0], pixels[0])


def test_without_labels_there_is_no_label(tmp_path):
    assert made(tmp_path / "set", 4, labels=())[1].label([0]) is None


@pytest.mark.parametrize(("count", "share", "held"), [(100, 0.05, 16), (1000, 0.05, 50), (20, 0.05, 1), (100, 0, 0)])
def test_some_are_held_out_and_never_trained_on(tmp_path, count, share, held):
    _, found = made(tmp_path / "set", count, 4, (), share)
    assert len(found.held_out) == held
    assert sorted([*found.train, *found.held_out]) == list(range(count))


DAMAGE = {
    "nothing": lambda head: None,
    "newer": lambda head: {**head, "format": 9},
    "no format": lambda head: {k: v for k, v in head.items() if k != "format"},
    "a list": lambda head: [head],
    "a count too high": lambda head: {**head, "count": 101},
    "no size": lambda head: {**head, "size": 0},
    "a label too many": lambda head: {**head, "label": [*head["label"], 0]},
    "a label that is none": lambda head: {**head, "label": [7] * 100},
    "all held out": lambda head: {**head, "held_out": list(range(100))},
    "held out elsewhere": lambda head: {**head, "held_out": [100]},
    "an unknown key": lambda head: {**head, "colour": 1},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_head_is_one_sentence(tmp_path, damage):
    made(tmp_path / "set")
    path = tmp_path / "set/dataset.json"
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(BadRequest) as caught:
        Dataset.open(tmp_path / "set")
    assert "\n" not in str(caught.value)
    assert "set" in str(caught.value)


def test_a_newer_set_asks_for_a_newer_livegan(tmp_path):
    made(tmp_path / "set")
    path = tmp_path / "set/dataset.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2, "new": 1}))
    with pytest.raises(BadRequest, match="newer livegan"):
        Dataset.open(tmp_path / "set")


@given(text=st.binary(max_size=60))
@settings(max_examples=50)
def test_any_bytes_for_a_head_are_one_sentence(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("set")
    (path / "dataset.json").write_bytes(text)
    with pytest.raises(BadRequest):
        Dataset.open(path)


def test_short_pixels_or_none_are_one_sentence(tmp_path):
    made(tmp_path / "set")
    pixels = tmp_path / "set/pictures.u8"
    pixels.write_bytes(pixels.read_bytes()[:-1])
    with pytest.raises(BadRequest, match="19,199 bytes, 19,200 were written"):
        Dataset.open(tmp_path / "set")
    pixels.unlink()
    with pytest.raises(BadRequest, match="0 bytes"):
        Dataset.open(tmp_path / "set")
    with pytest.raises(BadRequest, match="there is no dataset"):
        Dataset.open(tmp_path)


def test_an_unfinished_set_has_no_name(tmp_path):
    with Making(tmp_path / "set", 4) as making:
        making.add([np.zeros((4, 4, 3), np.uint8)])
        assert not (tmp_path / "set").exists()
    assert not list(tmp_path.iterdir())


def test_somebody_elses_folder_is_left_alone(tmp_path):
    diary = tmp_path / ".set.unfinished/set/diary.txt"
    diary.parent.mkdir(parents=True)
    diary.write_text("mine")
    with pytest.raises(Failure, match="could not write"), Making(tmp_path / "set", 4):
        pass
    assert diary.read_text() == "mine"


def test_who_makes_the_same_set_meanwhile_is_refused_and_undoes_nothing(tmp_path):
    with Making(tmp_path / "set", 4) as making:
        making.add([np.ones((4, 4, 3), np.uint8)])
        with pytest.raises(BadRequest, match="already"), Making(tmp_path / "set", 4):
            pass
        making.add([np.zeros((4, 4, 3), np.uint8)])
        assert len(making.finish({}, 0, 0, "all well\n")) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["set"]
    assert sorted(one.name for one in (tmp_path / "set").iterdir()) == [
        "contact.png",
        "dataset.json",
        "pictures.u8",
        "report.txt",
    ]


def test_other_pictures_make_another_head_and_the_same_the_same(tmp_path):
    def head(name, level):
        with Making(tmp_path / name, 4) as making:
            making.add([np.full((4, 4, 3), level, np.uint8)])
            making.finish({}, 0, 0, "")
        return (tmp_path / name / "dataset.json").read_bytes()

    assert head("a", 1) == head("b", 1)
    assert head("c", 2) != head("a2", 1)
    pixels = (tmp_path / "a/pictures.u8").read_bytes()
    assert json.loads(head("d", 1))["pixels"] == hashlib.sha256(pixels).hexdigest()


def test_a_set_without_that_sum_is_opened(tmp_path):
    made(tmp_path / "set")
    path = tmp_path / "set/dataset.json"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != "pixels"}))
    assert len(Dataset.open(tmp_path / "set")) == 100


@contextmanager
def largest_file(count):
    """What writes more bytes into a file fails, as on a full disk."""
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path):
    with pytest.raises(Failure, match="nothing is kept"), largest_file(100):
        made(tmp_path / "set", 1, 32)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_has_room_for_all():
    one = np.full((8, 8, 3), 200, np.uint8)
    assert sheet([one] * 7, 3, 16).size == (48, 48)
    assert sheet([one], 3, 16).size == (16, 16)
