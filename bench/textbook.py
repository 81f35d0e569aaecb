"""A training of StyleGAN2 as it is usually written down: the measure for livegan's own.

float32, weights modulated for each picture and convolved in groups, gradients by backward(), an Adam and an average
that go through their tensors. It minimises what livegan's does, on the same schedule, from the same weights and the
same dice: bench/training.py first sees to it that the losses are the same.
"""

from copy import deepcopy
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livegan.generators.stylegan import EPS, GAIN, SLOPE, MappingConfig, mapped
from livegan.generators.stylegan2_plain import filtered, upsampled
from livegan.training.augment import augmented
from livegan.training.config import GROUP, Config
from livegan.training.dice import Dice, seed_of

Weights = dict[str, Tensor]


def bent(x: Tensor, gain: float = 1.0) -> Tensor:
    """Leaky ReLU that keeps the spread."""
    return F.leaky_relu(x, SLOPE) * (GAIN * gain)


def made(weights: Weights, config: Config, z: Tensor, dice: Dice) -> Tensor:
    """Pictures [N, 3, size, size] of z [N, 2, z_dim]; the second z begins at a layer that the dice say."""
    fir = _fir(config).to(z)
    layers = 2 * (config.size.bit_length() - 2)
    mapping = MappingConfig(num_layers=config.mapping_layers, lr_multiplier=config.mapping_rate)
    first, second = (mapped(weights, mapping, z[:, i], None) for i in (0, 1))
    end = 1 + (dice.uniform(1) * (layers - 1)).floor()
    end = torch.where(dice.uniform(1) < config.mixing, end, layers)
    ws = [torch.where(i < end, first, second) for i in range(layers)]
    x, image = weights["synthesis.b4.const"].repeat(len(z), 1, 1, 1), None
    for i in range(layers // 2):
        px = 4 << i
        if i:
            x = styled(weights, f"synthesis.b{px}.conv0", x, ws[2 * i - 1], dice.grain(px), fir)
            image = upsampled(image, fir)
        x = styled(weights, f"synthesis.b{px}.conv1", x, ws[2 * i], dice.grain(px), None)
        colours = to_rgb(weights, f"synthesis.b{px}.torgb", x, ws[2 * i + 1])
        image = colours if image is None else image + colours
    return image


def style(weights: Weights, name: str, w: Tensor) -> Tensor:
    """The scales [N, C_in] that a layer gives its weights."""
    weight = weights[f"{name}.affine.weight"]
    return F.linear(w, weight / sqrt(weight.shape[1]), weights[f"{name}.affine.bias"])


def styled(weights: Weights, name: str, x: Tensor, w: Tensor, grain: Tensor, fir: Tensor | None) -> Tensor:
    """A modulated convolution, as grouped convolution of the whole batch, which doubles the size where `fir` is."""
    count, inside, height, width = x.shape
    weight = weights[f"{name}.weight"][None] * style(weights, name, w)[:, None, :, None, None]
    weight = weight * (weight.square().sum((2, 3, 4), keepdim=True) + EPS).rsqrt()
    x = x.reshape(1, count * inside, height, width)
    if fir is None:
        x = F.conv2d(x, weight.flatten(0, 1), padding=1, groups=count)
    else:
        x = F.conv_transpose2d(x, weight.transpose(1, 2).flatten(0, 1), stride=2, groups=count)
        x = filtered(x, fir * 4, 1, 1)
    x = x.view(count, -1, *x.shape[2:]) + grain * weights[f"{name}.noise_strength"]
    return bent(x + weights[f"{name}.bias"][:, None, None])


def to_rgb(weights: Weights, name: str, x: Tensor, w: Tensor) -> Tensor:
    """Colours [N, 3, H, W]."""
    count, inside, height, width = x.shape
    weight = weights[f"{name}.weight"][None] * (style(weights, name, w) / sqrt(inside))[:, None, :, None, None]
    x = F.conv2d(x.reshape(1, count * inside, height, width), weight.flatten(0, 1), groups=count)
    return x.view(count, 3, height, width) + weights[f"{name}.bias"][:, None, None]


def scores(weights: Weights, config: Config, images: Tensor) -> Tensor:
    """How real pictures look, [N]."""
    fir, px = _fir(config).to(images), config.size
    x = conv(weights, f"b{px}.fromrgb", images)
    while px > 4:
        skip = weights[f"b{px}.skip.weight"]
        around = F.conv2d(filtered(x, fir, 1, 1)[:, :, ::2, ::2], skip / sqrt(skip.shape[1]))
        x = conv(weights, f"b{px}.conv1", conv(weights, f"b{px}.conv0", x), fir, sqrt(0.5)) + around * sqrt(0.5)
        px //= 2
    groups = x.unflatten(0, (-1, GROUP))
    spread = (groups.var(1, correction=0) + EPS).sqrt().mean((1, 2, 3)).repeat_interleave(GROUP)
    x = torch.cat([x, spread[:, None, None, None].expand(-1, 1, 4, 4)], 1)
    x = bent(dense(weights, "b4.fc", conv(weights, "b4.conv", x).flatten(1)))
    return dense(weights, "b4.out", x)[:, 0]


def conv(weights: Weights, name: str, x: Tensor, down: Tensor | None = None, gain: float = 1.0) -> Tensor:
    """A bent convolution, which halves the size where there is a filter."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    weight = weight / sqrt(weight[0].numel())
    if down is None:
        return bent(F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2), gain)
    return bent(F.conv2d(filtered(x, down, 2, 2), weight, bias, stride=2), gain)


def dense(weights: Weights, name: str, x: Tensor) -> Tensor:
    """A layer without places."""
    weight = weights[f"{name}.weight"]
    return F.linear(x, weight / sqrt(weight.shape[1]), weights[f"{name}.bias"])


class Textbook:
    """A training from the tensors of livegan's Trainer; the path length is not part of it."""

    def __init__(self, config: Config, device: str, seed: int, tensors: dict[str, Tensor]) -> None:
        self._config, self._device, self._seed, self._pictures = config, torch.device(device), seed, 0
        rooms = {}
        for name, tensor in tensors.items():
            room, _, rest = name.partition(".")
            rooms.setdefault(room, {})[rest] = tensor.to(device, copy=True)
        self._g, self._d = (_trained(rooms[room]) for room in ("generator", "discriminator"))
        self._average = deepcopy(self._g)
        share = config.r1_every / (config.r1_every + 1)
        self._of_g = torch.optim.Adam([x for x in self._g.values() if x.requires_grad], config.lr, (0.0, 0.99))
        self._of_d = torch.optim.Adam(self._d.values(), config.lr * share, (0.0, 0.99**share))

    def step(self, number: int, reals: Tensor, p: float) -> dict[str, float]:
        """Train once on uint8 [N, H, W, 3], with the augmentation's p."""
        config, found = self._config, {}
        reals = reals.to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        self._train(self._d, False)
        dice = self._dice(number, "generator")
        fakes = augmented(made(self._g, config, dice.normal(2, config.z_dim), dice), p, dice)
        found["g_loss"] = _stepped(self._of_g, F.softplus(-scores(self._d, config, fakes)).mean())
        self._train(self._d, True)
        dice = self._dice(number, "discriminator")
        with torch.no_grad():
            fakes = made(self._g, config, dice.normal(2, config.z_dim), dice)
        fake = scores(self._d, config, augmented(fakes, p, dice))
        real = scores(self._d, config, augmented(reals, p, dice))
        found["d_loss"] = _stepped(self._of_d, F.softplus(fake).mean() + F.softplus(-real).mean())
        if number % config.r1_every == 0:
            seen = augmented(reals, p, self._dice(number, "slope")).detach().requires_grad_()
            (slope,) = torch.autograd.grad(scores(self._d, config, seen).sum(), seen, create_graph=True)
            slope = slope.square().sum((1, 2, 3)).mean()
            found["r1"] = _stepped(self._of_d, slope * (config.gamma(config.size) / 2 * config.r1_every), slope)
        self._follow()
        return found

    def _train(self, weights: Weights, on: bool) -> None:
        for tensor in weights.values():
            tensor.requires_grad_(on)

    @torch.no_grad()
    def _follow(self) -> None:
        self._pictures += self._config.batch
        share = 1 - 0.5 ** (self._config.batch / min(1000 * self._config.ema_kimg, 0.05 * self._pictures))
        for name, tensor in self._average.items():
            tensor.lerp_(self._g[name], share)

    def _dice(self, number: int, what: str) -> Dice:
        return Dice(seed_of(self._seed, number, what), self._device, self._config.batch, 0, 1)


def _trained(tensors: Weights) -> Weights:
    kept = ("noise_const", "w_avg")
    return {name: nn.Parameter(x, requires_grad=not name.endswith(kept)) for name, x in tensors.items()}


def _stepped(adam: torch.optim.Adam, loss: Tensor, told: Tensor | None = None) -> float:
    adam.zero_grad()
    loss.backward()
    adam.step()
    return (loss if told is None else told).item()


def _fir(config: Config) -> Tensor:
    taps = torch.tensor(config.resample_filter)
    kernel = torch.outer(taps, taps)
    return kernel / kernel.sum()
