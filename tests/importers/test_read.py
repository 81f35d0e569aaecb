"""Checkpoints in the published layouts become models, whoever wrote them, when, and with which settings."""

import argparse

import numpy as np
import pytest
import torch

from livegan.errors import BadRequest
from livegan.generators import stylegan2_plain, stylegan3_plain, weights
from livegan.importers import read
from tests.importers import writing as w
from tests.importers.honest import CHECKPOINTS, DATA, checkpoint, differences, reference
from tests.importers.writing import Call, Name, Net, pickled

LAYOUTS = {"stylegan2": stylegan2_plain.Layout, "stylegan3": stylegan3_plain.Layout}


def model_of(data):
    model, notes = read.model(data, "test")
    LAYOUTS[model.architecture](model)
    return model, notes


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_published_layout_becomes_a_model(name):
    model, _ = model_of(checkpoint(name).read_bytes())
    assert model.architecture == CHECKPOINTS[name]
    assert all(tensor.dtype == np.float32 for tensor in model.tensors.values())
    assert not any("resample_filter" in name for name in model.tensors)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_its_pictures_are_those_of_the_published_code(name, tmp_path):
    path = checkpoint(name)
    known = reference(path)
    model, _ = model_of(path.read_bytes())
    weights.dump(tmp_path / "m.safetensors", model)
    found = differences(tmp_path / "m.safetensors", known)
    assert len(found) >= 1
    for truncation, (ws, image) in found.items():
        assert ws < 1e-4, truncation
        assert image < 1e-3, truncation


def test_stylegan3_keeps_what_cannot_be_computed():
    model, _ = model_of(checkpoint("stylegan3-r-cond-64.pkl").read_bytes())
    config = model.config
    assert (config["conv_kernel"], config["use_radial_filters"], config["c_dim"]) == (1, True, 3)
    assert config["magnitude_ema_beta"] == 0.999
    assert config["first_stopband"] == pytest.approx(2**2.1)
    assert {f"synthesis.input.{n}" for n in ("freqs", "phases", "transform")} <= model.tensors.keys()
    assert model.tensors["synthesis.L0_36_48.down_filter"].shape == (12, 12)


NETS = {
    "skip": Net(),
    "wide": Net(widths=(3, 17, 5, 9)),
    "resnet": Net(architecture="resnet", taps=(1, 4, 6, 4, 1), colours=4),
    "orig": Net(architecture="orig", colours=1),
    "classes": Net(classes=4, embed=5),
    "flat keywords": Net(flat=True, clamp=256.0),
    "long filter": Net(taps=(1, 2, 3, 4, 4, 3, 2, 1)),
    "learning rate": Net(rate=0.02),
    "not square": Net(start=(3, 5), architecture="resnet"),
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_any_size_and_setting_in_any_protocol(net, protocol):
    model, notes = model_of(w.file(net, protocol))
    config = model.config
    assert (config["z_dim"], config["w_dim"], config["c_dim"]) == (net.z, net.w, net.classes)
    assert (config["img_resolution"], config["img_channels"]) == (2 << len(net.widths), net.colours)
    assert (tuple(config["start"]), config["architecture"]) == (net.start, net.architecture)
    assert config["conv_clamp"] == net.clamp
    assert config["mapping"]["lr_multiplier"] == net.rate
    known = np.array(config["resample_filter"]) / sum(config["resample_filter"])
    np.testing.assert_allclose(known, np.array(net.taps) / sum(net.taps), atol=1e-6)
    assert notes == []


@pytest.mark.parametrize("older", [Net(location="cuda:0"), Net(numpy="numpy.core"), Net(kind="HalfStorage")])
@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_numbers_of_older_tools_are_the_same_numbers(older, protocol):
    now, _ = model_of(w.file())
    then, _ = model_of(w.file(older, protocol))
    assert now.tensors.keys() == then.tensors.keys()
    for name, tensor in now.tensors.items():
        np.testing.assert_array_equal(tensor, then.tensors[name])


def test_a_clamp_is_assumed_where_the_stylegan3_code_would():
    whole = w.stylegan2(Net(flat=True))
    del w.part(whole, "synthesis", "b4", "conv1")["conv_clamp"]
    assert model_of(pickled({"G_ema": whole}))[0].config["conv_clamp"] == 256


def test_g_stands_in_for_a_missing_average():
    assert model_of(pickled({"G": w.stylegan2(), "G_ema": None}))[0].architecture == "stylegan2"
    assert model_of(pickled(w.stylegan2()))[0].architecture == "stylegan2"


def test_a_missing_average_w_is_estimated_and_told():
    for net in (Net(average=False), Net(average=False, classes=3)):
        model, notes = model_of(w.file(net))
        plain = stylegan2_plain.Plain(model)
        dice = torch.Generator().manual_seed(1)
        label = torch.eye(3)[torch.randint(3, (20_000,), generator=dice)] if net.classes else None
        drawn = plain.w(torch.randn(20_000, net.z, generator=dice), label)
        error = np.abs(model.tensors["mapping.w_avg"] - drawn.mean(0).numpy())
        assert (error < 0.05 * drawn.std(0).numpy()).all()
        assert "estimated" in notes[0]
        assert model.tensors["mapping.w_avg"].tobytes() == model_of(w.file(net))[0].tensors["mapping.w_avg"].tobytes()


def rosinality(name="rosinality-converted-32.pt"):
    with torch.serialization.safe_globals([argparse.Namespace]):
        return torch.load(DATA / name, weights_only=True)


def test_a_torch_file_of_before_2020_is_read(tmp_path):
    torch.save(rosinality(), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    old, _ = model_of((tmp_path / "old.pt").read_bytes())
    new, _ = model_of((DATA / "rosinality-converted-32.pt").read_bytes())
    for name, tensor in new.tensors.items():
        np.testing.assert_array_equal(tensor, old.tensors[name])


def test_a_trainers_file_without_average_is_told_and_repeatable():
    one, notes = model_of((DATA / "rosinality-trainer-64.pt").read_bytes())
    assert "estimated" in " ".join(notes)
    assert one.tensors["mapping.w_avg"].shape == (32,)


def test_noise_that_an_old_fork_did_not_save_is_drawn_and_told(tmp_path):
    whole = rosinality()
    whole["g_ema"] = {name: t for name, t in whole["g_ema"].items() if "noises" not in name and "kernel" not in name}
    torch.save(whole, tmp_path / "fork.pt")
    model, notes = model_of((tmp_path / "fork.pt").read_bytes())
    assert model.tensors["synthesis.b32.conv0.noise_const"].std() == pytest.approx(1, abs=0.1)
    assert "noise" in notes[0]


def test_a_start_that_is_not_square_is_kept_and_its_noise_drawn_to_fit(tmp_path):
    state = rosinality()["g_ema"]
    state = {name: t for name, t in state.items() if "noises" not in name}
    state["input.input"] = torch.cat([state["input.input"], state["input.input"][..., :1]], 3)
    torch.save(state, tmp_path / "wide.pt")
    model, _ = model_of((tmp_path / "wide.pt").read_bytes())
    assert model.config["start"] == [4, 5]
    assert model.tensors["synthesis.b32.conv0.noise_const"].shape == (32, 40)


def test_the_generators_own_state_is_enough(tmp_path):
    torch.save(rosinality()["g_ema"], tmp_path / "state.pt")
    model, notes = model_of((tmp_path / "state.pt").read_bytes())
    assert "estimated" in notes[0]
    assert model.config["img_resolution"] == 32


OLD = Call(Name("dnnlib.tflib.network", "Network"), (), {"version": 3, "build_func_name": "G_style"}, new=True)
FOREIGN = {
    "StyleGAN-XL": pickled({"G_ema": w.module("SuperresGenerator")}),
    "StyleGAN-XL or another projected GAN": pickled({"D": Call(Name("timm.models.efficientnet", "EfficientNet"), ())}),
    "StyleGAN-T": pickled({"G_ema": w.module("Generator", {"mapping": w.module("CLIP")})}),
    "StyleGAN-T ": pickled({"G": Call(Name("networks.generator", "Generator"), ())}),
    "EG3D": pickled({"G_ema": w.module("TriPlaneGenerator")}),
    "StyleGAN1": pickled((None, None, OLD), 2),
    "lucidrains": pickled({"GAN": {}, "version": "1.8"}),
    "another class": pickled({"G_ema": w.module("MyGenerator")}),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_kind_that_cannot_be_played_is_refused_by_its_name(kind):
    with pytest.raises(BadRequest) as told:
        read.found(FOREIGN[kind])
    name = "MyGenerator" if kind == "another class" else kind.strip()
    assert name in str(told.value)
    assert "\n" not in str(told.value)


def test_a_layer_that_stylegan_does_not_have_is_refused_by_its_name():
    whole = w.stylegan2()
    w.part(whole, "synthesis")["_parameters"]["attention"] = w.tensor(np.ones(3, np.float32))
    with pytest.raises(BadRequest, match=r"synthesis\.attention"):
        read.found(pickled({"G_ema": whole}))


def test_another_activation_is_refused():
    whole = w.stylegan2()
    w.part(whole, "synthesis", "b4", "conv1")["activation"] = "swish"
    with pytest.raises(BadRequest, match="swish"):
        read.found(pickled({"G_ema": whole}))
