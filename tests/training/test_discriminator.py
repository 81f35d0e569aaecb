"""The discriminator has the published names and parts, and its groups do not depend on how a batch is split."""

from math import sqrt

import pytest
import torch
import torch.nn.functional as F

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.stylegan2_plain import filtered
from livegan.training.discriminator import Discriminator
from tests.generators.models import path_of
from tests.training.nets import TINY, reals, tiny, trainer


@pytest.fixture
def network():
    torch.manual_seed(2)
    found = Discriminator(TINY, 16)
    for p in found.parameters():
        torch.nn.init.normal_(p)
    return found


def bent(x, gain=1.0):
    return F.leaky_relu(x, 0.2) * sqrt(2) * gain


def by_the_book(tensors, x):
    """Scores of pictures [4, 3, 16, 16], from the tensors alone."""
    fir = torch.outer(torch.tensor([1.0, 3, 3, 1]), torch.tensor([1.0, 3, 3, 1])) / 64

    def conv(name, x, **how):
        weight = tensors[f"{name}.weight"]
        bias = tensors.get(f"{name}.bias")
        return F.conv2d(x, weight / sqrt(weight[0].numel()), bias, **how)

    x = bent(conv("b16.fromrgb", x))
    for px in (16, 8):
        around = conv(f"b{px}.skip", filtered(x, fir, 1, 1)[:, :, ::2, ::2]) * sqrt(0.5)
        x = filtered(bent(conv(f"b{px}.conv0", x, padding=1)), fir, 2, 2)
        x = bent(conv(f"b{px}.conv1", x, stride=2), sqrt(0.5)) + around
    spread = (x.var(0, correction=0) + 1e-8).sqrt().mean().expand(4, 1, 4, 4)
    x = bent(conv("b4.conv", torch.cat([x, spread], 1), padding=1)).flatten(1)
    x = bent(F.linear(x, tensors["b4.fc.weight"] / sqrt(x.shape[1]), tensors["b4.fc.bias"]))
    return F.linear(x, tensors["b4.out.weight"] / sqrt(x.shape[1]), tensors["b4.out.bias"])[:, 0]


def test_it_is_the_published_network(network):
    images = torch.randn(4, 3, 16, 16)
    assert torch.allclose(network(images, None), by_the_book(network.state_dict(), images), rtol=1e-4, atol=1e-4)


def test_tensors_have_the_published_names():
    names = {"b16.fromrgb", *(f"b{px}.{layer}" for px in (16, 8) for layer in ("conv0", "conv1"))}
    names |= {"b4.conv", "b4.fc", "b4.out"}
    wanted = {f"{name}.{kind}" for name in names for kind in ("weight", "bias")} | {"b16.skip.weight", "b8.skip.weight"}
    assert set(Discriminator(TINY, 16).state_dict()) == wanted
    with_classes = Discriminator(tiny(classes=3), 16).state_dict()
    layers = ("embed", *(f"fc{i}" for i in range(8)))
    mapping = {f"mapping.{name}.{kind}" for name in layers for kind in ("weight", "bias")}
    assert set(with_classes) == wanted | mapping
    assert with_classes["b4.out.weight"].shape == (6, 6)


def test_a_batch_may_be_split_into_groups_of_four(network):
    images = torch.randn(8, 3, 16, 16)
    apart = torch.cat([network(some, None) for some in images.split(4)])
    assert torch.allclose(network(images, None), apart, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(network(images.flip(0).roll(1, 0), None), apart.flip(0).roll(1, 0), rtol=1e-3)


def test_one_beside_a_model_is_trained_on_and_its_first_layers_may_be_kept():
    model = weights.load(path_of("stylegan2-ada-64"))
    config = tiny(size=64, freeze_d=5, r1_every=1).like(model)
    torch.manual_seed(5)
    beside = Discriminator(config, 64).state_dict()
    one = trainer(config)
    one.begin(model, beside)
    one.step(0, reals(config))
    after = one.tensors()
    kept = {name for name in beside if torch.equal(after[f"discriminator.{name}"], beside[name])}
    frozen = ("b64.fromrgb", "b64.conv0", "b64.conv1", "b64.skip", "b32.conv0")
    assert kept == {name for name in beside if name.rpartition(".")[0] in frozen}
    with pytest.raises(BadRequest, match=r"must have b\d+\..* of shape .* found none"):
        one.begin(model, {})


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_as_many_bits_say_nearly_the_same(precision):
    torch.manual_seed(0)
    network, images = Discriminator(TINY, 16), torch.randn(16, 3, 16, 16)
    exact = network(images, None)
    network.type = getattr(torch, precision)
    assert (network(images, None) - exact).abs().max() < 0.05 * exact.abs().max()
