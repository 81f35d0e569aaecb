import numpy as np
import pytest
import torch

from livegan import patch
from livegan.errors import BadRequest, Failure
from livegan.generators import stylegan2, stylegan3
from livegan.generators.device import CPU, Inlet, Landing, chosen, compared, levels, opening
from livegan.generators.stylegan2_gpu import FastGpu
from livegan.latent.look import Look, seeded_z
from tests.generators.models import DATA, decibels

KINDS = {"stylegan2": stylegan2, "stylegan3": stylegan3}


def machine(monkeypatch, gpus, mps):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("gpus", "mps", "asked", "found"),
    [
        (0, False, "auto", "cpu"),
        (2, False, "auto", "cuda:0"),
        (0, True, "auto", "mps"),
        (2, False, "cuda", "cuda:0"),
        (2, False, "cuda:1", "cuda:1"),
        (2, True, "cpu", "cpu"),
        (1, True, "mps", "mps"),
    ],
)
def test_the_device_is_the_one_asked_for_or_the_best(monkeypatch, gpus, mps, asked, found):
    machine(monkeypatch, gpus, mps)
    assert chosen(asked) == torch.device(found)


@pytest.mark.parametrize(("gpus", "asked"), [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1"), (1, "mps")])
def test_a_device_that_is_not_there_is_told_in_a_sentence(monkeypatch, gpus, asked):
    machine(monkeypatch, gpus, False)
    with pytest.raises(BadRequest, match=f'"{asked}", torch finds .* take "auto" or "cpu"$'):
        chosen(asked)


@pytest.mark.parametrize("wrong", ["gpu", "cuda:", "cuda:-1", "cuda:x", "CPU", "mps:0", ""])
def test_a_device_that_is_none_is_told_when_the_patch_is_read(wrong):
    with pytest.raises(BadRequest, match=r'"cuda:1", or "mps"'):
        patch.part("generators", "stylegan2", {"device": wrong}, "the patch")


def test_a_gpu_that_fails_is_told_in_a_sentence_and_the_processor_is_not_blamed():
    told = r'^the GPU cuda:0 does not draw this model \(out of memory\): take device = "cpu"'
    with pytest.raises(Failure, match=told), opening(torch.device("cuda:0")):
        raise RuntimeError("out of memory\nand a long story")
    with pytest.raises(RuntimeError, match="a bug"), opening(CPU):
        raise RuntimeError("a bug")


def test_a_gpu_that_draws_something_else_is_known_by_its_first_picture():
    landing, plain = Landing((8, 8), CPU), torch.linspace(-1, 1, 64).view(1, 8, 8)
    compared(landing.land(levels(plain.clone())), plain.clone())
    for wrong in (plain * 0.8, plain.flip(1), plain * float("nan")):
        with pytest.raises(RuntimeError, match="dB from what it should be"):
            compared(landing.land(levels(wrong)), plain.clone())


@pytest.mark.parametrize(("kind", "drawing"), [("stylegan2", FastGpu), ("stylegan3", stylegan3.FastCpu)])
def test_a_generator_that_draws_something_else_there_does_not_open(kind, drawing, monkeypatch):
    monkeypatch.setattr(KINDS[kind], "CPU", None)
    monkeypatch.setattr(KINDS[kind], drawing.__name__, drawing_nothing(drawing))
    part = patch.part("generators", kind, {"device": "cpu"}, "the test")
    with pytest.raises(RuntimeError, match="dB from what it should be"):
        part.type(part.settings, first(kind))


def drawing_nothing(drawing):
    """The same class, drawing what was not asked for."""

    class Nothing(drawing):
        def draw(self, first, *others):
            return super().draw(first * 0 if isinstance(first, torch.Tensor) else first, *(x * 0 for x in others))

    return Nothing


def first(kind):
    return next(path for path in sorted(DATA.glob("*.safetensors")) if patch.architecture(path) == kind)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_levels_are_those_of_a_stage(channels):
    image = torch.tensor([-1.5, -1.0, 0.0, 0.996, 3.0]).repeat(channels, 2, 1)
    pixels = levels(image)
    assert pixels.dtype == torch.uint8
    assert pixels.shape == (2, 5, 3)
    assert pixels.is_contiguous()
    assert (pixels == torch.tensor([0, 0, 128, 254, 255], dtype=torch.uint8)[None, :, None]).all()


def test_landed_pixels_are_kept_for_eight_more():
    landing = Landing((2, 3), CPU)
    pictures = [landing.land(torch.full((2, 3, 3), count, dtype=torch.uint8)) for count in range(40)]
    for picture, count in zip(pictures[-9:], range(31, 40), strict=True):
        picture.wait()
        assert (picture.pixels == count).all()


def test_what_is_sent_arrives_and_stays_in_its_place():
    inlet = Inlet((3,), torch.float32, CPU, 2)
    place = inlet.inside.data_ptr()
    for count in range(5):
        inlet.free().fill_(count)
        inlet.send()
        assert inlet.inside.tolist() == [count] * 3
    assert inlet.inside.data_ptr() == place


@pytest.fixture(params=KINDS)
def generator(request, monkeypatch):
    """One that takes the processor for a GPU."""
    monkeypatch.setattr(KINDS[request.param], "CPU", None)
    part = patch.part("generators", request.param, {"device": "cpu", "threads": 1}, "the test")
    return part.type(part.settings, first(request.param))


def test_a_generator_says_what_it_draws_on_and_in(generator):
    assert (generator.info.device, generator.info.precision) == ("cpu", "float32")
    assert isinstance(generator, stylegan3.StyleGAN3) or isinstance(generator._fast, FastGpu)


def test_what_a_generator_starts_there_is_the_plain_picture(generator):
    for seed, noise in ((1, "const"), (2, "random"), (2, "none")):
        look = Look(generator.w(seeded_z(seed, generator.info.z_dim)[None])[0], psi=0.7, noise=noise)
        picture = generator.start(look)
        picture.wait()
        assert decibels(generator.images([look])[0], picture.pixels) > 50
        assert generator.start(look.with_(w=look.w.copy())) is picture
        assert generator.start(look.with_(psi=0.6)) is not picture


def test_w_is_answered_on_the_processor_and_does_not_disturb(generator):
    look = Look(generator.w(seeded_z(1, generator.info.z_dim)[None])[0])
    picture = generator.start(look)
    picture.wait()
    before = picture.pixels.copy()
    assert isinstance(generator.w(seeded_z(2, generator.info.z_dim)[None]), np.ndarray)
    assert np.array_equal(picture.pixels, before)
