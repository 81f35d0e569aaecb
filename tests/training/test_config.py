"""Settings of a training fit together, or say in one sentence why not."""

import pytest
from pydantic import ValidationError

from livegan.generators.stylegan2_plain import Config as ModelConfig
from livegan.training.config import Config
from tests.training.nets import tiny


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"size": 48}, "a power of 2"),
        ({"size": 16, "start_size": 32}, "starts between 8 px and its size of 16"),
        ({"size": 16, "start_size": 12}, "a power of 2"),
        ({"batch": 6}, "multiple of 4"),
        ({"widths": (4, 4)}, "widths has a number for each"),
        ({"start_size": 8, "architecture": "resnet"}, 'only the architecture "skip" can grow'),
        ({"learning_rate": 1}, "Extra inputs"),
    ],
)
def test_what_does_not_fit_is_refused(asked, told):
    with pytest.raises(ValidationError, match=told):
        tiny(**asked)


def test_a_size_is_trained_for_as_long_as_it_says():
    config = Config(size=64, start_size=16, grow_kimg=2)
    assert [config.size_at(1000 * seen) for seen in (0, 1, 2, 3, 4, 5, 100)] == [16, 16, 32, 32, 64, 64, 64]
    assert Config(size=64).size_at(0) == 64


def test_channels_go_by_the_rule_or_by_what_is_given():
    assert [Config(channel_base=1024, channel_max=64).channels(px) for px in (4, 16, 32, 64)] == [64, 64, 32, 16]
    assert [Config(size=16, widths=(5, 3, 2)).channels(px) for px in (4, 8, 16)] == [5, 3, 2]


def test_the_file_of_a_model_says_what_was_trained():
    config = Config(size=64, classes=3, embed_width=7, mapping_layers=2, resample_filter=(1, 2, 1), use_noise=False)
    found = ModelConfig.model_validate(config.of_model(32))
    assert (found.img_resolution, found.c_dim, found.mapping.embed_features) == (32, 3, 7)
    assert (found.mapping.num_layers, found.resample_filter, found.use_noise) == (2, (1, 2, 1), False)


def test_float16_is_kept_from_overflowing():
    assert Config(precision="float16").conv_clamp == 256
    assert Config(precision="bfloat16").conv_clamp is None
    assert Config(precision="float16", conv_clamp=64).conv_clamp == 64
