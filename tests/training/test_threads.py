"""The number of threads with the quickest step is kept; where there is one, nothing is tried."""

import pytest
import torch

from livegan.training.threads import Threads


@pytest.fixture
def four():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def tried(took):
    """The numbers of threads of each step until it is settled."""
    threads, found = Threads(True), []
    while not threads.settled:
        threads.begin()
        found.append(torch.get_num_threads())
        threads.end(took(found))
    return found


@pytest.mark.parametrize("best", [1, 2, 4])
@pytest.mark.usefixtures("four")
def test_the_quickest_is_kept_whatever_else_a_step_met(best):
    found = tried(lambda found: abs(found[-1] - best) + 1 + (30 if len(found) in (1, 6) else 0))
    assert sorted(found) == [1, 1, 1, 2, 2, 2, 4, 4, 4]
    assert torch.get_num_threads() == best


@pytest.mark.usefixtures("four")
def test_nothing_is_tried_where_it_is_not_wanted_or_there_is_one():
    assert Threads(False).settled
    torch.set_num_threads(1)
    assert Threads(True).settled
