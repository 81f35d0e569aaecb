"""Examples: acknowledged means on disk, nothing is lost or guessed, and every damage is one sentence."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livegan.errors import BadRequest, LiveganError
from livegan.frame import Feature
from livegan.mapping import tables
from livegan.mapping.examples import FILE, IN_ROUND, Examples
from livegan.mapping.taught import TaughtLook
from tests.mapping.teaching import FEATURES, POSES, teach


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dance" / FILE


def test_what_was_added_is_read_back(path):
    z, w = np.arange(4, dtype=np.float32), np.arange(6, dtype=np.float32).reshape(2, 3)
    with Examples.open(path, FEATURES) as examples:
        first = examples.add_look(TaughtLook("sky", seed=7, psi=0.5, model="abc"))
        second = examples.add_look(TaughtLook("sea", z=z, w=w))
        assert examples.looks() == {"sky": first, "sea": second}
        examples.add(examples.begin_round(second), POSES[0])
        examples.add(examples.begin_round(first), [[1, np.nan, 3], [4, 5, 6]])
        examples.add(examples.begin_round(), POSES[:2], [[1, 2], [3, np.nan]])
        assert examples.counts() == {"": 2, "sky": 2, "sea": 1}
    with Examples.read_only(path) as examples:
        taught = examples.read()
    assert taught.features == tuple(Feature(f.name, f.kind, unit=f.unit) for f in FEATURES)
    assert [look.name for look in taught.looks] == ["sky", "sea"]
    assert (taught.looks[0].seed, taught.looks[0].psi, taught.looks[0].model) == (7, 0.5, "abc")
    assert taught.looks[0].z is None
    np.testing.assert_array_equal(taught.looks[1].z, z)
    np.testing.assert_array_equal(taught.looks[1].w, w)
    np.testing.assert_array_equal(taught.rows[:3], [POSES[0], [1, np.nan, 3], [4, 5, 6]])
    assert taught.look.tolist() == [1, 0, 0, -1, -1]
    assert taught.rounds.tolist() == [1, 2, 2, 3, 3]
    np.testing.assert_array_equal(taught.outputs[4], np.array([3, np.nan], np.float32))


def test_the_version_tells_what_is_kept_and_no_other_database_has_it(path, tmp_path):
    versions = []
    with Examples.open(path, FEATURES) as examples:
        versions.append(examples.version)
        look = examples.add_look(TaughtLook("sky", seed=1))
        round_id = examples.begin_round(look)
        assert examples.version == versions[0]
        for rows in (POSES, POSES[:1], POSES[:1]):
            examples.add(round_id, rows)
            versions.append(examples.version)
        examples.add(examples.begin_round(look), POSES)
        versions.append(examples.version)
        examples.keep(round_id, False)
        versions.append(examples.version)
    with Examples.open(tmp_path / "other" / FILE, FEATURES) as other:
        versions.append(other.version)
    assert len(set(versions)) == len(versions)


def test_a_copy_that_was_taught_on_otherwise_has_another_version(path, tmp_path):
    versions = set()
    with Examples.open(path, FEATURES) as examples:
        examples.begin_round()
    for value in (1, 2):
        folder = shutil.copytree(path.parent, tmp_path / f"copy {value}")
        with Examples.open(folder / FILE) as examples:
            examples.add(1, POSES + value, [1])
            versions.add(examples.version)
    assert len(versions) == 2


def test_a_round_taken_back_gives_the_version_of_before(path):
    with Examples.open(path, FEATURES) as examples:
        rounds = [examples.begin_round() for _ in range(3)]
        versions = []
        for round_id in rounds:
            versions.append(examples.version)
            examples.add(round_id, POSES, [round_id])
        for round_id in reversed(rounds):
            examples.keep(round_id, False)
            assert examples.version == versions[rounds.index(round_id)]
        for round_id in rounds:
            assert examples.version == versions[rounds.index(round_id)]
            examples.keep(round_id, True)


def test_what_was_added_under_its_own_id_may_be_added_again(path):
    with Examples.open(path, FEATURES) as examples:
        look = examples.add_look(TaughtLook("sky", seed=1))
        assert examples.begin_round(look, 7) == examples.begin_round(look, 7) == 7
        examples.add(7, POSES[:3], first=0)
        before, version = examples.read(), examples.version
        examples.add(7, POSES[:3], first=0)
        examples.add(7, POSES[1:3], first=1)
        assert examples.version == version
        np.testing.assert_array_equal(examples.read().rows, before.rows)
        examples.add(7, POSES[2:], first=2)
        np.testing.assert_array_equal(examples.read().rows, POSES)
        assert examples.begin_round(look) == 8
        assert [(one.id, one.look, one.kept, one.count) for one in examples.rounds()] == [
            (7, "sky", True, len(POSES)),
            (8, "sky", True, 0),
        ]


def test_what_is_there_is_never_written_over(path):
    with Examples.open(path, FEATURES) as examples:
        looks = [examples.add_look(TaughtLook(name, seed=1)) for name in ("sky", "sea")]
        examples.begin_round(looks[0], 1)
        examples.add(1, POSES[0], first=0)
        for other in (looks[1], None):
            with pytest.raises(BadRequest, match="another show"):
                examples.begin_round(other, 1)
        with pytest.raises(BadRequest, match="another show"):
            examples.add(1, [POSES[1], POSES[2]], first=0)
        with pytest.raises(BadRequest, match="another show"):
            examples.add(1, POSES[0], [0.5], first=0)
        np.testing.assert_array_equal(examples.read().rows, POSES[:1])


@pytest.mark.parametrize("first", [-1, IN_ROUND - 1, IN_ROUND])
def test_a_round_has_an_end(path, first):
    with Examples.open(path, FEATURES) as examples:
        examples.begin_round(None, 3)
        with pytest.raises(BadRequest, match="begin another"):
            examples.add(3, POSES[:2], [1], first)
        examples.add(3, POSES[:1], [1], IN_ROUND - 1)
        with pytest.raises(BadRequest, match="begin another"):
            examples.add(3, POSES[:1], [1])
        for round_id in (0, -1, 1 << 40):
            with pytest.raises(BadRequest, match="a round has an id"):
                examples.begin_round(None, round_id)


def test_examples_of_a_file_without_ids_of_their_own_are_gone_on_with(path):
    with Examples.open(path, FEATURES) as examples:
        examples.begin_round()
        for pose in POSES[:2]:
            examples._db.execute("INSERT INTO example (round, features) VALUES (1, ?)", (pose.tobytes(),))
        examples.add(1, POSES[2])
        examples.add(1, POSES[3])
        np.testing.assert_array_equal(examples.read().rows, POSES)


def test_a_look_is_stored_once_and_another_gets_a_name_of_its_own(path):
    w = np.ones((2, 3), np.float32)
    with Examples.open(path, FEATURES) as examples:
        assert examples.store_look(TaughtLook("sky", z=w[0], w=w)) == "sky"
        for _ in range(2):
            assert examples.store_look(TaughtLook("sky", z=w[0], w=w)) == "sky"
            assert examples.store_look(TaughtLook("sky", z=w[0], w=2 * w)) == "sky (2)"
            assert examples.store_look(TaughtLook("sky", z=w[0], w=w, psi=0.5)) == "sky (3)"
        assert list(examples.looks()) == ["sky", "sky (2)", "sky (3)"]


def test_changes_made_together_are_there_or_not_together(path):
    with Examples.open(path, FEATURES) as examples:
        version, round_id = examples.version, examples.begin_round()
        with pytest.raises(BadRequest, match="no round 9"):
            add_together(examples, round_id, 9)
        assert examples.version == version
        with Examples.read_only(path) as reader, examples.together():
            add_together(examples, round_id, round_id)
            assert reader.version == version
        assert examples.counts() == {"": 2 * len(POSES)}


def add_together(examples: Examples, *rounds: int) -> None:
    with examples.together():
        for round_id in rounds:
            examples.add(round_id, POSES, [1])


def test_a_folder_is_copied_whole_however_long_that_takes(path, tmp_path):
    copy = tmp_path / "copy" / FILE
    copy.parent.mkdir()
    with Examples.open(path, FEATURES) as examples:
        round_id = examples.begin_round()
        shutil.copy(path, copy)
        for _ in range(600):
            examples.add(round_id, POSES, [1])
        shutil.copy(f"{path}-wal", f"{copy}-wal")
        with Examples.open(copy) as copied:
            np.testing.assert_array_equal(copied.read().rows, examples.read().rows)


def test_a_round_left_out_can_be_taken_back(path):
    with Examples.open(path, FEATURES) as examples:
        rounds = [examples.begin_round() for _ in range(2)]
        for round_id in rounds:
            examples.add(round_id, POSES, [0.5])
        examples.keep(rounds[0], False)
        assert set(examples.read().rounds) == {rounds[1]}
        assert examples.counts() == {"": len(POSES)}
        examples.keep(rounds[0], True)
        assert set(examples.read().rounds) == set(rounds)


def test_the_disk_is_waited_for(path):
    with Examples.open(path, FEATURES) as examples:
        assert tables.number(examples._db, "synchronous") == 2
        assert examples._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_is_read_while_a_show_is_teaching(path):
    with Examples.open(path, FEATURES) as writer:
        round_id = writer.begin_round()
        writer.add(round_id, POSES, [1])
        with Examples.read_only(path) as reader:
            before = reader.version
            writer.add(round_id, POSES, [1])
            assert len(reader.read().rows) == 2 * len(POSES)
            assert reader.version != before
            with pytest.raises(LiveganError):
                reader.begin_round()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_bundled_folder_that_cannot_be_written_to_is_read(path):
    teach(path.parent)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with Examples.read_only(path) as examples:
            assert len(examples.read().rows) == 12
        assert os.listdir(path.parent).count(FILE) == 1
    finally:
        path.parent.chmod(0o700)


def test_an_error_in_the_middle_leaves_nothing_behind(path):
    with Examples.open(path, FEATURES) as examples:
        version = examples.version
        with pytest.raises(BadRequest, match="no round 9"):
            examples.add(9, POSES)
        with pytest.raises(BadRequest, match="no look 9"):
            examples.begin_round(9)
        assert examples.version == version
        assert examples.begin_round() > 0


@pytest.mark.parametrize(
    ("rows", "outputs", "said"),
    [
        ([[1, 2]], None, "has 3 features, found 2"),
        ([[1, 2, np.inf]], None, "infinite"),
        ([[np.nan] * 3], None, "nothing that was seen"),
        ([[1, 2, 3]], [np.inf], "finite"),
        ([[1, 2, 3]], [[1], [2]], "1 examples came with the numbers for 2"),
    ],
)
def test_rows_that_would_teach_nonsense_are_refused(path, rows, outputs, said):
    with Examples.open(path, FEATURES) as examples:
        with pytest.raises(BadRequest, match=said):
            examples.add(examples.begin_round(), rows, outputs)
        assert examples.counts() == {}


def test_looks_must_be_drawable_and_have_names_of_their_own(path):
    with Examples.open(path, FEATURES) as examples:
        examples.add_look(TaughtLook("sky", seed=1))
        with pytest.raises(BadRequest, match="already a look"):
            examples.add_look(TaughtLook("sky", seed=2))
        with pytest.raises(BadRequest, match="no seed, no z and no w"):
            examples.add_look(TaughtLook("sea"))


def test_other_features_are_refused_by_name(path):
    Examples.open(path, FEATURES).close()
    with pytest.raises(BadRequest, match=r"body.knee differs"):
        Examples.open(path, [*FEATURES, Feature("body.knee")])
    with pytest.raises(BadRequest, match="another order"):
        Examples.open(path, FEATURES[::-1])
    Examples.open(path, FEATURES).close()


def test_missing_newer_and_foreign_files_are_one_sentence(path, tmp_path):
    for opened in (Examples.open, Examples.read_only):
        with pytest.raises(BadRequest, match="teach a few looks first"):
            opened(path)
    Examples.open(path, FEATURES).close()
    change(path, "PRAGMA user_version = 2")
    with pytest.raises(BadRequest, match="format 2, this livegan knows 1: update"):
        Examples.read_only(path)
    change(path, "PRAGMA application_id = 5")
    with pytest.raises(BadRequest, match="another program"):
        Examples.open(path, FEATURES)
    text = tmp_path / "text.sqlite"
    text.write_text("no database at all " * 100)
    with pytest.raises(BadRequest, match="not a whole file of examples"):
        Examples.read_only(text)


def test_a_file_whose_making_was_cut_short_is_begun_again(path):
    path.parent.mkdir()
    path.touch()
    with pytest.raises(BadRequest, match="no examples yet"):
        Examples.read_only(path)
    with Examples.open(path, FEATURES) as examples:
        assert [feature.name for feature in examples.features] == [feature.name for feature in FEATURES]


def test_a_strangers_trigger_is_refused(path):
    teach(path.parent)
    change(path, "CREATE TRIGGER t AFTER INSERT ON example BEGIN DELETE FROM example; END")
    with pytest.raises(BadRequest, match="its tables are not those of livegan"):
        Examples.open(path, FEATURES)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE example SET features = x'00' WHERE id = 1 << 20",
        "UPDATE example SET features = 'words' WHERE id = 1 << 20",
        "UPDATE example SET features = x'0000807f0000807f0000807f' WHERE id = 1 << 20",
        "UPDATE round SET look = 99",
        "UPDATE look SET seed = 'words'",
        "UPDATE look SET w = x'0000000000000000', layers = 0",
        "UPDATE feature SET kind = 'spiral'",
        "UPDATE feature SET unit = -1",
        "DELETE FROM state",
    ],
)
def test_rows_that_livegan_never_wrote_are_one_sentence(path, sql):
    teach(path.parent)
    change(path, sql)
    with (
        pytest.raises(BadRequest, match="not a whole file of examples"),
        Examples.read_only(path) as examples,
    ):
        examples.read()


def change(path: Path, sql: str) -> None:
    db = sqlite3.connect(path)
    db.execute(sql)
    db.commit()
    db.close()


def test_any_cut_and_any_flipped_byte_is_a_sentence_or_harmless(path, tmp_path):
    teach(path.parent)
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.sqlite"
    draw = np.random.default_rng(5)
    flips = np.unique(np.concatenate([np.arange(100), draw.integers(0, len(whole), 150)]))
    for at in flips:
        data = bytearray(whole)
        data[at] ^= 0x5A
        damaged.write_bytes(data)
        assert "\n" not in said_of(damaged)
    for length in draw.integers(1, len(whole), 30):
        damaged.write_bytes(whole[:length])
        with pytest.raises(LiveganError):
            read_all(damaged)


def said_of(path: Path) -> str:
    """What is said against a file, or nothing; anything but a sentence fails the test."""
    try:
        read_all(path)
    except LiveganError as error:
        return str(error)
    return ""


def read_all(path: Path):
    with Examples.read_only(path) as examples:
        return examples.read()


WRITER = """
import sys
import numpy as np
from pathlib import Path
from livegan.mapping.examples import Examples
from tests.mapping.teaching import FEATURES
examples = Examples.open(Path(sys.argv[1]), FEATURES)
round_id = examples.begin_round()
for count in range(100000):
    examples.add(round_id, np.full(3, count), np.float32([count]))
    print(count, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(path):
    acknowledged = 0
    for wanted in (5, 40, 17):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as child:
            lines = [child.stdout.readline() for _ in range(wanted)]
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.read().splitlines()
        acknowledged += len([line for line in lines if line.strip()])
        with Examples.read_only(path) as examples:
            taught = examples.read()
        assert acknowledged <= len(taught.rows) <= acknowledged + 1
        acknowledged = len(taught.rows)
        assert all(row[0] == numbers[0] for row, numbers in zip(taught.rows, taught.outputs, strict=True))


def test_units_that_nobody_said_are_a_part_of_what_the_kept_examples_show(path):
    features = [Feature("a", unit=0.0), Feature("b", unit=0.0), Feature("c", unit=2.0)]
    with Examples.open(path, features) as examples:
        examples.add(examples.begin_round(), [[0, 5, 0], [0.02, 5, 9], [0.01, np.nan, 9]], [1.0])
        wide = examples.begin_round()
        examples.add(wide, [[8, 5, 0]], [1.0])
        assert [one.unit for one in examples.read().features] == [2, 1, 2]
        examples.keep(wide, False)
        assert [one.unit for one in examples.read().features] == pytest.approx([0.005, 1, 2])
    assert [one.unit for one in Examples.open(path, features).features] == [0, 0, 2]
