"""The same pictures at every checkpoint: a sheet of them, and a video of how they came to be.

Knows arrays and files; draws no picture itself.
"""

import io
from pathlib import Path

import av
import numpy as np
from PIL import Image

from livegan.files import write_atomic
from livegan.training.checkpoint import numbered

COLUMNS, ROWS = 7, 4

_MOST = 160
"""Pictures of the video: of a longer training it shows every second, third ... sheet."""
_WIDTH = 1280
_RATE = 8
_REST = 16
"""Pictures for which the last sheet stays."""


_CODEC = "libx264" if "libx264" in av.codecs_available else "mpeg4"


def sheet(pictures: np.ndarray) -> np.ndarray:
    """28 pictures uint8 [28, H, W, 3] as one, in rows of seven: [4 H, 7 W, 3]."""
    _, height, width, colours = pictures.shape
    grid = pictures.reshape(ROWS, COLUMNS, height, width, colours).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(grid.reshape(ROWS * height, COLUMNS * width, colours))


def enlarged(pictures: np.ndarray, size: int) -> np.ndarray:
    """Pictures [N, H, W, 3] of a training that has not grown to `size` yet, each pixel a square."""
    times = size // pictures.shape[1]
    return pictures if times == 1 else pictures.repeat(times, 1).repeat(times, 2)


def write_sheet(folder: Path, step: int, pictures: np.ndarray) -> None:
    """Keep the 28 pictures of a step in `folder`. Raises Failure."""
    out = io.BytesIO()
    Image.fromarray(sheet(pictures)).save(out, "JPEG", quality=92, subsampling=0)
    write_atomic(folder / f"{step:06d}.jpg", out.getvalue())


def write_progress(folder: Path, path: Path) -> None:
    """Make a video of all sheets in `folder`, a quarter of a second or less for each. Raises Failure."""
    sheets = list(numbered(folder, ".jpg").values())
    if sheets:
        stride = -(-len(sheets) // _MOST)
        write_atomic(path, _video(sheets[::-1][::stride][::-1]))  # whatever is left out, the last one is there


def _video(sheets: list[Path]) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(_CODEC, rate=_RATE)
        stream.pix_fmt, stream.bit_rate = "yuv420p", 8_000_000
        stream.width, stream.height = _even(Image.open(sheets[-1]).size)
        for path in sheets + sheets[-1:] * _REST:
            with Image.open(path) as image:
                resized = image.convert("RGB").resize((stream.width, stream.height), Image.Resampling.LANCZOS)
            container.mux(stream.encode(av.VideoFrame.from_image(resized)))
        container.mux(stream.encode(None))
    return out.getvalue()


def _even(size: tuple[int, int]) -> tuple[int, int]:
    width = min(_WIDTH, size[0])
    return width & ~1, round(size[1] * width / size[0]) & ~1
