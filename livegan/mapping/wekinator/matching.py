"""The model1.xml of a Wekinator project of gestures, both ways: how gestures are matched.

Opens no file. Text that Wekinator would not have written is a BadRequest, without the file's name.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.wekinator.builders import Params
from livegan.mapping.wekinator.config import Output, Tagged, listed, output_parts, tagged
from livegan.mapping.wekinator.gestures import Gesture
from livegan.mapping.wekinator.markup import Element, parsed

_LONG = 10_000
_HEAD = '<?xml version="1.0"?>\n'
_EXAMPLE = "wekimini.learning.dtw.DtwExample"
_POINT = "com.timeseries.TimeSeriesPoint"


@dataclass(frozen=True)
class Matching:
    """How gestures are told apart. selected: which inputs count. notes: what is not done as it was there."""

    params: Params
    selected: tuple[bool, ...]
    notes: tuple[str, ...]


def read(data: bytes) -> Matching:
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


def write(gestures: Sequence[Gesture], one: Output, selected: Sequence[bool]) -> str:
    """The model1.xml for recorded gestures. selected: which inputs count."""
    count, told = one.settings.classes, _Told.of(one.settings.params)
    every = told.every or max(max(len(gesture.values) for gesture in gestures) // told.length, 1)
    parts = [
        _each("isGestureActive", "boolean", ["true"] * count),
        tagged("data", *_data(gestures, count, len(selected), every, told)),
        tagged("numGestures", count),
        tagged("settings", *told.settings()),
        # How far Wekinator's slider goes.
        tagged("maxDistance", 2 * told.threshold),
        tagged("modelName", one.name),
        tagged("myID", one.name),
        tagged("maxSliderValue", int(400 * told.threshold)),
        tagged("matchThreshold", told.threshold),
        tagged("recordingState", "NOT_RECORDING"),
        tagged("runningState", "NOT_RUNNING"),
        _each("versionNumbers", "int", [1] * count),
        tagged("myOutput", *output_parts(one)),
        '<distanceFunction class="com.util.EuclideanDistance"/>',
        _each("selectedInputs", "boolean", [str(on).lower() for on in selected]),
        tagged("wasRunningBeforeRecord", "false"),
    ]
    return _HEAD + tagged("DtwModel", *map(Tagged, parts))


@dataclass(frozen=True)
class _Told:
    """The params of an output, with what is usual; every: 0 when it goes by length."""

    threshold: float
    width: int
    hop: int
    shortest: int
    length: int
    every: int

    @classmethod
    def of(cls, params: Params) -> "_Told":
        usual: Params = {"threshold": 5.0, "width": 5, "hop": 1, "shortest": 5, "length": 10, "every": 0}
        return cls(**{name: type(value)(params.get(name, value)) for name, value in usual.items()})

    @property
    def policy(self) -> str:
        return "DOWNSAMPLE_BY_CONSTANT_FACTOR" if self.every else "DOWNSAMPLE_TO_MAX_LENGTH"

    def settings(self) -> Iterator[Tagged]:
        yield tagged("minAllowedGestureLength", self.shortest)
        yield tagged("hopSizeForContinuousSearch", self.hop)
        yield tagged("matchWidth", self.width)
        yield tagged("downsampleFactor", self.every or 5)
        yield tagged("runningType", "LABEL_CONTINUOUSLY")
        yield tagged("minimumLengthRestriction", "SET_CONSTANT")
        yield tagged("downsamplePolicy", self.policy)
        yield tagged("downsampleMaxLength", self.length)


def _data(gestures: Sequence[Gesture], count: int, inputs: int, every: int, told: _Told) -> Iterator[Tagged]:
    """The examples, gesture after gesture, then where each of them is."""
    lists, places = list[Tagged](), list[str]()
    for number in range(1, count + 1):
        own = [gesture for gesture in gestures if gesture.number == number]
        lists.append(tagged("linked-list", *(_example(one, len(places) + n, every) for n, one in enumerate(own, 1))))
        places += [f"../../../allExamples/linked-list{_at(number)}/{_EXAMPLE}{_at(n + 1)}" for n in range(len(own))]
    references = [Tagged(f'<{_EXAMPLE} reference="{place}"/>') for place in places]
    yield tagged("numGestures", count)
    yield tagged("allExamples", *lists)
    entries = [tagged("entry", tagged("int", number), one) for number, one in enumerate(references, 1)]
    yield tagged("examplesForIds", *entries)
    for kind, step in (("Examples", 1), ("DownsampledExamples", every)):
        lengths = [-(-len(gesture.values) // step) for gesture in gestures]
        yield tagged(f"minSizeIn{kind}", min(lengths))
        yield tagged(f"maxSizeIn{kind}", max(lengths))
    yield tagged("maxLengthToRetainDuringRun", max(lengths))
    yield tagged("numTotalExamples", len(gestures))
    yield tagged("numInputs", inputs)
    yield tagged("downsampleFactor", every)
    yield tagged("downsampleToLength", told.length)
    yield tagged("downsamplePolicy", told.policy)
    queue = tagged("java.util.ArrayDeque", Tagged("<default/>"), tagged("int", len(gestures)), *references)
    yield tagged('examplesInOrder serialization="custom"', Tagged("<unserializable-parents/>"), queue)


def _at(number: int) -> str:
    """As XStream counts elements of the same name."""
    return f"[{number}]" if number > 1 else ""


def _example(gesture: Gesture, number: int, every: int) -> Tagged:
    whole = tagged("timeSeries", *_series(gesture.values, 1))
    thinned = tagged("downsampledTimeSeries", *_series(gesture.values, every))
    return tagged(_EXAMPLE, whole, thinned, tagged("gestureClass", gesture.number - 1), tagged("id", number))


def _series(values: np.ndarray, every: int) -> list[Tagged]:
    kept = values[::every].astype(float).tolist()
    times = [float(every * count) for count in range(len(kept))]
    labels = ["Time", *map(str, range(values.shape[1]))]
    return [listed("labels", labels), _each("timeReadings", "double", times), tagged("tsArray", *map(_point, kept))]


def _point(row: list[float]) -> Tagged:
    return tagged(_POINT, _each("measurements", "double", row), tagged("hashCode", _hash(row)))


def _hash(row: list[float]) -> int:
    """The sum of Java's Double.hashCode, as an int of 32 bits."""
    bits = np.frombuffer(struct.pack(f">{len(row)}d", *row), ">u4").astype(np.uint64).reshape(-1, 2)
    total = int((bits[:, 0] ^ bits[:, 1]).sum()) & 0xFFFFFFFF
    return total - (total >> 31 << 32)


def _each(start: str, kind: str, values: Sequence[object]) -> Tagged:
    return tagged(start, *(tagged(kind, str(value).replace("nan", "NaN")) for value in values))
