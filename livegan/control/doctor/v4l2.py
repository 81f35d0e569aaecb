"""What a camera can do, asked of its driver on Linux (Video4Linux2): its name, and its sizes and rates by format.

The camera is never started: whoever uses it meanwhile notices nothing.
"""

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CAPABILITY, _FORMAT, _SIZE, _INTERVAL = 0x80685600, 0xC0405602, 0xC02C564A, 0xC034564B
"""Requests of linux/videodev2.h: QUERYCAP, ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS."""

_BYTES = {_CAPABILITY: 104, _FORMAT: 64, _SIZE: 44, _INTERVAL: 52}
_CAPTURES = _DISCRETE = 1
_MOST = 100
"""Answers of one kind; no driver has more, but a broken one may never end."""

Ask = Callable[[int, bytearray], object]
"""A request and its structure, which is filled; raises OSError where there is no (further) answer."""


@dataclass(frozen=True)
class Mode:
    """One of a camera's: format is its four letters, rate in pictures a second (0: not told)."""

    format: str
    width: int
    height: int
    rate: float


def opened_modes(device: Path) -> tuple[str, list[Mode]]:
    """The name and modes of /dev/videoN. Raises OSError when it cannot be asked; no modes: it gives no pictures."""
    import fcntl

    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        return modes(lambda request, told: fcntl.ioctl(handle, request, told))
    finally:
        os.close(handle)


def modes(ask: Ask) -> tuple[str, list[Mode]]:
    """The name and the modes of what answers `ask`. Raises OSError when it is no video device."""
    told = bytearray(_BYTES[_CAPABILITY])
    ask(_CAPABILITY, told)
    name = bytes(told[16:48]).partition(b"\0")[0].decode("utf-8", "replace")
    (can,) = struct.unpack_from("<I", told, 88)
    if not can & _CAPTURES:
        return name, []
    found = []
    for answer in _each(ask, _FORMAT, struct.pack("<I", _CAPTURES)):
        (letters,) = struct.unpack_from("<I", answer, 44)
        for width, height in _sizes(ask, letters):
            form = letters.to_bytes(4, "little").decode("ascii", "replace").strip()
            found.append(Mode(form, width, height, _rate(ask, letters, width, height)))
    return name, found


def _sizes(ask: Ask, letters: int) -> Iterator[tuple[int, int]]:
    """Every size of a format; of those without steps, the largest."""
    for answer in _each(ask, _SIZE, struct.pack("<I", letters)):
        (kind,) = struct.unpack_from("<I", answer, 8)
        if kind != _DISCRETE:
            _, width, _, _, height, _ = struct.unpack_from("<6I", answer, 12)
            yield width, height
            return
        yield struct.unpack_from("<2I", answer, 12)


def _rate(ask: Ask, letters: int, width: int, height: int) -> float:
    """The highest of a size: the first number of a range of intervals is the shortest."""
    told = (struct.unpack_from("<2I", a, 20) for a in _each(ask, _INTERVAL, struct.pack("<3I", letters, width, height)))
    return max((below / above for above, below in told if above), default=0.0)


def _each(ask: Ask, request: int, about: bytes) -> Iterator[bytearray]:
    """Every answer to a request that counts from 0."""
    for index in range(_MOST):
        told = bytearray(_BYTES[request])
        told[: 4 + len(about)] = struct.pack("<I", index) + about
        try:
            ask(request, told)
        except OSError:
            return
        yield told


def told(found: list[Mode], least: float = 25.0) -> str:
    """The largest of each format, and the largest that is quick enough, in words."""
    parts = []
    for form in dict.fromkeys(mode.format for mode in found):
        own = sorted(
            (mode for mode in found if mode.format == form), key=lambda mode: (mode.width * mode.height, mode.rate)
        )
        quick = [mode for mode in own if mode.rate >= least]
        chosen = dict.fromkeys([own[-1], *quick[-1:]])
        parts.append(f"{form} " + " or ".join(f"{m.width} x {m.height} at {m.rate:.4g}" for m in chosen))
    return ", ".join(parts)
