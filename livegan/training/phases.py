"""The four ways in which a step trains: the generator, its paths, the discriminator, and its slope at real pictures.

Each makes one step of one optimizer from its own dice, and gives its loss and the gradient's norm as tensors: none
looks at a number, which would make a GPU wait.
"""

import torch
from torch import Tensor

from livegan.training.augment import augmented
from livegan.training.dice import Dice
from livegan.training.losses import PATH_DECAY, discriminator_loss, generator_loss, path_lengths, r1
from livegan.training.networks import Networks
from livegan.training.optimizer import mean_of_all

W_DECAY = 0.002
"""How much of a batch's mean w goes into w_avg."""

Result = tuple[Tensor, Tensor]
"""A loss and the norm of its gradient."""


def train_generator(networks: Networks, p: float, dice: Dice, label: Tensor | None, ranks: int) -> Result:
    """The generator is to be taken for real; its w_avg follows."""
    ws = styles(networks, dice, label)
    w_avg = networks.generator.mapping.w_avg
    w_avg.lerp_(mean_of_all([ws[:, 0].detach().mean(0)], ranks)[0], W_DECAY)
    images = networks.generator.synthesis(ws, dice.grain)
    loss = generator_loss(networks.discriminator(augmented(images, p, dice), label))
    return loss, networks.of_generator.step(loss)


def train_paths(networks: Networks, mean: Tensor, dice: Dice, label: Tensor | None, ranks: int) -> Result:
    """A step in w is to change every picture as much as any other; `mean` is their running mean, kept here."""
    ws = styles(networks, dice, label)
    images = networks.generator.synthesis(ws, dice.grain)
    lengths = path_lengths(images, ws, dice.normal(*images.shape[1:]))
    mean.lerp_(mean_of_all([lengths.detach().mean()], ranks)[0], PATH_DECAY)
    loss = (lengths - mean).square().mean()
    config = networks.config
    return loss, networks.of_generator.step(loss * (config.pl_weight * config.pl_every))


def train_discriminator(
    networks: Networks, p: float, dice: Dice, reals: Tensor, label: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """The discriminator is to tell made from real; gives also the mean sign of what it says of real ones."""
    with torch.no_grad():
        fakes = networks.generator.synthesis(styles(networks, dice, label), dice.grain)
        both = torch.cat([augmented(fakes, p, dice), augmented(reals, p, dice)])
    made, real = networks.discriminator(both, None if label is None else label.repeat(2, 1)).chunk(2)
    loss = discriminator_loss(made, real)
    return loss, networks.of_discriminator.step(loss), real.detach().sign().mean()


def train_slope(networks: Networks, p: float, dice: Dice, reals: Tensor, label: Tensor | None) -> Result:
    """The discriminator is to be flat at real pictures, as it sees them."""
    seen = augmented(reals, p, dice).detach().requires_grad_()
    loss = r1(networks.discriminator(seen, label), seen)
    config = networks.config
    return loss, networks.of_discriminator.step(loss * (config.gamma(networks.size) / 2 * config.r1_every))


def styles(networks: Networks, dice: Dice, label: Tensor | None) -> Tensor:
    """ws [N, num_ws, w_dim], two of them mixed in the share of pictures that the config says."""
    config, generator = networks.config, networks.generator
    z = dice.normal(2, config.z_dim)
    twice = None if label is None else label.repeat_interleave(2, 0)
    w = generator.mapping(z.flatten(0, 1), twice).unflatten(0, (-1, 2))
    layers = generator.synthesis.num_ws
    end = 1 + (dice.uniform(1) * (layers - 1)).floor()
    end = torch.where(dice.uniform(1) < config.mixing, end, layers)
    first = torch.arange(layers, device=w.device) < end
    return torch.where(first[:, :, None], w[:, :1], w[:, 1:])
