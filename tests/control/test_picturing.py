"""`livegan picture`: the exact pictures as numbers, sheets to look at, and one sentence for each wrong request."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livegan.control.picturing import MOST, Wanted, picture
from livegan.errors import BadRequest
from livegan.latent.look import seeded_z, transform
from tests.generators.models import path_of, reference

ADA, COND, THIRD = (str(path_of(n)) for n in ("stylegan2-ada-64", "stylegan2-ada-cond-32", "stylegan3-t-64"))
GREY = str(path_of("stylegan2-ada-resnet-gray-32"))


def quiet(sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture
def numbers(tmp_path):
    """Ask for pictures of a model as numbers; arrays are put into files first."""

    def ask(model: str, **wanted: object) -> np.ndarray:
        for name in ("z", "w", "transform"):
            if isinstance(wanted.get(name), np.ndarray):
                np.save(tmp_path / f"{name}.npy", wanted[name])
                wanted[name] = tmp_path / f"{name}.npy"
        picture(Wanted(model, tmp_path / "out.npy", **wanted), quiet)
        return np.load(tmp_path / "out.npy", allow_pickle=False)

    return ask


def shown(tmp_path, model, **wanted):
    picture(Wanted(model, tmp_path / "out.png", **wanted), quiet)
    return Image.open(tmp_path / "out.png")


@pytest.mark.parametrize(("psi", "cutoff"), [(1.0, None), (0.5, 4), (-0.8, None)])
@pytest.mark.parametrize("model", [ADA, THIRD])
def test_numbers_are_the_published_pictures(numbers, model, psi, cutoff):
    truth = reference(Path(model).stem)
    wanted = truth[f"img_psi{psi:g}_cut{cutoff}"]
    found = numbers(model, z=truth["z"], psi=psi, cutoff=cutoff)
    assert (found.dtype, found.shape) == (np.float32, wanted.shape)
    assert np.abs(found - wanted).max() < 1e-3


def test_a_class_is_that_of_the_published_code(numbers):
    truth = reference("stylegan2-ada-cond-32")
    for one, label in enumerate(truth["c"].argmax(1)):
        found = numbers(COND, z=truth["z"][one], label=int(label), psi=1.0)
        assert np.abs(found - truth["img_psi1_cutNone"][one]).max() < 1e-3


def test_without_noise_it_is_the_published_picture_without_noise(numbers):
    truth = reference("stylegan2-ada-64")
    found = numbers(ADA, z=truth["z"], noise="none", psi=1.0)
    assert np.abs(found - truth["img_noise_none"]).max() < 1e-3


def test_random_noise_is_another_one_for_each_seed(numbers):
    w = reference("stylegan2-ada-64")["ws_psi1_cutNone"][:1].repeat(2, 0)
    first, second = numbers(ADA, w=w, noise="random")
    assert not np.array_equal(first, second)


def test_a_transform_is_the_value_of_the_input_transform(numbers):
    truth = reference("stylegan3-t-64")
    value = np.linalg.inv(transform((0.12, -0.05), np.pi / 7))
    found = numbers(THIRD, z=truth["z"], psi=1.0, transform=value)
    assert np.abs(found - truth["img_transform"]).max() < 1e-3


def test_a_seed_is_the_z_that_it_draws(numbers):
    assert np.array_equal(numbers(ADA, seed=7), numbers(ADA, z=seeded_z(7, 64)))
    assert np.array_equal(numbers(ADA), numbers(ADA, seed=0))
    assert not np.array_equal(numbers(ADA, seed=7), numbers(ADA))


def test_w_comes_in_four_shapes(numbers):
    ws = reference("stylegan3-t-64")["ws_psi1_cutNone"]
    wanted = reference("stylegan3-t-64")["img_psi1_cutNone"]
    for w, count in ((ws[0, 0], 1), (ws[:, 0], 3), (ws[0], 1), (ws, 3)):
        found = numbers(THIRD, w=w, psi=1.0)
        assert len(found) == count
        assert np.abs(found - wanted[:count]).max() < 1e-3


def test_a_layer_of_its_own_w_changes_the_picture(numbers):
    w = reference("stylegan3-t-64")["ws_psi1_cutNone"]
    mixed = w[0].copy()
    mixed[8:] = w[1, 8:]
    assert np.abs(numbers(THIRD, w=mixed) - numbers(THIRD, w=w[0])).max() > 0.01


def test_one_picture_is_as_large_as_the_model(tmp_path, numbers):
    image = shown(tmp_path, ADA, seed=3)
    assert (image.size, image.mode) == ((64, 64), "RGB")
    exact = numbers(ADA, seed=3)[0].transpose(1, 2, 0) * 127.5 + 128
    assert np.abs(np.asarray(image) - np.clip(exact, 0.5, 255.5)).max() <= 1.01


def test_grey_stays_grey(tmp_path):
    assert shown(tmp_path, GREY).mode == "L"


def test_a_sheet_shows_the_seeds_from_the_first_on_with_their_names(tmp_path):
    sheet = np.asarray(shown(tmp_path, ADA, seed=5, sheet="3x2"))
    rows = sheet.shape[0] // 2
    assert (sheet.shape[1], rows > 64) == (3 * 64, True)
    for place, (row, column) in enumerate([(0, 0), (0, 2), (1, 1)]):
        seed = (5, 7, 9)[place]
        one = np.asarray(shown(tmp_path, ADA, seed=seed))
        cell = sheet[row * rows : (row + 1) * rows, column * 64 : (column + 1) * 64]
        assert np.array_equal(cell[:64], one)
        assert cell[64:].max() > 150
    captions = {
        sheet[row * rows + 64 : (row + 1) * rows, c * 64 : c * 64 + 64].tobytes() for row in (0, 1) for c in range(3)
    }
    assert len(captions) == 6


def test_several_pictures_make_a_sheet_by_themselves(tmp_path):
    z = np.stack([seeded_z(seed, 64) for seed in range(3)])
    np.save(tmp_path / "z.npy", z)
    assert shown(tmp_path, ADA, z=tmp_path / "z.npy").width == 128


def test_a_sheet_of_numbers_is_all_its_pictures(numbers):
    assert numbers("pattern", sheet="3x2").shape == (6, 3, 256, 256)


def test_it_says_what_it_wrote(tmp_path):
    said = []
    picture(Wanted("pattern", tmp_path / "a.png", sheet="2x1"), said.append)
    assert said == [f"2 pictures of pattern in {tmp_path / 'a.png'}."]


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


Z, ONES = saved(np.zeros(64, np.float32)), saved(np.ones((3, 3)))
IN = Path("in.npy")
WRONG = {
    "an unknown model": (("gone",), {}, None, ['there is no model "gone"']),
    "an ending": ((ADA, "out.jpg"), {}, None, [".png or .npy", "out.jpg"]),
    "a folder": ((ADA, "gone/out.png"), {}, None, ["there is no folder", "gone"]),
    "seed and z": ((ADA,), {"seed": 1, "z": IN}, Z, ["--seed and --z"]),
    "z and w": ((ADA,), {"z": IN, "w": IN}, Z, ["--z and --w"]),
    "w and class": ((COND,), {"w": IN, "label": 1}, Z, ["--class", "--w"]),
    "z of another length": ((ADA,), {"z": IN}, saved(np.zeros((2, 5))), ["[2, 5]", "[64] or [N, 64]"]),
    "no z at all": ((ADA,), {"z": IN}, saved(np.zeros((0, 64))), ["[0, 64]"]),
    "w of other layers": ((ADA,), {"w": IN}, saved(np.zeros((1, 3, 64))), ["[1, 3, 64]", "[N, 10, 64]"]),
    "z that is nan": ((ADA,), {"z": IN}, saved(np.full(64, np.nan)), ["in.npy holds a number that is not finite"]),
    "z that is text": ((ADA,), {"z": IN}, saved(np.array(["a"])), ["in.npy is not a .npy file of numbers"]),
    "z with objects": ((ADA,), {"z": IN}, saved(np.array([{}], object)), ["in.npy is not a .npy file of numbers"]),
    "z that is no file": ((ADA,), {"z": Path("gone.npy")}, None, ["there is no file", "gone.npy"]),
    "z that is cut off": ((ADA,), {"z": IN}, Z[:-8], ["in.npy is not a .npy file of numbers"]),
    "z that is empty": ((ADA,), {"z": IN}, b"", ["in.npy is not a .npy file of numbers"]),
    "class without classes": ((ADA,), {"label": 0}, None, ["has no classes"]),
    "class out of range": ((COND,), {"label": 5}, None, ["--class is 0 to 4", "found 5"]),
    "class below zero": ((COND,), {"label": -1}, None, ["--class is 0 to 4", "found -1"]),
    "cutoff out of range": ((ADA,), {"cutoff": 11}, None, ["--cutoff is 0 to 10", "found 11"]),
    "noise": ((ADA,), {"noise": "loud"}, None, ["const, none or random", "loud"]),
    "psi": ((ADA,), {"psi": float("nan")}, None, ["--psi"]),
    "a seed below zero": ((ADA,), {"seed": -1}, None, ["--seed is 0 to", "found -1"]),
    "a sheet that is none": ((ADA,), {"sheet": "5"}, None, ["5x4", "found 5"]),
    "a sheet of nothing": ((ADA,), {"sheet": "0x4"}, None, ["found 0x4"]),
    "too large a sheet": ((ADA,), {"sheet": "1000x1000"}, None, [str(MOST)]),
    "too small a sheet": ((ADA,), {"sheet": "1x2", "z": IN}, saved(np.zeros((3, 64))), ["3 pictures", "room for 2"]),
    "a transform for StyleGAN2": ((ADA,), {"transform": IN}, saved(np.eye(3)), ["has no input transform"]),
    "a flat transform": ((THIRD,), {"transform": IN}, saved(np.diag([0, 0, 1])), ["no input transform: [3, 3]"]),
    "a transform in perspective": ((THIRD,), {"transform": IN}, saved(np.eye(3) + 0.1), ["its last row 0 0 1"]),
    "a transform of another shape": ((THIRD,), {"transform": IN}, saved(np.eye(2)), ["no input transform: [3, 3]"]),
}


@pytest.mark.parametrize(("asked", "wanted", "file", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_is_one_sentence_and_writes_nothing(tmp_path, monkeypatch, asked, wanted, file, says):
    monkeypatch.chdir(tmp_path)
    if file is not None:
        Path("in.npy").write_bytes(file)
    model, out = (*asked, "out.png")[:2]
    with pytest.raises(BadRequest) as told:
        picture(Wanted(model, Path(out), **wanted), quiet)
    assert all(word in str(told.value) for word in says), told.value
    assert {path.name for path in tmp_path.iterdir()} <= {"in.npy"}
