"""Whatever file is brought for FID's network, its tensors are read as they are, or one sentence says why not."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from livegan.errors import BadRequest
from livegan.importers.inception import read
from tests.importers import writing

NAMES = ("Conv2d_1a_3x3.conv.weight", "Conv2d_1a_3x3.bn.running_var")


def state(classes=1008, **more):
    """The beginning and the end of such a file."""
    dice = torch.Generator().manual_seed(0)
    found = {name: torch.randn(2, 3, 3, 3, generator=dice) for name in NAMES}
    found["Conv2d_1a_3x3.bn.num_batches_tracked"] = torch.tensor(7)
    return found | {"fc.weight": torch.zeros(classes, 2048)} | more


@pytest.mark.parametrize("new", [True, False])
def test_what_torch_wrote_and_the_same_as_safetensors(tmp_path, new):
    torch.save(state(), tmp_path / "pt_inception.pth", _use_new_zipfile_serialization=new)
    save_file(state(), tmp_path / "inception.safetensors")
    one, other = read(tmp_path / "pt_inception.pth"), read(tmp_path / "inception.safetensors")
    for name in NAMES:
        assert one[name].dtype == np.float32
        np.testing.assert_array_equal(one[name], other[name])
        np.testing.assert_array_equal(one[name], state()[name].numpy())


@pytest.mark.parametrize(
    ("name", "write", "says"),
    [
        ("gone.pth", lambda path: None, "there is no file .*gone.pth"),
        ("cut.pth", lambda path: path.write_bytes(b"PK\x03\x04"), "cut.pth cannot be imported: it is a damaged zip"),
        ("page.pth", lambda path: path.write_bytes(b"<html>"), "it is a web page"),
        ("g.pkl", lambda path: path.write_bytes(writing.file()), "g.pkl cannot be .* no Inception network"),
        ("other.pth", lambda path: torch.save(state(1000), path), r"other.pth is not FID's .*found \(1000, 2048\)"),
        ("no.pth", lambda path: torch.save({NAMES[0]: torch.zeros(2)}, path), "no.pth is not FID's .*found none"),
        ("cut.safetensors", lambda path: path.write_bytes(b"cut"), "cut.safetensors is not a whole"),
        ("odd.pth", lambda path: torch.save(state(x=torch.tensor([np.nan])), path), "odd.pth .* not finite in x"),
    ],
)
def test_any_other_file_is_told_in_one_sentence(tmp_path, name, write, says):
    write(tmp_path / name)
    with pytest.raises(BadRequest, match=says) as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] in ([], [name])
