"""What is trained gives the pictures that the plain path draws from its file."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.stylegan2_plain import Plain
from livegan.importers import read
from livegan.training.generator import Generator
from tests.generators.models import begun, path_of
from tests.importers.honest import checkpoint
from tests.training.nets import TINY, reals, tiny, trainer

KNOWN = {"stylegan2-ada-64": 0, "stylegan2-ada-cond-32": 5, "stylegan3repo-stylegan2-64": 0, "rosinality-trainer-64": 0}


def known(name):
    """A model of tests/data, or what becomes of the checkpoint of that name."""
    there = path_of(name)
    return weights.load(there) if there.exists() else read.model(checkpoint(f"{name}.pt").read_bytes(), name)[0]


def is_drawn_alike(one):
    """Whether two pictures of a training's average are those of its model, to 1e-4."""
    plain, network = Plain(one.ema_model("mine")), one._networks.average
    z = torch.randn(2, one.config.z_dim, generator=torch.Generator().manual_seed(1))
    label = torch.eye(one.config.classes)[:2] if one.config.classes else None
    with torch.no_grad():
        images = network.synthesis(network.truncated(network.spread(network.mapping(z, label)), 0.7), None)
        ws = plain.truncated(plain.w(z, label)[:, None].expand(-1, plain.layout.num_ws, -1), 0.7, None)
        truth = torch.cat([plain.picture(w, plain.noise("const", 0, 1.0)) for w in ws])
    return torch.allclose(images, truth, atol=1e-4)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"architecture": "resnet"},
        {"architecture": "orig"},
        {"classes": 3},
        {"use_noise": False},
        {"resample_filter": (1, 2, 3, 4), "conv_clamp": 0.5},
        {"resample_filter": (1, 2, 1)},
        {"resample_filter": (1,)},
        {"mapping_width": 9, "embed_width": 4, "classes": 2, "widths": (5, 7, 3)},
    ],
    ids=str,
)
def test_a_trained_model_is_drawn_as_it_was_trained(asked):
    one = trainer(tiny(**asked))
    labels = torch.arange(8) % one.config.classes if one.config.classes else None
    for number in range(2):
        one.step(number, reals(one.config, number), labels)
    assert is_drawn_alike(one)


@pytest.mark.parametrize("name", KNOWN)
def test_a_training_begins_with_the_pictures_of_any_model(name):
    model = known(name)
    size = int(model.config["img_resolution"])
    one = trainer(tiny(size=size, classes=KNOWN[name]).like(model))
    one.begin(model)
    assert is_drawn_alike(one)
    assert all(np.array_equal(tensor, model.tensors[n]) for n, tensor in one.ema_model("mine").tensors.items())


def test_a_training_may_begin_with_a_model_and_leave_its_noise_out():
    model = weights.load(path_of("stylegan2-ada-64"))
    one = trainer(tiny(size=64, use_noise=False).like(model))
    one.begin(model)
    assert is_drawn_alike(one)
    assert {n for n in model.tensors if n not in one.ema_model("mine").tensors} == {
        n for n in model.tensors if "noise" in n
    }


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("stylegan2-ada-64", {"size": 32}, "has 64 pixels and 32"),
        ("stylegan2-ada-cond-32", {"size": 32}, "has 5 classes and 0"),
        ("stylegan2-ada-resnet-gray-32", {"size": 32}, "has 1 colour channels and 3"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_numbers(name, asked, told):
    with pytest.raises(BadRequest, match=told):
        tiny(**asked).like(weights.load(path_of(name)))


def test_a_model_that_is_larger_than_any_that_is_trained_is_refused_in_one_sentence():
    model = weights.load(path_of("stylegan2-ada-64"))
    wide = replace(model, config=model.config | {"channel_base": 1 << 24})
    with pytest.raises(BadRequest, match=r"^the model .* cannot be trained on: channel_base: .* less than") as told:
        tiny(size=64).like(wide)
    assert "\n" not in str(told.value)


def test_only_square_models_are_trained_on():
    with pytest.raises(BadRequest, match="draws 80 x 48 pixels and only square ones"):
        tiny(size=64).like(begun("stylegan2-ada-64", (3, 5)))


def test_two_w_may_be_mixed_in_one_picture():
    torch.manual_seed(0)
    network = Generator(TINY, 16)
    w, other = network.spread(torch.randn(1, 6)), network.spread(torch.randn(1, 6))
    coarse = network.synthesis(torch.cat([w[:, :1], other[:, 1:]], 1), None)
    assert not torch.allclose(coarse, network.synthesis(other, None), atol=1e-3)
    assert not torch.allclose(coarse, network.synthesis(w, None), atol=1e-3)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_as_many_bits_give_nearly_the_same_picture(precision):
    torch.manual_seed(0)
    network = Generator(TINY, 16)
    ws = network.spread(torch.randn(4, 6))
    exact = network.synthesis(ws, None)
    network.synthesis.type = getattr(torch, precision)
    assert (network.synthesis(ws, None) - exact).std() < 0.02 * exact.std()
