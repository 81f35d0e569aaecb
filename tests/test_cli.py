"""The command line as people meet it: in a process of its own, by its exit status and what it says."""

import json
import os
import shutil
import signal
from pathlib import Path

import av
import psutil
import pytest

from livegan import files
from livegan.mapping.fit import fit
from livegan.mapping.fitted import FILE
from tests.mapping.teaching import teach
from tests.shows import STEADY, livegan, wait_for

DANCE = '\n[mapping.dance]\noutputs = "anchors"\n'
BODY = "rate = 60\nfeatures = { x = 0.0, y = 0.0, turn = 0.0 }\n"


def ended(*words: object, cwd: Path, **environment: str | None) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    process = livegan(*words, cwd=cwd, **environment)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def dance(tmp_path_factory):
    """A small mapping of three features, fitted."""
    folder = teach(tmp_path_factory.mktemp("mappings") / "dance")
    fit(folder)
    return folder


WRONG = {
    "an unknown kind": (('"steady"', '"stedy"'), ["input.body.kind", "stedy", "steady"]),
    "a missing clip": (('"steady"\nrate = 60', '"pose"\nsource = "clip:gone.mp4"'), ["input.body.source", "gone.mp4"]),
    "a typo in a key": (("rate = 60", "rtae = 60"), ["input.body.rtae", 'did you mean "rate"']),
    "a negative latency": (('"100 ms"', '"-100 ms"'), ["latency", "-0.1"]),
    "no TOML": (("[input.body]", "[input.body"), ["show.toml is not valid TOML"]),
    "other features": (("", ""), ["the mapping dance needs body.y, body.turn, the inputs", "body.x"]),
    "too few z": (("rate = 60\n", BODY + '[mapping.z]\nfeatures = "body"\n'), ["3 numbers for z", "takes 16"]),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_patch_is_one_sentence_and_status_2(tmp_path, dance, change, says):
    shutil.copytree(dance, tmp_path / "dance")
    text = STEADY + DANCE if change == ("", "") else STEADY.replace(*change)
    (tmp_path / "show.toml").write_text(text)
    status, out, err = ended("play", "show.toml", "--stage", "offscreen", "--frames", 3, cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert all(word in err for word in says), err


def test_a_mapping_that_was_never_taught_is_told_and_the_picture_rests(tmp_path):
    (tmp_path / "show.toml").write_text(STEADY + "[mapping.gone]\n[control]\non = false\n")
    status, out, _ = ended("play", "show.toml", "--stage", "offscreen", "--frames", 3, cwd=tmp_path)
    assert status == 0
    assert "nothing is taught in the mapping gone yet" in out


def test_a_damaged_fit_is_one_sentence_and_status_2(tmp_path, dance):
    shutil.copytree(dance, tmp_path / "dance")
    whole = bytearray((tmp_path / "dance" / FILE).read_bytes())
    whole[-20] ^= 0xFF
    (tmp_path / "dance" / FILE).write_bytes(whole)
    (tmp_path / "show.toml").write_text(STEADY.replace("rate = 60\n", BODY) + DANCE)
    status, out, err = ended("play", "show.toml", "--frames", 3, cwd=tmp_path)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "is damaged" in err
    assert "livegan fit dance" in err


def test_a_patch_that_is_nowhere_is_one_sentence_and_status_2(tmp_path):
    status, out, err = ended("play", "gone", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith('there is no patch "gone": looked in ')
    assert err.count("\n") == 1


def test_a_fitted_mapping_plays_from_the_command_line(tmp_path, dance):
    shutil.copytree(dance, tmp_path / "dance")
    (tmp_path / "show.toml").write_text(STEADY.replace("rate = 60\n", BODY) + DANCE)
    status, out, err = ended("play", "show.toml", "--frames", 3, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.startswith("3 pictures at ")


def catches(process: psutil.Process, number: signal.Signals) -> bool:
    """Whether a process has set up its own answer to a signal."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_show_that_is_told_to_stop_ends_well(tmp_path, number):
    (tmp_path / "show.toml").write_text(STEADY)
    process = livegan("play", "show.toml", "--report", "report.json", cwd=tmp_path)
    # Python itself answers SIGINT from its start; SIGTERM only the running show does.
    wait_for(lambda: catches(psutil.Process(process.pid), signal.SIGTERM))
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "The report is in report.json." in out
    assert json.loads((tmp_path / "report.json").read_text())["inputs"].keys() == {"body"}
    wait_for(lambda: not any(one.is_running() for one in family))


def test_the_dancer_plays_where_there_is_no_display(tmp_path):
    words = ("play", files.bundled("patches") / "dancer.toml", "--seconds", 2)
    status, out, err = ended(*words, cwd=tmp_path, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert (status, err) == (0, "")
    assert "There is no display here: rendering 2 s of dancer to out/dancer.mp4." in out
    with av.open(str(tmp_path / "out" / "dancer.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) > 10
