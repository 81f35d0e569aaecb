"""`livegan train` as people meet it: what it settles, refuses, says and leaves, and how it ends when it is told to."""

import io
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from livegan import patch
from livegan.control.plotting import SIZE, plot
from livegan.control.training import Wanted, tell_checkpoints, training
from livegan.control.voice import Voice
from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.training import plan, presets
from livegan.training.checkpoint import discriminator_in, newest, numbered
from livegan.training.dataset import Dataset
from livegan.training.logbook import Line, read
from tests.fakes import FakeClock
from tests.shows import livegan, wait_for
from tests.training.looking import seeded, written
from tests.training.small import dataset


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("discs") / "set")


@pytest.fixture(scope="module")
def done(pictures, tmp_path_factory):
    """The folder of a training that is done, and what was said."""
    out, said = tmp_path_factory.mktemp("trained") / "mine", []
    training(Wanted(pictures, out, steps=4, every=2, batch=8), said.append)
    return out, said


def test_it_says_what_it_will_be_what_came_of_it_and_how_to_go_on(done):
    out, said = done
    assert said[0].startswith("tiny learns in minutes on a processor")
    listed = [line.split() for line in said if "models" in line]
    assert [line[0] for line in listed] == ["0", "2", "4"]
    assert all(float(line[1]) > 0 for line in listed)
    assert sum(line.endswith("(goes on from here)") for line in said) == 1
    assert any("it was" in line and "at step 0" in line for line in said)
    assert said[-2] == "All 4 steps are done; to go on, give more --steps."
    assert said[-1] == f"livegan play {out / 'play.toml'} plays it."


def test_what_it_leaves_can_be_played(done):
    out, _ = done
    plan = patch.read(out / "play.toml")
    assert plan.generator.settings.model == "model.safetensors"
    assert weights.load(out / "model.safetensors").config["img_resolution"] == 16


def test_the_same_command_again_has_nothing_to_do_and_more_steps_go_on(pictures, done):
    out, _ = done
    said = []
    training(Wanted(pictures, out, steps=4, every=2, batch=8), said.append)
    assert said[0] == "Going on from step 4 of 4."
    training(Wanted(pictures, out, steps=5), said.append)
    assert max(numbered(out / "checkpoints")) == 5
    assert [line.step for line in read(out / "log.csv")] == [0, 1, 2, 3, 4, 5]
    said.clear()
    tell_checkpoints(out, said.append)
    assert [line.split()[0] for line in said] == ["step", "0", "2", "4", "5"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"batch": 16}, "was begun with --batch 8, now 16 is asked for"),
        ({"seed": 5, "precision": "float16"}, "--seed 0"),
        ({"progressive": True}, "--progressive False, now True"),
        ({"no_noise": True}, "--no-noise False, now True"),
        ({"gamma": 2.0}, "--gamma none, now 2.0"),
        ({"steps": 1}, "steps already and 1 are asked for"),
    ],
)
def test_other_settings_than_it_began_with_are_refused(pictures, done, asked, says):
    with pytest.raises(BadRequest, match=says) as error:
        training(Wanted(pictures, done[0], **asked), lambda _: None)
    assert "\n" not in str(error.value)


def test_a_training_goes_on_as_it_began_without_noise_and_with_its_gamma(pictures, tmp_path):
    out, said = tmp_path / "calm", []
    training(Wanted(pictures, out, steps=1, every=1, batch=4, device="cpu", no_noise=True, gamma=2.0), said.append)
    training(Wanted(pictures, out, steps=2, no_noise=True, gamma=2.0), said.append)
    training(Wanted(pictures, out, steps=3), said.append)
    for path in numbered(out / "models").values():
        model = weights.load(path)
        assert model.config["use_noise"] is False
        assert not any("noise" in name for name in model.tensors)
    assert max(numbered(out / "models")) == 3
    config = plan.read(out).config
    assert (config.r1_gamma, config.ada_kimg) == (2.0, presets.ada_kimg(len(Dataset.open(pictures).train)))
    with pytest.raises(BadRequest, match="--no-noise True, now False"):
        training(Wanted(pictures, out, no_noise=False), said.append)


def test_a_model_of_a_training_brings_its_discriminator(pictures, tmp_path):
    first, second, said = tmp_path / "first", tmp_path / "second", []
    training(Wanted(pictures, first, steps=1, every=1, batch=4, device="cpu"), said.append)
    said.clear()
    wanted = Wanted(pictures, second, steps=1, every=1, model=str(first / "models/000001.safetensors"), freeze_d=2)
    training(replace(wanted, batch=4, device="cpu"), said.append)
    assert said[0] == f"The discriminator in {first / 'checkpoints/000001.safetensors'} is used too."
    judge, kept = discriminator_in(first / "checkpoints/000001.safetensors"), "b16.fromrgb.weight"
    began, after = (discriminator_in(second / f"checkpoints/00000{step}.safetensors") for step in (0, 1))
    assert all(torch.equal(tensor, judge[name]) for name, tensor in began.items())
    assert torch.equal(after[kept], judge[kept])
    assert not torch.equal(after["b4.fc.weight"], judge["b4.fc.weight"])
    (first / "checkpoints/000001.safetensors").unlink()
    said.clear()
    training(replace(wanted, steps=2), said.append)
    assert said[0] == "Going on from step 1 of 2."


def test_other_pictures_than_it_began_with_are_refused(done, tmp_path):
    with pytest.raises(BadRequest, match="was begun with DATASET"):
        training(Wanted(dataset(tmp_path / "other", count=41), done[0]), lambda _: None)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"steps": 30_000}, "--steps is 25,000 at most, found 30,000.*--kimg 480"),
        ({"steps": 10, "kimg": 1.0}, "give one of them"),
        ({"size": 32}, "--size 32 .* 16 px"),
        ({"preset": "huge"}, "--preset"),
        ({"device": "cuda:77"}, "--device"),
        ({"model": "gone"}, "gone"),
        ({"batch": 6}, "batch"),
        ({"model": "skies"}, "--size 256 .* 16 px"),
        ({"discriminator": Path("some.safetensors")}, "some.safetensors judges what no model makes: .* --from"),
        ({"freeze_d": 2}, "--freeze-d keeps what a discriminator has learnt and there is none"),
        ({"freeze_d": 2, "progressive": True}, "--freeze-d keeps layers and --progressive begins with new ones"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(pictures, tmp_path, asked, says):
    with pytest.raises(BadRequest, match=says):
        training(Wanted(pictures, tmp_path / "out", **asked), lambda _: None)
    assert not list((tmp_path / "out").rglob("*"))


def test_a_folder_of_other_things_is_left_alone(pictures, tmp_path):
    (tmp_path / "holiday.txt").write_text("mine")
    with pytest.raises(BadRequest, match="holds other things"):
        training(Wanted(pictures, tmp_path), lambda _: None)
    with pytest.raises(BadRequest, match="holds no training"):
        tell_checkpoints(tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_told_to_stop_it_keeps_a_checkpoint_and_killed_it_goes_on(pictures, tmp_path):
    words = ("train", pictures, "out", "--steps", 20_000, "--batch", 8, "--device", "cpu")
    checkpoints = tmp_path / "out/checkpoints"
    with livegan(*words, cwd=tmp_path, OMP_NUM_THREADS="1") as first:
        wait_for(lambda: len(read(tmp_path / "out/log.csv")) > 1)
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=60)
    assert (first.returncode, err) == (0, "")
    reached = newest(checkpoints)[0].step
    assert f"Stopped at step {reached:,} of 20,000; the same command goes on." in out
    with livegan(*words, cwd=tmp_path, OMP_NUM_THREADS="1") as second:
        assert any(line == f"Going on from step {reached:,} of 20,000.\n" for line in second.stdout)
        second.kill()
    assert newest(checkpoints)[0].step == reached


def test_progress_is_a_line_now_and_then_where_lines_stay():
    clock, said = FakeClock(), []
    voice = Voice(clock.now, said.append)
    for second in range(100):
        clock.time = float(second)
        voice.progress(f"step {second}")
    assert said == ["step 0", "step 30", "step 60", "step 90"]


def test_progress_is_written_over_on_a_terminal_and_sentences_stand_alone(monkeypatch):
    out = io.StringIO()
    out.isatty = lambda: True
    monkeypatch.setattr("sys.stdout", out)
    voice = Voice(FakeClock().now, lambda sentence: out.write(f"{sentence}\n"))
    for word in ("one", "two"):
        voice.progress(word)
    voice.say("done")
    voice.say("and over")
    assert out.getvalue() == "\r\x1b[Kone\r\x1b[Ktwo\ndone\nand over\n"


def test_fid_is_measured_with_a_file_that_a_person_brings_and_listed(tmp_path):
    few, out, said = dataset(tmp_path / "few", count=10), tmp_path / "out", []
    training(Wanted(few, out, steps=1, every=1, batch=4, device="cpu"), said.append)
    tell_checkpoints(out, said.append)
    assert not any("FID" in line for line in said)
    brought = written(tmp_path / "pt_inception.pth", seeded())
    training(Wanted(few, out, steps=2, inception=brought, device="cpu"), said.append)
    assert any(line.startswith("FID looks at 8 pictures of the set once, and at 8 new ones") for line in said)
    assert [line.fid is not None for line in read(out / "log.csv")] == [False, False, True]
    said.clear()
    tell_checkpoints(out, said.append)
    assert said[0].split() == ["step", "distance", "FID", "model"]
    assert [line.split()[2] == "-" for line in said[1:]] == [True, True, False]
    assert float(said[3].split()[2]) > 0


def test_an_inception_file_of_anything_else_leaves_nothing(pictures, tmp_path):
    with pytest.raises(BadRequest, match=r"there is no file .*gone\.pth"):
        training(Wanted(pictures, tmp_path / "out", inception=tmp_path / "gone.pth"), lambda _: None)
    assert not list((tmp_path / "out").rglob("*"))


def test_fid_has_a_place_of_its_own_where_it_was_measured():
    def right_lower(lines):
        with Image.open(io.BytesIO(plot(lines))) as page:
            return page.crop((1200, 510, 1560, 600)).tobytes()

    plain = [Line(step, step, 1.0, speed=9.0, quality=5.0) for step in range(3)]
    assert right_lower([*plain, Line(3, 3, 1.0, fid=8.0)]) != right_lower([*plain, Line(3, 3, 1.0)])
    assert right_lower([*plain, Line(3, 3, 1.0, fid=8.0)]) != right_lower([*plain, Line(3, 3, 1.0, fid=9.0)])


@pytest.mark.parametrize("count", [0, 1, 3, 3000])
def test_the_log_is_drawn_whatever_is_in_it(count):
    lines = [
        Line(step, step * 8, 1.0 * step, d_loss=0.7, g_loss=None if step % 2 else -1.5, speed=9.0, quality=5.0)
        for step in range(count)
    ]
    with Image.open(io.BytesIO(plot(lines))) as page:
        assert page.size == SIZE
        colours = len(page.convert("RGB").getcolors(2**20))
    assert colours > 20
