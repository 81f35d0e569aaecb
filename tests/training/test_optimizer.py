"""Adam by names: its formula, its rate beside lazy steps, and its memory."""

import pytest
import torch
from torch import nn

from livegan.training.optimizer import Optimizer


def by_hand(slopes, lr, beta):
    """Where a number at 0 is after steps with these slopes (Kingma and Ba 2015, without the first moment)."""
    at, squares = 0.0, 0.0
    for count, slope in enumerate(slopes, 1):
        squares = beta * squares + (1 - beta) * slope**2
        at -= lr * slope / ((squares / (1 - beta**count)) ** 0.5 + 1e-8)
    return at


@pytest.mark.parametrize(("every", "share"), [(0, 1.0), (16, 16 / 17), (4, 4 / 5)])
def test_it_is_adam_with_a_rate_made_up_for_lazy_steps(every, share):
    p = nn.Parameter(torch.zeros(3))
    optimizer = Optimizer({"p": p}, 0.1, every, False, 1)
    for slope in (1.0, -3.0, 0.5):
        assert optimizer.step((p * slope).sum()).item() == pytest.approx(abs(slope) * 3**0.5)
    assert p.detach().tolist() == pytest.approx([by_hand((1.0, -3.0, 0.5), 0.1 * share, 0.99**share)] * 3, rel=1e-4)


def test_it_learns_at_the_share_of_its_rate_that_it_is_told():
    p = nn.Parameter(torch.zeros(1))
    optimizer = Optimizer({"p": p}, 0.1, 0, False, 1)
    for share, there in [(0.0, 0.0), (0.5, -0.05), (1.0, -0.15)]:
        optimizer.pace(share)
        optimizer.step(p.sum())
        assert p.item() == pytest.approx(there)


def test_it_takes_a_gradient_however_it_lies():
    p, way = nn.Parameter(torch.zeros(2, 3)), torch.arange(1.0, 7.0).reshape(2, 3)
    optimizer = Optimizer({"p": p}, 1.0, 0, False, 1)
    optimizer.step((p.T.contiguous() * way.T).sum() + (p.T @ torch.eye(2)).sum() * 0)
    optimizer.step((p.T.contiguous() * -10 * way.T).sum())
    assert torch.allclose(p, p[0, 0].expand(2, 3), atol=1e-5)


def test_what_is_not_used_stays_and_what_was_known_is_known_again():
    a, b = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    first = Optimizer({"a": a, "b": b}, 0.1, 0, False, 1)
    first.step(a.sum())
    assert set(first.tensors()) == {f"a.{kind}" for kind in ("step", "exp_avg", "exp_avg_sq")}
    assert b.tolist() == [1, 1]
    again = Optimizer({"a": a}, 0.1, 0, False, 1)
    again.restore(first.tensors())
    assert all(torch.equal(tensor, first.tensors()[name]) for name, tensor in again.tensors().items())


def test_a_gradient_that_float16_could_not_hold_counts_as_none():
    p = nn.Parameter(torch.zeros(2))
    Optimizer({"p": p}, 0.1, 0, True, 1).step((p * torch.tensor([float("nan"), 1.0])).sum())
    assert p.tolist() == pytest.approx([0.0, -0.1])
