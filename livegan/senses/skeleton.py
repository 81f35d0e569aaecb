"""Stick figures of bodies and hands, from the raw landmarks that inputs give for people's eyes. Draws nothing."""

from collections.abc import Sequence

import numpy as np

from livegan.senses import body, hand

Line = tuple[tuple[float, float], tuple[float, float]]

_HANDS = tuple((f"{side}.{a}", f"{side}.{b}") for side in hand.SIDES for a, b in hand.CONNECTIONS)
_LINES = (*body.CONNECTIONS, *_HANDS)


def figures(names: Sequence[str], values: np.ndarray) -> list[Line]:
    """The lines of everybody in a row of the show's values (INPUT.raw.NAME.x and .y, 0..1 of the picture).

    names: of the features. A line of which an end was never seen is left out.
    """
    at = {name: float(value) for name, value in zip(names, values, strict=True) if ".raw." in name}
    found = []
    for prefix in dict.fromkeys(name.split(".raw.")[0] for name in at):
        for a, b in _LINES:
            ends = [(at.get(f"{prefix}.raw.{p}.x", np.nan), at.get(f"{prefix}.raw.{p}.y", np.nan)) for p in (a, b)]
            if np.isfinite(ends).all():
                found.append((ends[0], ends[1]))
    return found
