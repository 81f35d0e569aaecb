"""Where pictures are drawn; how numbers come there, and pixels back to the processor's memory.

Pixels always come to the processor: stages and taps know nothing of devices. No picture takes new memory.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import log10
from typing import Annotated

import numpy as np
import torch
from pydantic import AfterValidator
from torch import Tensor

from livegan.errors import BadRequest, Failure
from livegan.generators.base import Picture

BUFFERS = 10
"""Pictures whose pixels are kept: eight starts after one, and the one under way."""

CPU = torch.device("cpu")

_LEAST_DB = 35.0


def _device(value: str) -> str:
    kind, colon, number = value.partition(":")
    if value not in ("auto", "cpu", "cuda", "mps") and not (kind == "cuda" and colon and number.isdecimal()):
        raise ValueError(f'a device is "auto", "cpu", "cuda", such as "cuda:1", or "mps", found "{value}"')
    return value


DeviceName = Annotated[str, AfterValidator(_device)]
"""What to draw on: "auto" (a GPU where one is there), "cpu", "cuda", such as "cuda:1", or "mps"."""


def chosen(asked: str) -> torch.device:
    """The device of this machine that is meant. Raises BadRequest where it is not there."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = torch.backends.mps.is_available()
    kind, _, number = asked.partition(":")
    if kind == "auto":
        kind = "cuda" if gpus else "mps" if mps else "cpu"
    if kind == "cuda" and int(number or 0) >= gpus:
        raise BadRequest(
            f'generator.device asks for "{asked}", torch finds {gpus} CUDA GPUs here: take "auto" or "cpu"'
        )
    if kind == "mps" and not mps:
        raise BadRequest('generator.device is "mps", torch finds no Metal here: take "auto" or "cpu"')
    return torch.device(kind, int(number or 0)) if kind == "cuda" else torch.device(kind)


@contextmanager
def opening(device: torch.device) -> Iterator[None]:
    """Raise Failure in one sentence where a GPU that is there does not draw: too little memory, a driver too old."""
    try:
        yield
    except RuntimeError as error:
        if device == CPU:
            raise
        why = str(error).partition("\n")[0]
        raise Failure(
            f'the GPU {device} does not draw this model ({why}): take device = "cpu" in [generator]'
        ) from error


def compared(drawn: Picture, plain: Tensor) -> None:
    """Raise RuntimeError where a picture is not that of the plain path, float32 [channels, H, W], overwritten."""
    drawn.wait()
    apart = (levels(plain).float() - torch.from_numpy(drawn.pixels).float()).square().mean()
    near = 10 * log10(255**2 / max(float(apart), 1e-9))
    if not near >= _LEAST_DB:
        raise RuntimeError(f"its first picture is {near:.0f} dB from what it should be, {_LEAST_DB:.0f} are wanted")


def levels(image: Tensor) -> Tensor:
    """uint8 [H, W, 3] of an image, float32 [channels, H, W] in about [-1, 1], which is overwritten; where it lies.

    Grey becomes three channels, transparency is left out.
    """
    image = image.mul_(127.5).add_(128.0).clamp_(0.0, 255.0)
    seen = image[:3] if len(image) >= 3 else image[:1].expand(3, -1, -1)
    return seen.permute(1, 2, 0).to(torch.uint8, memory_format=torch.contiguous_format)


class Inlet:
    """Numbers on their way to a fixed buffer on the device, `inside`; on CUDA nobody waits until they are there.

    count: so many may be under way.
    """

    def __init__(self, shape: tuple[int, ...], type_: torch.dtype, device: torch.device, count: int) -> None:
        self.inside = torch.zeros(shape, dtype=type_, device=device)
        self._outside = deque(_Outside(shape, type_, device) for _ in range(count))

    def free(self) -> Tensor:
        """Where to write what is to be sent, on the processor; waits for what is still on its way from there."""
        self._outside.rotate(1)
        self._outside[0].wait()
        return self._outside[0].numbers

    def send(self) -> None:
        """Copy behind what the device's current stream has to do."""
        self._outside[0].copied(self.inside, self._outside[0].numbers)


class _Outside:
    """Numbers in the processor's memory; CUDA copies them by itself, and an event says when."""

    def __init__(self, shape: tuple[int, ...], type_: torch.dtype, device: torch.device) -> None:
        cuda = device.type == "cuda"
        self.numbers = torch.zeros(shape, dtype=type_, pin_memory=cuda)
        # blocking: the thread sleeps until then, and leaves the processor to the inputs.
        self._event = torch.cuda.Event(blocking=True) if cuda else None
        self._device = device

    def copied(self, to: Tensor, source: Tensor) -> None:
        """Copy, one of both being `numbers`."""
        to.copy_(source, non_blocking=self._event is not None)
        if self._event is not None:
            self._event.record(torch.cuda.current_stream(self._device))

    def wait(self) -> None:
        """Return when the last copy is done."""
        if self._event is not None:
            self._event.synchronize()


class Landing:
    """The pixels of the last pictures, each kept for eight more starts; at most ten are under way."""

    def __init__(self, size: tuple[int, int], device: torch.device) -> None:
        self._all = deque(_Landed(size, device) for _ in range(BUFFERS))

    def land(self, pixels: Tensor) -> Picture:
        """The picture of `pixels`, uint8 [H, W, 3], that the current stream of their device is to make."""
        self._all.rotate(1)
        self._all[0].take(pixels)
        return self._all[0]


class _Landed(Picture):
    """A picture in the processor's memory, or on its way to it."""

    def __init__(self, size: tuple[int, int], device: torch.device) -> None:
        self._host = _Outside((*size, 3), torch.uint8, device)
        self._pixels = self._host.numbers.numpy()

    def take(self, pixels: Tensor) -> None:
        """Copy them when they are made; waits for what is still on its way here."""
        self._host.wait()
        self._host.copied(self._host.numbers, pixels)

    def wait(self) -> None:
        """As the contract says."""
        self._host.wait()

    @property
    def pixels(self) -> np.ndarray:
        return self._pixels
