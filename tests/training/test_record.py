"""FID is measured for each checkpoint, with it or without it a training is the same, and to stop needs no patience."""

from dataclasses import replace

import pytest
import torch

from livegan.training import quality
from livegan.training.checkpoint import newest, numbered
from livegan.training.fid import Fid
from livegan.training.logbook import read
from livegan.training.record import Record
from livegan.training.trainer import Trainer
from tests.training.looking import Colours
from tests.training.small import CONFIG, Heard, dataset, job, run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("discs") / "set")


def measured(one, heard, network=None, stop=lambda: False):
    return replace(one, fid=Fid(network or Colours(), heard.said.append, heard.progress.append, stop))


def test_it_is_in_the_log_of_each_checkpoint_and_changes_nothing(pictures, tmp_path):
    plain, one = (job(pictures, tmp_path / name, 4, 2) for name in ("plain", "measured"))
    heard = Heard()
    run(plain)
    run(measured(one, heard))
    lines = read(one.out / "log.csv")
    assert [line.step for line in lines if line.fid is not None] == [0, 2, 4]
    assert (one.out / "log.csv").read_text().splitlines()[0].endswith(",quality,fid")
    assert heard.said[0].startswith("FID looks at 32 pictures of the set once, and at 32 new ones")
    assert all(line.fid is None for line in read(plain.out / "log.csv"))
    first, second = newest(plain.out / "checkpoints")[0], newest(one.out / "checkpoints")[0]
    assert first.numbers == second.numbers
    for name, tensor in first.tensors.items():
        torch.testing.assert_close(tensor, second.tensors[name], atol=1e-6, rtol=1e-5, msg=name)


def test_it_can_begin_when_a_training_goes_on(pictures, tmp_path):
    run(job(pictures, tmp_path, steps=2))
    network, heard = Colours(), Heard()
    run(measured(job(pictures, tmp_path, steps=4), heard, network))
    assert [line.step for line in read(tmp_path / "log.csv") if line.fid is not None] == [4]
    run(measured(job(pictures, tmp_path, steps=6), heard, network))
    assert [line.step for line in read(tmp_path / "log.csv") if line.fid is not None] == [4, 6]
    assert network.seen == 3 * 32


def test_told_to_stop_while_it_measures_it_ends_and_keeps_the_checkpoint(pictures, tmp_path):
    network, heard = Colours(), Heard()

    def stop():
        return network.seen > 32

    assert run(measured(job(pictures, tmp_path, steps=4000), heard, network, stop), stop) == 0
    assert list(numbered(tmp_path / "checkpoints")) == [0]
    assert [line.fid for line in read(tmp_path / "log.csv")] == [None]
    assert network.seen == 32 + CONFIG.batch


def test_what_is_compared_comes_from_all_of_the_set(tmp_path, monkeypatch):
    """A set that was read by name begins with one subfolder; 160 are held out of 800, 128 are compared."""
    monkeypatch.setattr(quality, "_PIXELS", 1)
    one = job(dataset(tmp_path / "set", count=800), tmp_path / "out")
    found = Record(one, Trainer(CONFIG, "cpu", 3), "cpu", None, lambda lines: b"")._chosen
    assert (len(found), found[0], found[-1]) == (128, 0, 795)


def test_pictures_of_all_classes_are_compared(tmp_path):
    config = CONFIG.model_copy(update={"classes": 2})
    one = job(dataset(tmp_path / "set", labels=("red", "blue")), tmp_path / "out", 1, 1, config)
    run(measured(one, Heard()))
    assert [line.fid is not None for line in read(one.out / "log.csv")] == [True, True]
