"""The scribe: what it answered is on disk, once; what fails is a sentence and costs nothing that was there."""

import os
import signal
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.clock import SystemClock
from livegan.frame import Feature, Frame
from livegan.inputs.take import load_take
from livegan.letters import Letter
from livegan.mapping import mapping
from livegan.mapping.examples import FILE, Examples
from livegan.rehearsal import scribe as scribe_room
from livegan.rehearsal.scribe import Scribe, runs
from livegan.show.clerk import Clerk
from tests.mapping.teaching import FEATURES, POSES
from tests.shows import wait_for

NAMES = [feature.name for feature in FEATURES]


@pytest.fixture
def scribe():
    with closing(Scribe()) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mappings" / "own"


def begin(folder: Path, **changes: object) -> Letter:
    features = [{"name": f.name, "kind": f.kind, "unit": f.unit} for f in FEATURES]
    return Letter(
        {"do": "begin", "folder": str(folder), "settings": {"features": NAMES}, "features": features, **changes}
    )


def look(folder: Path, name: str = "sky", value: float = 1.0) -> Letter:
    words = {"do": "look", "folder": str(folder), "name": name, "seed": None, "psi": 0.8, "model": "abc"}
    return Letter(words, {"z": np.full(4, value, np.float32), "w": np.full((2, 3), value, np.float32)})


def round_of(folder: Path, round_id: int = 1, name: str | None = "sky") -> Letter:
    return Letter({"do": "round", "folder": str(folder), "round": round_id, "look": name})


def rows(folder: Path, first: int = 0, round_id: int = 1, values: object = POSES) -> Letter:
    return Letter(
        {"do": "rows", "folder": str(folder), "round": round_id, "first": first}, {"rows": np.float32(values)}
    )


def keep(folder: Path, kept: bool, *rounds: int) -> Letter:
    return Letter({"do": "keep", "folder": str(folder), "rounds": list(rounds), "kept": kept})


def said(scribe: Scribe, *letters: Letter) -> list[dict]:
    """The words of the answers."""
    answers = scribe.carry_out(letters)
    assert len(answers) == len(letters)
    assert all(answer.words["done"] is True for answer in answers)
    return [answer.words for answer in answers]


def errors(scribe: Scribe, *letters: Letter) -> list[str]:
    return [words["error"] for words in said(scribe, *letters)]


def test_a_mapping_is_taught_from_nothing(scribe, folder):
    answers = said(scribe, begin(folder), look(folder), round_of(folder), rows(folder), keep(folder, False, 1))
    assert [words["error"] for words in answers] == [""] * 5
    assert (answers[0]["next_round"], answers[0]["rounds"], answers[0]["looks"]) == (1, [], [])
    assert (answers[1]["look"], answers[1]["looks"]) == ("sky", ["sky"])
    assert answers[3]["count"] == len(POSES)
    versions = [answers[at]["version"] for at in (0, 2, 3, 4)]
    assert versions[0] == versions[1] == versions[3] != versions[2]
    again = said(scribe, begin(folder))[0]
    assert (again["version"], again["next_round"]) == (versions[3], 2)
    assert again["rounds"] == [{"id": 1, "look": "sky", "kept": False, "count": len(POSES)}]
    assert mapping.read_settings(folder).features == NAMES


def test_examples_that_carry_numbers_need_no_look(scribe, folder):
    letter = Letter(rows(folder).words, {"rows": POSES, "outputs": np.eye(4, dtype=np.float32)})
    assert errors(scribe, begin(folder), round_of(folder, name=None), letter) == [""] * 3
    with Examples.read_only(folder / FILE) as examples:
        np.testing.assert_array_equal(examples.read().outputs, np.eye(4))


def test_rows_that_wait_together_are_one_transaction(scribe, folder):
    said(scribe, begin(folder), look(folder), round_of(folder))
    commits: list[str] = []
    scribe._held[folder][0]._db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    answers = said(scribe, *(rows(folder, 4 * n) for n in range(60)))
    assert [words["count"] for words in answers] == [240] * 60
    assert len({words["version"] for words in answers}) == 1
    assert commits == ["COMMIT"]


def test_only_neighbours_that_may_be_are_carried_out_together(folder):
    letters = [
        rows(folder),
        rows(folder, 4),
        keep(folder, True, 1),
        keep(folder, True, 1),
        rows(folder),
        rows(folder / "a"),
    ]
    assert [len(run) for run in runs(letters)] == [2, 1, 1, 1, 1]
    assert [letter for run in runs(letters) for letter in run] == letters
    assert runs([]) == []


def test_a_letter_that_is_wrong_spoils_no_other(scribe, folder):
    said(scribe, begin(folder), look(folder), round_of(folder))
    wrong = [rows(folder, 4, values=POSES + np.inf), rows(folder, 4, 9), rows(folder, 4, values=POSES[:, :2])]
    found = errors(
        scribe, rows(folder), wrong[0], rows(folder, 4), *wrong[1:], Letter({"do": "dance"}), rows(folder, 8)
    )
    assert [bool(error) for error in found] == [False, True, False, True, True, True, False]
    assert "infinite" in found[1]
    assert "no round 9" in found[3]
    assert "dance" in found[5]
    assert all("\n" not in error for error in found)
    with Examples.read_only(folder / FILE) as examples:
        assert examples.counts() == {"sky": 12}


def test_what_cannot_be_taught_is_one_sentence(scribe, folder):
    assert "teach a few looks first" in errors(scribe, rows(folder))[0]
    said(scribe, begin(folder))
    assert 'no look "rose"' in errors(scribe, round_of(folder, name="rose"))[0]
    assert "differs" in errors(scribe, begin(folder, features=[{"name": "body.x", "kind": "linear", "unit": 1.0}]))[0]
    (folder / mapping.FILE).write_text('features = ["body.knee"]')
    assert "body.knee" in errors(scribe, begin(folder))[0]
    (folder / mapping.FILE).write_text("features = ")
    assert "TOML" in errors(scribe, begin(folder))[0]


def test_a_disk_that_refuses_is_told_and_later_letters_go_on(scribe, folder):
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file where a folder is wanted")
    letters = [begin(folder), look(folder), round_of(folder), rows(folder), rows(folder, 4)]
    assert all(errors(scribe, *letters))
    assert "could not be made" in errors(scribe, *letters)[0]
    folder.parent.unlink()
    assert errors(scribe, *letters) == [""] * 5


def test_a_folder_that_was_replaced_is_written_to_and_not_its_ghost(scribe, folder):
    said(scribe, begin(folder), look(folder), round_of(folder), rows(folder))
    os.rename(folder, folder.with_name("before"))
    assert "teach a few looks first" in errors(scribe, rows(folder, 4))[0]
    with closing(Scribe()) as other:
        said(other, begin(folder), look(folder), round_of(folder))
    assert said(scribe, rows(folder))[0]["count"] == 4


LETTERS = [
    "begin",
    "sky",
    "sea",
    "sky 2",
    "round 1",
    "round 2",
    "rows 1",
    "more 1",
    "rows 2",
    "out 1",
    "back 1",
    "out 2",
]


def letter_of(name: str, folder: Path) -> Letter:
    makes = {
        "begin": begin(folder),
        "sky": look(folder),
        "sea": look(folder, "sea"),
        "sky 2": look(folder, value=2.0),
        "round 1": round_of(folder, 1),
        "round 2": round_of(folder, 2, "sea"),
        "rows 1": rows(folder),
        "more 1": rows(folder, 4),
        "rows 2": rows(folder, 0, 2, -POSES),
        "out 1": keep(folder, False, 1),
        "back 1": keep(folder, True, 1),
        "out 2": keep(folder, False, 1, 2),
    }
    return makes[name]


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(st.sampled_from(LETTERS), max_size=12).map(lambda names: ["begin", *names]),
    twice=st.lists(st.booleans(), min_size=13, max_size=13),
    killed=st.lists(st.booleans(), min_size=13, max_size=13),
)
def test_letters_told_twice_change_nothing(tmp_path_factory, names, twice, killed):
    once, again = (tmp_path_factory.mktemp("scribe") / name for name in ("once", "again"))
    with closing(Scribe()) as one:
        wanted = [one.carry_out([letter_of(name, once)])[0].words["error"] == "" for name in names]
    other = Scribe()
    for name, good, twofold, new in zip(names, wanted, twice, killed, strict=False):
        if new:
            other.close()
            other = Scribe()
        first = said(other, letter_of(name, again))[0]
        assert (first["error"] == "") == good
        if twofold:
            assert said(other, letter_of(name, again))[0] == first
    other.close()
    with Examples.read_only(once / FILE) as a, Examples.read_only(again / FILE) as b:
        assert (a.looks(), a.rounds()) == (b.looks(), b.rounds())
        np.testing.assert_array_equal(a.read().rows, b.read().rows)
        assert a.version.split(":")[1] == b.version.split(":")[1]


def test_it_is_killed_and_nothing_is_lost_or_there_twice(folder):
    with closing(Clerk("scribe", scribe_room.work, SystemClock())) as clerk:
        answers: list[Letter] = []
        for letter in (begin(folder), look(folder), round_of(folder)):
            clerk.ask(letter, answers.append)
        for number in range(300):
            clerk.ask(rows(folder, number, values=POSES[:1] + number), answers.append)
            if number in (100, 200):
                wait_for(lambda asked=number: len(answers) > asked)
                os.kill(clerk.pid(), signal.SIGKILL)
        wait_for(lambda: len(answers) == 303)
        assert not any(answer.words["error"] for answer in answers)
        assert clerk.health().restarts == 2
    with Examples.read_only(folder / FILE) as examples:
        np.testing.assert_array_equal(examples.read().rows[:, 0], np.arange(300))


def file(root: Path, path: str, data: bytes = b"look") -> Letter:
    return Letter({"do": "file", "root": str(root), "path": path}, {"data": np.frombuffer(data, np.uint8)})


def test_a_file_is_written_whole_inside_its_root(scribe, tmp_path):
    root = tmp_path / "patches" / "dancer"
    assert errors(scribe, file(root, "looks.safetensors"), file(root, "pages/1/page.png", b"page")) == ["", ""]
    assert (root / "looks.safetensors").read_bytes() == b"look"
    assert (root / "pages/1/page.png").read_bytes() == b"page"
    assert errors(scribe, file(root, "looks.safetensors", b"")) == [""]
    assert (root / "looks.safetensors").read_bytes() == b""


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/out", "", ".", "away/out", "link", "deep/../a"])
def test_a_file_is_never_written_elsewhere(scribe, tmp_path, path):
    root, away = tmp_path / "root", tmp_path / "away"
    root.mkdir()
    away.mkdir()
    (away / "precious").write_text("precious")
    (root / "away").symlink_to(away)
    (root / "link").symlink_to(away / "precious")
    error = errors(scribe, file(root, str(away / "out") if path == "/out" else path))[0]
    assert "is not written" in error
    assert [*away.iterdir()] == [away / "precious"]
    assert (away / "precious").read_text() == "precious"


BODY = [Feature("x", group="body"), Feature("y", group="hand", kind="angle")]
TAKE = [Frame(np.float32([n, -n]), n / 30, np.array([True, n % 2 == 0]), n + 1, n == 7) for n in range(20)]


def frames(root: Path, first: int, end: int, path: str = "takes/1/body.safetensors", shift: float = 0.0) -> Letter:
    part = TAKE[first:end]
    arrays = {
        "data": np.array([frame.data + np.float32(shift) for frame in part], np.float32).reshape(-1, 2),
        "seen": np.array([frame.seen for frame in part]),
        "present": np.array([frame.present for frame in part], bool).reshape(-1, 2),
        "cut": np.array([frame.cut for frame in part], bool),
    }
    return Letter({"do": "frames", "root": str(root), "path": path, "first": first}, arrays)


def take(root: Path, path: str = "takes/1/body.safetensors") -> Letter:
    return Letter({"do": "take", "root": str(root), "path": path, "features": [asdict(one) for one in BODY]})


def same_take(path: Path, shift: float = 0.0) -> None:
    features, found = load_take(path)
    assert features == BODY
    assert [(f.data - shift).tolist() for f in found] == [f.data.tolist() for f in TAKE]
    assert [(f.seen, f.present.tolist(), f.cut, f.count) for f in found] == [
        (f.seen, f.present.tolist(), f.cut, f.count) for f in TAKE
    ]


def test_chunks_become_a_take_and_leave_nothing_else(scribe, tmp_path):
    letters = [frames(tmp_path, 0, 8), frames(tmp_path, 8, 9), frames(tmp_path, 9, 20), take(tmp_path)]
    assert errors(scribe, *(letter for letter in letters for _ in range(2))) == [""] * 8
    path = tmp_path / "takes/1/body.safetensors"
    same_take(path)
    assert [*path.parent.iterdir()] == [path]
    assert errors(scribe, *letters) == [""] * 4
    same_take(path)


@pytest.mark.parametrize("torn", [1, 20, 60, 300])
def test_a_chunk_whose_writing_was_cut_short_was_never_there(tmp_path, torn):
    with closing(Scribe()) as first:
        said(first, frames(tmp_path, 0, 8), frames(tmp_path, 8, 20))
    journal = tmp_path / "takes/1/.body.safetensors.journal"
    journal.write_bytes(journal.read_bytes()[:-torn])
    with closing(Scribe()) as second:
        assert "8 was due" in errors(second, frames(tmp_path, 9, 20))[0]
        assert errors(second, frames(tmp_path, 0, 8), frames(tmp_path, 8, 20), take(tmp_path)) == [""] * 3
    same_take(tmp_path / "takes/1/body.safetensors")


def test_a_take_begun_again_puts_the_unfinished_one_aside(scribe, tmp_path):
    said(scribe, frames(tmp_path, 0, 8))
    assert errors(scribe, frames(tmp_path, 0, 20, shift=1.0), take(tmp_path)) == ["", ""]
    same_take(tmp_path / "takes/1/body.safetensors", shift=1.0)
    assert (tmp_path / "takes/1/.body.safetensors.unfinished").is_file()


def test_what_is_no_take_is_one_sentence(scribe, tmp_path):
    assert "no frames" in errors(scribe, take(tmp_path))[0]
    assert "of one length" in errors(scribe, frames(tmp_path, 0, 0))[0]
    assert "of one length" in errors(scribe, Letter(frames(tmp_path, 0, 1).words, {"data": np.zeros((1, 2))}))[0]
    assert "0 was due" in errors(scribe, frames(tmp_path, 3, 5))[0]
    assert "is not written" in errors(scribe, frames(tmp_path, 0, 5, path="../away"))[0]
