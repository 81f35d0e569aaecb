"""What a training starts from is what fits it, and what is left out is told with its reason."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from livegan.errors import BadRequest
from livegan.training.discriminator import Discriminator, misfit
from livegan.training.start import judge, opened
from tests.importers import writing as w
from tests.training.nets import tiny

NET = w.Net()


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def fitting(config):
    """Tensors of a discriminator, by name."""
    torch.manual_seed(1)
    return {name: tensor.numpy() for name, tensor in Discriminator(config, config.size).state_dict().items()}


def found(path, change=lambda tensors: tensors):
    """What a stranger's file with a discriminator gives, and what is said about it."""
    path.write_bytes(w.file(NET))
    config = tiny().like(opened(str(path), lambda _: None).model)
    path.write_bytes(w.file(NET, judge=w.discriminator(change(fitting(config)))))
    said = []
    return judge(opened(str(path), lambda _: None), None, config, said.append), config, said


def test_the_discriminator_in_the_file_of_a_model_is_used_and_told(tmp_path):
    got, config, said = found(tmp_path / "mine.pkl")
    assert said == [f"The discriminator in {tmp_path / 'mine.pkl'} is used too."]
    wanted = fitting(config)
    assert all(np.array_equal(tensor, wanted[name]) for name, tensor in got.tensors.items())
    assert misfit(config, got.tensors) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda tensors: {name: x for name, x in tensors.items() if name != "b4.fc.bias"}, "it lacks b4.fc.bias"),
        (
            lambda tensors: tensors | {"b4.fc.bias": np.ones(3, np.float32)},
            r"b4.fc.bias is of shape \(3,\) and \(12,\)",
        ),
        (lambda tensors: tensors | {"b4.fc.bias": np.full(12, np.inf, np.float32)}, "not finite"),
    ],
)
def test_one_that_does_not_fit_is_left_out_and_why_is_told(tmp_path, change, told):
    got, _, said = found(tmp_path / "mine.pkl", change)
    assert got is None
    assert len(said) == 1
    with pytest.raises(BadRequest, match=f"The discriminator .* is not used: .*{told}"):
        raise BadRequest(said[0])


def test_a_model_without_one_says_nothing(tmp_path):
    (tmp_path / "mine.pkl").write_bytes(w.file(NET))
    said = []
    start = opened(str(tmp_path / "mine.pkl"), lambda _: None)
    assert judge(start, None, tiny().like(start.model), said.append) is None
    assert said == []


def test_one_that_is_asked_for_rules_and_needs_its_model(tmp_path):
    got, config, said = found(tmp_path / "mine.pkl")
    other = {name: tensor.numpy() + 1 for name, tensor in got.tensors.items()}
    save_file(other, tmp_path / "other.safetensors")
    start = opened(str(tmp_path / "mine.pkl"), lambda _: None)
    said.clear()
    asked = judge(start, tmp_path / "other.safetensors", config, said.append)
    assert np.array_equal(asked.tensors["b4.fc.bias"], other["b4.fc.bias"])
    assert said == []
    with pytest.raises(BadRequest, match=r"other.safetensors judges what no model makes: .* --from"):
        judge(None, tmp_path / "other.safetensors", config, said.append)
