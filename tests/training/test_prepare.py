"""From strangers' files to a usable set: what is taken, what is left out and why, and what it costs."""

import io
import os
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from livegan.errors import BadRequest, Failure
from livegan.training import prepare as preparing
from livegan.training.dataset import Dataset
from livegan.training.pictures import Cut
from livegan.training.prepare import Wanted, paint, prepare
from livegan.training.sources import told as shown
from livegan.training.videos import Moments
from tests.training import odd


def quiet(at, total, used):
    """Nobody looks."""


def prepared(source, out, size=64, moments=Moments(), crop="centre", seed=0, alpha=(255, 255, 255), **wanted):  # noqa: B008
    return prepare(Wanted(Path(source), Cut(size, crop, (0, 0, 0), alpha, seed), moments, **wanted), out, quiet)


def pictures(folder, count, side=80):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        odd.painting(1000 + number, side, side).save(folder / f"{number:04}.png")
    return folder


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """The hostile folder, prepared."""
    root = tmp_path_factory.mktemp("strange")
    used, left = odd.folder(root / "files")
    found = prepared(root / "files", root / "set")
    return root, used, left, found


def test_of_broken_odd_and_hostile_files_every_one_is_used_or_told(strange):
    _, used, left, found = strange
    why = {one.name: one.why for one in found.left}
    assert len(left) > 30
    assert {shown(name) for name in left} == set(why)
    for name, part in left.items():
        assert part in why[name], f"{name}: {why[name]}"
    assert found.used == len(used)
    assert found.dataset.pictures(range(len(used))).std((1, 2, 3)).min() > 4


def test_each_has_its_line_in_the_report(strange):
    root, _, left, _ = strange
    lines = (root / "set/report.txt").read_text("utf-8").splitlines()
    for name in left:
        assert sum(line.startswith(f"{shown(name)}: ") for line in lines) == 1
    assert all(line.isprintable() for line in lines)
    assert f"Left out: {len(left)}." in lines[0]


def test_what_was_odd_is_told_though_it_is_used(strange):
    notes = dict(strange[3].notes)
    assert "PNG" in notes["really-a-png.jpg"]
    assert "3 frames" in notes["animated.gif"]
    assert "3 frames" in notes["animated.webp"]
    assert "EXIF" in notes["turned.jpg"]
    assert "CMYK" in notes["cmyk.jpg"]
    assert "8 bits" in notes["sixteen.png"]
    assert "plain.jpg" not in notes


def only(tmp_path, content, **wanted):
    """The one picture that a file becomes."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one/picture").write_bytes(content)
    return prepared(tmp_path / "one", tmp_path / "set", **wanted).dataset.pictures([0])[0].astype(int)


def test_a_turned_photograph_is_upright(tmp_path):
    found = only(tmp_path, odd.GOOD["turned.jpg"])
    assert found[:, 36:, 0].mean() > 240 > found[:, :28, 0].mean() + 30
    assert found[:, :28, 2].mean() > 240


@pytest.mark.parametrize(("name", "seed"), [("sixteen.png", 5), ("sixteen.tif", 6), ("fractions.tif", 7)])
def test_more_than_eight_bits_keep_their_brightness(tmp_path, name, seed):
    wanted = np.asarray(odd.painting(seed).convert("L").resize((64, 64), Image.Resampling.LANCZOS), int)
    assert np.abs(only(tmp_path, odd.GOOD[name])[..., 0] - wanted).max() <= 3


def test_cmyk_keeps_its_colours_about(tmp_path):
    wanted = np.asarray(odd.painting(4).resize((64, 64), Image.Resampling.LANCZOS), int)
    assert np.abs(only(tmp_path, odd.GOOD["cmyk.jpg"]) - wanted).mean() < 12


def test_transparency_lies_on_the_colour(tmp_path):
    found = only(tmp_path, odd.GOOD["transparent.png"], alpha=(10, 200, 30))
    assert np.abs(found[:, :28] - (10, 200, 30)).max() <= 2


def test_crops(tmp_path):
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[...] = np.linspace(0, 255, 300, dtype=np.uint8)[:, None]
    content, found = odd.saved(Image.fromarray(wide), "PNG"), {}
    for crop in ("centre", "random", "none"):
        (tmp_path / crop).mkdir()
        found[crop] = only(tmp_path / crop, content, crop=crop, seed=1)
    assert abs(found["centre"].mean() - 127) < 2
    assert np.ptp(found["centre"]) == pytest.approx(85, abs=5)
    assert abs(found["random"].mean() - 127) > 5
    assert np.ptp(found["random"]) == pytest.approx(85, abs=5)
    assert found["none"][:20].max() == 0
    assert np.ptp(found["none"][30]) > 245


def test_copies_follow_their_picture_and_are_held_out_with_it(tmp_path):
    made = prepared(pictures(tmp_path / "src", 30), tmp_path / "set", mirror=True, rotate=True, hold_out=0.2).dataset
    assert len(made) == 240
    first = made.pictures(range(8))
    assert np.array_equal(first[1], first[0][:, ::-1])
    assert np.array_equal(first[2], np.rot90(first[0]))
    held = np.isin(np.arange(240), made.held_out).reshape(30, 8)
    assert (held.all(1) | ~held.any(1)).all()
    assert held.all(1).sum() == 6


def test_labels_are_subfolders(tmp_path):
    for seed, name in enumerate(("red/a", "red/b", "red/c", "blue/a", "blue/deeper/b", "alone")):
        path = tmp_path / "src" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        odd.painting(seed).save(path)
    found = prepared(tmp_path / "src", tmp_path / "set", labels=True)
    assert found.dataset.labels == ("blue", "red")
    assert found.dataset.label(range(5)).tolist() == [0, 0, 1, 1, 1]
    assert [one.name for one in found.left] == ["alone.png"]


def archive(path, files, **flags):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return path


def test_a_hostile_zip(tmp_path):
    good = {f"shots/{name}/a.png": odd.saved(odd.painting(seed), "PNG") for seed, name in enumerate(("x", "y", "z"))}
    link = zipfile.ZipInfo("shots/link.png")
    link.external_attr = 0o120777 << 16
    path = archive(tmp_path / "a.zip", {
        **good,
        "../escape.png": odd.GOOD["plain.png"],
        "/etc/escape.png": odd.GOOD["plain.png"],
        "C:\\escape.png": odd.GOOD["plain.png"],
        "shots/../../escape.png": odd.GOOD["plain.png"],
        "shots/bomb.png": bytes(60_000_000),
        "shots/nested.zip": odd.BAD["nested.zip"][0],
        "__MACOSX/shots/._a.png": b"x",
        link: b"/etc/passwd",
    })  # fmt: skip
    found = prepared(path, tmp_path / "set")
    why = {one.name: one.why for one in found.left}
    assert found.used == 3
    assert len(why) == 8
    assert sum("leads out of the zip" in one for one in why.values()) == 4
    assert "unfold" in why["shots/bomb.png"]
    assert "link" in why["shots/link.png"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "set"]


def test_a_damaged_file_in_a_zip_is_told_and_one_folder_around_all_is_no_label(tmp_path):
    files = {f"all/{name}/a.png": odd.saved(odd.painting(seed), "PNG") for seed, name in enumerate("xy")}
    path = archive(tmp_path / "a.zip", {**files, "all/x/broken.png": odd.GOOD["plain.png"]})
    data = bytearray(path.read_bytes())
    place = data.index(b"all/x/broken.png") + 200
    data[place : place + 60] = bytes(60)
    path.write_bytes(data)
    found = prepared(path, tmp_path / "set", labels=True)
    assert found.dataset.labels == ("x", "y")
    assert [(one.name, one.kind) for one in found.left] == [("all/x/broken.png", "damaged")]


def test_videos_give_frames_at_their_moments(tmp_path):
    (tmp_path / "src").mkdir()
    odd.film(tmp_path / "src/a.mp4")
    names = {one.name for one in prepared(tmp_path / "src", tmp_path / "set", moments=Moments(0.5)).left}
    assert names == set()
    assert prepared(tmp_path / "src", tmp_path / "more", moments=Moments(0.5)).used == 8
    assert prepared(tmp_path / "src/a.mp4", tmp_path / "some", moments=Moments(1, 4)).used == 4
    doubled = prepared(tmp_path / "src/a.mp4", tmp_path / "twice", moments=Moments(0.25))
    assert doubled.used == 8
    assert {one.kind for one in doubled.left} == {"duplicate"}


def test_a_video_cut_off_keeps_what_is_there(tmp_path):
    (tmp_path / "src").mkdir()
    odd.film(tmp_path / "src/a.avi")
    data = (tmp_path / "src/a.avi").read_bytes()
    (tmp_path / "src/a.avi").write_bytes(data[: len(data) * 2 // 3])
    assert 2 <= prepared(tmp_path / "src", tmp_path / "set", moments=Moments(0.5)).used < 8


def test_the_same_seed_gives_the_same_bytes_and_another_another_choice(tmp_path):
    source = pictures(tmp_path / "src", 40)

    def made(name, seed):
        one = prepared(source, tmp_path / name, crop="random", limit=10, seed=seed).dataset
        return one.pictures(range(10)).tobytes(), one.held_out.tolist()

    assert made("a", 3) == made("b", 3)
    assert made("c", 4) != made("a2", 3)


def test_a_set_is_never_replaced_and_a_half_made_one_is_made_anew(tmp_path):
    source = pictures(tmp_path / "src", 3)
    half = tmp_path / ".set.unfinished/set"
    half.mkdir(parents=True)
    for name in ("pictures.u8", ".contact.png.0a1b2c3d"):
        (half / name).write_bytes(b"half")
    prepared(source, tmp_path / "set")
    assert not half.parent.exists()
    with pytest.raises(BadRequest, match="there already"):
        prepared(source, tmp_path / "set")


def test_what_fails_midway_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    source = pictures(tmp_path / "src", 3)
    monkeypatch.setattr(preparing.Making, "_sheet", full)
    with pytest.raises(Failure, match="No space left"):
        prepared(source, tmp_path / "set")
    assert [p.name for p in tmp_path.iterdir()] == ["src"]


def test_nothing_usable_is_one_sentence(tmp_path):
    (tmp_path / "src").mkdir()
    with pytest.raises(BadRequest, match="it is empty"):
        prepared(tmp_path / "src", tmp_path / "set")
    (tmp_path / "src/a.txt").write_text("no")
    with pytest.raises(BadRequest, match=r"1 not a picture.*a\.txt"):
        prepared(tmp_path / "src", tmp_path / "set")
    with pytest.raises(BadRequest, match="neither a folder"):
        prepared(tmp_path / "src/a.txt", tmp_path / "set")
    assert not (tmp_path / "set").exists()


def painting_under_way(path):
    """`livegan dataset skies`, when the first pictures are there."""
    code = "from livegan.__main__ import main; main()"
    command = [sys.executable, "-c", code, "dataset", "skies", str(path / "set"), "--count", "5000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    growing = path / ".set.unfinished/set/pictures.u8"
    for _ in range(1200):
        if growing.exists() and growing.stat().st_size:
            break
        time.sleep(0.05)
    return process, [one for one in psutil.Process(process.pid).children() if "spawn_main" in "".join(one.cmdline())]


def test_ctrl_c_leaves_nothing_that_looks_finished(tmp_path):
    process, painters = painting_under_way(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    assert psutil.wait_procs(painters, 60)[1] == []
    assert not list(tmp_path.iterdir())


def test_a_painter_that_is_killed_is_one_sentence(tmp_path):
    process, painters = painting_under_way(tmp_path)
    painters[0].kill()
    assert "a painter was killed" in process.communicate(timeout=60)[1].splitlines()[-1]
    assert process.returncode == 1
    assert not list(tmp_path.iterdir())


def test_painters_go_with_the_one_they_paint_for_and_the_name_is_free_again(tmp_path):
    process, painters = painting_under_way(tmp_path)
    with pytest.raises(BadRequest, match=f"process {process.pid} already"):
        paint(1, 32, 0, False, 0, tmp_path / "set", quiet)
    process.kill()
    process.communicate()
    assert psutil.wait_procs(painters, 60)[1] == []
    assert len(paint(1, 32, 0, False, 0, tmp_path / "set", quiet)) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["set"]


def test_memory_stays_flat_over_many_pictures(tmp_path):
    source = tmp_path / "src"
    source.mkdir()
    content = io.BytesIO()
    for number in range(2000):
        content.seek(0)
        odd.painting(number, 64, 64).save(content, "BMP")
        (source / f"{number}.bmp").write_bytes(content.getvalue())
    prepared(source, tmp_path / "warm", limit=20)
    tracemalloc.start()
    found = prepared(source, tmp_path / "set", size=128)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.used > 1950
    assert (tmp_path / "set/pictures.u8").stat().st_size > 90e6
    assert peak < 24e6


def test_painted_skies_are_the_same_for_a_seed(tmp_path):
    first = paint(6, 64, 5, True, 0.2, tmp_path / "a", quiet)
    again = paint(6, 64, 5, True, 0.2, tmp_path / "b", quiet)
    other = paint(6, 64, 6, True, 0.2, tmp_path / "c", quiet)
    assert np.array_equal(first.pictures(range(6)), again.pictures(range(6)))
    assert (tmp_path / "a/dataset.json").read_bytes() == (tmp_path / "b/dataset.json").read_bytes()
    assert not np.array_equal(first.pictures(range(6)), other.pictures(range(6)))
    assert set(first.labels) <= {"dawn", "noon", "dusk", "night", "storm"}
    assert len(Dataset.open(tmp_path / "a").held_out) == 1
