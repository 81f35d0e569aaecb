"""The discriminator of a checkpoint is read as its generator is: by the limited child, checked, running nothing."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from livegan.errors import BadRequest
from livegan.importers import convert, read
from tests.importers import writing as w
from tests.importers.honest import checkpoint

TENSORS = {
    "b8.conv0.weight": np.arange(36, dtype=np.float32).reshape(2, 2, 3, 3),
    "b8.conv0.bias": np.ones(2, np.float32),
    "b4.out.weight": np.full((1, 2), 0.5, np.float32),
}


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_its_tensors_are_kept_beside_the_model(tmp_path):
    source = tmp_path / "mine.pkl"
    source.write_bytes(w.file(judge=w.discriminator(TENSORS)))
    made = convert.discriminator(source)
    assert made.parent == convert.cached(source).parent
    found = load_file(made)
    assert found.keys() == TENSORS.keys()
    assert all(np.array_equal(array, TENSORS[name]) for name, array in found.items())
    first = made.stat().st_mtime_ns
    assert convert.discriminator(source) == made
    assert made.stat().st_mtime_ns == first
    assert sorted(path.suffix for path in made.parent.iterdir()) == [".safetensors", ".safetensors"]


def test_a_file_without_one_gives_no_tensors(tmp_path):
    source = tmp_path / "plain.pkl"
    source.write_bytes(w.file())
    assert load_file(convert.discriminator(source)) == {}
    assert read.discriminator(checkpoint("rosinality-trainer-64.pt").read_bytes(), "")[0].tensors == {}


def test_that_of_the_published_code_is_read():
    model, _ = read.discriminator(checkpoint("stylegan2-ada-64.pkl").read_bytes(), "")
    assert model.tensors["b64.fromrgb.weight"].shape == (16, 3, 1, 1)
    assert model.tensors["b4.conv.weight"].shape == (32, 33, 3, 3)
    assert not any("resample_filter" in name for name in model.tensors)


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (w.discriminator(TENSORS, "ProjectedDiscriminator"), "its discriminator is made of ProjectedDiscriminator"),
        (w.discriminator({"b4.odd.weight": np.ones(2, np.float32)}), r"it has the tensor b4\.odd\.weight"),
        (w.discriminator({"b4.fc.bias": np.full(2, np.nan, np.float32)}), "not finite in b4.fc.bias"),
    ],
)
def test_another_kind_or_a_damaged_one_is_refused(tmp_path, judge, told):
    source = tmp_path / "odd.pkl"
    source.write_bytes(w.file(judge=judge))
    with pytest.raises(BadRequest, match=f"odd.pkl cannot be imported: .*{told}"):
        convert.discriminator(source)
    assert list((tmp_path / "cache/livegan/models").iterdir()) == []
