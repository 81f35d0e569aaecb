import numpy as np
import psutil
import pytest

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.base import Picture
from livegan.generators.stylegan2_plain import Layout
from livegan.latent.look import Look, seeded_z
from tests.generators.models import SMALL, begun, opened, path_of, reference

KEYS = [("1", "None"), ("0.7", "None"), ("0.5", "4"), ("-0.8", "None")]


@pytest.fixture(scope="module", params=SMALL)
def known(request):
    """A model, what the published code makes with it, and its w for the z of the reference."""
    generator, truth = opened(path_of(request.param)), reference(request.param)
    label = truth["c"] if truth["c"].shape[1] else None
    return generator, truth, generator.w(truth["z"], label)


@pytest.fixture(scope="module")
def generator():
    return opened(path_of("stylegan2-ada-64"))


@pytest.fixture(scope="module")
def look(generator):
    return Look(generator.w(seeded_z(3, generator.info.z_dim)[None])[0])


def pixels(generator, look):
    picture = generator.start(look)
    picture.wait()
    return picture.pixels.copy()


def test_w_is_that_of_the_published_code(known):
    _, truth, ws = known
    assert np.abs(ws - truth["ws_psi1_cutNone"]).max() < 1e-4


@pytest.mark.parametrize(("psi", "cutoff"), KEYS)
def test_pictures_are_those_of_the_published_code(known, psi, cutoff):
    generator, truth, ws = known
    last = None if cutoff == "None" else int(cutoff)
    images = generator.images([Look(w, psi=float(psi), cutoff=last) for w in ws])
    assert np.abs(images - truth[f"img_psi{psi}_cut{cutoff}"]).max() < 1e-3


@pytest.mark.parametrize(("psi", "cutoff"), KEYS)
def test_truncation_is_that_of_the_published_code(known, psi, cutoff):
    generator, truth, ws = known
    last = None if cutoff == "None" else int(cutoff)
    wanted = truth[f"ws_psi{psi}_cut{cutoff}"]
    by_hand = ws.copy()
    by_hand[:, :last] = generator.info.w_avg + float(psi) * (ws[:, :last] - generator.info.w_avg)
    assert np.abs(by_hand - wanted).max() < 1e-4
    truncated = generator.images([Look(w, psi=float(psi), cutoff=last) for w in ws])
    assert np.allclose(truncated, generator.images([Look(w) for w in wanted]), atol=1e-4)


def test_without_noise_it_is_the_published_picture_without_noise(known):
    generator, truth, ws = known
    images = generator.images([Look(w, noise="none") for w in ws])
    assert np.abs(images - truth["img_noise_none"]).max() < 1e-3
    assert np.array_equal(images, generator.images([Look(w, noise_strength=0.0) for w in ws]))


def test_classes_are_class_weights_and_none_is_no_class():
    generator = opened(path_of("stylegan2-ada-cond-32"))
    z = np.repeat(seeded_z(1, generator.info.z_dim)[None], 3, axis=0)
    first, second, both = np.eye(5, dtype=np.float32)[0], np.eye(5, dtype=np.float32)[1], np.full(5, 0.5, np.float32)
    w = generator.w(z, np.stack([first, second, both]))
    assert generator.info.classes == 5
    assert len({row.tobytes() for row in w}) == 3
    assert np.array_equal(generator.w(z[:1]), generator.w(z[:1], np.zeros((1, 5), np.float32)))


def test_w_has_a_row_for_each_layer_and_the_spread_it_says(known):
    generator, _, _ = known
    info = generator.info
    w = generator.w(np.stack([seeded_z(seed, info.z_dim) for seed in range(1000, 1400)]))
    assert w.shape == (400, info.num_ws, info.w_dim)
    assert (w == w[:, :1]).all()
    assert np.median(np.abs(w[:, 0].std(axis=0) / info.w_std - 1)) < 0.15


@pytest.mark.parametrize("draw", [pixels, lambda g, look: g.images([look])], ids=["fast", "plain"])
def test_random_noise_is_drawn_by_its_seed(generator, look, draw):
    def random(seed):
        return draw(generator, look.with_(noise="random", noise_seed=seed))

    first = random(1)
    assert not np.array_equal(first, random(2))
    assert np.array_equal(first, random(1))
    assert not np.array_equal(first, draw(generator, look))


def test_the_seed_says_nothing_while_noise_is_not_random(generator, look):
    for noise in ("const", "none"):
        quiet = look.with_(noise=noise)
        assert np.array_equal(generator.images([quiet]), generator.images([quiet.with_(noise_seed=5)]))
        assert generator.start(quiet) is generator.start(quiet.with_(noise_seed=5))


def test_the_more_noise_the_further_from_none(generator, look):
    none = generator.images([look.with_(noise="none")])
    strengths = [generator.images([look.with_(noise_strength=s)]) for s in (0.1, 0.5, 1.0)]
    away = [float(np.abs(image - none).mean()) for image in strengths]
    assert 0 < away[0] < away[1] < away[2]


def test_the_fast_path_hears_each_change_of_noise(generator, look):
    changes = [{}, {"noise": "none"}, {"noise": "random"}, {"noise_strength": 3.0}]
    drawn = {pixels(generator, look.with_(**change)).tobytes() for change in changes}
    assert len(drawn) == 4
    assert pixels(generator, look).tobytes() in drawn


def test_an_unchanged_look_gives_the_same_picture_object(generator, look):
    first = generator.start(look)
    assert isinstance(first, Picture)
    assert generator.start(look) is first
    assert generator.start(look.with_(w=look.w.copy(), seed=7)) is first
    for change in ({"psi": 0.5}, {"cutoff": 3}, {"w": look.w + 1e-3}, {"noise": "none"}, {"noise_strength": 0.5}):
        other = look.with_(**change)
        assert generator.start(other) is not generator.start(look)


def test_psi_0_is_the_average_picture(generator, look):
    average = look.with_(w=np.tile(generator.info.w_avg, (generator.info.num_ws, 1)))
    assert np.allclose(generator.images([look.with_(psi=0.0)]), generator.images([average]), atol=1e-5)


def test_a_w_that_may_not_be_written_or_is_no_float32_is_drawn(generator, look):
    frozen = look.w.astype(np.float64)
    frozen.flags.writeable = False
    assert np.array_equal(generator.images([look.with_(w=frozen)]), generator.images([look]))


def test_grey_pictures_have_three_channels_on_the_stage():
    generator = opened(path_of("stylegan2-ada-resnet-gray-32"))
    look = Look(generator.w(seeded_z(0, generator.info.z_dim)[None])[0])
    drawn = pixels(generator, look)
    assert drawn.shape == (32, 32, 3)
    assert (drawn == drawn[..., :1]).all()
    assert generator.images([look]).shape == (1, 1, 32, 32)


def test_drawing_keeps_no_memory(generator, look):
    ways = [look.with_(noise=("const", "random", "none")[i % 3], psi=i / 100, noise_seed=i) for i in range(150)]
    for each in ways[:50]:
        generator.start(each)
    before = psutil.Process().memory_info().rss
    for each in ways * 2:
        generator.start(each)
    assert psutil.Process().memory_info().rss - before < 20e6


def test_a_start_that_is_not_square_gives_pictures_of_its_shape(tmp_path):
    weights.dump(tmp_path / "wide.safetensors", begun("stylegan2-ada-64", (3, 5)))
    wide = opened(tmp_path / "wide.safetensors")
    look = Look(wide.w(seeded_z(3, wide.info.z_dim)[None])[0])
    assert wide.info.size == (48, 80)
    assert wide.images([look]).shape == (1, 3, 48, 80)
    assert pixels(wide, look).shape == (48, 80, 3)


def test_a_start_from_which_pictures_grow_too_large_is_refused():
    with pytest.raises(BadRequest, match="draws 4112 x 64 px, 4096 are the most"):
        Layout(begun("stylegan2-ada-64", (4, 257)))
