"""The contract of a stage, which shows pictures, and of a tap, which gets a copy of them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Protocol

import numpy as np
from pydantic import Field

from livegan.settings import Settings

Fit = Literal["contain", "cover", "mirror"]
Side = Annotated[int, Field(ge=1, le=16_384)]


class StageSettings(Settings):
    """What every `[stage.NAME]` table in a patch may hold.

    fit: `contain` shows the whole picture with black bars, `cover` fills and crops, `mirror` fills the bars
    with the mirrored picture. size: (width, height) of the window or framebuffer in pixels. mask: the input that
    sees where the picture is to be seen, everything else is black. mask_side: "inside" the body that it sees, or
    "outside". alerts: what the operator must be told comes over the picture by itself, where it has no other window.
    """

    kind: str
    size: tuple[Side, Side] = (1280, 720)
    fit: Fit = "contain"
    mask: str | None = None
    mask_side: Literal["inside", "outside"] = "inside"
    alerts: bool = True


@dataclass(frozen=True)
class Mask:
    """Where the picture is seen; it lies on the stage as the pictures do, but is never mirrored.

    where: uint8 [height, width, 1], 255 is seen, nothing is beyond it; the same object means unchanged. outside: the
    other way around. share: 1 as the mask says, 0 the whole picture.
    """

    where: np.ndarray
    outside: bool = False
    share: float = 1.0


@dataclass(frozen=True)
class Scene:
    """What is on the stage: a picture uint8 [height, width, 3] RGB, and the operator's overlay or None.

    overlay: uint8 [height, width, 4] RGBA, stretched over the whole stage; the same object means unchanged.
    light: 1 shows the picture, 0 is black. before: another picture, of any size, that it takes the place of; the same
    object means unchanged. share: how far it has, 0 shows `before` alone and 1 `picture` alone. mask: of the picture,
    not of the overlay.
    """

    picture: np.ndarray
    overlay: np.ndarray | None = None
    light: float = 1.0
    before: np.ndarray | None = None
    share: float = 1.0
    mask: Mask | None = None


@dataclass(frozen=True)
class Event:
    """What a person did at the stage.

    kind: "key" (name such as "h", "f1", "page_down"; `down` when it was pressed, else it was let go, by the person
    or because the window lost them), "close", or "pointer" (x, y in 0..1 from the top left, `down` while the button
    is held, `inside` while the pointer is over the stage).
    """

    kind: str
    name: str = ""
    x: float = 0.0
    y: float = 0.0
    down: bool = False
    inside: bool = False


class Stage(ABC):
    """Shows scenes; every method is called from the thread that opened it (the main thread).

    period: seconds between display refreshes when `show` waits for them, else None and the show paces itself.
    """

    Settings: ClassVar[type[StageSettings]] = StageSettings
    period: float | None = None

    @abstractmethod
    def open(self, settings: StageSettings, title: str = "livegan") -> None:
        """Open the window or framebuffer. Raises errors.Failure when this machine cannot."""

    @abstractmethod
    def show(self, scene: Scene) -> None:
        """Draw the scene and present it; returns when it was presented."""

    @abstractmethod
    def events(self) -> list[Event]:
        """What happened at the stage since the last call; never waits."""

    @abstractmethod
    def read(self) -> np.ndarray:
        """What was presented last, uint8 [height, width, 3] RGB, top row first."""

    @abstractmethod
    def close(self) -> None:
        """Close the window; may be called twice."""


class Tap(Protocol):
    """Gets a copy of every new picture (a recorder, a preview)."""

    dropped: int

    def take(self, picture: np.ndarray, at: float) -> None:
        """Copy `picture` (uint8 [height, width, 3] RGB), shown at `at` seconds; never blocks, drops and counts."""

    def close(self) -> None:
        """Finish the file; may be called twice."""
