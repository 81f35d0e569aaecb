"""The command `livegan dataset`: pictures become a set to train on, and what was left out is told.

Checks what was asked, shows how far it is; what is done to pictures is in livegan.training.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageColor
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from livegan.clock import Clock, SystemClock
from livegan.errors import BadRequest
from livegan.training.dataset import Dataset
from livegan.training.pictures import Cut
from livegan.training.prepare import Told, Wanted, Watch, paint, prepare
from livegan.training.videos import Moments

Say = Callable[[str], None]

SKIES = "skies"
"""The source that is painted; a folder of that name is ./skies."""

_SIZES = tuple(2**power for power in range(5, 11))
_LINES, _EVERY = 12, 10.0
_OF_FILES = ("crop", "fill", "alpha", "mirror", "rotate", "every", "frames", "limit")


@dataclass(frozen=True)
class Asked:
    """What the command line asked for; None where it was not said."""

    source: str
    out: Path
    size: int = 256
    seed: int = 0
    labels: bool = False
    hold_out: float = 0.05
    count: int | None = None
    crop: str | None = None
    fill: str | None = None
    alpha: str | None = None
    mirror: bool = False
    rotate: bool = False
    every: float | None = None
    frames: int | None = None
    limit: int | None = None


def dataset(asked: Asked, say: Say) -> None:
    """Make the set and tell what is in it. Raises BadRequest or Failure in one sentence."""
    if asked.size not in _SIZES:
        raise BadRequest(f"--size is one of {', '.join(map(str, _SIZES))}, found {asked.size}")
    if not 0 <= asked.hold_out <= 0.5:
        raise BadRequest(f"--hold-out is a share from 0 to 0.5, found {asked.hold_out:g}")
    if asked.seed < 0:
        raise BadRequest(f"--seed is 0 or more, found {asked.seed}")
    if asked.source == SKIES:
        _skies(asked, say)
    else:
        _files(asked, say)


def _skies(asked: Asked, say: Say) -> None:
    for name in _OF_FILES:
        if getattr(asked, name):
            raise BadRequest(f"--{name} is for pictures from files, and skies are painted: leave it out")
    count = asked.count if asked.count is not None else 2000
    if count < 1:
        raise BadRequest(f"--count is 1 or more, found {count}")
    with _watched(say) as watch:
        made = paint(count, asked.size, asked.seed, asked.labels, asked.hold_out, asked.out, watch)
    say(_sum(made, asked.out))


def _files(asked: Asked, say: Say) -> None:
    if asked.count is not None:
        raise BadRequest("--count is for skies: use --limit for pictures from files")
    if asked.every is not None and asked.frames is not None:
        raise BadRequest("--every and --frames both say which frames of a video are meant: give one of them")
    for name in ("every", "frames", "limit"):
        if getattr(asked, name) is not None and not getattr(asked, name) > 0:
            raise BadRequest(f"--{name} is more than 0, found {getattr(asked, name):g}")
    crop = asked.crop or "centre"
    if crop not in ("centre", "random", "none"):
        raise BadRequest(f"--crop is centre, random or none, found {crop}")
    fill, alpha = _colour("fill", asked.fill or "black"), _colour("alpha", asked.alpha or "white")
    cut = Cut(asked.size, crop, fill, alpha, asked.seed)
    moments = Moments(asked.every or 1.0, asked.frames)
    wanted = Wanted(
        Path(asked.source), cut, moments, asked.mirror, asked.rotate, asked.labels, asked.hold_out, asked.limit
    )
    with _watched(say) as watch:
        told = prepare(wanted, asked.out, watch)
    _tell(told, asked, say)


def _colour(option: str, text: str) -> tuple[int, int, int]:
    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError:
        raise BadRequest(f'--{option} is a colour such as white or "#ffd0a0", found {text}') from None


def _tell(told: Told, asked: Asked, say: Say) -> None:
    for one in told.left[:_LINES]:
        say(f"left out: {one.name}: {one.why}")
    if len(told.left) > _LINES:
        say(f"and {len(told.left) - _LINES} more, all of them in {asked.out / 'report.txt'}")
    if told.left:
        counts = ", ".join(f"{count} {kind}" for kind, count in told.counts())
        say(f"{len(told.left)} left out: {counts}.")
    if told.full and asked.limit is None:
        say(f"There may be more: {told.used:,} are taken unless --limit says another number.")
    say(_sum(told.dataset, asked.out))


def _sum(made: Dataset, out: Path) -> str:
    labels = f", {len(made.labels)} labels ({', '.join(made.labels[:8])})" if made.labels else ""
    return (
        f"{len(made):,} pictures of {made.size} px in {out}{labels}, {len(made.held_out):,} of them held out; "
        f"look at {out / 'contact.png'}."
    )


@contextmanager
def _watched(say: Say) -> Iterator[Watch]:
    """A bar on a terminal; elsewhere a line every ten seconds."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(say, SystemClock())
        return
    columns = TextColumn("{task.fields[used]:,} pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", used=0)
        yield lambda at, total, used: bar.update(task, completed=at, total=total, used=used)


def _lines(say: Say, clock: Clock) -> Watch:
    start = told = clock.now()

    def watch(at: float, total: int, used: int) -> None:
        nonlocal told
        now = clock.now()
        if now - told >= _EVERY and at:
            told = now
            left = (now - start) * (total - at) / at
            say(f"{used:,} pictures, {at / total:.0%} of the source, about {_duration(left)} left")

    return watch


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
