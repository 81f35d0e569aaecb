"""When flashes of a stage were seen, out of the brightness of a camera's pictures; finer than its frames.

Knows neither camera nor stage. Must never take a lamp, noise or automatic exposure for the stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livegan.errors import Failure

SHORTEST, LONGEST = 0.5, 0.9
"""Seconds between two edges: fewer than three flashes a second, which nobody's eyes should be given."""

_SETTLED = 0.2
"""Seconds after an edge when nearly every camera has seen it."""

_LATEST = 0.4
"""Seconds after an edge in which it is looked for."""

_CLEAR = 6.0
"""How many times its own noise the brightness must change."""

_LEAST = 0.5
"""Levels of 255 that it must change at least."""


@dataclass(frozen=True)
class Edge:
    """The stage turned light or dark; at: seconds, when that was presented."""

    at: float
    light: bool


@dataclass(frozen=True)
class Seen:
    """Seconds from stage to picture: the middle, and between which half of them lie. count: edges seen of `of`.

    The middle is the mean of all but the tenth that is smallest and the tenth that is largest: where display and camera
    run at the same or double the rate, two moments come again and again, and a median would take either of them.
    """

    middle: float
    low: float
    high: float
    count: int
    of: int


def seen(pictures: np.ndarray, stamps: np.ndarray, edges: Sequence[Edge]) -> Seen:
    """How long the edges took to the pictures, float32 [N, height, width] in 0..255, with stamps [N] in seconds.

    Light and dark edges are taken alike: what bends brightness (gamma, the panel's own rise) then cancels. Raises
    Failure in one sentence when they were not seen.
    """
    bright = _brightness(pictures, stamps, edges)
    found = [one for edge in edges if (one := _crossing(bright, stamps, edge))]
    steps, noises, delays = np.array(found).reshape(-1, 3).T
    step, noise = (float(np.median(each)) if len(each) else 0.0 for each in (steps, noises))
    delays = delays[steps > 0.4 * step]
    if step < max(_LEAST, _CLEAR * noise) or len(delays) < len(edges) / 2:
        raise Failure(
            f"the camera does not see the stage flash (brightness changes by {step:.1f} of 255, its noise is "
            f"{noise:.1f}): turn it to the screen, darken the room, or set the delay by hand with --set"
        )
    low, high = (float(np.percentile(delays, percent)) for percent in (25, 75))
    if high - low > 0.01 + float(np.median(np.diff(stamps))):
        raise Failure(
            f"the flashes were seen {1e3 * low:.0f} to {1e3 * high:.0f} ms late, too uneven for a delay: close other "
            "programs, give the camera more light, or set the delay by hand with --set"
        )
    tenth = len(delays) // 10
    return Seen(float(np.sort(delays)[tenth : len(delays) - tenth].mean()), low, high, len(delays), len(edges))


def _brightness(pictures: np.ndarray, stamps: np.ndarray, edges: Sequence[Edge]) -> np.ndarray:
    """The mean of each picture where the stage is: of those pixels that are lighter whenever it is light."""
    place = np.searchsorted([edge.at for edge in edges], stamps, side="right") - 1
    settled = (place >= 0) & (stamps - np.array([edge.at for edge in edges])[place] > _SETTLED)
    light = np.array([edge.light for edge in edges])[place]
    if not (settled & light).any() or not (settled & ~light).any():
        raise Failure("the camera gave no pictures while the stage flashed: see livegan doctor --open")
    contrast = pictures[settled & light].mean(axis=0) - pictures[settled & ~light].mean(axis=0)
    return pictures[:, contrast >= 0.5 * np.percentile(contrast, 99)].mean(axis=1)


def _crossing(bright: np.ndarray, stamps: np.ndarray, edge: Edge) -> tuple[float, float, float] | None:
    """How far the brightness went, its noise before, and after how many seconds half the way was gone.

    Compares with the pictures just before and just after alone: automatic exposure is slower than that. None where
    there are too few.
    """
    first, last = np.searchsorted(stamps, [edge.at, edge.at + _LATEST], side="right")
    if first < 4 or last - first < 4:
        return None
    up = bright if edge.light else -bright
    before, after = float(up[first - 4 : first].mean()), up[first:last]
    turned = int(np.argmax(after - before > 0.5 * (after.max() - before)))
    level = float(after[turned + 1 : turned + 3].mean()) if turned + 1 < len(after) else float(after[turned])
    half = (before + level) / 2
    place = first + int(np.argmax(after >= half))
    share = (half - up[place - 1]) / max(up[place] - up[place - 1], 1e-9)
    when = stamps[place - 1] + float(np.clip(share, 0, 1)) * (stamps[place] - stamps[place - 1])
    return level - before, float(up[first - 4 : first].std()), float(when - edge.at)
