"""A checkpoint comes back as it was; a torn, cut, altered or foreign one never counts as whole."""

import shutil
from collections import namedtuple

import pytest
import torch

from livegan.errors import BadRequest, Failure
from livegan.training import checkpoint
from livegan.training.checkpoint import Checkpoint, clear, discriminator_in, newest, numbered, save_checkpoint


def state(step):
    dice = torch.Generator().manual_seed(step)
    tensors = {f"generator.{name}": torch.randn(40, 5, generator=dice) for name in "ab"}
    tensors |= {"pl_mean": torch.tensor(0.25), "discriminator.b4.out.bias": torch.ones(1)}
    return Checkpoint(step, 1.5 * step, tensors, {"ada_p": 0.1 + 0.2, "pictures": step * 16})


def equal(one, other):
    assert (one.step, one.seconds, one.numbers) == (other.step, other.seconds, other.numbers)
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert torch.equal(tensor, other.tensors[name])


def test_it_comes_back_exactly(tmp_path):
    save_checkpoint(tmp_path, state(500))
    found, told = newest(tmp_path)
    equal(found, state(500))
    assert told == []


def test_the_last_few_are_kept_and_the_newest_counts(tmp_path):
    for step in (500, 1000, 1500, 999_500, 1_000_000):
        save_checkpoint(tmp_path, state(step))
    assert list(numbered(tmp_path)) == [1500, 999_500, 1_000_000]
    assert newest(tmp_path)[0].step == 1_000_000


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def zeroed(path):
    data = path.read_bytes()
    path.write_bytes(data[:-200] + bytes(200))


def emptied(path):
    path.write_bytes(b"")


def exchanged(path):
    shutil.copy(path.with_name("000500.safetensors"), path)


@pytest.mark.parametrize("harm", [cut, zeroed, emptied, exchanged])
def test_one_that_is_not_whole_is_told_and_the_one_before_is_used(tmp_path, harm):
    save_checkpoint(tmp_path, state(500))
    save_checkpoint(tmp_path, state(1000))
    harm(tmp_path / "001000.safetensors")
    found, told = newest(tmp_path)
    equal(found, state(500))
    assert len(told) == 1
    assert "001000.safetensors" in told[0]


def test_nothing_yet_is_nothing_and_nothing_whole_is_a_failure(tmp_path):
    assert newest(tmp_path / "none") == (None, [])
    save_checkpoint(tmp_path, state(500))
    emptied(tmp_path / "000500.safetensors")
    with pytest.raises(Failure, match=r"no checkpoint in .* is whole"):
        newest(tmp_path)


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path):
    save_checkpoint(tmp_path / "checkpoints", state(500))
    (tmp_path / "checkpoints" / ".001000.safetensors.0123abcd").write_bytes(b"half")
    (tmp_path / ".notes").write_text("mine")
    clear(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"000500.safetensors", ".notes"}


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, state(500))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(checkpoint.shutil, "disk_usage", lambda place: usage(10**9, 10**9, 1000))
    with pytest.raises(Failure, match="MB left"):
        save_checkpoint(tmp_path, state(1000))
    assert newest(tmp_path)[0].step == 500


def test_numbers_that_are_not_finite_are_never_kept(tmp_path):
    bad = state(1000)
    bad.tensors["generator.a"][3, 2] = float("nan")
    with pytest.raises(Failure, match="not finite in step 1,000"):
        save_checkpoint(tmp_path, bad)
    assert numbered(tmp_path) == {}


def test_a_discriminator_is_found_in_a_checkpoint(tmp_path):
    found = discriminator_in(save_checkpoint(tmp_path, state(500)))
    assert list(found) == ["b4.out.bias"]
    (tmp_path / "text.safetensors").write_text("none")
    with pytest.raises(BadRequest, match="not a whole"):
        discriminator_in(tmp_path / "text.safetensors")
