"""A step trains both networks, repeats exactly, goes on exactly, and says in one sentence when it cannot."""

import json

import numpy as np
import pytest
import torch

from livegan.errors import BadRequest
from livegan.training.trainer import Ended, Trainer
from tests.training.nets import reals, tiny, trainer

ALL = tiny(pl_weight=2.0, pl_every=2, ada_every=2, ada_kimg=0.1, ada_target=0.1)


def run(one, numbers, size=None):
    return [one.step(number, reals(one.config, number, size)) for number in numbers]


def far(mine, theirs):
    """The largest difference of any two tensors of the same name."""
    assert mine.keys() == theirs.keys()
    return max((mine[name] - theirs[name]).abs().max().item() for name in mine)


def test_a_training_that_goes_on_is_one_that_never_stopped():
    unbroken, first, second = trainer(ALL), trainer(ALL), trainer(ALL)
    for one in (unbroken, first):
        one.restore(one.tensors(), one.numbers() | {"ada_p": 0.5})
    told = run(unbroken, range(12))
    run(first, range(5))
    second.restore(first.tensors(), json.loads(json.dumps(first.numbers())))
    assert run(second, range(5, 12)) == told[5:]
    assert far(unbroken.tensors(), second.tensors()) <= 1e-6
    assert any(found["ada_p"] > 0 for found in told)


def test_what_is_kept_does_not_change_with_what_comes_after():
    one = trainer(ALL)
    run(one, range(2))
    kept, numbers = one.tensors(), one.numbers()
    before = {name: tensor.clone() for name, tensor in kept.items()}
    run(one, range(2, 4))
    assert far(kept, before) == 0
    assert numbers["pictures"] == 16
    assert far(kept, one.tensors()) > 0


def test_another_seed_is_another_training():
    config = tiny()
    assert run(trainer(config, 1), range(2)) == run(trainer(config, 1), range(2))
    assert run(trainer(config, 1), range(2)) != run(trainer(config, 2), range(2))


def test_regularisation_comes_as_often_as_it_should():
    told = run(trainer(ALL), range(8))
    assert [number for number, found in enumerate(told) if found["r1"] > 0] == [0, 4]
    assert [number for number, found in enumerate(told) if found["pl"] > 0] == [0, 2, 4, 6]
    assert [found["pictures"] for found in told] == [8 * (number + 1) for number in range(8)]


def test_p_follows_how_sure_the_discriminator_is():
    told = run(trainer(ALL), range(10))
    p = 0.0
    for number in range(1, 10, 2):
        sure = (told[number]["real_sign"] + told[number - 1]["real_sign"]) / 2 > 0.1
        p = min(1.0, max(0.0, p + (16 / 100 if sure else -16 / 100)))
        assert told[number]["ada_p"] == pytest.approx(p)
    assert not any(found["ada_p"] for found in run(trainer(tiny(ada_target=0.0)), range(6)))


def test_the_average_is_that_of_its_half_life():
    one = trainer(tiny(ema_kimg=0.002))
    average = one.tensors()["generator.synthesis.b8.conv0.weight"]
    for number, half_life in enumerate((0.4, 0.8, 1.2)):
        run(one, [number])
        share = 1 - 0.5 ** (8 / half_life)
        average = average + share * (one.tensors()["generator.synthesis.b8.conv0.weight"] - average)
    assert torch.allclose(one.tensors()["average.synthesis.b8.conv0.weight"], average, atol=1e-5)
    assert np.abs(one.ema_model("mine").tensors["mapping.w_avg"]).max() > 0


def test_it_begins_slowly_and_so_does_each_new_size():
    config = tiny(size=16, start_size=8, grow_kimg=0.032, warm_kimg=0.016, pl_weight=0.0)
    one = trainer(config)

    def moved(number):
        before = one.tensors()["generator.synthesis.b4.const"]
        run(one, [number], 16)
        return (one.tensors()["generator.synthesis.b4.const"] - before).abs().max().item() / config.lr

    assert moved(0) == pytest.approx(0.5, rel=1e-3)
    for number in range(1, 4):
        assert moved(number) > 0.5
    one.grow(16)
    grown = one.tensors()["generator.synthesis.b16.torgb.weight"]
    run(one, [4], 16)
    after = one.tensors()["generator.synthesis.b16.torgb.weight"]
    assert (after - grown).abs().max().item() == pytest.approx(0.5 * config.lr, rel=1e-3)


def test_grown_it_shows_what_it_learnt_and_learns_on():
    config = tiny(size=32, start_size=8, grow_kimg=0.016, fade_kimg=0.02)
    one, z = trainer(config), torch.randn(4, config.z_dim)
    run(one, range(2), 32)
    assert (one.size, config.size_at(one.pictures)) == (8, 16)
    before = one.images(z, 1.0).float()
    one.grow(16)
    after = one.images(z, 1.0).float()
    small = torch.nn.functional.avg_pool2d(after.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    assert (small - before).abs().mean() < 0.2 * before.std()
    run(one, range(2, 4), 32)
    kept, numbers = one.tensors(), one.numbers()
    one.grow(32)
    assert one.images(z, 0.7).shape == (4, 32, 32, 3)
    again = trainer(config)
    again.restore(kept, numbers)
    again.grow(32)
    assert run(one, range(4, 8)) == run(again, range(4, 8))
    assert far(one.tensors(), again.tensors()) <= 1e-6
    assert one.ema_model("mine").config["img_resolution"] == 32
    with pytest.raises(BadRequest, match="cannot grow to 64"):
        one.grow(64)


def test_a_new_block_is_faded_in():
    config = tiny(size=16, start_size=8, fade_kimg=0.016)
    one = trainer(config)
    run(one, range(1), 16)
    one.grow(16)
    network, images = one._networks.discriminator, torch.randn(4, 3, 16, 16)
    found = []
    for fade in (0.0, 0.5, 1.0):
        network.fade = fade
        found.append(network(images, None).detach())
    old = network.b4(network.b8(network.b8.fromrgb(torch.nn.functional.avg_pool2d(images, 2)))).detach()[:, 0]
    assert torch.allclose(found[0], old, atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-4)
    assert not torch.allclose(found[1], found[2], atol=1e-4)
    run(one, range(1, 4), 16)
    assert network.fade == 1.0


def test_classes_are_trained_and_drawn():
    config = tiny(classes=3)
    one, labels = trainer(config), torch.arange(8) % 3
    told = [one.step(number, reals(config, number), labels) for number in range(2)]
    assert all(np.isfinite(list(found.values())).all() for found in told)
    z = torch.randn(1, config.z_dim).repeat(2, 1)
    images = one.images(z, 1.0, torch.tensor([0, 1]))
    assert not torch.equal(images[0], images[1])
    with pytest.raises(BadRequest, match="this one has 3"):
        one.step(2, reals(config))


def test_bfloat16_trains_as_float32_does():
    exact, rough = (run(trainer(tiny(precision=precision)), range(3)) for precision in ("float32", "bfloat16"))
    for mine, theirs in zip(rough, exact, strict=True):
        assert mine["d_loss"] == pytest.approx(theirs["d_loss"], rel=0.05)
        assert mine["g_loss"] == pytest.approx(theirs["g_loss"], rel=0.05)


@pytest.mark.parametrize(("precision", "cure"), [("float32", "--seed 4"), ("bfloat16", "--precision float32")])
def test_a_number_that_is_not_finite_is_told_at_once(precision, cure):
    one = trainer(tiny(precision=precision))
    tensors = one.tensors()
    tensors["generator.synthesis.b8.conv0.weight"][0] = float("nan")
    one.restore(tensors, one.numbers())
    with pytest.raises(Ended, match="came apart in step 5: g_loss is nan") as told:
        one.step(5, reals(one.config))
    assert told.value.cure == cure


@pytest.mark.parametrize(("batch", "cure"), [(24, "--batch 12"), (12, "--batch 4"), (4, "")])
def test_out_of_memory_says_what_to_lower(monkeypatch, batch, cure):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr("livegan.training.trainer.train_generator", full)
    one = trainer(tiny(batch=batch))
    with pytest.raises(Ended, match=f"memory ran out in step 0 at 16 px with --batch {batch}$") as told:
        one.step(0, reals(one.config))
    assert told.value.cure == cure


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadRequest, match="8 pictures of 16 px are wanted"):
        trainer(tiny()).step(0, torch.zeros(8, 24, 24, 3, dtype=torch.uint8))
    with pytest.raises(BadRequest, match="multiple of 12"):
        Trainer(tiny(), "cpu", 0, 0, 3)
    one = trainer(tiny())
    tensors = one.tensors()
    del tensors["average.mapping.fc0.bias"]
    with pytest.raises(BadRequest, match=r"the checkpoint must have mapping.fc0.bias of shape \(6,\), found none"):
        one.restore(tensors, one.numbers())
