"""StyleGAN3-T and -R: the pictures of the published code, moved as asked, and the same ones on the fast path."""

import dataclasses

import numpy as np
import psutil
import pytest
import torch

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.stylegan3 import StyleGAN3
from livegan.generators.stylegan3_cpu import FastCpu
from livegan.generators.stylegan3_plain import Plain, upsampled
from livegan.latent.look import Look, seeded_z, transform
from tests.generators.models import decibels, path_of, reference

SMALL = ["stylegan3-t-64", "stylegan3-r-cond-64"]
KEYS = [("1", "None"), ("0.7", "None"), ("0.5", "4"), ("-0.8", "None")]

MOVED = transform((0.12, -0.05), np.pi / 7)
"""What `img_transform` of the references shows, with psi 1; their `transform` was written after it was put back."""


def opened(name):
    return StyleGAN3(StyleGAN3.Settings(threads=1), path_of(name))


@pytest.fixture(scope="module", params=SMALL)
def known(request):
    """A model, what the published code makes with it, and its w for the z of the reference."""
    generator, truth = opened(request.param), reference(request.param)
    label = truth["c"] if truth["c"].shape[1] else None
    return generator, truth, generator.w(truth["z"], label)


@pytest.fixture(scope="module")
def generator():
    return opened("stylegan3-t-64")


@pytest.fixture(scope="module")
def look(generator):
    return Look(generator.w(seeded_z(3, generator.info.z_dim)[None])[0], psi=0.7)


def pixels(generator, look):
    picture = generator.start(look)
    picture.wait()
    return picture.pixels.copy()


def test_w_is_that_of_the_published_code(known):
    generator, truth, ws = known
    assert ws.shape == (3, generator.info.num_ws, generator.info.w_dim)
    assert np.abs(ws - truth["ws_psi1_cutNone"]).max() < 1e-4


@pytest.mark.parametrize(("psi", "cutoff"), KEYS)
def test_pictures_are_those_of_the_published_code(known, psi, cutoff):
    generator, truth, ws = known
    last = None if cutoff == "None" else int(cutoff)
    images = generator.images([Look(w, psi=float(psi), cutoff=last) for w in ws])
    assert np.abs(images - truth[f"img_psi{psi}_cut{cutoff}"]).max() < 1e-3


def test_a_moved_picture_is_that_of_the_published_code(known):
    generator, truth, ws = known
    assert np.abs(generator.images([Look(w, transform=MOVED) for w in ws]) - truth["img_transform"]).max() < 1e-3


def test_numbers_move_the_picture_as_a_transform_does(known):
    generator, _, ws = known
    numbers = {"translate_x": 0.12, "translate_y": -0.05, "rotate": np.pi / 7, "other": 5.0}
    both = generator.images([Look(ws[0], transform=MOVED), Look(ws[0], numbers=numbers)])
    assert np.allclose(both[0], both[1], atol=1e-4)
    assert set(generator.info.controls) == {"translate_x", "translate_y", "rotate", "zoom"}


def test_numbers_move_what_a_transform_has_moved(generator, look):
    moved = look.with_(transform=transform(rotate=0.5), numbers={"translate_x": 0.2, "zoom": 1.5})
    whole = look.with_(transform=transform((0.2, 0.0), zoom=1.5) @ transform(rotate=0.5))
    assert np.allclose(*generator.images([moved, whole]), atol=1e-4)


def test_a_picture_moved_to_the_right_is_the_picture_to_the_right(generator, look):
    still, moved = generator.images([look, look.with_(transform=transform((0.25, 0.0)))])
    away = {shift: np.abs(moved[:, :, 24:56] - still[:, :, 24 - shift : 56 - shift]).mean() for shift in (-8, 0, 16)}
    assert away[16] < 0.5 * min(away[0], away[-8])


@pytest.mark.parametrize("wrong", [np.zeros((3, 3)), np.full((3, 3), np.nan)])
def test_a_transform_that_cannot_be_undone_is_left_out(generator, look, wrong):
    assert np.array_equal(pixels(generator, look.with_(transform=wrong)), pixels(generator, look))
    assert generator.start(look.with_(numbers={"zoom": 0.0})).pixels.shape == (64, 64, 3)


def test_classes_are_class_weights_and_none_is_no_class():
    generator = opened("stylegan3-r-cond-64")
    z = np.repeat(seeded_z(1, generator.info.z_dim)[None], 2, axis=0)
    w = generator.w(z, np.eye(3, dtype=np.float32)[:2])
    assert generator.info.classes == 3
    assert np.abs(w[0] - w[1]).max() > 0.01
    assert np.array_equal(generator.w(z[:1]), generator.w(z[:1], np.zeros((1, 3), np.float32)))


def test_the_fast_path_shows_the_picture_of_the_plain_one(known):
    generator, _, ws = known
    for look in (Look(ws[0]), Look(ws[1], psi=0.5, cutoff=4), Look(ws[2], transform=MOVED)):
        assert decibels(generator.images([look])[0], pixels(generator, look)) > 45


@pytest.mark.parametrize("name", SMALL)
@torch.inference_mode()
def test_the_fast_path_in_float32_is_exact(name):
    plain = Plain(weights.load(path_of(name)))
    fast, ws = FastCpu(plain, torch.float32), torch.randn(16, 64, generator=torch.Generator().manual_seed(1))
    where = torch.from_numpy(transform((0.1, 0.2), 0.4, 0.7))
    drawn = fast.draw(fast.styles(ws), fast.waves(ws[0], where))
    assert torch.allclose(drawn, plain.picture(ws, where)[0], atol=1e-4)


@pytest.mark.parametrize("change", [{"lrelu_upsampling": 4}, {"conv_clamp": 0.5}, {"output_scale": 1.0}])
@torch.inference_mode()
def test_both_paths_know_other_settings(change):
    """The filters stay those of the file, whatever the rates: only the margins change with them."""
    model = weights.load(path_of("stylegan3-t-64"))
    usual, plain = Plain(model), Plain(dataclasses.replace(model, config=model.config | change))
    ws, where = torch.randn(16, 64, generator=torch.Generator().manual_seed(2)), torch.eye(3)
    fast = FastCpu(plain, torch.float32)
    image = plain.picture(ws, where)
    assert image.shape == (1, 3, 64, 64)
    assert not torch.allclose(image, usual.picture(ws, where), atol=1e-3)
    assert torch.allclose(fast.draw(fast.styles(ws), fast.waves(ws[0], where)), image[0], atol=1e-4)


def test_a_filter_along_both_axes_is_the_same_as_one_of_two_dimensions():
    x, fir = torch.randn(1, 2, 5, 6), torch.tensor([1.0, 2.0, 4.0, 3.0])
    along = upsampled(x, fir, 2, (3, 2))
    assert torch.allclose(along, upsampled(x, torch.outer(fir, fir), 2, (3, 2)), atol=1e-4)


def test_an_unchanged_look_gives_the_same_picture_object(generator, look):
    first = generator.start(look)
    assert generator.start(look) is first
    assert generator.start(look.with_(w=look.w.copy(), noise="random", noise_seed=4)) is first
    for change in ({"psi": 0.5}, {"cutoff": 3}, {"transform": MOVED}, {"numbers": {"rotate": 0.1}}):
        assert generator.start(look.with_(**change)) is not generator.start(look)


def test_going_on_from_a_moved_picture_is_no_different(generator, look):
    other = look.with_(w=look.w * 0.5)
    wanted = [pixels(generator, one) for one in (look, other)]
    pixels(generator, look)
    pixels(generator, look.with_(transform=MOVED))
    assert np.array_equal(pixels(generator, look), wanted[0])
    pixels(generator, other.with_(transform=MOVED))
    assert np.array_equal(pixels(generator, other), wanted[1])


def test_a_w_that_may_not_be_written_or_is_no_float32_is_drawn(generator, look):
    frozen = look.w.astype(np.float64)
    frozen.flags.writeable = False
    assert np.array_equal(generator.images([look.with_(w=frozen)]), generator.images([look]))


def test_drawing_keeps_no_memory(generator, look):
    ways = [look.with_(psi=i / 50, transform=transform(rotate=i / 9) if i % 3 else None) for i in range(50)]
    for each in ways:
        generator.start(each)
    before = psutil.Process().memory_info().rss
    for each in ways * 2:
        generator.start(each)
    assert psutil.Process().memory_info().rss - before < 20e6


def without(name):
    return lambda m: dataclasses.replace(m, tensors={k: v for k, v in m.tensors.items() if k != name})


def with_(name, tensor):
    return lambda m: dataclasses.replace(m, tensors=m.tensors | {name: tensor})


def config(**changes):
    return lambda m: dataclasses.replace(m, config=m.config | changes)


WRONG = {
    "no phases": (without("synthesis.input.phases"), "lacks the tensor synthesis.input.phases"),
    "no filter": (without("synthesis.L3_36_32.up_filter"), "lacks the tensor synthesis.L3_36_32.up_filter"),
    "no layer": (without("synthesis.L5_52_32.weight"), "lacks the layer L5"),
    "no w_avg": (without("mapping.w_avg"), "lacks the tensor mapping.w_avg"),
    "a filter that is none": (with_("synthesis.L3_36_32.up_filter", np.ones((3, 4))), "which is no filter"),
    "channels that do not fit": (
        with_("synthesis.L3_36_32.bias", np.ones(31)),
        "of shape (31,), its config says (32,)",
    ),
    "another size": (config(img_resolution=128), "its config says size"),
    "fewer layers": (config(num_layers=13), "its config says"),
    "an unknown key": (config(depth=3), "a config that is wrong: depth"),
    "only critical layers": (config(num_critical=14), "num_critical must be less than num_layers"),
    "no z": (lambda m: dataclasses.replace(m, config={"w_dim": 64, "img_resolution": 64}), "z_dim: Field required"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_one_sentence(change, says):
    with pytest.raises(BadRequest) as told:
        Plain(change(weights.load(path_of("stylegan3-t-64"))))
    assert says in str(told.value)
    assert "\n" not in str(told.value)
