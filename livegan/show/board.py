"""What a performer is shown while choosing, teaching and correcting: plain data, made between ticks.

Whoever rehearses makes a new board when something changed; the operator's view draws it. Nothing here draws.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Cell:
    """One look to choose. picture: uint8 [h, w, 3], or None while it is being drawn. key: what picks it ("1")."""

    picture: np.ndarray | None
    caption: str = ""
    key: str = ""
    colour: Colour | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Board:
    """Everything to be shown; what is empty is not there.

    mode: what the show is doing. big: a word or number to be read from three metres ("3", "hold", "next: rose").
    share: how far what `big` tells of is, 0..1, or None. grid: looks to choose from, row by row. kept: the kept
    looks, in their order. confidence: 0..1, how well the present pose is known, or None without a mapping.
    progress: a sentence and a share 0..1 about work that goes on beside playing. question: what needs an answer,
    and how to answer. said: the newest sentences, newest last, each with whether it tells of an error.
    keys: (key, what it does) for the list under H. alert: show all this even when the view is hidden.
    """

    mode: Literal["playing", "choosing", "counting", "recording", "frozen", "safe", "black", "along"] = "playing"
    big: str = ""
    share: float | None = None
    grid: tuple[Cell, ...] = ()
    columns: int = 4
    kept: tuple[Cell, ...] = ()
    confidence: float | None = None
    progress: tuple[str, float] | None = None
    question: str = ""
    said: tuple[tuple[str, bool], ...] = field(default=())
    keys: tuple[tuple[str, str], ...] = ()
    alert: bool = False
