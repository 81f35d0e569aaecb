"""Takes played without waiting: what a live show would have sampled, at any moments.

By the same tracks as the live show, so that both say the same. Must never know of a clock.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame
from livegan.show.track import Sample, Track

Recorded = Mapping[str, tuple[Sequence[Feature], Sequence[Frame]]]
"""What takes hold, by input, in the order of the show's inputs; all on one clock."""


def sampled(
    recorded: Recorded,
    times: np.ndarray,
    latency: float | Mapping[str, float],
    after: float = 2.0,
    resting: Collection[str] = (),
) -> tuple[list[Feature], np.ndarray, np.ndarray]:
    """What the pictures shown at `times` (float64 [T], rising, on the clock of the takes) tell of.

    latency: seconds, of all inputs or by input. after: as in the patch's [rest]. resting: inputs whose silence is
    rest, not loss (faders). Returns the features named INPUT.FEATURE, values float32 [T, F] with NaN for what was
    never seen, and weights float32 [T, inputs]. Raises BadRequest for an input without a latency.
    """
    features: list[Feature] = []
    values, weights = [np.empty((len(times), 0), np.float32)], np.empty((len(times), len(recorded)), np.float32)
    for place, (name, (own, frames)) in enumerate(recorded.items()):
        track = Track(list(own), None if name in resting else 0.5, after)
        samples = list(_samples(track, frames, times - _latency(latency, name)))
        features += [replace(feature, name=f"{name}.{feature.name}") for feature in own]
        values.append(np.array([sample.values for sample in samples], np.float32).reshape(len(times), len(own)))
        weights[:, place] = [sample.weight for sample in samples]
    return features, np.concatenate(values, axis=1), weights


def _latency(latency: float | Mapping[str, float], name: str) -> float:
    if not isinstance(latency, Mapping):
        return latency
    if name not in latency:
        raise BadRequest(f"the take of {name} is to be played with no latency known: give one for each input")
    return latency[name]


def _samples(track: Track, frames: Sequence[Frame], moments: np.ndarray) -> Iterator[Sample]:
    """Only as far ahead as interpolation needs: a track forgets what is long past."""
    waiting = iter(frames)
    for moment in moments:
        while track.newest <= moment and (frame := next(waiting, None)) is not None:
            track.push(frame)
        yield track.at(float(moment))
