"""What a mapping makes of some seconds of free movement, and what to do about it, in plain sentences.

Pure numbers in, judgement out; never changes a mapping and draws nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping.encoding import encoding_of
from livegan.mapping.measures import between, course, speed
from livegan.mapping.probes import Predict, Unknown, influence, jitter, moved, reached, unknown

REACHED = 0.6
"""Share of a look that must be there for it to count as reached."""

KNOWN = 0.5
"""Confidence below which a pose is far from everything taught."""

TAUGHT = 0.99
"""Confidence from which a pose need not be taught."""

OFTEN_FAR = 0.2
"""Share of the time far from everything taught from which that is worth a word."""

TREMBLES = 0.03
"""Jitter, in distances between looks, that can be seen in a picture that should stand still."""

CALM = 0.6
"""Units a second; a body no faster is at rest."""

_IDLE = 0.05  # share of the strongest feature's influence below which one does nothing
_CALMEST = 10  # percent of the moments whose poses can be asked for when nobody rested


@dataclass(frozen=True)
class Watched:
    """Some seconds of free movement, a row for each picture.

    times: float64 [T], rising. values: float32 [T, F], the mapping's features, NaN where nothing was seen. outputs:
    float32 [T, O]. confidence: float32 [T], 0..1. latency: seconds measured, any number of them.
    """

    times: np.ndarray
    values: np.ndarray
    outputs: np.ndarray
    confidence: np.ndarray
    latency: np.ndarray


@dataclass(frozen=True)
class Review:
    """What was found. Shares are 0..1.

    reached: the largest share of each look. influence: what the outputs change by when a feature alone is another's,
    in distances between looks. idle: features that moved and did nothing. unmoved: features that did not move, or
    were not seen. jitter: how much the outputs tremble at rest, in distances between looks; None: nobody rested.
    latency: median and 99th percentile in seconds, or None. far: the share of time far from everything taught.
    nobody: the share of time with nobody in view. unknown: the pose to teach next, or None when all were near enough
    to one taught; moment: when it was, in seconds from the first. advice: what to do, in sentences.
    """

    seconds: float
    reached: tuple[tuple[str, float], ...]
    influence: tuple[tuple[str, float], ...]
    idle: tuple[str, ...]
    unmoved: tuple[str, ...]
    jitter: float | None
    latency: tuple[float, float] | None
    far: float
    nobody: float
    unknown: Unknown | None
    moment: float
    advice: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The advice, then the numbers, as lines."""
        lines = [*(f"- {sentence}" for sentence in self.advice), "", *self._numbers(), "", "looks, reached at most"]
        lines += [f"{share:6.0%}  {name}" for name, share in self.reached]
        lines += ["", "features, by how far each alone moves the look (in distances between looks)"]
        lines += [f"{share:6.2f}  {name}" for name, share in sorted(self.influence, key=lambda one: -one[1])]
        return "\n".join(lines) + "\n"

    def _numbers(self) -> list[str]:
        told = [f"watched         {self.seconds:.1f} s, {self.nobody:.0%} of it with nobody in view"]
        told += [f"far from taught {self.far:.0%} of the time"]
        if self.jitter is not None:
            told += [f"jitter at rest  {self.jitter:.1%} of the distance between looks"]
        if self.latency is not None:
            told += [f"latency         median {1e3 * self.latency[0]:.0f} ms, p99 {1e3 * self.latency[1]:.0f} ms"]
        return told


def review(
    watched: Watched,
    looks: Sequence[str],
    features: Sequence[Feature],
    taught: np.ndarray,
    predict: Predict,
    targets: np.ndarray | None = None,
) -> Review:
    """Judge a mapping by what was watched.

    looks: their names. features: the mapping's. taught: float32 [N, F], the rows of its examples, at least one.
    targets: float32 [K, O], the outputs that make each look; None when the outputs are weights over the looks. Raises
    BadRequest when nobody was seen.
    """
    seen = ~np.isnan(watched.values).all(axis=1)
    if not seen.any():
        raise BadRequest("nobody was seen while it was checked: move where the camera sees you, and check again")
    times, values, outputs = watched.times[seen], watched.values[seen], watched.outputs[seen]
    encoding = encoding_of(features, taught)
    pace = speed(times, course(times, values, encoding))
    slow = pace <= max(CALM, float(np.percentile(pace, _CALMEST)))
    distance = between(np.eye(len(looks)) if targets is None else targets)
    does = influence(values, predict) / distance
    moves = np.array([moved(feature, column) for feature, column in zip(features, values.T, strict=True)])
    names = [feature.name for feature in features]
    pose = unknown(values, slow & ~(watched.confidence[seen] >= TAUGHT), taught, features, encoding)
    found = Review(
        seconds=float(watched.times[-1] - watched.times[0]),
        reached=tuple(zip(looks, reached(outputs, targets), strict=True)),
        influence=tuple(zip(names, does.tolist(), strict=True)),
        idle=_those(names, moves & (does <= _IDLE * does.max())),
        unmoved=_those(names, ~moves),
        jitter=jitter(times, outputs, pace <= CALM, distance),
        latency=_latency(watched.latency),
        far=float((watched.confidence[seen] < KNOWN).mean()),
        nobody=float(1 - seen.mean()),
        unknown=pose and replace(pose, row=int(np.flatnonzero(seen)[pose.row])),
        moment=float(times[pose.row] - watched.times[0]) if pose else 0.0,
    )
    return replace(found, advice=tuple(_advice(found)))


def _those(names: Sequence[str], which: np.ndarray) -> tuple[str, ...]:
    return tuple(name for name, one in zip(names, which, strict=True) if one)


def _latency(measured: np.ndarray) -> tuple[float, float] | None:
    if not len(measured):
        return None
    median, p99 = np.percentile(measured, [50, 99])
    return float(median), float(p99)


def _advice(found: Review) -> list[str]:
    """What to do, the most helpful first; one sentence when all is well."""
    told = []
    if missed := [f"{name} ({share:.0%})" for name, share in found.reached if share < REACHED]:
        told += [f"Never reached: {some(missed)}. Go further into the pose, or teach it once more as you now take it."]
    if found.unknown:
        differs = ", ".join(found.unknown.differs) or "a little of everything"
        told += [f"Teach next the pose at {found.moment:.1f} s. Beside the nearest you taught: {differs}."]
    if found.far > OFTEN_FAR:
        told += [f"For {found.far:.0%} of the time you were far from everything taught: teach looks for those places."]
    if found.jitter is not None and found.jitter > TREMBLES:
        told += [f"At rest the picture trembles by {found.jitter:.0%} of a look: more light, or poses further apart."]
    if found.idle:
        told += [f"These moved and changed nothing: {some(found.idle)}. Leave them out, or teach poses that use them."]
    if found.unmoved:
        told += [f"These never moved: {some(found.unmoved)}. Use them, or leave them out of the mapping."]
    if found.nobody > OFTEN_FAR:
        told += [f"For {found.nobody:.0%} of the time nobody was in view: step back, or turn the camera."]
    return told or ["Every look was reached, the picture rests when you do, and no pose was far from what you taught."]


def some(names: Sequence[str], most: int = 4) -> str:
    """The first few of many, and how many more there are."""
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most} more"
