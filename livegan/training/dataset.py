"""A prepared set of pictures on disk: made once by `Making`, then read as a map of the file, never whole in memory.

A folder with dataset.json is finished. Until then everything lies in a folder of another name beside it, which the
next attempt clears away.
"""

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from PIL import Image
from pydantic import Field, ValidationError

from livegan import files
from livegan.errors import BadRequest, Failure
from livegan.settings import Settings
from livegan.training.holding import holding

FORMAT = 1
_HEAD, _PIXELS, _SHEET, _REPORT = "dataset.json", "pictures.u8", "contact.png", "report.txt"
_LEAST_HELD, _ENOUGH = 16, 64
_COLUMNS, _ROWS, _THUMBNAIL = 8, 6, 128


class Head(Settings):
    """What dataset.json says. label: a number in `labels` for each picture; held_out: not to be trained on.

    pixels: sha256 of pictures.u8, by which a set made again of other pictures is another; not checked on opening.
    """

    format: Literal[1]
    size: int = Field(ge=4, le=1024)
    count: int = Field(ge=1)
    labels: tuple[str, ...] = ()
    label: tuple[int, ...] = ()
    held_out: tuple[int, ...] = ()
    pixels: str = ""
    made: dict[str, Any] = Field(default_factory=dict)


class Dataset:
    """Pictures of one size, their labels, and which of them are held out for measuring.

    size: px. labels: names, empty for none. train, held_out: indices, int64, in rising order.
    """

    def __init__(self, head: Head, pixels: np.ndarray) -> None:
        self._pixels, self._label = pixels, np.array(head.label, np.int64)
        self.size, self.labels, self.made = head.size, head.labels, head.made
        self.held_out = np.array(sorted(head.held_out), np.int64)
        self.train = np.setdiff1d(np.arange(head.count), self.held_out)

    @classmethod
    def open(cls, path: Path) -> "Dataset":
        """The finished set in the folder `path`. Raises BadRequest in one sentence."""
        head, pixels = _head(path), path / _PIXELS
        shape = (head.count, head.size, head.size, 3)
        wanted, found = int(np.prod(shape)), pixels.stat().st_size if pixels.is_file() else 0
        if wanted != found:
            raise BadRequest(f"{pixels} has {found:,} bytes, {wanted:,} were written: prepare {path} again")
        return cls(head, np.memmap(pixels, np.uint8, "r", shape=shape))

    def __len__(self) -> int:
        return len(self._pixels)

    def pictures(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Copies of some pictures, uint8 [N, H, W, 3]."""
        return np.array(self._pixels[np.asarray(indices, np.int64)])

    def label(self, indices: Sequence[int] | np.ndarray) -> np.ndarray | None:
        """Their classes, int64 [N], or None where there are no labels."""
        return self._label[np.asarray(indices, np.int64)] if self.labels else None


def _head(path: Path) -> Head:
    try:
        said = json.loads((path / _HEAD).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise BadRequest(f"there is no dataset in {path}: make one with livegan dataset SRC {path}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadRequest(f"{path / _HEAD} cannot be read ({error}): prepare {path} again") from None
    number = said.get("format") if isinstance(said, dict) else None
    if isinstance(number, int) and number > FORMAT:
        raise BadRequest(f"{path} is a dataset of a newer livegan (format {number}, here {FORMAT}): update livegan")
    try:
        head = Head.model_validate(said)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its whole"
        raise BadRequest(f"{path / _HEAD} is damaged ({where}): prepare {path} again") from None
    if not _agrees(head):
        raise BadRequest(f"{path / _HEAD} is damaged (its numbers do not fit together): prepare {path} again")
    return head


def _agrees(head: Head) -> bool:
    labelled = len(head.label) == (head.count if head.labels else 0)
    classes = all(0 <= one < len(head.labels) for one in head.label)
    held = len(set(head.held_out)) == len(head.held_out) < head.count
    return labelled and classes and held and all(0 <= one < head.count for one in head.held_out)


class Making:
    """A set under way, as a context: it gets its name when it is finished, and leaves nothing otherwise."""

    def __init__(self, path: Path, size: int) -> None:
        """Raises BadRequest when `path` is there or another process makes it, Failure when nothing can be written."""
        self._path, self._size = Path(os.path.abspath(path)), size
        self._part = self._path.with_name(f".{self._path.name}.unfinished") / "set"
        self._sha256 = hashlib.sha256()
        self._groups: list[int] = []
        self._label: list[str] = []

    def __enter__(self) -> "Making":
        if self._path.exists() and not (self._path.is_dir() and not any(self._path.iterdir())):
            raise BadRequest(f"{self._path} is there already: remove it first, or choose another name")
        with contextlib.ExitStack() as ending:
            ending.callback(_try, self._part.parent.rmdir)
            ending.enter_context(holding(self._part.parent))
            ending.callback(_try, self._clear)
            self._file = self._begun()
            ending.callback(_try, self._file.close)
            self._ending = ending.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _begun(self) -> BinaryIO:
        try:
            self._clear()
            self._part.mkdir()
            return (self._part / _PIXELS).open("xb")
        except OSError as error:
            raise Failure(f"could not write to {self._part}: {error.strerror}") from error

    def _clear(self) -> None:
        """Take away what an attempt left, also one that was killed while it wrote a file, and only that."""
        if self._part.is_dir():
            for name in (_HEAD, _PIXELS, _SHEET, _REPORT):
                for path in (self._part / name, *self._part.glob(f".{name}.????????")):
                    path.unlink(missing_ok=True)
            self._part.rmdir()

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, copies: Iterable[np.ndarray], label: str = "") -> None:
        """Append one picture and its copies, each uint8 [size, size, 3]; they are held out together or not at all."""
        group = self._groups[-1] + 1 if self._groups else 0
        for pixels in copies:
            assert pixels.shape == (self._size, self._size, 3)
            data = np.ascontiguousarray(pixels, np.uint8).data
            self._sha256.update(data)
            try:
                self._file.write(data)
            except OSError as error:
                raise Failure(f"picture {len(self)} could not be written: {error.strerror}; nothing is kept") from error
            self._groups.append(group)
            self._label.append(label)

    def finish(self, made: dict[str, Any], hold_out: float, seed: int, report: str) -> Dataset:
        """Put the set in its place and open it; the labels are those that were used, in the order of the alphabet."""
        labels = sorted({label for label in self._label if label})
        head = Head(
            format=FORMAT,
            size=self._size,
            count=len(self),
            labels=labels,
            label=[labels.index(label) for label in self._label] if labels else [],
            held_out=_held(self._groups, hold_out, seed),
            pixels=self._sha256.hexdigest(),
            made=made,
        )
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            files.write_atomic(self._part / _REPORT, report.encode())
            files.write_atomic(self._part / _SHEET, self._sheet(seed))
            files.write_atomic(self._part / _HEAD, head.model_dump_json().encode())
            self._file.close()
            if self._path.is_dir():
                self._path.rmdir()
            os.rename(self._part, self._path)
            files.sync_folder(self._path.parent)
        except OSError as error:
            raise Failure(f"the set could not be finished: {error.strerror}; nothing is kept") from error
        return Dataset.open(self._path)

    def _sheet(self, seed: int) -> bytes:
        """Some of the pictures, spread over the set, as a PNG."""
        pixels = np.memmap(self._part / _PIXELS, np.uint8, "r", shape=(len(self), self._size, self._size, 3))
        count = min(len(self), _COLUMNS * _ROWS)
        chosen = np.sort(np.random.default_rng(seed).choice(len(self), count, replace=False))
        out = io.BytesIO()
        sheet(pixels[chosen], _COLUMNS, min(self._size, _THUMBNAIL)).save(out, "PNG")
        return out.getvalue()


def sheet(pictures: Iterable[np.ndarray], columns: int, side: int) -> Image.Image:
    """A contact sheet of pictures, each `side` pixels wide; fewer than `columns` make one row."""
    images = [Image.fromarray(one).resize((side, side), Image.Resampling.LANCZOS) for one in pictures]
    columns = min(columns, len(images))
    whole = Image.new("RGB", (columns * side, -(-len(images) // columns) * side))
    for place, image in enumerate(images):
        whole.paste(image, (place % columns * side, place // columns * side))
    return whole


def _try(do: Callable[[], None]) -> None:
    # What fails while all is taken away, on a full disk say, must not hide why it is.
    with contextlib.suppress(OSError):
        do()


def _held(groups: Sequence[int], share: float, seed: int) -> list[int]:
    """Which pictures are held out: a share of those there were before copies, at least 16 of many."""
    count = groups[-1] + 1
    least = _LEAST_HELD if share and count >= _ENOUGH else 0
    chosen = np.random.default_rng([seed, 1]).permutation(count)[: max(round(share * count), least)]
    return np.flatnonzero(np.isin(groups, chosen)).tolist()
