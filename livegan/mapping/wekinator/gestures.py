"""The gestures that a Wekinator project was taught: its currentData.csv, both ways.

Opens no file. Text that Wekinator would not have written is a BadRequest, without the file's name.
"""

from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.wekinator.arff import as_number

_MOST = 1 << 20
_HEAD = (
    "# First field is # dimensions of each datapoint, 2nd is gesture class, Next fields are raw time series in order "
    "t_f1[0], t_f2[0], t_f3[0] etc. where f1, f2, etc are features and [0] is time\n"
)


@dataclass(frozen=True)
class Gesture:
    """A recorded one. number: of what it is an example, from 1. values: float64 [T, F]."""

    number: int
    values: np.ndarray


def read(text: str, inputs: int, classes: int) -> list[Gesture]:
    """The gestures in a currentData.csv. Raises BadRequest with the line."""
    found = []
    for count, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            found.append(_gesture(line, inputs, classes))
        except BadRequest as error:
            raise BadRequest(f"line {count}: {error}") from None
    return found


def _gesture(line: str, inputs: int, classes: int) -> Gesture:
    cells = line.strip().removesuffix(",").split(",")
    values = np.array([as_number(cell.strip()) for cell in cells])
    if len(values) < 2 + inputs or values[0] != inputs or (len(values) - 2) % inputs:
        raise BadRequest(f"it holds no series of {inputs} numbers at a time")
    series = values[2:].reshape(-1, inputs)
    if values[1] not in range(1, classes + 1) or len(series) > _MOST:
        raise BadRequest(f"it is of gesture {values[1]:g} of {classes}, and {len(series)} long")
    return Gesture(int(values[1]), series)


def write(gestures: list[Gesture]) -> str:
    """The currentData.csv of these gestures, at full precision."""
    lines = [f"{one.values.shape[1]},{one.number},{_joined(one.values)},\n" for one in gestures]
    return _HEAD + "".join(lines)


def _joined(values: np.ndarray) -> str:
    return ",".join(map(str, values.ravel().tolist())).replace("nan", "NaN")
