import subprocess
import sys


def test_a_tracker_writes_nothing_to_the_terminal():
    code = (
        "from livegan.senses.tracker import NOTHING, Tracker; from livegan.inputs.pose import _solution;"
        "assert Tracker(_solution).process(NOTHING).pose_landmarks is None"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("", "")
