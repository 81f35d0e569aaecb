"""The gestures of a Wekinator project: currentData.csv, and what model1.xml says of how they are matched.

Opens no file. Text that Wekinator would not have written is a BadRequest, without the file's name.
"""

from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.wekinator.arff import as_number
from livegan.mapping.wekinator.builders import Params
from livegan.mapping.wekinator.markup import Element, parsed

_MOST = 1 << 20
_LONG = 10_000
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
    return ",".join(map(str, values.ravel().tolist()))


@dataclass(frozen=True)
class Matching:
    """How gestures are told apart. selected: which inputs count. notes: what is not done as it was there."""

    params: Params
    selected: tuple[bool, ...]
    notes: tuple[str, ...]


def matching(data: bytes) -> Matching:
    """What the model1.xml of gestures says. Raises BadRequest."""
    # The examples are there once more, many times as large as in the .csv.
    root = parsed(data, "DtwModel", skipped="data")
    told = root.child("settings")
    if told is None:
        raise BadRequest("it has no <settings>")
    constant = told.word("minimumLengthRestriction", "SET_CONSTANT") == "SET_CONSTANT"
    params: Params = {
        "threshold": root.number("matchThreshold", 5.0),
        "width": told.whole("matchWidth", 0, 10_000, usual=5),
        "hop": told.whole("hopSizeForContinuousSearch", 1, 10_000, usual=1),
        # Any other restriction is the length of the shortest example.
        "shortest": told.whole("minAllowedGestureLength", 1, _LONG, usual=5) if constant else _LONG,
    }
    policy = told.word("downsamplePolicy", "DOWNSAMPLE_TO_MAX_LENGTH")
    if policy == "DOWNSAMPLE_TO_MAX_LENGTH":
        params["length"] = told.whole("downsampleMaxLength", 1, _LONG, usual=10)
    else:
        thinned = policy == "DOWNSAMPLE_BY_CONSTANT_FACTOR"
        params["every"] = told.whole("downsampleFactor", 1, _LONG, usual=5) if thinned else 1
    notes = list[str]()
    if told.word("runningType", "LABEL_CONTINUOUSLY") != "LABEL_CONTINUOUSLY":
        notes.append("Wekinator told a gesture when running stopped; here it is told while it is made")
    if params["hop"] != 1:
        notes.append("Wekinator looked for gestures at some inputs only; here at each")
    active = _flags(root, "isGestureActive")
    notes += [f"gesture {number} was switched off; here it is on" for number, on in enumerate(active, 1) if not on]
    return Matching(params, _flags(root, "selectedInputs"), tuple(notes))


def _flags(root: Element, name: str) -> tuple[bool, ...]:
    found = root.child(name)
    return tuple(one.text.strip() == "true" for one in found.children) if found else ()
