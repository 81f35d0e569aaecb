"""Two processes never write into one folder; one that was killed does not hold it, whatever it left."""

import subprocess
import sys

import pytest

from livegan.errors import BadRequest, Failure
from livegan.training import holding as rule
from livegan.training.holding import holding

CODE = """
import sys
from pathlib import Path
from livegan.training.holding import holding
with holding(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_refused_until_it_is_gone(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", CODE, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(BadRequest, match=f"process {other.pid} already"), holding(tmp_path):
            pass
        other.kill()
        other.wait()
        with holding(tmp_path):
            assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["", "1", "two \x00", "9" * 5000])
def test_what_a_killed_process_left_holds_nothing(tmp_path, left):
    (tmp_path / ".held").write_text(left)
    with holding(tmp_path):
        with pytest.raises(BadRequest, match="already"), holding(tmp_path):
            pass
        assert len(list(tmp_path.iterdir())) == 1
    with holding(tmp_path):
        pass


def test_of_two_that_start_at_once_one_has_it(tmp_path, monkeypatch):
    """Another is here first, between the look at the file and the lock, and takes the file away when it is done."""
    lock, first = rule._lock, holding(tmp_path)
    waiting = [first.__enter__, lambda: first.__exit__(None, None, None)]

    def late(file):
        if waiting:
            monkeypatch.setattr(rule, "_lock", lock)
            waiting.pop(0)()
            monkeypatch.setattr(rule, "_lock", late)
        return lock(file)

    monkeypatch.setattr(rule, "_lock", late)
    with pytest.raises(BadRequest, match="already"), holding(tmp_path):
        pass
    with holding(tmp_path), pytest.raises(BadRequest, match="already"), holding(tmp_path):
        pass


def test_a_program_that_is_started_meanwhile_does_not_hold_it(tmp_path):
    with holding(tmp_path):
        code = "import sys; sys.stdin.read()"
        other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, close_fds=False)
    try:
        with holding(tmp_path):
            pass
    finally:
        other.communicate()


def test_where_no_folder_can_be_is_told(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Failure, match="cannot be locked"), holding(tmp_path / "file"):
        pass
