"""Two processes never train into one folder; one that was killed does not hold it."""

import os
import subprocess
import sys

import pytest

from livegan.errors import BadRequest
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


@pytest.mark.parametrize("left", ["", "[1]", f"[{os.getppid()}, 5.0]", "[1e99, 2]", '["a", 1]'])
def test_what_a_killed_process_left_holds_nothing(tmp_path, left):
    (tmp_path / ".training-now").write_text(left)
    with holding(tmp_path):
        pass
