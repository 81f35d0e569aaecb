"""The contract of an input: it sees the world and gives frames.

An input with a device or a socket runs in its own process and may block, crash or leak there; the show never
waits for it. To add one, write one file with one subclass of `Input`; the contract test finds it by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Annotated, ClassVar, Literal, Protocol

import numpy as np
from pydantic import BeforeValidator, Field

from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.senses.derived import Derived
from livegan.senses.tracker import Tracker
from livegan.settings import PictureSource, Seconds, Settings


def _flat(table: object) -> object:
    """TOML's `left.hand.x = ...` is a table within tables; here it is the name "left.hand.x"."""
    if not isinstance(table, dict):
        return table
    found: dict[str, object] = {}
    for name, value in table.items():
        inside = _flat(value)
        found |= {f"{name}.{rest}": one for rest, one in inside.items()} if isinstance(inside, dict) else {name: value}
    return found


_Formulas = Annotated[dict[str, str], BeforeValidator(_flat), Field(default_factory=dict)]


class InputSettings(Settings):
    """What every input's table in a patch may hold.

    derived: names of more features, and the formulas (senses/formula.py) that make them of this input's own.
    """

    kind: str
    latency: Seconds | None = Field(None, ge=0, le=5, description="own latency, instead of the show's")
    derived: _Formulas


class Source(Protocol):
    """Where a detector gets its pictures: the newest frame of a camera, without waiting for the camera."""

    def newer(self, count: int, timeout: float) -> Frame | None:
        """The newest frame whose count is above `count`; None when none came within `timeout` seconds."""


class Input(ABC):
    """Sees the world and gives frames; opened, read and closed by one thread of one process.

    where: "process" (its own child process) or "show" (fed by the show's window).
    stale_after: seconds without a frame after which it counts as stale; None for what may rest (faders).
    pixels: its frames are pictures, uint8 [height, width, 3] RGB, read by detectors through a ring.
    detector: it reads pictures of the camera named by `settings.source`, opened once for all its readers.
    mask: with each frame it leaves in `mask` where it saw somebody, uint8 [height, width, 1], 255 is surely there,
    the longest side at most as `mask_size` says.
    growth: bytes by which its process may grow once it is warm; then another takes its place, for libraries leak. A
    detector's gets ready beside it, every other's opens only when it has gone: a device can be opened once.
    """

    Settings: ClassVar[type[InputSettings]]
    where: ClassVar[Literal["process", "show"]] = "process"
    stale_after: ClassVar[float | None] = 0.5
    pixels: ClassVar[bool] = False
    detector: ClassVar[bool] = False
    growth: ClassVar[int] = 300 * 2**20

    complaint: str = ""
    """What was last wrong with what came (a refused packet), in one sentence; whoever reads it empties it."""

    mask: np.ndarray | None = None

    @staticmethod
    def mask_size(settings: InputSettings) -> int:
        """The longest side in pixels of the masks that come with its frames; 0 when none come."""
        return 0

    @staticmethod
    def features(settings: InputSettings) -> list[Feature]:
        """The numbers this input gives; opens no device and imports nothing heavy."""
        return []

    @classmethod
    def derived(cls, settings: Settings) -> Derived:
        """What adds to its frames the features that the patch derives; knows them all. Raises BadRequest."""
        return Derived(cls.features(settings), settings.derived if isinstance(settings, InputSettings) else {})

    @abstractmethod
    def open(self, settings: InputSettings, source: Source | None = None) -> None:
        """Open the device; `source` is given to detectors only. Raises Lost."""

    @abstractmethod
    def read(self, timeout: float) -> Frame | None:
        """The next frame, or None when none came within `timeout` seconds. Raises Lost."""

    def close(self) -> None:  # noqa: B027
        """Give everything back; may be called twice."""


class DetectorSettings(InputSettings):
    """source: the camera or the clip whose pictures are read."""

    source: PictureSource


class MirrorSettings(DetectorSettings):
    """mirrored: the pictures are a mirror's, so that the left of a person is the picture's left.

    None: those of a camera are and those of a clip are not, as the camera input has it.
    """

    mirrored: bool | None = None

    @property
    def mirror(self) -> bool:
        """Whether the pictures are a mirror's."""
        return self.source.startswith("camera:") if self.mirrored is None else self.mirrored


def known(names: tuple[str, ...], landmarks: Collection[str]) -> tuple[str, ...]:
    """The names, each of a landmark and none twice. Raises ValueError."""
    if unknown := [name for name in names if name not in landmarks]:
        raise ValueError(f'there is no landmark "{unknown[0]}"; there are {", ".join(landmarks)}')
    if len(set(names)) < len(names):
        raise ValueError("landmarks names one landmark twice; name each once")
    return names


class Detector(Input):
    """Looks at the newest picture of a camera, each once. tracker: MediaPipe's, where it needs one."""

    detector = True
    tracker: Tracker | None = None

    @abstractmethod
    def begin(self, settings: InputSettings) -> None:
        """Get ready. Raises Lost."""

    @abstractmethod
    def forget(self) -> None:
        """What was followed is somewhere else now: the camera cut."""

    @abstractmethod
    def look(self, picture: Frame) -> Frame:
        """What is in a picture, with its `seen` and its cut. Raises Lost."""

    def open(self, settings: InputSettings, source: Source | None = None) -> None:
        if source is None:
            raise Lost(f"{settings.kind} needs the pictures of a camera or a clip, found none: give it a source")
        self._source, self._count = source, 0
        self.begin(settings)

    def read(self, timeout: float) -> Frame | None:
        picture = self._source.newer(self._count, timeout)
        if picture is None:
            return None
        self._count = picture.count
        if picture.cut:
            if self.tracker is not None:
                self.tracker.forget()
            self.forget()
        return self.look(picture)

    def close(self) -> None:
        if self.tracker is not None:
            self.tracker.close()
        self.tracker = None
