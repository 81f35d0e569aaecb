"""The log of a training: a line for every few steps, as CSV.

After a training goes on from a checkpoint, the lines after it are written anew, so that no step is there twice.
"""

import csv
import io
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from livegan.files import write_atomic


@dataclass(frozen=True)
class Line:
    """Means over the steps since the line before; None is what was not measured.

    pictures: real ones seen so far. seconds: of training so far. speed: real pictures a second.
    quality: as quality.Quality measures it, lower is better. fid: as fid.Fid does.
    """

    step: int
    pictures: int
    seconds: float
    d_loss: float | None = None
    g_loss: float | None = None
    r1: float | None = None
    pl: float | None = None
    real_sign: float | None = None
    ada_p: float | None = None
    speed: float | None = None
    quality: float | None = None
    fid: float | None = None


NAMES = tuple(field.name for field in fields(Line))
_WHOLE = ("step", "pictures")
_MEASURED_AT_TIMES = ("r1", "pl")


class Log:
    """The lines of a training up to step `upto`, as they are in `path`, and those that come."""

    def __init__(self, path: Path, upto: int) -> None:
        self._path = path
        self.lines = [line for line in read(path) if line.step <= upto]
        self._sums: dict[str, list[float]] = {}

    def note(self, found: dict[str, float]) -> None:
        """What a step gave."""
        for name in NAMES:
            if name in found and name not in _WHOLE and (found[name] or name not in _MEASURED_AT_TIMES):
                self._sums.setdefault(name, []).append(found[name])

    def line(self, step: int, pictures: int, seconds: float, speed: float | None, quality: float | None = None) -> None:
        """End a line with the means of what was noted, and take it for any that was there for this step."""
        means = {name: sum(values) / len(values) for name, values in self._sums.items()}
        self._sums = {}
        line = Line(step, pictures, seconds, **means, speed=speed, quality=quality)  # type: ignore[arg-type]
        self.lines = [one for one in self.lines if one.step < step] + [line]

    def measured(self, fid: float) -> None:
        """What was found for the last line after it was ended."""
        self.lines[-1] = replace(self.lines[-1], fid=fid)

    def write(self) -> None:
        """Put all lines on disk. Raises Failure."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(NAMES)
        rows.writerows([_told(value) for value in asdict(line).values()] for line in self.lines)
        write_atomic(self._path, out.getvalue().encode())


def read(path: Path) -> list[Line]:
    """The lines in `path`, steps rising; what is no line, or comes twice, is left out. None where there is no file."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8", "replace"))))
    except (OSError, csv.Error):
        return []
    lines: list[Line] = []
    for row in rows:
        line = _line(row)
        if line is not None and (not lines or line.step > lines[-1].step):
            lines.append(line)
    return lines


def _line(row: dict[str, str | None]) -> Line | None:
    try:
        found = {name: float(row[name]) for name in NAMES if row.get(name)}  # type: ignore[arg-type]
        return Line(**found | {name: int(found[name]) for name in _WHOLE})  # type: ignore[arg-type]
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def _told(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
