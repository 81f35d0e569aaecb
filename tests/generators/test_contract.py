"""Every generator kind, found by itself, keeps the contract of generators/base.py."""

import numpy as np
import pytest

from livegan import patch
from livegan.generators.base import Generator, Picture
from livegan.latent.look import Look, seeded_z
from tests.generators.models import DATA

KINDS = patch.kinds("generators")
MODELS = sorted(DATA.glob("*.safetensors"))


@pytest.fixture(scope="module", params=KINDS)
def generator(request):
    part = patch.part("generators", request.param, {}, "the contract")
    model = None
    if "model" in part.type.Settings.model_fields:
        fitting = [path for path in MODELS if patch.architecture(path) == request.param]
        assert fitting, f"there is no model for {request.param} in tests/data"
        model = fitting[0]
    made = part.type(part.settings, model)
    yield made
    made.close()


@pytest.fixture
def looks(generator):
    z = np.stack([seeded_z(seed, generator.info.z_dim) for seed in range(5)])
    return [Look(w, psi=0.8) for w in generator.w(z)]


def test_the_fakes_and_stylegan2_are_there():
    assert {"pattern", "stylegan2"} <= set(KINDS)


def test_info_says_what_it_is(generator):
    info = generator.info
    assert isinstance(generator, Generator)
    assert info.name
    assert min(info.z_dim, info.w_dim, info.num_ws, *info.size) > 0
    assert info.channels in (1, 2, 3, 4)
    for statistic in (info.w_avg, info.w_std):
        assert statistic.shape == (info.w_dim,)
        assert statistic.dtype == np.float32
        assert np.isfinite(statistic).all()
    assert (info.w_std > 0).any()


def test_w_is_float32_a_row_for_each_layer(generator):
    info = generator.info
    z = np.stack([seeded_z(seed, info.z_dim) for seed in range(3)])
    w = generator.w(z)
    assert w.shape == (3, info.num_ws, info.w_dim)
    assert w.dtype == np.float32
    assert np.array_equal(w, generator.w(z))
    assert np.allclose(w[1:2], generator.w(z[1:2]), atol=1e-5)
    assert not np.array_equal(w[0], w[1])


def test_labels_are_weights_of_its_classes(generator):
    z = seeded_z(0, generator.info.z_dim)[None]
    if generator.info.classes:
        label = np.eye(generator.info.classes, dtype=np.float32)[:1]
        assert not np.array_equal(generator.w(z, label), generator.w(z))


def test_images_are_float32_in_about_minus_1_to_1(generator, looks):
    images = generator.images(looks[:2])
    assert images.shape == (2, generator.info.channels, *generator.info.size)
    assert images.dtype == np.float32
    assert np.isfinite(images).all()
    assert np.median(np.abs(images)) < 2
    assert np.ptp(images) > 0.1


def test_pixels_are_rgb_and_those_of_the_plain_path(generator, looks):
    picture = generator.start(looks[0])
    picture.wait()
    assert isinstance(picture, Picture)
    assert picture.pixels.shape == (*generator.info.size, 3)
    assert picture.pixels.dtype == np.uint8
    exact = np.clip(generator.images(looks[:1])[0, :3].transpose(1, 2, 0) * 127.5 + 127.5, 0, 255)
    assert np.mean((exact - picture.pixels) ** 2) < 255**2 / 10**4.5


def test_pixels_stay_for_eight_more_starts(generator, looks):
    first = generator.start(looks[0])
    first.wait()
    kept = first.pixels.copy()
    later = []
    for look in (looks[1:] * 8)[:8]:
        picture = generator.start(look)
        picture.wait()
        later.append((picture, picture.pixels.copy()))
        assert np.array_equal(first.pixels, kept)
    assert all(np.array_equal(picture.pixels, copy) for picture, copy in later)


def test_the_same_look_is_the_same_picture_and_another_is_not(generator, looks):
    drawn = []
    for look in (looks[0], looks[1], looks[0]):
        picture = generator.start(look)
        picture.wait()
        drawn.append(picture.pixels.copy())
    assert np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], drawn[1])


def test_psi_counts(generator, looks):
    full, half = generator.images([looks[0].with_(psi=1.0), looks[0].with_(psi=0.5)])
    assert np.abs(full - half).max() > 0.01


def test_it_may_be_closed_twice(generator):
    part = patch.part("generators", "pattern", {}, "the contract")
    other = part.type(part.settings, None)
    other.close()
    other.close()
    generator.images([Look(generator.info.w_avg[None].repeat(generator.info.num_ws, axis=0))])
