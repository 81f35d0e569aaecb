import pytest
import torch
import torch.nn.functional as F

from livegan.generators import onednn
from livegan.generators.onednn import Packed, bent, packs
from livegan.generators.stylegan2_cpu import FastCpu
from livegan.generators.stylegan2_plain import Plain
from livegan.generators.weights import load
from tests.generators.models import path_of

packed_here = pytest.mark.skipif(not packs(), reason="this torch keeps no weights in oneDNN's order")


def some(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@packed_here
@pytest.mark.parametrize("doubles", [False, True])
@pytest.mark.parametrize("shape", [(3, 5, 4, 7), (16, 16, 8, 8), (33, 20, 1, 2)], ids=str)
def test_packed_weights_convolve_as_they_do_unpacked(shape, doubles):
    wide, deep, *size = shape
    x = some(1, deep, *size).contiguous(memory_format=torch.channels_last)
    weight = some(wide, deep, 3, 3)
    told = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2) if doubles else F.conv2d(x, weight, padding=1)
    with torch.inference_mode():
        found = Packed(weight, tuple(size), doubles)(x)
    assert torch.allclose(found, told, atol=1e-4)


@packed_here
def test_weights_packed_for_one_size_serve_any_other():
    x, weight = some(1, 5, 9, 6), some(3, 5, 3, 3)
    assert torch.allclose(Packed(weight, (4, 4), False)(x), F.conv2d(x, weight, padding=1), atol=1e-4)


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("groups", [1, 6])
def test_a_bent_convolution_is_that_with_a_leaky_relu(monkeypatch, here, groups):
    monkeypatch.setattr(onednn, "packs", lambda: here and packs())
    x, weight, bias = some(1, 6, 9, 7), some(6, 6 // groups, 4, 4), some(6)
    told = F.leaky_relu(F.conv2d(x, weight, bias, padding=1, groups=groups), 0.2)
    assert torch.allclose(bent(x, weight, bias, 1, groups, 0.2), told, atol=1e-4)


@pytest.mark.parametrize("noise", ["const", "none"])
def test_the_picture_is_the_same_where_nothing_can_be_packed(monkeypatch, noise):
    plain = Plain(load(path_of("stylegan2-ada-64")))
    ws = some(plain.layout.num_ws, plain.layout.config.w_dim)
    drawn = []
    for here in (True, False):
        for module in ("onednn", "stylegan2_cpu"):
            monkeypatch.setattr(f"livegan.generators.{module}.packs", lambda here=here: here and packs())
        fast = FastCpu(plain, torch.float32)
        fast.hear(plain.noise(noise, 0, 1.0))
        drawn.append(torch.from_numpy(fast.draw(ws).pixels.copy()).float())
    assert (drawn[0] - drawn[1]).abs().max() <= 1
