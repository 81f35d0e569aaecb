"""StyleGAN3 by the book: float32, plain convolutions. The measure of all faster paths.

After Karras et al., "Alias-free generative adversarial networks" (2021, arXiv 2106.12423), configurations T and R;
tensor names are those of StyleGAN3. Filters, frequencies and phases come from the file, never from a formula.
"""

import re
from dataclasses import dataclass
from math import ceil, log2, sqrt

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import Tensor

from livegan.errors import BadRequest
from livegan.generators import stylegan
from livegan.generators.bending import NONE, STRAIGHT, Amounts, Bends, Wanted
from livegan.generators.stylegan import EPS, GAIN, SLOPE, MappingConfig
from livegan.generators.weights import Model
from livegan.settings import Settings

INPUT = "synthesis.input"
_LAYER = re.compile(r"synthesis\.L(\d{1,3})_(\d{1,5})_\d{1,5}\.weight")


class Mapping3Config(MappingConfig):
    """The mapping network, which has two layers in StyleGAN3."""

    num_layers: int = Field(2, ge=1, le=64)


class Config(Settings):
    """What the metadata of a StyleGAN3 file says; channel counts are read from the tensors themselves.

    Cutoffs and stopbands are in cycles across the picture; margin_size is in pixels on each side.
    """

    z_dim: int = Field(ge=1)
    c_dim: int = Field(0, ge=0)
    w_dim: int = Field(ge=1)
    img_resolution: int = Field(ge=8, le=4096)
    img_channels: int = Field(3, ge=1, le=4)
    channel_base: int = 0
    channel_max: int = 0
    num_layers: int = Field(14, ge=1, le=64)
    num_critical: int = Field(2, ge=0, le=64)
    first_cutoff: float = Field(2, gt=0)
    first_stopband: float = Field(2**2.1, gt=0)
    last_stopband_rel: float = Field(2**0.3, gt=0)
    margin_size: int = Field(10, ge=0, le=256)
    output_scale: float = 0.25
    conv_kernel: int = Field(3, ge=1, le=15)
    use_radial_filters: bool = False
    filter_size: int = Field(6, ge=1, le=32)
    lrelu_upsampling: int = Field(2, ge=1, le=8)
    conv_clamp: float | None = Field(256, gt=0)
    magnitude_ema_beta: float = 0.999
    mapping: Mapping3Config = Mapping3Config()

    @model_validator(mode="after")
    def _more_layers_than_critical(self) -> "Config":
        if self.num_critical >= self.num_layers:
            raise ValueError("num_critical must be less than num_layers")
        return self


@dataclass(frozen=True)
class Layer:
    """One layer: features of `size_in` pixels a side become `size` pixels; up and down are whole factors.

    padding: pixels before and after, at the higher rate (less than zero: cut off). rgb: the layer to colours.
    """

    name: str
    size_in: int
    size: int
    kernel: int
    up: int
    down: int
    padding: tuple[int, int]
    rgb: bool


class Layout:
    """Where things are in a model and how its signals are sampled; checked against the tensors.

    bandwidth and rate: of the input's frequencies, in cycles and samples across the picture.
    Raises BadRequest when a tensor is missing or has another shape than the config says.
    """

    def __init__(self, model: Model) -> None:
        self.config = stylegan.config_of(model, Config)
        self.num_ws = self.config.num_layers + 2
        self._model = model
        self._rates, self._sizes, cutoffs = _sampling(self.config)
        self.bandwidth, self.rate, self.size = cutoffs[0], self._rates[0], self._sizes[0]
        self._names = self._found_names()
        self.layers = [self._layer(i) for i in range(self.config.num_layers + 1)]
        stylegan.check_shapes(model, self._shapes())

    def _found_names(self) -> list[str]:
        """Names of the layers as they are in the file, in order."""
        found = {int(m[1]): m for m in map(_LAYER.fullmatch, self._model.tensors) if m}
        for i, size in enumerate(self._sizes):
            if i not in found:
                raise BadRequest(f"the model {self._model.name} lacks the layer L{i}: import it again")
            if int(found[i][2]) != size:
                raise BadRequest(f"the model {self._model.name} has {found[i][0]}, its config says size {size}")
        count = len(self._sizes)
        if len(found) > count:
            raise BadRequest(
                f"the model {self._model.name} has {len(found)} layers, its config says {len(self._sizes)}"
            )
        return [found[i][0].removesuffix(".weight") for i in range(count)]

    def _layer(self, i: int) -> Layer:
        config, before, name = self.config, max(i - 1, 0), self._names[i]
        rgb = i == config.num_layers
        kernel = 1 if rgb else config.conv_kernel
        between = max(self._rates[before], self._rates[i]) * (1 if rgb else config.lrelu_upsampling)
        up, down = between // self._rates[before], between // self._rates[i]
        taps = self._taps(f"{name}.up_filter", up, rgb) + self._taps(f"{name}.down_filter", down, rgb)
        # As many zeros as make the size come out, the odd one before: the paper's layers keep their centre.
        zeros = (self._sizes[i] - 1) * down + 1 - (self._sizes[before] + kernel - 1) * up + taps - 2
        first = (zeros + up) // 2
        return Layer(name, self._sizes[before], self._sizes[i], kernel, up, down, (first, zeros - first), rgb)

    def _taps(self, name: str, factor: int, rgb: bool) -> int:
        """Length of a filter, which is in the file where the rate changes."""
        found = self._model.tensors.get(name)
        if found is None and factor > 1 and not rgb:
            raise BadRequest(f"the model {self._model.name} lacks the tensor {name}: import it again")
        if found is not None and (found.ndim not in (1, 2) or len(set(found.shape)) != 1):
            raise BadRequest(f"the model {self._model.name} has {name} of shape {found.shape}, which is no filter")
        return 1 if found is None else found.shape[0]

    def _shapes(self) -> stylegan.Shapes:
        config = self.config
        shapes = stylegan.mapping_shapes(config.z_dim, config.c_dim, config.w_dim, config.mapping)
        channels = self._channels(f"{INPUT}.weight")
        shapes |= {f"{INPUT}.weight": (channels, channels), f"{INPUT}.freqs": (channels, 2)}
        shapes |= {f"{INPUT}.phases": (channels,), f"{INPUT}.transform": (3, 3)}
        shapes |= {f"{INPUT}.affine.weight": (4, config.w_dim), f"{INPUT}.affine.bias": (4,)}
        for layer in self.layers:
            wide = config.img_channels if layer.rgb else self._channels(f"{layer.name}.weight")
            shapes |= _layer_shapes(layer, channels, wide, config.w_dim)
            channels = wide
        return shapes

    def _channels(self, name: str) -> int:
        weight = self._model.tensors.get(name, np.empty(0))
        return weight.shape[0] if weight.ndim else 1


def _layer_shapes(layer: Layer, inside: int, outside: int, w_dim: int) -> stylegan.Shapes:
    return {
        f"{layer.name}.weight": (outside, inside, layer.kernel, layer.kernel),
        f"{layer.name}.bias": (outside,),
        f"{layer.name}.affine.weight": (inside, w_dim),
        f"{layer.name}.affine.bias": (inside,),
        f"{layer.name}.magnitude_ema": (),
    }


def _sampling(config: Config) -> tuple[list[int], list[int], list[float]]:
    """Sampling rate, size in pixels and cutoff of each layer: section 3.2 and appendix F.1 of the paper."""
    last = config.img_resolution / 2
    rates, sizes, cutoffs = [], [], []
    for i in range(config.num_layers + 1):
        part = min(i / (config.num_layers - config.num_critical), 1.0)
        cutoffs.append(config.first_cutoff * (last / config.first_cutoff) ** part)
        stop = config.first_stopband * (last * config.last_stopband_rel / config.first_stopband) ** part
        rates.append(2 ** ceil(log2(min(stop * 2, config.img_resolution))))
        sizes.append(rates[-1] + 2 * config.margin_size)
    sizes[-2:] = [config.img_resolution] * 2
    return rates, sizes, cutoffs


class Plain:
    """The two networks of a StyleGAN3, in float32, on one device. bend: what is done between its layers."""

    def __init__(self, model: Model, device: str = "cpu", bend: Wanted = NONE) -> None:
        self.layout = Layout(model)
        self.tensors = {name: torch.from_numpy(array).to(device) for name, array in model.tensors.items()}
        names = [layer.name for layer in self.layout.layers if not layer.rgb]
        self.bends = Bends(bend, [(name, len(self.tensors[f"{name}.weight"])) for name in names])

    def w(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """z [N, z_dim], label [N, c_dim] or None (class weights of zero) to w [N, w_dim], untruncated."""
        return stylegan.mapped(self.tensors, self.layout.config.mapping, z, label)

    def picture(self, ws: Tensor, transform: Tensor, amounts: Amounts = STRAIGHT) -> Tensor:
        """Picture [1, C, H, W] in about [-1, 1] of truncated ws [num_ws, w_dim]; transform: as `waves` takes it.

        amounts: of what is bent.
        """
        x = self.waves(ws[0], transform)
        for i, layer in enumerate(self.layout.layers):
            x = self.bends.bent(layer.name, self._layer(layer, x, ws[i + 1]), amounts)
        return x * self.layout.config.output_scale

    def waves(self, w: Tensor, transform: Tensor) -> Tensor:
        """Fourier features [1, C, size, size], turned and moved by w and by `transform` [3, 3].

        transform takes coordinates on the picture, -0.5..0.5 to the right and down, to those of the features: it is
        the inverse of what the picture seems to do. Appendix F.1 and F.3 of the paper.
        """
        layout, tensors = self.layout, self.tensors
        whole = (_placed(self.style(INPUT, w)) @ transform)[:2]
        freqs = tensors[f"{INPUT}.freqs"]
        phases = tensors[f"{INPUT}.phases"] + freqs @ whole[:, 2]
        freqs = freqs @ whole[:, :2]
        # What the transform makes too fast for the first sampling rate fades out instead of aliasing.
        room = layout.rate / 2 - layout.bandwidth
        loud = (1 - (freqs.norm(dim=1) - layout.bandwidth) / room).clamp(0, 1)
        side = (torch.arange(layout.size, device=w.device) + 0.5 - layout.size / 2) / layout.rate
        across, down = freqs[:, 0, None] * side, freqs[:, 1, None] * side + phases[:, None]
        x = torch.sin(2 * torch.pi * (down[:, :, None] + across[:, None, :])) * loud[:, None, None]
        weight = tensors[f"{INPUT}.weight"]
        return torch.einsum("oc,chw->ohw", weight / sqrt(weight.shape[1]), x)[None]

    def style(self, name: str, w: Tensor) -> Tensor:
        """What an affine layer makes of w: the scales [C_in] of a layer, or the four numbers of the input."""
        weight = self.tensors[f"{name}.affine.weight"]
        return F.linear(w, weight / sqrt(weight.shape[1]), self.tensors[f"{name}.affine.bias"])

    def weight(self, layer: Layer, w: Tensor) -> Tensor:
        """The layer's weights [C_out, C_in, K, K] for one w: modulated, demodulated, scaled by what it expects."""
        weight, style = self.tensors[f"{layer.name}.weight"], self.style(layer.name, w)
        if layer.rgb:
            weight = weight * (style / sqrt(weight[0].numel()))[:, None, None]
        else:
            weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
            weight = weight * (style * style.square().mean().rsqrt())[:, None, None]
            weight = weight * (weight.square().sum((1, 2, 3), keepdim=True) + EPS).rsqrt()
        return weight * self.tensors[f"{layer.name}.magnitude_ema"].rsqrt()

    def _layer(self, layer: Layer, x: Tensor, w: Tensor) -> Tensor:
        x = F.conv2d(x, self.weight(layer, w), padding=layer.kernel - 1)
        x = x + self.tensors[f"{layer.name}.bias"][:, None, None]
        x = upsampled(x, self.tensors.get(f"{layer.name}.up_filter"), layer.up, layer.padding)
        x = x if layer.rgb else F.leaky_relu(x, SLOPE) * GAIN
        clamp = self.layout.config.conv_clamp
        x = x if clamp is None else x.clamp(-clamp, clamp)
        return downsampled(x, self.tensors.get(f"{layer.name}.down_filter"), layer.down)


def upsampled(x: Tensor, fir: Tensor | None, up: int, padding: tuple[int, int]) -> Tensor:
    """`up` - 1 zeros after each value, `padding`, then the filter, that keeps the brightness."""
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, height * up, width * up)
    spread[:, :, ::up, ::up] = x
    return _filtered(F.pad(spread, padding * 2), None if fir is None else fir * up**fir.ndim, 1)


def downsampled(x: Tensor, fir: Tensor | None, down: int) -> Tensor:
    """The filter, and of what it gives every `down`th value."""
    return _filtered(x, fir, down)


def _filtered(x: Tensor, fir: Tensor | None, step: int) -> Tensor:
    """Each channel filtered by `fir`, [K] along both axes or [K, K], at every `step`th place."""
    if fir is None:
        return x[:, :, ::step, ::step]
    channels = x.shape[1]
    if fir.ndim == 2:
        return F.conv2d(x, fir.flip(0, 1).expand(channels, 1, -1, -1), stride=step, groups=channels)
    taps = fir.flip(0).expand(channels, 1, 1, -1)
    x = F.conv2d(x, taps, stride=(1, step), groups=channels)
    return F.conv2d(x, taps.mT, stride=(step, 1), groups=channels)


def _placed(style: Tensor) -> Tensor:
    """The turn and the move [3, 3] that w gives the features: cosine, sine, right, down."""
    cos, sin, right, down = (style / style[:2].norm()).unbind()
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    turn = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one]).view(3, 3)
    move = torch.stack([one, zero, -right, zero, one, -down, zero, zero, one]).view(3, 3)
    return turn @ move
