"""Presets are right for the pictures there are, and what a person asks for is put over them."""

import pytest

from livegan.errors import BadRequest
from livegan.training.presets import PRESETS, ada_kimg, config_for, fitting


def config(preset="tiny", pictures=64, size=None, classes=0, steps=1000, **asked):
    return config_for(preset, pictures, size, classes, steps, asked)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_training(preset):
    found = config(preset, 1024)
    assert found.size == PRESETS[preset].size
    assert PRESETS[preset].says


@pytest.mark.parametrize(("size", "preset"), [(32, "tiny"), (64, "tiny"), (128, "live"), (256, "live"), (512, "full")])
def test_the_preset_follows_the_pictures(size, preset):
    assert fitting(size) == preset
    assert config(preset, size).size == size


def test_what_is_asked_is_put_over_a_preset():
    found = config("live", 256, size=128, classes=3, batch=32, freeze_d=4, precision="bfloat16", pl_weight=2.0)
    assert (found.size, found.classes, found.batch, found.freeze_d, found.pl_weight) == (128, 3, 32, 4, 2.0)
    assert found.precision == "bfloat16"


def test_large_pictures_are_taken_smaller_and_small_ones_never_larger():
    assert config("tiny", 256).size == 64
    with pytest.raises(BadRequest, match=r"--size 128 .* 64 px"):
        config(size=128)


def test_of_fewer_pictures_augmentation_grows_sooner():
    assert [ada_kimg(count) for count in (250, 1000, 2500, 25_000)] == [50, 200, 500, 500]


@pytest.mark.parametrize("steps", [100, 5000])
def test_a_progressive_start_gives_each_size_as_many_pictures(steps):
    found = config("live", 256, steps=steps, progressive=True, batch=8)
    assert found.start_size == 64
    for share, size in [(0.0, 64), (0.3, 64), (0.36, 128), (0.63, 128), (0.69, 256), (1.0, 256)]:
        assert found.size_at(int(share * 8 * steps)) == size


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"preset": "huge"}, "--preset is tiny, live, full"),
        ({"batch": 6}, "batch"),
        ({"size": 48, "pictures": 96}, "power of 2"),
        ({"precision": "int8"}, "precision"),
    ],
)
def test_what_does_not_fit_is_one_sentence(asked, says):
    with pytest.raises(BadRequest, match=says) as error:
        config(**asked)
    assert "\n" not in str(error.value)
