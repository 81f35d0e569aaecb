"""Which rounds contradict each other: poses that are the same, taught for different looks.

Only says so: what is to be done about it is the performer's to decide.
"""

import numpy as np

from livegan.mapping.encoding import encoding_of
from livegan.mapping.solve import squared_between
from livegan.mapping.taught import Taught

# Poses nearer than this, in units of clearly visible movement and beyond what the sensor shakes, are the same.
SAME = 1.0
# Of a longer round every second, third... example is looked at.
_ENOUGH = 256


def against(taught: Taught, round_id: int) -> list[tuple[int, str]]:
    """The older rounds that a round contradicts, and the look of each; none for a round without a look.

    It contradicts a round of another look when more than half of the examples of either lie where those of the
    other do.
    """
    looks = dict(zip(taught.rounds.tolist(), taught.look.tolist(), strict=True))
    mine = looks.get(round_id, -1)
    others = [one for one, look in sorted(looks.items()) if one < round_id and look not in (-1, mine)]
    if mine < 0 or not others:
        return []
    points = encoding_of(taught.features, taught.rows).points(taught.rows)
    here = _some(points[taught.rounds == round_id])
    found = [one for one in others if _overlap(here, _some(points[taught.rounds == one])) > 0.5]
    return [(one, taught.looks[looks[one]].name) for one in found]


def _some(points: np.ndarray) -> np.ndarray:
    return points[:: -(-len(points) // _ENOUGH)]


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """The share of examples [N, D] that lie where [M, D] do, or the other way round, whichever is more.

    The sensor's noise is part of every distance, the more so the more features there are: the squared distance to
    the nearest within a round tells how large it is.
    """
    squared = squared_between(a, b)
    shakes = [_shake(one) for one in (a, b) if len(one) > 1]
    near = SAME**2 + (np.mean(shakes) if shakes else 0)
    return float(max((squared.min(axis=1) < near).mean(), (squared.min(axis=0) < near).mean()))


def _shake(points: np.ndarray) -> float:
    """The middle of the squared distances from each of two examples or more to the nearest other one."""
    squared = squared_between(points, points)
    np.fill_diagonal(squared, np.inf)
    return float(np.median(squared.min(axis=1)))
