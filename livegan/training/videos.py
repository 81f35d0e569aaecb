"""Frames of a video, at chosen moments.

Formats that may point to other files or to the network are never tried: a video is known by its first bytes.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from livegan.training.pictures import MOST_PIXELS, Unfit

_MOST_FRAMES = 10_000_000


@dataclass(frozen=True)
class Moments:
    """Which frames: one each so many seconds, or so many of each video, spread evenly."""

    every: float = 1.0
    frames: int | None = None


def is_video(path: Path) -> bool:
    """Whether a plain file begins as a video of a known kind does."""
    return _kind(path) is not None


def begins(start: bytes) -> bool:
    """Whether these are the first bytes, at least 16, of a video of a known kind."""
    return _format(start) is not None


def _kind(path: Path) -> str | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return _format(file.read(16))
    except OSError:
        return None


def _format(start: bytes) -> str | None:
    """FFmpeg's name of the format that begins so."""
    # AVIF and HEIC begin as MP4 does.
    if start[4:8] == b"ftyp" and start[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"jp2 "):
        return "mov"
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "avi" if start[:4] == b"RIFF" and start[8:12] == b"AVI " else None


def frames(path: Path, moments: Moments) -> Iterator[tuple[float, float, Image.Image]]:
    """(seconds, share of the video that is done, frame) for each chosen moment. Raises Unfit, also midway."""
    try:
        with av.open(str(path), format=_kind(path), metadata_errors="replace") as container:
            if not container.streams.video:
                raise Unfit("not a picture", "it is a video file without a video")
            yield from _chosen(container, moments)
    except av.FFmpegError as error:
        raise Unfit("damaged", f"it is a damaged video ({error.strerror or error})") from None
    except Unfit:
        raise
    # Strangers' bytes fail in any way there is, here too.
    except Exception as error:
        raise Unfit("damaged", f"it is a damaged video ({type(error).__name__})") from None


def _chosen(container: av.container.InputContainer, moments: Moments) -> Iterator[tuple[float, float, Image.Image]]:
    stream = container.streams.video[0]
    stream.thread_count = 2
    if stream.width * stream.height > MOST_PIXELS:
        raise Unfit("too large", f"it is a video of {stream.width} x {stream.height} pixels")
    length = (container.duration or 0) / av.time_base
    step, due = moments.every, 0.0
    if moments.frames:
        if not length:
            raise Unfit("not supported", "it does not say how long it is: use --every instead of --frames")
        step = length / moments.frames
        due = step / 2
    start = None
    for number, frame in enumerate(container.decode(stream)):
        if number > _MOST_FRAMES:
            return
        at = float(frame.time) if frame.time is not None else number / float(stream.average_rate or 25)
        start = at if start is None else start
        if at - start + 1e-6 >= due:
            # A gap in the stamps must not let every later frame pass.
            due += step * (int((at - start - due) / step + 1e-6) + 1)
            yield at - start, min((at - start) / length, 0.999) if length else 0.5, _upright(frame)


def _upright(frame: av.VideoFrame) -> Image.Image:
    """As it is to be shown: the camera may have been held otherwise."""
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    turn = round(frame.rotation / 90) % 4 * 90
    return image.rotate(turn, expand=True) if turn else image
