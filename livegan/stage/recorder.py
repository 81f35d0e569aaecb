"""A tap that writes what was shown to an H.264 file, on a thread of its own.

Must never make the show wait and never raise into it: what does not fit in its queue is dropped and counted,
and what fails while writing is kept in `error`. Only a finished file gets the name that was asked for.
"""

import os
import threading
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from livegan.errors import Failure
from livegan.files import sync_folder

_KEPT = 12
_FINISH_WITHIN = 10.0
# 60 000 holds 24, 25, 30, 50, 60 and 59.94 pictures a second exactly, and MPEG-4 allows no more than 65 535.
_TICKS = 60_000
_BT709 = 1
_CODECS = {
    "libx264": {"preset": "veryfast", "crf": "18", "bf": "0", "g": "60"},
    "mpeg4": {"qscale": "3"},
}
# Fragments of two seconds while it is written, each flushed, so that a recording cut off by a crash still
# plays; a plain file when it is finished.
_MUXING = {"movflags": "hybrid_fragmented", "flush_packets": "1"}


class Recorder:
    """Writes pictures to an MP4 file with the times at which they were shown, the first at 0.

    path: the file, replaced when the recording is finished; until then it is `path`.part. fps: the nominal
    rate, used for the length of the last picture. size: (width, height), None for that of the first picture;
    odd sizes lose their last row or column. Raises Failure when the file cannot be written.

    dropped: pictures that came while the queue was full, or after the recording had ended. written: pictures
    in the file. error: what ended the recording too early, or "".
    """

    def __init__(self, path: Path, fps: float, size: tuple[int, int] | None = None) -> None:
        self.dropped = 0
        self.written = 0
        self.error = ""
        self._path = Path(path).absolute()
        self._part = self._path.with_name(self._path.name + ".part")
        self._rate = Fraction(fps).limit_denominator(1001)
        self._size = size
        self._queue: SimpleQueue[tuple[np.ndarray, float] | None] = SimpleQueue()
        self._over = threading.Event()
        _try_writing(self._part, self._path)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def take(self, picture: np.ndarray, at: float) -> None:
        """Copy `picture` (uint8 [height, width, 3] RGB), shown at `at` seconds; never blocks or raises."""
        if self._over.is_set() or self._queue.qsize() >= _KEPT:
            self.dropped += 1
            return
        self._queue.put((picture.copy(), at))

    def close(self) -> None:
        """Finish the file within seconds and give it its name; may be called twice."""
        self._over.set()
        self._queue.put(None)
        self._thread.join(_FINISH_WITHIN)
        if self._thread.is_alive() and not self.error:
            self.error = f"{self._path} was not finished in {_FINISH_WITHIN:.0f} s; what there is lies in {self._part}"

    def _run(self) -> None:
        try:
            self._write()
        except Exception as error:  # whatever it is, the show goes on
            self.error = f"the recording to {self._path} ended early: {_why(error)}; see {self._part}"
        self._over.set()

    def _write(self) -> None:
        first = self._queue.get()
        if first is None:
            self._part.unlink()
            return
        height, width = first[0].shape[:2]
        wide, high = self._size or (width, height)
        with av.open(str(self._part), "w", format="mp4", options=_MUXING) as container:
            self._write_all(container, _stream(container, self._rate, (wide & ~1, high & ~1)), first)
        _finish(self._part, self._path)

    def _write_all(
        self, container: av.container.OutputContainer, stream: av.VideoStream, first: tuple[np.ndarray, float]
    ) -> None:
        start, last = first[1], -1
        item: tuple[np.ndarray, float] | None = first
        while item is not None:
            last = max(round((item[1] - start) * _TICKS), last + 1)
            container.mux(stream.encode(self._frame(item[0], last, stream)))
            self.written += 1
            item = self._queue.get()
        container.mux(stream.encode(None))

    def _frame(self, picture: np.ndarray, pts: int, stream: av.VideoStream) -> av.VideoFrame:
        rgb = np.ascontiguousarray(picture[: picture.shape[0] & ~1, : picture.shape[1] & ~1])
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
            stream.width,
            stream.height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = pts, Fraction(1, _TICKS)
        frame.duration = round(_TICKS / self._rate)
        return frame


def _try_writing(part: Path, path: Path) -> None:
    try:
        part.open("wb").close()
    except OSError as error:
        raise Failure(
            f"cannot record to {path}: {error.strerror}; name a file in a folder that can be written"
        ) from error


def _stream(container: av.container.OutputContainer, rate: Fraction, size: tuple[int, int]) -> av.VideoStream:
    codec = next(name for name in _CODECS if name in av.codecs_available)
    stream = container.add_stream(codec, rate=rate, options=dict(_CODECS[codec]))
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, _TICKS)
    context = stream.codec_context
    context.time_base = Fraction(1, _TICKS)
    context.thread_count = 1  # the generator needs the other cores
    context.color_range = ColorRange.MPEG
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    return stream


def _finish(part: Path, path: Path) -> None:
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
