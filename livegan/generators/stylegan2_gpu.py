"""StyleGAN2 drawn on a GPU: everything in fixed buffers, and on CUDA two captured graphs on a stream of their own.

One graph makes the weights of a w, the other the picture; only what changed is played again. Plain operations that
every device does well, so that the same code draws on CUDA, on MPS and, for tests, on a processor.
docs/decisions/2026-11-21-gpu-path.md says what was chosen and why. Must never take more device memory as time goes on.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod, sqrt
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from livegan.generators.base import Picture
from livegan.generators.bending import STRAIGHT, Amounts
from livegan.generators.device import BUFFERS, Inlet, Landing, levels
from livegan.generators.doubling import doubled, interleaved, phases, spread
from livegan.generators.stylegan import EPS, GAIN, SLOPE
from livegan.generators.stylegan2_plain import Plain

_WARM = 3
_GRAINS = 2
"""Noises under way: they are large, and only those that are random change with the picture."""

_TINY = torch.finfo(torch.float32).tiny
Made = TypeVar("Made")


@dataclass(frozen=True)
class _Place:
    """Where features lie: device, type, and the order in which it convolves them fastest."""

    device: torch.device
    type: torch.dtype

    def packed(self, x: Tensor) -> Tensor:
        """Weights or features [N, C, H, W] as they are used here."""
        return self.ordered(x.to(self.device, self.type))

    def ordered(self, x: Tensor) -> Tensor:
        """Channels last, but not on MPS, which is at home in the other order."""
        last = self.device.type != "mps"
        return x.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)


class _Modulated:
    """A layer's weights, divided by their largest, and those for the w of now; both packed once, in fixed buffers."""

    def __init__(self, plain: Plain, name: str, place: _Place) -> None:
        self.name, self._at = name, place
        weight = plain.tensors[f"{name}.weight"]
        self._largest = weight.abs().amax((1, 2, 3)).clamp_min(_TINY)
        self._whole = weight / self._largest[:, None, None, None]

    def _pack(self, weight: Tensor) -> None:
        """weight: float32 [k * C_out, C_in, K, K]."""
        packed = self._at.packed(weight)
        self.weight = torch.zeros_like(packed)
        wide = len(self._whole)
        self._packed, self._now = packed.unflatten(0, (-1, wide)), self.weight.unflatten(0, (-1, wide))


class _Colours(_Modulated):
    """A layer to colours: 1x1, without demodulation; made loud again in float32, behind the convolution."""

    def __init__(self, plain: Plain, name: str, place: _Place) -> None:
        super().__init__(plain, name, place)
        self._pack(self._whole / sqrt(self._whole.shape[1]))
        self._largest = self._largest[:, None, None].to(place.device)
        self._loud = torch.ones_like(self._largest)
        self._bias = plain.tensors[f"{name}.bias"][:, None, None].to(place.device)
        self._clamp = plain.layout.config.conv_clamp

    def modulate(self, style: Tensor, largest: Tensor) -> None:
        """style: float32 [C_in], divided by its `largest`."""
        torch.mul(self._packed, style[:, None, None], out=self._now)
        torch.mul(self._largest, largest, out=self._loud)

    def __call__(self, x: Tensor) -> Tensor:
        """Features [1, C_in, H, W] to colours float32 [1, channels, H, W]."""
        colours = torch.addcmul(self._bias, F.conv2d(x, self.weight).float(), self._loud)
        return colours if self._clamp is None else colours.clamp_(-self._clamp, self._clamp)


class _Conv(_Modulated):
    """A 3x3 convolution, which may double the size, with its noise (a part of a fixed buffer) and its bent line."""

    def __init__(self, plain: Plain, name: str, gain: float, place: _Place) -> None:
        super().__init__(plain, name, place)
        self.gain, self.noise = gain, None
        self._doubles = name.endswith("conv0")
        self._pack(phases(spread(self._whole, plain.fir)) if self._doubles else self._whole)
        self._squares = (self._whole.square().sum((2, 3)) / gain**2).to(place.device)
        self._least = (EPS / (gain * self._largest).square()).to(place.device)
        bias = plain.tensors[f"{name}.bias"] * gain
        self._bias = bias.repeat(len(self._packed)).to(place.device, place.type)
        clamp = plain.layout.config.conv_clamp
        self._clamp = None if clamp is None else clamp * gain / GAIN

    def modulate(self, style: Tensor, largest: Tensor) -> None:
        """style: float32 [C_in], divided by its `largest`; in float32 up to the last multiplication."""
        loud = torch.addmv(self._least / largest.square(), self._squares, style.square())
        torch.mul(self._packed, torch.outer(loud.rsqrt_(), style)[:, :, None, None], out=self._now)

    def __call__(self, x: Tensor) -> Tensor:
        """Features [1, C_in, H, W] to [1, C_out, H or 2 H, W or 2 W]."""
        x = F.conv2d(x, self.weight, self._bias, padding=self.weight.shape[-1] // 2)
        x = self._at.ordered(interleaved(x)) if self._doubles else x
        if self.noise is not None:
            x.add_(self.noise)
        F.leaky_relu_(x, SLOPE)
        return x if self._clamp is None else x.clamp_(-self._clamp, self._clamp)


class FastGpu:
    """Draws one look at a time, for one thread, which need not wait for it. type_: float16 on CUDA, else float32."""

    def __init__(self, plain: Plain, device: torch.device, type_: torch.dtype | None = None) -> None:
        cuda = device.type == "cuda"
        self.type = type_ or (torch.float16 if cuda else torch.float32)
        self._at = _Place(device, self.type)
        self._residual = plain.layout.config.architecture == "resnet"
        blocks, torgb = plain.layout.blocks, plain.layout.torgb
        self._convs = {block: self._block(plain, block) for block in blocks}
        self._colours = {block: _Colours(plain, torgb(block)[0], self._at) for block in blocks if torgb(block)}
        self._skips = {block: self._skip(plain, block) for block in blocks[1:] if self._residual}
        self._const = self._at.packed(plain.tensors["synthesis.b4.const"][None])
        one = torch.ones(1, 1, 1, 1)
        self._double = phases(doubled(one, plain.fir)).to(device)
        self._bends = plain.bends
        self._styles = _Styles(plain, [*self._layers()], device)
        self._noise = _Noise(plain, [conv for convs in self._convs.values() for conv in convs], self._at)
        self._landing = Landing(plain.layout.size, device)
        self._stream = torch.cuda.Stream(device) if cuda else None
        self._styled: Tensor | None = None
        self._play_styles, self._play = self._styles.apply, self._drawn
        if cuda:
            self._capture()

    def hear(self, noise: dict[str, Tensor]) -> None:
        """Add this noise, [H, W] by layer name, from the next picture on; layers that are not named have none."""
        with self._ordered():
            self._noise.hear(noise)

    def draw(self, ws: Tensor, amounts: Amounts = STRAIGHT) -> Picture:
        """Start the picture of truncated ws, float32 [num_ws, w_dim] on the processor; amounts: of what is bent.

        With the ws of the picture before, its weights are kept.
        """
        before, self._styled = self._styled, None
        with self._ordered():
            if before is None or not torch.equal(ws, before):
                self._styles.hear(ws)
                self._play_styles()
            picture = self._landing.land(self._drawn(amounts) if amounts else self._play())
        self._styled = ws.clone()
        return picture

    def _ordered(self) -> AbstractContextManager:
        return nullcontext() if self._stream is None else torch.cuda.stream(self._stream)

    @torch.inference_mode()
    def _capture(self) -> None:
        """Make a graph of each of both parts; the picture's pixels then always lie at the same place."""
        self._stream.wait_stream(torch.cuda.current_stream(self._at.device))
        with self._ordered(), torch.backends.cudnn.flags(enabled=True, benchmark=True):
            self._play_styles, _ = _captured(self._styles.apply, self._stream)
            play, pixels = _captured(self._drawn, self._stream)
            self._stream.synchronize()

        def again() -> Tensor:
            play()
            return pixels

        self._play = again

    def _layers(self) -> list[_Conv | _Colours]:
        """In any order, as long as it is always the same."""
        return [*(conv for convs in self._convs.values() for conv in convs), *self._colours.values()]

    def _drawn(self, amounts: Amounts = STRAIGHT) -> Tensor:
        """Pixels uint8 [H, W, 3] of the weights and the noise of now."""
        x, image = self._const, None
        for block, convs in self._convs.items():
            before = x
            for conv in convs:
                x = self._bends.bent(conv.name, conv(x), amounts)
            if block in self._skips:
                skip = self._skips[block]
                x = x + self._at.ordered(interleaved(F.conv2d(before, skip, padding=skip.shape[-1] // 2)))
            image = None if image is None else self._larger(image)
            if block in self._colours:
                colours = self._colours[block](x)
                image = colours if image is None else image + colours
        return levels(image[0])

    def _larger(self, image: Tensor) -> Tensor:
        """Colours twice the size: each channel as a picture of its own."""
        parts = F.conv2d(image.transpose(0, 1), self._double, padding=self._double.shape[-1] // 2)
        return interleaved(parts).transpose(0, 1)

    def _block(self, plain: Plain, block: int) -> list[_Conv]:
        """A block's convolutions; where a shortcut is added to the second, both are made weaker."""
        gains = {"conv0": GAIN, "conv1": GAIN * (sqrt(0.5) if self._residual and block > 4 else 1.0)}
        return [_Conv(plain, name, gains[name[-5:]], self._at) for name, _ in plain.layout.convs(block)]

    def _skip(self, plain: Plain, block: int) -> Tensor:
        """A shortcut's weights, that also double the size."""
        weight = plain.tensors[f"synthesis.b{block}.skip.weight"]
        return self._at.packed(phases(doubled(weight * sqrt(0.5 / weight.shape[1]), plain.fir)))


class _Styles:
    """From w to the weights of all layers: their affines as one multiplication, in float32."""

    def __init__(self, plain: Plain, layers: list[_Conv | _Colours], device: torch.device) -> None:
        layout = plain.layout
        indices = dict(pair for block in layout.blocks for pair in layout.convs(block))
        indices |= dict(pair for pair in map(layout.torgb, layout.blocks) if pair)
        affines = [plain.tensors[f"{layer.name}.affine.weight"] for layer in layers]
        biases = [plain.tensors[f"{layer.name}.affine.bias"] for layer in layers]
        self._layers = [(layer, len(bias)) for layer, bias in zip(layers, biases, strict=True)]
        self._affine = (pad_sequence(affines, batch_first=True) / sqrt(layout.config.w_dim)).to(device)
        self._bias = pad_sequence(biases, batch_first=True)[:, :, None].to(device)
        self._index = torch.tensor([indices[layer.name] for layer in layers], device=device)
        self._inlet = Inlet((layout.num_ws, layout.config.w_dim), torch.float32, device, BUFFERS)

    def hear(self, ws: Tensor) -> None:
        """Take these truncated ws [num_ws, w_dim]."""
        self._inlet.free().copy_(ws)
        self._inlet.send()

    def apply(self) -> None:
        """Modulate all layers. Each style is divided by its largest number, as Karras et al. 2020b do for float16."""
        ws = self._inlet.inside.index_select(0, self._index)[:, :, None]
        styles = torch.baddbmm(self._bias, self._affine, ws)[:, :, 0]
        largest = styles.abs().amax(1, keepdim=True).clamp_min_(_TINY)
        for (layer, wide), style, loud in zip(self._layers, styles / largest, largest, strict=True):
            layer.modulate(style[:wide], loud)


class _Noise:
    """The noise of all layers, in one buffer: one copy, and the graph need not know what kind it is."""

    def __init__(self, plain: Plain, convs: list[_Conv], place: _Place) -> None:
        sizes = [plain.tensors[f"{conv.name}.noise_const"].shape for conv in convs if plain.layout.config.use_noise]
        self._convs, self._sizes = convs[: len(sizes)], sizes
        self._inlet = Inlet((sum(map(prod, sizes)),), place.type, place.device, _GRAINS)
        for conv, grain in zip(self._convs, self._parts(self._inlet.inside), strict=True):
            conv.noise = grain

    def hear(self, noise: dict[str, Tensor]) -> None:
        """As FastGpu's."""
        for conv, grain in zip(self._convs, self._parts(self._inlet.free()), strict=True):
            if conv.name in noise:
                torch.mul(noise[conv.name], conv.gain, out=grain)
            else:
                grain.zero_()
        self._inlet.send()

    def _parts(self, whole: Tensor) -> list[Tensor]:
        parts = whole.split([prod(size) for size in self._sizes])
        return [part.view(size) for part, size in zip(parts, self._sizes, strict=True)]


def _captured(work: Callable[[], Made], stream: torch.cuda.Stream) -> tuple[Callable[[], None], Made]:
    """What plays `work` again on the current stream, and what it gives, at a fixed place."""
    for _ in range(_WARM):
        work()
    graph = torch.cuda.CUDAGraph()
    # thread_local: another model may be playing in another thread meanwhile.
    with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
        made = work()
    return graph.replay, made
