from dataclasses import replace

import numpy as np
import pytest
import torch

from livegan.generators import weights
from livegan.generators.bending import BendSettings
from livegan.generators.device import CPU
from livegan.generators.stylegan2_gpu import FastGpu
from livegan.generators.stylegan2_plain import Plain
from tests.generators.models import SMALL, decibels, path_of
from tests.generators.nets import random_net

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU is here")
DEVICES = [pytest.param(CPU, id="cpu"), pytest.param(torch.device("cuda:0"), marks=CUDA, id="cuda")]
BENDS = {
    "push": BendSettings(layer=1, do="translate_x", amount=0.1),
    "turn": BendSettings(layer=3, do="rotate", channels=0.5, amount=0.2),
    "cut": BendSettings(layer=4, do="ablate", channels=(0, 2), amount=1.0),
}


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def some_ws(plain, seed=1, loud=1.0):
    layout, dice = plain.layout, torch.Generator().manual_seed(seed)
    return torch.randn(layout.num_ws, layout.config.w_dim, generator=dice) * loud


def image_of(fast, ws, amounts=None):
    """The picture as it is before it becomes whole numbers, float32 [C, H, W], from the same functions."""
    fast.draw(ws, amounts or {}).wait()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("livegan.generators.stylegan2_gpu.levels", lambda image: image.clone())
        return fast._drawn(amounts or {}).float()


def pixels(fast, ws, amounts=None):
    picture = fast.draw(ws, amounts or {})
    picture.wait()
    return picture.pixels.copy()


def shown(image):
    """What a plain picture [1, C, H, W] is on a stage, still exact."""
    return image[0, :3].numpy() if image.shape[1] >= 3 else image[0, :1].expand(3, -1, -1).numpy()


@pytest.mark.parametrize("noise", ["const", "none", "random"])
@pytest.mark.parametrize("clamp", [None, 0.4])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_in_float32_it_is_the_plain_picture(architecture, channels, clamp, noise):
    plain = Plain(random_net(architecture=architecture, img_channels=channels, conv_clamp=clamp), bend=BENDS)
    fast, ws, heard = FastGpu(plain, CPU, torch.float32), some_ws(plain), plain.noise(noise, 3, 1.0)
    fast.hear(heard)
    for amounts in ({}, plain.bends.amounts({})):
        wanted = plain.picture(ws, heard, amounts)
        assert torch.allclose(image_of(fast, ws, amounts), wanted[0], atol=1e-3, rtol=1e-3)
        exact = np.clip(shown(wanted).transpose(1, 2, 0) * 127.5 + 128, 0, 255)
        assert np.abs(exact - 0.5 - pixels(fast, ws, amounts)).max() < 0.7


@pytest.mark.parametrize("taps", [(1,), (1, 1), (1, 2, 1), (3, 1), (1, 4, 6, 4, 1), (0, 1, 5, 7, 2, 1), (*range(9),)])
@pytest.mark.parametrize("architecture", ["skip", "resnet"])
def test_it_is_the_plain_picture_with_any_filter(architecture, taps):
    plain = Plain(random_net(architecture=architecture, resample_filter=taps))
    ws = some_ws(plain)
    assert torch.allclose(image_of(FastGpu(plain, CPU), ws), plain.picture(ws, {})[0], atol=1e-3, rtol=1e-3)


def test_it_is_the_plain_picture_where_pictures_are_not_square_or_know_no_noise():
    for plain in (Plain(random_net(start=(4, 6))), Plain(random_net(use_noise=False))):
        fast, ws, heard = FastGpu(plain, CPU), some_ws(plain), plain.noise("const", 0, 1.0)
        fast.hear(heard)
        assert torch.allclose(image_of(fast, ws), plain.picture(ws, heard)[0], atol=1e-3, rtol=1e-3)
        assert pixels(fast, ws).shape == (*plain.layout.size, 3)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", SMALL)
def test_in_float16_it_is_the_plain_picture_of_a_trained_net(name, device):
    plain = Plain(weights.load(path_of(name)))
    fast, heard = FastGpu(plain, device, torch.float16), plain.noise("const", 0, 1.0)
    fast.hear(heard)
    for seed in range(3):
        ws = plain.truncated(plain.w(some_ws(plain, seed)[:1, : plain.layout.config.z_dim]), 0.7, None)
        ws = ws.expand(plain.layout.num_ws, -1)
        assert decibels(shown(plain.picture(ws, heard)), pixels(fast, ws)) > 45


def loud_net(clamp):
    """Weights and styles so large that their products are beyond float16; the colours are what they were."""
    net = random_net(conv_clamp=clamp)
    tensors = dict(net.tensors)
    for name, tensor in net.tensors.items():
        if ".affine." in name:
            tensors[name] = tensor * np.float32(3e4)
        elif name.endswith("torgb.weight"):
            tensors[name] = tensor / np.float32(3e4)
        elif name.endswith(("conv0.weight", "conv1.weight")):
            tensors[name] = tensor * np.float32(100)
    return replace(net, tensors=tensors)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("clamp", [None, 256])
def test_in_float16_nothing_overflows(clamp, device):
    plain = Plain(loud_net(clamp))
    ws, layer = some_ws(plain), "synthesis.b8.conv1"
    style, weight = plain.style(layer, ws[2]), plain.tensors[f"{layer}.weight"]
    assert not torch.isfinite(weight.half() * style.half()[:, None, None]).all()
    assert decibels(shown(plain.picture(ws, {})), pixels(FastGpu(plain, device, torch.float16), ws)) > 40


def test_a_layer_without_style_or_weights_is_silent_and_spoils_nothing():
    net = random_net()
    tensors = dict(net.tensors)
    for name in ("synthesis.b8.conv1.affine.weight", "synthesis.b8.conv1.affine.bias", "synthesis.b16.conv0.weight"):
        tensors[name] = np.zeros_like(tensors[name])
    plain = Plain(replace(net, tensors=tensors))
    ws = some_ws(plain)
    assert torch.allclose(image_of(FastGpu(plain, CPU), ws), plain.picture(ws, {})[0], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("device", DEVICES)
def test_pixels_stay_for_eight_more_starts(device):
    plain = Plain(random_net())
    fast = FastGpu(plain, device)
    started = [fast.draw(some_ws(plain, seed)) for seed in range(9)]
    for picture in reversed(started):
        picture.wait()
    alone = FastGpu(plain, device)
    for seed, picture in enumerate(started):
        assert np.array_equal(picture.pixels, pixels(alone, some_ws(plain, seed)))
    assert len({picture.pixels.tobytes() for picture in started}) == 9


@pytest.mark.parametrize("device", DEVICES)
def test_what_came_before_leaves_no_trace(device):
    plain = Plain(random_net(), bend=BENDS)
    fast, one, other = FastGpu(plain, device), some_ws(plain, 1), some_ws(plain, 2)
    quiet, heard, bent = {}, plain.noise("random", 1, 2.0), plain.bends.amounts({})
    ways = [(one, quiet, {}), (one, heard, {}), (one, heard, bent), (other, heard, {}), (other, quiet, bent)]
    drawn = []
    for ws, noise, amounts in [*ways, *reversed(ways)]:
        fast.hear(noise)
        drawn.append(pixels(fast, ws, amounts).tobytes())
    assert drawn[:5] == drawn[:4:-1]
    assert len(set(drawn)) == 5


def test_affines_are_left_alone_while_w_stays(monkeypatch):
    plain = Plain(random_net())
    fast, ws, styled = FastGpu(plain, CPU), some_ws(plain), []
    monkeypatch.setattr(fast, "_play_styles", lambda: styled.append(1))
    for one in (ws, ws.clone(), ws, ws + 1e-3, ws):
        fast.draw(one)
    assert len(styled) == 3


def test_a_w_that_is_changed_in_place_is_another():
    plain = Plain(random_net())
    fast, ws = FastGpu(plain, CPU), some_ws(plain)
    before = pixels(fast, ws)
    ws.neg_()
    assert not np.array_equal(pixels(fast, ws), before)


def test_the_plain_path_is_left_as_it_was():
    plain = Plain(random_net(architecture="resnet"))
    before = {name: tensor.clone() for name, tensor in plain.tensors.items()}
    pixels(FastGpu(plain, CPU), some_ws(plain))
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.tensors.items())


def test_in_float16_features_lie_channels_last_all_the_way():
    plain = Plain(random_net(architecture="resnet"))
    fast, seen = FastGpu(plain, CPU, torch.float16), []
    for convs in fast._convs.values():
        for conv in convs:
            assert conv.weight.is_contiguous(memory_format=torch.channels_last)
    plain.bends.bent = lambda name, x, amounts: seen.append(x) or x
    fast.draw(some_ws(plain))
    assert len(seen) == 7
    assert all(x.dtype == torch.float16 and x.is_contiguous(memory_format=torch.channels_last) for x in seen)


@CUDA
def test_on_cuda_no_picture_takes_new_memory():
    plain = Plain(random_net(base=4096, most=64, img_resolution=64))
    fast = FastGpu(plain, torch.device("cuda:0"))
    for seed in range(20):
        fast.draw(some_ws(plain, seed)).wait()
    before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    for seed in range(200):
        fast.hear(plain.noise("random", seed, 1.0))
        fast.draw(some_ws(plain, seed)).wait()
    assert (torch.cuda.memory_allocated(), torch.cuda.memory_reserved()) == before


@CUDA
def test_on_cuda_a_graph_draws_what_is_drawn_without_one():
    plain = Plain(random_net(base=4096, most=64, img_resolution=64))
    fast, ws = FastGpu(plain, torch.device("cuda:0")), some_ws(plain)
    fast.hear(plain.noise("const", 0, 1.0))
    graph = pixels(fast, ws).astype(int)
    with torch.cuda.stream(fast._stream):
        eager = fast._drawn().cpu().numpy()
    assert np.abs(graph - eager).max() <= 2
