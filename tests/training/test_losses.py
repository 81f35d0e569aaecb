"""Every loss has the gradient that finite differences find in float64."""

from functools import partial

import pytest
import torch

from livegan.training.discriminator import Discriminator
from livegan.training.generator import Generator
from livegan.training.losses import discriminator_loss, generator_loss, path_lengths, r1
from tests.training.nets import fine, slope_is_exact, tiny

CONFIG = tiny(size=8)
normal = partial(torch.randn, dtype=torch.float64)


def grain(px):
    return normal(4, 1, px, px, generator=torch.Generator().manual_seed(px))


@pytest.fixture(params=["skip", "resnet"])
def made(request):
    """A generator whose noise is heard, a discriminator, and w for four pictures."""
    torch.manual_seed(1)
    generator = Generator(tiny(size=8, architecture=request.param), 8)
    for name, p in generator.named_parameters():
        if name.endswith("noise_strength"):
            torch.nn.init.constant_(p, 0.3)
    return fine(generator), fine(Discriminator(CONFIG, 8)), normal(4, CONFIG.z_dim)


def pictures(generator, z):
    return generator.synthesis(generator.spread(generator.mapping(z, None)), grain)


def test_the_generators(made):
    generator, discriminator, z = made
    assert slope_is_exact(lambda: generator_loss(discriminator(pictures(generator, z), None)), generator)


def test_the_discriminators(made):
    generator, discriminator, z = made
    fakes, reals = pictures(generator, z).detach(), normal(4, 3, 8, 8)
    assert slope_is_exact(
        lambda: discriminator_loss(discriminator(fakes, None), discriminator(reals, None)), discriminator
    )


def test_the_slope_at_real_pictures(made):
    _, discriminator, _ = made
    reals = normal(4, 3, 8, 8).requires_grad_()
    assert slope_is_exact(lambda: r1(discriminator(reals, None), reals), discriminator)


def test_the_length_of_paths(made):
    generator, _, z = made
    directions = normal(4, 3, 8, 8)

    def loss():
        ws = generator.spread(generator.mapping(z, None))
        return (path_lengths(generator.synthesis(ws, grain), ws, directions) - 1).square().mean()

    assert slope_is_exact(loss, generator)


def test_a_class_is_learnt_by_both():
    config = tiny(size=8, classes=3)
    generator, discriminator = fine(Generator(config, 8)), fine(Discriminator(config, 8))
    z, label = normal(4, config.z_dim), torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]]

    def loss():
        ws = generator.spread(generator.mapping(z, label))
        return generator_loss(discriminator(generator.synthesis(ws, grain), label))

    assert slope_is_exact(loss, generator)
    assert slope_is_exact(loss, discriminator)
