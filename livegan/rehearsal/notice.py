"""The board of a rehearsal: what the performer is to see now. Makes plain data; draws nothing and changes nothing."""

from livegan.rehearsal.rehearsal import Rehearsal
from livegan.show.board import Board, Cell

PICKS = "1234567890-="
"""The keys that pick from a grid, in its order."""

SEEN = 8.0
"""Seconds for which an error calls attention by itself."""

_TEACHING = ("counting", "recording")


def board(of: Rehearsal, keys: tuple[tuple[str, str], ...]) -> Board:
    """What is to be seen. keys: (key, what it does)."""
    now = of.show.clock.now()
    mode = _mode(of)
    big, share = _big(of)
    question = of.lectern.question if of.lectern else None
    return Board(
        mode=mode,
        big=big,
        share=share,
        grid=_grid(of) if mode == "choosing" else (),
        columns=3 if len(of.choosing.grid) == 9 else 4,
        kept=_kept(of),
        confidence=of.tick.known if of.tick else None,
        progress=of.lectern.fits.progress if of.lectern else None,
        question=question.sentence if question else "",
        said=tuple((one.sentence, one.error) for one in of.said),
        keys=keys,
        alert=question is not None or _calls(of, mode, now),
    )


def _mode(of: Rehearsal) -> str:
    steering = of.show.steering
    if steering.black or steering.safe:
        return "black" if steering.black else "safe"
    if of.teaching and of.teaching.state in _TEACHING:
        return of.teaching.state
    if of.along and of.along.running:
        return "along"
    if steering.frozen is not None:
        return "frozen"
    return "choosing" if of.chosen else "playing"


def _big(of: Rehearsal) -> tuple[str, float | None]:
    if of.tick is None:
        return "", None
    now = of.tick.due
    if of.teaching and of.teaching.state in _TEACHING:
        counting = of.teaching.state == "counting"
        return (str(of.teaching.left(now)) if counting else "hold"), of.teaching.share(now)
    if of.along and of.along.running:
        return of.along.announced(now)
    if of.checking.running:
        return "move freely", of.checking.share(now)
    return "", None


def _grid(of: Rehearsal) -> tuple[Cell, ...]:
    choosing = of.choosing
    return tuple(
        Cell(choice.picture, choice.caption, PICKS[place], chosen=place == choosing.picked)
        for place, choice in enumerate(choosing.grid)
    )


def _kept(of: Rehearsal) -> tuple[Cell, ...]:
    place = of.choosing.place
    return tuple(
        Cell(kept.picture, kept.name, colour=kept.colour, chosen=index == place)
        for index, kept in enumerate(of.choosing.kept)
    )


def _calls(of: Rehearsal, mode: str, now: float) -> bool:
    wrong = any(one.error and now - one.at < SEEN for one in of.said)
    return wrong or of.checking.running or mode in ("choosing", "along", *_TEACHING)
