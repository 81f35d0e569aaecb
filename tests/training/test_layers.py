"""Filters between sizes are those of the plain path, with gradients and their gradients."""

import pytest
import torch
import torch.nn.functional as F

from livegan.generators.stylegan2_plain import filtered, up_conv, upsampled
from livegan.training.layers import Dense, Filter

TAPS = [(1, 3, 3, 1), (1, 2, 1), (1, 2, 3, 4), (1,)]


@pytest.fixture(params=TAPS, ids=str)
def both(request):
    """A filter under training, and the same as the plain path takes it."""
    taps = torch.tensor(request.param, dtype=torch.float64)
    fir = torch.outer(taps, taps)
    return Filter(request.param).double(), fir / fir.sum()


def some(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_twice_the_size_is_that_of_the_plain_path(both):
    mine, fir = both
    x, weight = some(2, 3, 4, 4), some(5, 3, 3, 3)
    assert torch.allclose(mine.up(x), upsampled(x, fir), atol=1e-7)
    assert torch.allclose(mine.up_conv(x, weight), up_conv(x, weight, fir), atol=1e-7)


def test_half_the_size_is_the_filter_at_every_second_pixel(both):
    mine, fir = both
    x, weight, bias = some(2, 3, 8, 8), some(5, 3, 3, 3), some(5)
    before, after = (len(fir) - 1) // 2, (len(fir) - 2) // 2
    assert torch.allclose(mine.down(x), filtered(x, fir, before, after)[:, :, ::2, ::2], atol=1e-7)
    there = F.conv2d(filtered(x, fir, before + 1, after + 1), weight, bias, stride=2)
    assert torch.allclose(mine.down_conv(x, weight, bias), there, atol=1e-7)


def test_filters_can_be_differentiated_twice(both):
    mine, _ = both
    x = some(1, 2, 4, 4).requires_grad_()
    for turn in (mine.up, mine.down):
        assert torch.autograd.gradcheck(turn, [x], check_undefined_grad=False)
        assert torch.autograd.gradgradcheck(lambda x, turn=turn: turn(x) ** 2, [x], check_undefined_grad=False)


def test_a_layer_that_learns_slower_begins_with_the_same_spread():
    torch.manual_seed(0)
    x = torch.randn(500, 200)
    quick, slow = (Dense(200, 300, rate, bent=True)(x).detach() for rate in (1.0, 0.01))
    assert quick.square().mean() == pytest.approx(1, abs=0.05)
    assert slow.square().mean() == pytest.approx(1, abs=0.05)
