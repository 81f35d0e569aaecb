import subprocess
import sys

import numpy as np
import pytest

from livegan.senses.bodies import Bodies
from livegan.senses.tracker import Tracker
from tests.crossing import crossing


@pytest.fixture(scope="module")
def duo() -> list[np.ndarray]:
    return crossing(80)[0][:8]


@pytest.mark.parametrize("most", [2, 3])
def test_two_bodies_are_found_and_where_they_are(duo, most):
    tracker = Tracker(lambda: Bodies(most))
    found = [tracker.process(picture) for picture in duo][-1]
    tracker.close()
    assert [body.shape for body in found] == [(33, 4)] * 2
    noses = sorted(body[0, 0] for body in found)
    assert 0 < noses[0] < 0.4 < 0.6 < noses[1] < 1


def test_a_forgotten_film_is_seen_again_as_the_first_time(duo):
    tracker = Tracker(lambda: Bodies(2))
    told = []
    for _ in range(2):
        told.append([body for picture in duo for body in tracker.process(picture)])
        tracker.forget()
    tracker.close()
    assert len(told[0]) == len(told[1]) > len(duo)
    assert all(np.array_equal(a, b) for a, b in zip(*told, strict=True))


def test_nothing_is_written_to_the_terminal():
    code = (
        "from livegan.senses.tracker import NOTHING, Tracker; from livegan.senses.bodies import Bodies;"
        "assert Tracker(lambda: Bodies(2)).process(NOTHING) == []"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("", "")
