"""How long a training still takes, by the times of its recent steps.

Steps are of kinds, since those that regularise and those at larger sizes take longer; asks no clock.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from statistics import fmean, median

from livegan.training.config import Config

_KEPT = 256
"""Steps by which the rest is judged: enough to meet what happens now and then, few enough to follow what changes."""
_MOST = 8.0
"""Times the median as which a step counts at the most: a laptop that slept for an hour says nothing about the rest."""
_EXTRA = 0.6
"""What a regularisation adds to a step, as a share of it, until one was seen."""
_SPREAD = 150
"""Multiply-adds that take as long as reading and writing one number, which is what narrow layers at large sizes do."""


@dataclass(frozen=True)
class Kind:
    """What makes a step longer or shorter than another."""

    size: int
    r1: bool = False
    pl: bool = False


def kind_of(config: Config, number: int) -> Kind:
    """The kind of step `number`, from 0."""
    pl = config.pl_weight > 0 and number % config.pl_every == 0
    return Kind(config.size_at(number * config.batch), number % config.r1_every == 0, pl)


def ahead(config: Config, done: int, steps: int) -> dict[Kind, int]:
    """How many steps of each kind there are from `done` to `steps`."""
    found: dict[Kind, int] = {}
    while done < steps:
        size = config.size_at(done * config.batch)
        end = bisect_left(range(steps), size + 1, done, key=lambda number: config.size_at(number * config.batch))
        regular = config.pl_weight > 0
        r1 = _multiples(done, end, config.r1_every)
        pl = _multiples(done, end, config.pl_every) if regular else 0
        both = _multiples(done, end, lcm(config.r1_every, config.pl_every)) if regular else 0
        found |= {
            Kind(size): end - done - r1 - pl + both,
            Kind(size, r1=True): r1 - both,
            Kind(size, pl=True): pl - both,
            Kind(size, r1=True, pl=True): both,
        }
        done = end
    return {kind: count for kind, count in found.items() if count}


class Left:
    """Seconds that are left, from the times of recent steps and of recent checkpoints."""

    def __init__(self, config: Config, every: int) -> None:
        self._config, self._every = config, every
        self._recent: deque[tuple[Kind, float]] = deque(maxlen=_KEPT)
        self._saves: deque[float] = deque(maxlen=5)

    def stepped(self, number: int, seconds: float) -> None:
        """Step `number` took so long."""
        self._recent.append((kind_of(self._config, number), seconds))

    def saved(self, seconds: float) -> None:
        """A checkpoint took so long."""
        self._saves.append(seconds)

    def known(self, number: int) -> bool:
        """Whether a step of every kind at the size of step `number` was seen."""
        size = kind_of(self._config, number).size
        cycle = lcm(self._config.r1_every, self._config.pl_every)
        seen = {kind for kind, _ in self._recent}
        return all(kind in seen for kind in ahead(self._config, number, number + cycle) if kind.size == size)

    def seconds(self, done: int, steps: int) -> float:
        """Until `steps` steps, `done` of which are done. Infinite before anything was seen."""
        if not self._recent:
            return float("inf")
        saves = -(-steps // self._every) - done // self._every
        return self._steps(ahead(self._config, done, steps)) + median(self._saves or [0.0]) * saves

    def rate(self, done: int) -> float:
        """Real pictures a second in the steps that come next; 0 before anything was seen."""
        cycle = lcm(self._config.r1_every, self._config.pl_every)
        counts = ahead(self._config, done, done + cycle)
        return cycle * self._config.batch / self._steps(counts) if self._recent else 0.0

    def _steps(self, counts: Mapping[Kind, int]) -> float:
        times = defaultdict(list)
        for kind, seconds in self._recent:
            times[kind].append(seconds)
        known = {kind: _usual(found) for kind, found in times.items()}
        unit = median(seconds / self._work(kind) for kind, seconds in known.items())
        return sum(count * known.get(kind, unit * self._work(kind)) for kind, count in counts.items())

    def _work(self, kind: Kind) -> float:
        """About how much a step of a kind does, for those that were not seen yet."""
        sizes = [2**power for power in range(2, kind.size.bit_length())]
        channels = self._config.channels
        each = (px**2 * channels(px) * (channels(max(4, px // 2)) + channels(px) + _SPREAD) for px in sizes)
        return sum(each) * (1 + _EXTRA * kind.r1 + _EXTRA * kind.pl)


def _usual(times: Sequence[float]) -> float:
    most = _MOST * median(times)
    return fmean(min(one, most) for one in times)


def _multiples(first: int, end: int, of: int) -> int:
    """How many numbers from `first` to before `end` are multiples."""
    return -(-end // of) - -(-first // of)


def told(seconds: float) -> str:
    """A time as a person says it: "1 h 50 min", "12 min", "40 s"."""
    if seconds == float("inf"):
        return "an unknown time"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
