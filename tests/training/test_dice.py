"""What is random depends on the seed, the step and the purpose alone, however many processes there are."""

import torch

from livegan.training.dice import Dice, seed_of


def test_processes_draw_their_parts_of_what_one_draws():
    whole = Dice(7, torch.device("cpu"), 8, 0, 1)
    parts = [Dice(7, torch.device("cpu"), 8, rank, 2) for rank in range(2)]
    for draw in (lambda dice: dice.normal(3), lambda dice: dice.uniform(2), lambda dice: dice.grain(4)):
        assert torch.equal(draw(whole), torch.cat([draw(part) for part in parts]))
    some = [Dice(7, torch.device("cpu"), 8, rank, 2, every=2) for rank in range(2)]
    whole = Dice(7, torch.device("cpu"), 8, 0, 1)
    assert torch.equal(whole.normal(3)[::2], torch.cat([dice.normal(3) for dice in some]))


def test_each_step_and_purpose_has_its_own_seed():
    seeds = {seed_of(seed, number, what) for seed in range(3) for number in range(3) for what in ("a", "b")}
    assert len(seeds) == 18
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of(1, 2, "a") == seed_of(1, 2, "a")
