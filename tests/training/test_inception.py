"""The network of FID, with random weights: what it was compared with once by hand stands here as numbers."""

import numpy as np
import pytest
import torch

from livegan.errors import BadRequest
from livegan.training.inception import Inception, shapes
from tests.training.looking import seeded

GOLDEN = (1.1489854, 1.5194875, 0.4168640, 2.1118720, 0.1377793)
"""Mean and spread of all features and the first of them, as pytorch-fid 0.3.0 finds them with the same weights."""

WEIGHTS = seeded()
PICTURES = np.random.RandomState(6).randint(0, 256, (3, 32, 32, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def features():
    torch.set_num_threads(1)
    return Inception(WEIGHTS, "").features(PICTURES)


def test_it_has_the_tensors_of_the_file():
    found = shapes()
    assert len(found) == 94 * 5
    assert found["Conv2d_1a_3x3.conv.weight"] == (32, 3, 3, 3)
    assert found["Mixed_5b.branch_pool.conv.weight"] == (32, 192, 1, 1)
    assert found["Mixed_6c.branch7x7dbl_2.conv.weight"] == (160, 160, 7, 1)
    assert found["Mixed_7a.branch7x7x3_2.conv.weight"] == (192, 192, 1, 7)
    assert found["Mixed_7c.branch3x3dbl_3b.bn.running_mean"] == (384,)


def test_its_features_are_those_that_fid_is_defined_with(features):
    assert features.shape == (3, 2048)
    assert features.dtype == np.float32
    found = features[0].mean(), features[0].std(), *features[0, :3]
    np.testing.assert_allclose(found, GOLDEN, rtol=1e-4)


def test_a_picture_has_its_features_whatever_is_beside_it(features):
    network = Inception(WEIGHTS, "")
    np.testing.assert_allclose(network.features(PICTURES[2:]), features[2:], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(network.features(PICTURES), features)


def test_a_pixel_matters(features):
    other = PICTURES[:1].copy()
    other[0, 16, 16] ^= 128
    assert np.abs(Inception(WEIGHTS, "").features(other) - features[:1]).max() > 1e-3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Mixed_6b.branch1x1.bn.bias": np.zeros(3, np.float32)}, r"branch1x1\.bn\.bias has shape \(3,\), \(192,\)"),
        ({"Conv2d_1a_3x3.conv.weight": None}, r"Conv2d_1a_3x3\.conv\.weight is missing"),
    ],
)
def test_other_tensors_are_refused_in_one_sentence(change, says):
    weights = {name: array for name, array in (WEIGHTS | change).items() if array is not None}
    with pytest.raises(BadRequest, match=says):
        Inception(weights, "")
