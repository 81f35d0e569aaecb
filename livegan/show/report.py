"""What a show measured: counters and times, as the JSON that `--report` writes.

Collects plain numbers; nothing here waits, opens or prints.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

Numbers = deque[float]
"""The last of many numbers, so that a show of weeks needs no more memory than one of minutes."""

KEPT = 36_000
"""Of each kind of number: twenty minutes at 30 pictures a second."""


def numbers() -> Numbers:
    """An empty one."""
    return deque(maxlen=KEPT)


def recent(many: Numbers, count: int = 60) -> list[float]:
    """The newest `count`, newest first."""
    return list(islice(reversed(many), count))


@dataclass
class Meters:
    """What happened so far; times in seconds, and of the last twenty minutes.

    frames: pictures shown. distinct: those whose pixels differ from the one before. late: shown after their
    slot. held: that had to use a frame too old for their moment. refused: looks of mappings that were not finite.
    faults: of livegan itself, which were left out.
    """

    frames: int = 0
    distinct: int = 0
    late: int = 0
    held: int = 0
    refused: int = 0
    faults: int = 0
    started: float = 0.0
    ended: float = 0.0
    intervals: Numbers = field(default_factory=numbers)
    latency: Numbers = field(default_factory=numbers)
    generator: Numbers = field(default_factory=numbers)
    ages: dict[str, Numbers] = field(default_factory=dict)


def report(
    meters: Meters,
    latency: dict[str, float | None],
    inputs: dict,
    generator: dict,
    smoothing: dict[str, tuple[float, Numbers]],
    sends: dict,
) -> dict:
    """The report as JSON-able data.

    latency: declared and needed seconds. inputs: state and counts by name. smoothing: by mapping, seconds that it may
    cost and what it cost. sends: counts by name.
    """
    lasted = meters.ended - meters.started
    ages = {name: _ms(ages, 50)["p50"] for name, ages in meters.ages.items()}
    return {
        "frames": meters.frames,
        "fps": round(meters.frames / lasted, 3) if lasted > 0 else 0.0,
        "distinct": meters.distinct,
        "late": meters.late,
        "held": meters.held,
        "refused": meters.refused,
        "faults": meters.faults,
        "seconds": round(lasted, 3),
        "interval_ms": _ms(meters.intervals, 50, 99, 100),
        "latency_ms": {
            **{key: None if value is None else round(1e3 * value, 1) for key, value in latency.items()},
            **_ms(meters.latency, 50, 99),
        },
        "generator_ms": _ms(meters.generator, 50, 99),
        "inputs": {name: {**state, "age_ms_p50": ages.get(name)} for name, state in inputs.items()},
        "generator": generator,
        "smoothing_ms": {
            name: {"asked": round(1e3 * asked, 1), **_ms(cost, 50, 99)} for name, (asked, cost) in smoothing.items()
        },
        "sends": sends,
    }


def _ms(seconds: Numbers, *percents: int) -> dict[str, float | None]:
    names = ["max" if percent == 100 else f"p{percent}" for percent in percents]
    if not seconds:
        return dict.fromkeys(names)
    return {n: round(1e3 * float(np.percentile(seconds, p)), 2) for n, p in zip(names, percents, strict=True)}
