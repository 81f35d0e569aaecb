"""Features and frames: the one type that flows from the world to the generator.

Nothing here opens, waits or allocates beyond the arrays it is given.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["linear", "angle", "step", "event"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One named float32 number that an input gives.

    kind: `linear` is interpolated; `angle` (radians) is interpolated around the circle; `step` holds its
    value until the next; `event` is non-zero in the frame where it happens and is delivered once.
    group: the features that appear and vanish together (a body, a left arm); presence is per group.
    max_gap: the longest time between two frames, in seconds, across which the value is interpolated.
    unit: how much change is one clearly visible movement; mappings measure distance in units. 0: nobody knows, the
    examples show it.
    """

    name: str
    kind: Kind = "linear"
    group: str = ""
    max_gap: float = 0.25
    unit: float = 1.0

    @property
    def movement(self) -> float:
        """The unit; where nobody knows it, that of a control that goes from 0 to 1."""
        return self.unit or 0.25


@dataclass(frozen=True, slots=True)
class Frame:
    """What one part made, with when the world was seen.

    data: float32 [features], or uint8 [height, width, 3] RGB from a camera.
    seen: seconds on the show's clock when the world was so, before decoding; never rewritten.
    present: bool [groups], in the order in which the groups first appear among the features.
    count: running number within its ring, given by the ring that carries the frame.
    cut: a loop, a seek or a new person: never interpolate from the frame before.
    """

    data: np.ndarray
    seen: float
    present: np.ndarray
    count: int = 0
    cut: bool = False


def groups(features: list[Feature]) -> list[str]:
    """Group names in order of first appearance; the order of `Frame.present`."""
    return list(dict.fromkeys(feature.group for feature in features))
