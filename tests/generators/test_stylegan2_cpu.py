import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from livegan.generators import weights
from livegan.generators.stylegan2_cpu import FastCpu, best_type
from livegan.generators.stylegan2_plain import Plain
from livegan.latent.look import seeded_z
from tests.generators.models import SMALL, begun, decibels, path_of

TYPES = [torch.float32, torch.bfloat16]


def plain_of(model: weights.Model, **config: object) -> Plain:
    changed = weights.Model(model.name, model.architecture, model.config | config, model.tensors, model.sha256)
    return Plain(changed)


def worst(plain: Plain, type_: torch.dtype, noise: str = "const", seeds: int = 3) -> float:
    """The lowest PSNR of a few fast pictures against the plain ones, in dB."""
    config, fast = plain.layout.config, FastCpu(plain, type_)
    heard = plain.noise(noise, 0, 1.0)
    fast.hear(heard)
    found = []
    with torch.inference_mode():
        for seed in range(seeds):
            w = plain.w(torch.from_numpy(seeded_z(seed, config.z_dim))[None])
            ws = plain.truncated(w.expand(plain.layout.num_ws, -1), 0.8, None)
            found.append(decibels(plain.picture(ws, heard)[0].numpy(), fast.draw(ws).pixels))
    return min(found)


@pytest.mark.parametrize("type_", TYPES, ids=str)
@pytest.mark.parametrize("name", [*SMALL, "skies"])
def test_it_is_the_plain_picture(name, type_):
    assert worst(Plain(weights.load(path_of(name))), type_) > 45


@pytest.mark.parametrize("noise", ["none", "random"])
def test_it_is_the_plain_picture_with_any_noise(noise):
    assert worst(Plain(weights.load(path_of("stylegan2-ada-64"))), torch.float32, noise) > 50


@pytest.mark.parametrize("start", [(3, 5), (4, 7), (5, 4)], ids=str)
@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_it_is_the_plain_picture_from_a_start_that_is_not_square(architecture, start):
    name = "stylegan2-ada-resnet-gray-32" if architecture == "resnet" else "stylegan2-ada-cond-32"
    plain = Plain(begun(name, start, architecture=architecture))
    assert plain.layout.size == (8 * start[0], 8 * start[1])
    for noise in ("const", "random"):
        assert worst(plain, torch.float32, noise, seeds=1) > 50
    assert worst(plain, torch.bfloat16, seeds=1) > 40


@pytest.mark.parametrize("taps", [(1,), (1, 1), (1, 2, 1), (3, 1), (1, 3, 3, 1), (1, 4, 6, 4, 1), (0, 1, 5, 7, 2, 1)])
@pytest.mark.parametrize("name", ["stylegan2-ada-cond-32", "stylegan2-ada-resnet-gray-32"])
def test_it_is_the_plain_picture_with_any_filter(name, taps):
    model = weights.load(path_of(name))
    assert worst(plain_of(model, resample_filter=taps), torch.float32, seeds=1) > 50


@pytest.mark.parametrize("name", ["stylegan2-ada-cond-32", "stylegan2-ada-resnet-gray-32"])
def test_it_clamps_where_the_plain_path_does(name):
    model = weights.load(path_of(name))
    clamped = plain_of(model, conv_clamp=0.4)
    assert worst(clamped, torch.float32) > 50
    ws = torch.zeros(clamped.layout.num_ws, clamped.layout.config.w_dim)
    assert not torch.allclose(clamped.picture(ws, {}), plain_of(model, conv_clamp=None).picture(ws, {}), atol=1e-2)


def test_the_plain_path_is_left_as_it_was():
    plain = Plain(weights.load(path_of("skies")))
    before = {name: tensor.clone() for name, tensor in plain.tensors.items()}
    worst(plain, torch.float32, seeds=1)
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.tensors.items())


def test_nothing_is_left_of_the_picture_before():
    plain = Plain(weights.load(path_of("stylegan2-ada-64")))
    fast = FastCpu(plain)
    drawn = [fast.draw(torch.full((10, 64), scale)).pixels for scale in (0.0, 2.0, 0.0)]
    assert np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], drawn[1])


def test_the_type_is_one_that_this_processor_computes_in():
    assert best_type() in TYPES


@pytest.mark.parametrize(
    "limit",
    [{"ONEDNN_MAX_CPU_ISA": "AVX2"}, {"ATEN_CPU_CAPABILITY": "avx2"}, {"ATEN_CPU_CAPABILITY": "default"}],
    ids=str,
)
def test_it_is_float32_where_the_instructions_for_bfloat16_are_held_down(limit):
    assert type_with(limit) == "torch.float32"


@pytest.mark.parametrize(
    "limit", [("ONEDNN_MAX_CPU_ISA", "avx512_core_vnni"), ("DNNL_MAX_CPU_ISA", "AVX512_CORE")], ids=str
)
def test_a_limit_is_known_in_any_letters_and_under_its_old_name(monkeypatch, limit):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    monkeypatch.setenv(*limit)
    assert best_type() == torch.float32


def test_a_limit_above_bfloat16_changes_nothing():
    assert type_with({"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}) == type_with({})


def type_with(limit: dict[str, str]) -> str:
    """The type in a process of its own, under this limit and no other."""
    names = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")
    code = "from livegan.generators.stylegan2_cpu import best_type; print(best_type())"
    environment = {name: value for name, value in os.environ.items() if name not in names} | limit
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()
