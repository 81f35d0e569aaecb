"""A training that was stopped, killed or failed goes on as if nothing had been; what it leaves is played by a show."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from livegan.errors import Failure
from livegan.generators import weights
from livegan.generators.stylegan2 import StyleGAN2
from livegan.latent.look import Look, seeded_z
from livegan.training import loop
from livegan.training.checkpoint import discriminator_in, newest, numbered
from livegan.training.logbook import read
from livegan.training.trainer import Ended, Trainer
from tests.training.small import CONFIG, Heard, dataset, job, run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("discs") / "set")


@pytest.fixture(scope="module")
def unbroken(pictures, tmp_path_factory):
    """The folder of a training of eight steps that nothing disturbed."""
    one = job(pictures, tmp_path_factory.mktemp("unbroken"))
    assert run(one) == 8
    return one.out


def stopping(after):
    """Says to stop after so many steps."""
    asked = iter([False] * after)
    return lambda: next(asked, True)


def alike(out, other):
    one, two = newest(out / "checkpoints")[0], newest(other / "checkpoints")[0]
    assert (one.step, one.numbers) == (two.step, two.numbers)
    for name, tensor in one.tensors.items():
        torch.testing.assert_close(tensor, two.tensors[name], atol=1e-6, rtol=1e-5, msg=name)


def test_everything_is_there_for_each_checkpoint(unbroken):
    assert list(numbered(unbroken / "checkpoints")) == [0, 4, 8]
    assert list(numbered(unbroken / "models")) == [0, 4, 8]
    assert list(numbered(unbroken / "samples", ".jpg")) == [0, 4, 8]
    assert (unbroken / "model.safetensors").read_bytes() == (unbroken / "models/000008.safetensors").read_bytes()
    assert (unbroken / "progress.mp4").stat().st_size > 500
    lines = read(unbroken / "log.csv")
    assert [line.step for line in lines] == [*range(9)]
    assert [line.step for line in lines if line.quality is not None] == [0, 4, 8]
    assert all(line.quality > 0 for line in lines if line.quality is not None)
    assert (unbroken / "log.png").read_bytes() == b"9"


@pytest.mark.parametrize("after", [1, 4, 6])
def test_stopped_anywhere_it_goes_on_exactly(pictures, unbroken, tmp_path, after):
    one, heard = job(pictures, tmp_path), Heard()
    assert run(one, stopping(after)) == after
    assert max(numbered(tmp_path / "checkpoints")) == after
    assert run(one, heard=heard) == 8
    assert heard.said[0] == f"Going on from step {after} of 8."
    alike(unbroken, tmp_path)
    # After a stop between two lines the means of the next begin with the step that it went on from.
    assert [(line.step, line.quality) for line in read(tmp_path / "log.csv")] == [
        (line.step, line.quality) for line in read(unbroken / "log.csv")
    ]


def test_a_torn_checkpoint_is_told_and_the_one_before_used(pictures, unbroken, tmp_path):
    one, heard = job(pictures, tmp_path), Heard()
    run(one)
    path = tmp_path / "checkpoints/000008.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    (tmp_path / "models/.000008.safetensors.0a1b2c3d").write_bytes(b"half")
    run(one, heard=heard)
    assert "000008.safetensors is not whole" in heard.said[0]
    assert heard.said[1] == "Going on from step 4 of 8."
    assert not list(tmp_path.rglob(".*.0a1b2c3d"))
    alike(unbroken, tmp_path)


def test_more_steps_go_on(pictures, unbroken, tmp_path):
    run(job(pictures, tmp_path, steps=4))
    assert newest(tmp_path / "checkpoints")[0].step == 4
    run(job(pictures, tmp_path, steps=8))
    alike(unbroken, tmp_path)


def failing(monkeypatch, error, at=5):
    """Let step `at` fail."""
    step = Trainer.step

    def failed(self, number, reals, labels=None):
        if number == at:
            raise error
        return step(self, number, reals, labels)

    monkeypatch.setattr(Trainer, "step", failed)


def test_what_fails_is_one_sentence_and_keeps_the_last_checkpoint(pictures, tmp_path, monkeypatch):
    failing(monkeypatch, Failure("the disk is full."))
    with pytest.raises(
        Failure, match=r"^the disk is full; the checkpoint of step 4 is kept, and the same command goes on from it$"
    ):
        run(job(pictures, tmp_path))
    assert newest(tmp_path / "checkpoints")[0].step == 4


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (Ended("it came apart", "--precision float32"), "--precision float32"),
        (MemoryError(), "--batch 4"),
        (torch.OutOfMemoryError("CUDA out of memory.\nTried"), "--batch 4"),
    ],
)
def test_what_would_fail_again_says_how_to_begin_anew_from_the_last_checkpoint(
    pictures, tmp_path, monkeypatch, error, cure
):
    one = job(pictures, tmp_path / "my training")
    failing(monkeypatch, error)
    with pytest.raises(Failure, match=f"; the checkpoint of step 4 is kept: begin a new folder .*{cure}$") as told:
        run(one)
    assert "\n" not in str(told.value)
    assert "same command" not in str(told.value)
    words = shlex.split(str(told.value).partition("with --from ")[2])
    assert Path(words[0]) == one.out / "models/000004.safetensors"
    assert words[1] == "--from-discriminator"
    assert Path(words[2]) == one.out / "checkpoints/000004.safetensors"
    model = weights.load(Path(words[0]))
    again = job(pictures, tmp_path / "again", 1, config=CONFIG.like(model))
    assert run(replace(again, model=model, discriminator=discriminator_in(Path(words[2])))) == 1


@pytest.mark.parametrize(
    ("batch", "told"), [(8, "begin a new folder with --batch 4$"), (4, "begin a new folder with a smaller --size$")]
)
def test_before_anything_was_learnt_only_an_option_is_told(pictures, tmp_path, monkeypatch, batch, told):
    failing(monkeypatch, MemoryError(), 0)
    with pytest.raises(Failure, match=f"^memory ran out with --batch {batch}; {told}"):
        run(job(pictures, tmp_path, config=CONFIG.model_copy(update={"batch": batch})))


def test_a_training_with_classes_grows_to_its_size(tmp_path):
    config = CONFIG.model_copy(update={"classes": 2, "start_size": 8, "grow_kimg": 0.03, "fade_kimg": 0.01})
    one = job(dataset(tmp_path / "set", labels=("red", "blue")), tmp_path / "out", config=config)
    run(one, stopping(6))
    run(one)
    assert newest(one.out / "checkpoints")[0].numbers["size"] == 16
    sizes = [weights.load(path).config["img_resolution"] for path in numbered(one.out / "models").values()]
    assert sizes[0] == 8
    assert sizes[-1] == 16


def test_it_starts_from_a_model(pictures, unbroken, tmp_path):
    model = weights.load(unbroken / "model.safetensors")
    one = job(pictures, tmp_path, steps=1, config=CONFIG.like(model))
    run(replace(one, model=model))
    began = weights.load(tmp_path / "models/000000.safetensors")
    np.testing.assert_allclose(began.tensors["synthesis.b16.conv1.weight"], model.tensors["synthesis.b16.conv1.weight"])


def test_what_it_leaves_is_a_model_that_draws_what_was_trained(pictures, unbroken):
    found, _ = newest(unbroken / "checkpoints")
    trainer = Trainer(CONFIG, "cpu", 3)
    trainer.restore(found.tensors, found.numbers)
    z = np.stack([seeded_z(seed, CONFIG.z_dim) for seed in range(4)])
    wanted = trainer.images(torch.from_numpy(z), 0.8).numpy().astype(float)
    generator = StyleGAN2(StyleGAN2.Settings(threads=1), unbroken / "model.safetensors")
    drawn = generator.images([Look(w, psi=0.8) for w in generator.w(z)])
    pixels = np.clip(drawn.transpose(0, 2, 3, 1) * 127.5 + 128, 0, 255)
    assert np.abs(pixels - wanted).max() < 3


def test_speed_and_time_left_are_told_once_and_progress_now_and_then(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_PROGRESS", 0.0)
    heard = Heard()
    run(job(pictures, tmp_path), heard=heard)
    promises = [sentence for sentence in heard.said if sentence.startswith("About ")]
    assert len(promises) == 1
    assert "pictures a second here" in promises[0]
    assert len(heard.progress) == 8
    assert heard.progress[-1].startswith("step 8 of 8, 0 s left")


def test_nothing_of_it_depends_on_a_pickle(unbroken):
    kept = [path.read_bytes() for path in unbroken.rglob("*.safetensors")]
    heads = [json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]) for data in kept]
    assert len(heads) == 7
    assert all(set(head["__metadata__"]) for head in heads)
    assert not [path for path in unbroken.rglob("*") if path.suffix in (".pkl", ".pt", ".pth")]
