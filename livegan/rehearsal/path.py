"""A path through looks that a performer moves along with: holds and smooth morphs, known from end to end.

Where it is depends on the seconds since its beginning alone; nothing here plays, draws or records.
"""

from collections import Counter
from collections.abc import Sequence
from math import ceil, floor
from typing import Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from livegan.errors import BadRequest
from livegan.settings import Seconds, Settings

LEAST_VISITS = 2
"""How often every look is visited: what was learned in one place can be judged at another."""


class Path(Settings):
    """Looks in an order of visits: each held, then morphed into the next.

    ids: the names of the looks; weights are over these. hold, morph: seconds of each. order: positions in `ids`.
    """

    ids: tuple[str, ...] = Field(min_length=1, max_length=999)
    hold: Seconds = Field(ge=0, le=600)
    morph: Seconds = Field(ge=0.05, le=600)
    order: tuple[int, ...] = Field(min_length=1, max_length=9999)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("a look is named twice")
        if set(self.order) != set(range(len(self.ids))):
            raise ValueError("the order must visit every look, and no others")
        if any(a == b for a, b in zip(self.order, self.order[1:], strict=False)):
            raise ValueError("the order visits a look twice in a row")
        return self

    @classmethod
    def through(cls, looks: int | Sequence[str], hold: float, morph: float, lasting: float = 0.0) -> Self:
        """A path through `looks` (names, or how many) of at least `lasting` seconds, in an order of its own choice.

        Every look is visited at least twice, where there are two, and comes from and goes to others each time.
        Raises BadRequest.
        """
        ids = tuple(map(str, range(looks))) if isinstance(looks, int) else tuple(looks)
        try:
            path = cls(ids=ids, hold=hold, morph=morph, order=tuple(range(len(ids))))
        except ValidationError as error:
            raise BadRequest(f"there is no such path: {_first(error)}") from None
        visits = ceil((lasting - path.hold) / (path.hold + path.morph) - 1e-9) + 1
        return path.model_copy(update={"order": _order(len(ids), visits)})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The path that `to_json` told of. Raises BadRequest in one sentence."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise BadRequest(f"this is not a path: {_first(error)}") from None

    def to_json(self) -> str:
        """The path as JSON."""
        return self.model_dump_json()

    @property
    def lasts(self) -> float:
        """Seconds from the beginning of the first hold to the end of the last."""
        return len(self.order) * self.hold + (len(self.order) - 1) * self.morph

    def weights(self, t: float | np.ndarray) -> np.ndarray:
        """Weights over the looks, float32 [K] with the sum 1, at `t` seconds; [..., K] for an array of times.

        Before the beginning the first look is there, after the end the last.
        """
        times, step, last = np.asarray(t, np.float64), self.hold + self.morph, len(self.order) - 1
        visit = np.clip(np.floor(times / step), 0, last).astype(int)
        share = np.clip((times - visit * step - self.hold) / self.morph, 0, 1)
        share = (share * share * (3 - 2 * share)).astype(np.float32)[..., None]
        order, one = np.array(self.order), np.eye(len(self.ids), dtype=np.float32)
        return (1 - share) * one[order[visit]] + share * one[order[np.minimum(visit + 1, last)]]

    def now(self, t: float) -> int:
        """The look that is held at `t` seconds, or that the path is going over to."""
        return self.order[self._visit(t)]

    def next(self, t: float) -> tuple[int, float] | None:
        """The look after that, and the seconds until the path begins to go over to it; None when there is none."""
        visit = self._visit(t)
        if visit + 1 >= len(self.order):
            return None
        return self.order[visit + 1], visit * (self.hold + self.morph) + self.hold - t

    def _visit(self, t: float) -> int:
        """A visit begins with the morph that leads to it."""
        passed = floor((t - self.hold) / (self.hold + self.morph)) + 1
        return min(max(passed, 0), len(self.order) - 1)


def _order(count: int, visits: int) -> tuple[int, ...]:
    """An order of at least `visits` visits through `count` looks, every way between two as seldom as can be.

    A way gone is soon gone back, by itself or not: that tells best how far behind a performer is. An order that
    went new ways first lost: with 10 visits the lag was twice as uncertain.
    """
    order, ways = [0], Counter()
    seen = Counter(order)

    def cost(look: int) -> tuple[int, ...]:
        back = len(order) > 1 and look == order[-2]
        return ways[order[-1], look], back, -ways[look, order[-1]], seen[look], look

    while count > 1 and (len(order) < visits or min(seen[look] for look in range(count)) < LEAST_VISITS):
        look = min((one for one in range(count) if one != order[-1]), key=cost)
        ways[order[-1], look] += 1
        seen[look] += 1
        order.append(look)
    return tuple(order)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"]).removeprefix("Value error, ")
