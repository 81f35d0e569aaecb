"""Two mappings on one take: how unlike their pictures are, and which of them moves and follows better.

Pure numbers; changes neither of them, and does not say which one is to be liked.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.measures import between
from livegan.mapping.review import KNOWN


@dataclass(frozen=True)
class Player:
    """A mapping to be compared. look: a row of features [F] to a look as numbers [D] (w, flat), in a space that both
    share; confidence: a row to 0..1."""

    name: str
    look: Callable[[np.ndarray], np.ndarray]
    confidence: Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Played:
    """How one mapping played a take. Speeds in distances between looks a second: root mean square, and largest.

    confident: share of the time, 0..1. error: how far from the path, in distances between looks, root mean square;
    None without a path.
    """

    name: str
    speed: float
    top_speed: float
    confident: float
    error: float | None


@dataclass(frozen=True)
class Comparison:
    """Two mappings on `seconds` of one take in which somebody was seen.

    apart: how far their looks are from each other, in median distances between looks, root mean square; farthest:
    at most, and moment: when, in seconds from the first row.
    """

    seconds: float
    apart: float
    farthest: float
    moment: float
    first: Played
    second: Played

    def as_text(self) -> str:
        """A sentence, then a table."""
        said = f"On {self.seconds:.1f} s of the take their looks are {self.apart:.0%} of the way between two looks "
        said += f"apart, at most {self.farthest:.0%} (at {self.moment:.1f} s)."
        rows = [
            ("", self.first.name, self.second.name),
            ("looks a second", f"{self.first.speed:.2f}", f"{self.second.speed:.2f}"),
            ("at the fastest", f"{self.first.top_speed:.2f}", f"{self.second.top_speed:.2f}"),
            ("confident", f"{self.first.confident:.0%}", f"{self.second.confident:.0%}"),
        ]
        if self.first.error is not None and self.second.error is not None:
            rows.append(("from the path", f"{self.first.error:.0%}", f"{self.second.error:.0%}"))
        width = max(len(cell) for row in rows for cell in row)
        return "\n".join([said, "", *("  ".join(cell.ljust(width) for cell in row).rstrip() for row in rows), ""])


def compare(
    times: np.ndarray,
    values: np.ndarray,
    first: Player,
    second: Player,
    looks: np.ndarray,
    path: np.ndarray | None = None,
) -> Comparison:
    """Let two mappings play one take.

    times: float64 [T], rising. values: float32 [T, F], NaN where nothing was seen. looks: float32 [K, D], those that
    were taught, as the yardstick. path: float32 [T, D], the looks that were on stage while the take was made, as late
    as the performer was. Raises BadRequest when nobody was seen.
    """
    seen = ~np.isnan(values).all(axis=1)
    if not seen.any():
        raise BadRequest("nobody is seen in this take: compare the mappings on another")
    unit, rows = between(looks), values[seen]
    wanted = None if path is None else path[seen] / unit
    # Across a time with nobody in view nothing moved.
    passed = np.where(seen[:-1], np.diff(times), np.inf)[seen[1:]]
    passed = passed if seen[0] else passed[1:]
    one, other = (np.array([player.look(row) for row in rows]) / unit for player in (first, second))
    apart = np.linalg.norm(one - other, axis=1)
    return Comparison(
        seconds=float(passed[np.isfinite(passed)].sum()),
        apart=_rms(apart),
        farthest=float(apart.max()),
        moment=float(times[seen][apart.argmax()] - times[0]),
        first=_played(first, rows, one, passed, wanted),
        second=_played(second, rows, other, passed, wanted),
    )


def _played(
    player: Player, rows: np.ndarray, looks: np.ndarray, passed: np.ndarray, wanted: np.ndarray | None
) -> Played:
    """looks, wanted: float [N, D], in distances between looks. passed: seconds [N - 1] between them, infinite where
    nobody was seen between."""
    speed = np.linalg.norm(np.diff(looks, axis=0), axis=1) / np.maximum(passed, 1e-6)
    speed = speed[np.isfinite(passed)]
    error = None if wanted is None else _rms(np.linalg.norm(looks - wanted, axis=1))
    confident = np.mean([player.confidence(row) >= KNOWN for row in rows])
    return Played(player.name, _rms(speed), float(speed.max(initial=0.0)), float(confident), error)


def _rms(numbers: np.ndarray) -> float:
    return float(np.sqrt((numbers**2).mean())) if len(numbers) else 0.0
