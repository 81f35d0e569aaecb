"""A camera, or a clip that plays as if it were one: pictures with when the world was seen.

Runs in its own process, because a driver can block for ever inside a read: the host then misses its signs of
life and kills the process; nothing here tries to help itself. Must never deliver a clip's frame before its time.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from pydantic import Field

from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses import delays
from livegan.settings import PictureSource, Seconds

FROZEN = 1.5
"""Seconds of one and the same picture after which a driver counts as hung; a sensor always has noise."""

OLDEST = 0.5
"""Seconds; a driver's stamp that is older, or not yet, is on another clock than ours."""

_NOBODY = np.empty(0, bool)


class CameraSettings(InputSettings):
    """Which pictures, and how they are delivered.

    source: "camera:0", "camera:/dev/v4l/by-id/...", "camera:PART OF THE DEVICE'S NAME" or "clip:FILE".
    size: the longest side in pixels; larger pictures are shrunk, none is enlarged. fps: asked of a device; a
    clip keeps its own. mirror: left and right swapped; None mirrors devices (performers see themselves as in a
    mirror) and no clip. delay: seconds from world to driver, taken off `seen`; None takes what `livegan latency`
    measured of this device on this machine, else 0.
    """

    source: PictureSource
    size: int = Field(640, ge=64, le=4096)
    fps: float | None = Field(None, gt=0, le=1000)
    loop: bool = True
    mirror: bool | None = None
    delay: Seconds | None = Field(None, ge=0, le=2)

    @property
    def device(self) -> str | None:
        """What the device is called in the patch; None for a clip."""
        scheme, _, name = self.source.partition(":")
        return name if scheme == "camera" else None


OpenDevice = Callable[[CameraSettings], cv2.VideoCapture]


class Camera(Input):
    """Pictures of a device or a clip: uint8 [height, width, 3] RGB, contiguous; it has no features."""

    Settings = CameraSettings
    pixels = True

    def __init__(self, clock: Clock | None = None, open_device: OpenDevice | None = None) -> None:
        self._clock = clock or SystemClock()
        self._open_device = open_device or opened_device
        self._from: _Device | _Clip | None = None
        self._hang = _Hang()

    @staticmethod
    def features(settings: CameraSettings) -> list[Feature]:
        return []

    def open(self, settings: CameraSettings, source: Source | None = None) -> None:
        if settings.device is None:
            self._from = _Clip(Path(settings.source.removeprefix("clip:")), settings.loop, self._clock)
        else:
            device = _Device(settings.device, self._open_device(settings), self._clock, self._hang)
            self._from = device
            device.expect_movement()
        mirrored = settings.mirror
        self._mirror = settings.device is not None if mirrored is None else mirrored
        self._size, self._delay = settings.size, _delay(settings)

    def read(self, timeout: float) -> Frame | None:
        taken = self._from.read(timeout)
        if taken is None:
            return None
        picture = shrunk(taken.picture(), self._size)
        if self._mirror:
            picture = cv2.flip(picture, 1)
        return Frame(np.ascontiguousarray(picture), taken.seen - self._delay, _NOBODY, cut=taken.cut)

    def close(self) -> None:
        if self._from is not None:
            self._from.close()
        self._from = None


def _delay(settings: CameraSettings) -> float:
    """The patch's, else what is known of the device."""
    if settings.delay is not None or settings.device is None:
        return settings.delay or 0.0
    return delays.known(stable_name(settings.device), settings.size)


def shrunk(picture: np.ndarray, size: int) -> np.ndarray:
    """The picture with its longest side at most `size` pixels; never enlarged."""
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    if scale >= 1:
        return picture
    smaller = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class _Taken:
    """A picture not yet decoded or converted (calling `picture` does that); seen, lasts: seconds."""

    picture: Callable[[], np.ndarray]
    seen: float
    lasts: float = 0.0
    cut: bool = False


def devices(root: Path = Path("/")) -> dict[int, str]:
    """The video devices of a Linux machine: number and name; empty where the system has no such list."""
    found = {}
    for folder in (root / "sys/class/video4linux").glob("video*"):
        number = re.fullmatch(r"video(\d+)", folder.name)
        name = folder / "name"
        if number and name.is_file():
            found[int(number[1])] = name.read_text("utf-8", "replace").strip()
    return dict(sorted(found.items()))


def device_index(name: str, root: Path = Path("/")) -> int:
    """The number that a camera has now, by its number, path, or a part of its name or by-id name.

    Asked at every open, since numbers change when a camera is plugged in again. Raises Lost.
    """
    if name.isdecimal():
        return int(name)
    if name.startswith("/"):
        linked = [root / name.lstrip("/")]
    else:
        linked = [p for p in sorted((root / "dev/v4l/by-id").glob("*")) if name.lower() in p.name.lower()]
    numbers = [re.fullmatch(r"video(\d+)", path.resolve().name) for path in linked if path.exists()]
    numbers = [int(number[1]) for number in numbers if number]
    numbers += [index for index, found in devices(root).items() if name.lower() in found.lower()]
    if not numbers:
        raise Lost(f'there is no camera "{name}" ({_found(root)}): plug it in, or name another in the patch')
    return min(numbers)  # a webcam's further nodes carry the same name and no pictures


def stable_name(name: str, root: Path = Path("/")) -> str:
    """What a device is called wherever it is plugged in: its by-id name, else its own, else `name` as it is."""
    try:
        index = device_index(name, root)
    except Lost:
        return name
    links = sorted((root / "dev/v4l/by-id").glob("*"))
    return next((link.name for link in links if link.resolve().name == f"video{index}"), devices(root).get(index, name))


def _found(root: Path = Path("/")) -> str:
    names = ", ".join(f"{index}: {name}" for index, name in devices(root).items())
    return f"found {names}" if names else "found none"


def any_camera() -> bool:
    """Whether this machine has a camera; only where the system has no list is one opened to find out."""
    if sys.platform == "linux":
        return bool(devices())
    _silence()
    device = cv2.VideoCapture(0)
    found = device.isOpened()
    device.release()
    return found


def opened_device(settings: CameraSettings) -> cv2.VideoCapture:
    """The device of the settings, asked for the wanted size and rate and for no old pictures. Raises Lost."""
    _silence()
    index = device_index(settings.device)
    device = cv2.VideoCapture(index, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
    large = settings.size > 640
    if large:  # uncompressed, USB 2 carries 1280x720 at 10 fps only
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    device.set(cv2.CAP_PROP_FRAME_WIDTH, settings.size)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.size * 9 // 16 if large else settings.size * 3 // 4)
    if settings.fps is not None:
        device.set(cv2.CAP_PROP_FPS, settings.fps)
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return device


def _silence() -> None:
    """Keep OpenCV's own complaints off the terminal: a missing camera is tried again twice a second."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass
class _Hang:
    """A sample of the picture at which a driver was found to hang: opened again, it may hang on at the same one."""

    sample: np.ndarray | None = None


class _Device:
    """An open capture; every known way in which drivers fail without saying so ends in Lost."""

    def __init__(self, name: str, capture: cv2.VideoCapture, clock: Clock, hang: _Hang) -> None:
        self._name, self._capture, self._clock, self._hang = name, capture, clock, hang
        self._sample: np.ndarray | None = None
        self._changed = clock.now()
        if not capture.isOpened():
            capture.release()
            raise Lost(f'camera "{name}" does not open ({_found()}): plug it in, or close what else is using it')

    def expect_movement(self) -> None:
        """After a hang, wait until the picture moves. Raises Lost when it stands still again, at whatever it shows."""
        if self._hang.sample is None:
            return
        self.read(0.0)  # the first picture after opening may be any
        self.read(0.0)
        still = self._sample
        while np.array_equal(self._sample, still) or np.array_equal(self._sample, self._hang.sample):
            self.read(0.0)
        self._hang.sample = None

    def read(self, timeout: float) -> _Taken:
        """The next picture; waits for the driver, however long that takes. Raises Lost."""
        try:
            if not self._capture.grab():
                raise Lost(f'camera "{self._name}" gives no more pictures: check its cable')
            seen = self._stamp()
            found, picture = self._capture.retrieve()
        except cv2.error as error:
            raise Lost(f'camera "{self._name}" failed in its driver: {error.err or error}') from error
        if not found or picture is None or picture.ndim != 3:
            raise Lost(f'camera "{self._name}" gave something that is no picture: check its cable')
        self._refuse_frozen(picture, seen)
        return _Taken(lambda: cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), seen)

    def _stamp(self) -> float:
        """When the driver got the picture just grabbed, where it says so on our clock; else now."""
        now = self._clock.now()
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return stamp if now - OLDEST < stamp <= now else now

    def _refuse_frozen(self, picture: np.ndarray, seen: float) -> None:
        sample = picture[::16, ::16].copy()
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample, self._changed = sample, seen
        elif seen - self._changed > FROZEN:
            self._hang.sample = sample
            raise Lost(f'camera "{self._name}" has shown the same picture for {FROZEN:g} s: it hangs')

    def close(self) -> None:
        self._capture.release()


class _Clip:
    """A film that plays at its own speed from the moment it was opened, by the clock."""

    def __init__(self, path: Path, loop: bool, clock: Clock) -> None:
        self._path, self._loop, self._clock = path, loop, clock
        self._start, self._laps, self._lap = clock.now(), 0, 0.0
        self._frames = _decoded(path)
        self._due = self._next()
        if self._due is None:
            raise Lost(f"the clip {path} holds no pictures: choose another")

    def read(self, timeout: float) -> _Taken | None:
        """The next frame once its time has come; None if that is not within `timeout` seconds"""
        until = self._clock.now() + timeout
        self._due = self._due or self._next()
        if self._due is None or self._due.seen > until:
            self._clock.sleep_until(until)
            return None
        self._clock.sleep_until(self._due.seen)
        return self._newest_due()

    def _newest_due(self) -> _Taken:
        """The frame that is due; when we are late by more than a frame, the newest one that is."""
        taken, self._due = self._due, None
        cut = taken.cut
        while self._clock.now() - taken.seen > taken.lasts:
            later = self._next()
            if later is None or later.seen > self._clock.now():
                self._due = later
                break
            taken, cut = later, cut or later.cut
        return _Taken(taken.picture, taken.seen, taken.lasts, cut)

    def _next(self) -> _Taken | None:
        """The frame after the last decoded one, in the next lap if need be; None at the end."""
        found, cut = next(self._frames, None), False
        if found is None and self._loop and self._lap > 0:
            behind = int((self._clock.now() - self._start) / self._lap) - self._laps
            self._laps += max(1, behind)
            self._frames = _decoded(self._path)
            found, cut = next(self._frames, None), True
        if found is None:
            return None
        picture, at, lasts = found
        self._lap = max(self._lap, at + lasts)
        return _Taken(picture, self._start + self._laps * self._lap + at, lasts, cut)

    def close(self) -> None:
        self._frames.close()


def _decoded(path: Path) -> Iterator[tuple[Callable[[], np.ndarray], float, float]]:
    """Every frame of a film: how to get its picture, its seconds from the first, its length. Raises Lost.

    On one thread: several are hardly faster for small films and take the cores that the generator needs.
    """
    try:
        with av.open(str(path)) as film:
            if not film.streams.video:
                raise Lost(f"the clip {path} has no picture track: choose another")
            stream = film.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "NONE", 1
            usual, first = 1 / float(stream.average_rate or 30), None
            for number, frame in enumerate(film.decode(stream)):
                at = number * usual if frame.time is None else frame.time
                first = at if first is None else first
                lasts = float(frame.duration * frame.time_base) if frame.duration else usual
                yield _picture_of(frame), at - first, lasts
    except av.FFmpegError as error:
        raise Lost(f"the clip {path} cannot be read: {error.strerror}; choose or convert another") from error


def _picture_of(frame: av.VideoFrame) -> Callable[[], np.ndarray]:
    def picture() -> np.ndarray:
        upright = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
        return np.ascontiguousarray(upright)

    return picture
