"""A take: the recorded frames of another input, replayed exactly as they came.

One .safetensors file holds numbers and JSON, nothing that could run. Must never skip or reorder a frame, nor
deliver one before its time.
"""

import json
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livegan.clock import Clock, SystemClock
from livegan.errors import BadRequest, Lost
from livegan.files import write_atomic
from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Input, InputSettings, Source
from livegan.settings import TakeFile

FORMAT = 1

_FEATURES = TypeAdapter(list[Feature])
_TYPES = {"data": np.float32, "seen": np.float64, "present": np.bool_, "cut": np.bool_}


def save_take(path: Path, features: list[Feature], frames: list[Frame]) -> None:
    """Write a take: data float32 [N, features], seen float64 [N], present bool [N, groups], cut bool [N].

    Raises BadRequest when there is no frame or they do not fit the features, Failure when the disk fails.
    """
    columns = {
        "data": [frame.data for frame in frames],
        "seen": [frame.seen for frame in frames],
        "present": [frame.present for frame in frames],
        "cut": [frame.cut for frame in frames],
    }
    try:
        tensors = {name: np.array(column, _TYPES[name]) for name, column in columns.items()}
    except ValueError:
        raise BadRequest(f"the take {path} is not written: its frames are of different sizes") from None
    _refuse(path, features, tensors)
    about = {"format": FORMAT, "features": _FEATURES.dump_python(features)}
    write_atomic(path, save(tensors, {"livegan": json.dumps(about)}))


def load_take(path: Path) -> tuple[list[Feature], list[Frame]]:
    """Read a take. Raises BadRequest in one sentence for whatever is wrong with the file."""
    features = take_features(path)
    try:
        with safe_open(path, "numpy") as file:
            tensors = {name: file.get_tensor(name) for name in _TYPES}
    except (SafetensorError, OSError, ValueError) as error:
        raise BadRequest(f"the take {path} is damaged ({error}): use its backup or record it again") from None
    _refuse(path, features, tensors)
    columns = (tensors[name] for name in ("data", "seen", "present", "cut"))
    frames = [
        Frame(data, float(seen), present, number, bool(cut))
        for number, (data, seen, present, cut) in enumerate(zip(*columns, strict=True), start=1)
    ]
    return features, frames


def take_features(path: Path) -> list[Feature]:
    """The features of a take, from the head of its file alone. Raises BadRequest."""
    try:
        with safe_open(path, "numpy") as file:
            about = json.loads((file.metadata() or {})["livegan"])
        if about["format"] != FORMAT:
            raise BadRequest(f"the take {path} has format {about['format']}, this livegan reads {FORMAT}: update it")
        return _FEATURES.validate_python(about["features"])
    except FileNotFoundError:
        raise BadRequest(f"there is no take {path}: check its name, or record it") from None
    except (
        SafetensorError,
        OSError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
        ValidationError,
    ) as error:
        reason = type(error).__name__ if isinstance(error, ValidationError | KeyError | TypeError) else error
        raise BadRequest(f"{path} is not a take, or is damaged ({reason}): use its backup or record it again") from None


def _refuse(path: Path, features: list[Feature], tensors: dict[str, np.ndarray]) -> None:
    """Raise BadRequest unless the tensors are a take of these features."""
    count, names = len(tensors["seen"]), [feature.name for feature in features]
    shapes = {
        "data": (count, len(names)),
        "seen": (count,),
        "present": (count, len(groups(features))),
        "cut": (count,),
    }
    sound = all(tensors[name].shape == shape and tensors[name].dtype == _TYPES[name] for name, shape in shapes.items())
    if count == 0 or not sound or len(set(names)) < len(names):
        raise BadRequest(f"the take {path} holds no frames, or not those of its features: record it again")
    finite = np.isfinite(tensors["data"]).all() and np.isfinite(tensors["seen"]).all()
    if not finite or (np.diff(tensors["seen"]) < 0).any():
        raise BadRequest(f"the take {path} holds numbers that are not finite or times not in order: record it again")


class TakeSettings(InputSettings):
    """Which take, and whether it begins again when it is over; the first frame of a new lap is a cut."""

    file: TakeFile
    loop: bool = False


class Take(Input):
    """The frames of a take at their own spacing, from the moment it was opened; every one of them."""

    Settings = TakeSettings

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    @staticmethod
    def features(settings: TakeSettings) -> list[Feature]:
        return take_features(Path(settings.file))

    def open(self, settings: TakeSettings, source: Source | None = None) -> None:
        try:
            _, self._frames = load_take(Path(settings.file))
        except BadRequest as error:
            raise Lost(str(error)) from error
        seen = np.array([frame.seen for frame in self._frames])
        usual = float(np.median(np.diff(seen))) if len(seen) > 1 else 1.0
        self._at = seen - seen[0]
        self._lap = float(self._at[-1]) + usual
        self._loop, self._next, self._start = settings.loop, 0, self._clock.now()

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        lap, number = divmod(self._next, len(self._frames))
        over = lap > 0 and not self._loop
        moment = self._start + lap * self._lap + float(self._at[number])
        if over or moment > until:
            self._clock.sleep_until(until)
            return None
        self._clock.sleep_until(moment)
        self._next += 1
        recorded = self._frames[number]
        return Frame(recorded.data, moment, recorded.present, cut=recorded.cut or (lap > 0 and number == 0))
