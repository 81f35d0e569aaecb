"""Network bending: nothing when nothing is asked, what is asked on the chosen channels, alike on both paths."""

from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from livegan import patch
from livegan.errors import BadRequest
from livegan.files import bundled
from livegan.generators.bending import Bends, BendSettings
from livegan.latent.look import Look

DATA = Path(__file__).parent.parent / "data"
MODELS = [("stylegan2", "stylegan2-ada-64"), ("stylegan3", "stylegan3-t-64")]
LAYERS = [("a", 8), ("b", 4)]


def bend(do: str, **more: object) -> BendSettings:
    return BendSettings(layer=0, do=do, **more)


def done(do: str, amount: float, x: torch.Tensor, **more: object) -> torch.Tensor:
    bends = Bends({"it": bend(do, **more)}, LAYERS)
    return bends.bent("a", x, bends.amounts({"it": amount}))


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.nn.functional.interpolate(torch.randn(1, 8, 4, 4), size=32, mode="bilinear")


def drawn(kind: str, name: str, table: dict, **numbers: float) -> tuple[np.ndarray, np.ndarray]:
    """A picture by the plain path, [3, H, W] in about [-1, 1], and the same by the fast one, uint8."""
    one = patch.part("generators", kind, {"bend": table, "threads": 1}, "test")
    generator = one.type(one.settings, DATA / f"{name}.safetensors")
    w = generator.w(np.random.default_rng(1).normal(size=(1, generator.info.z_dim)))[0]
    look = Look(w, psi=0.8, numbers=numbers, noise="none")
    return generator.images([look])[0], np.array(generator.start(look).pixels)


@pytest.mark.parametrize(("kind", "name"), MODELS)
def test_a_bend_that_does_nothing_changes_nothing(kind, name):
    table = {"turn": {"layer": 3, "do": "rotate"}}
    straight, bent = drawn(kind, name, {}), drawn(kind, name, table)
    assert np.array_equal(straight[0], bent[0])
    assert np.array_equal(straight[1], bent[1])


@pytest.mark.parametrize(("kind", "name"), MODELS)
@pytest.mark.parametrize("do", ["translate_x", "translate_y", "scale", "rotate", "threshold", "ablate"])
def test_both_paths_bend_alike_and_the_picture_changes(kind, name, do):
    plain, fast = drawn(kind, name, {"it": {"layer": 3, "do": do, "channels": 0.5}}, it=0.4)
    straight, _ = drawn(kind, name, {})
    assert np.abs(plain - straight).mean() > 0.005
    levels = np.clip(plain * 127.5 + 128, 0, 255)
    assert np.abs(levels.transpose(1, 2, 0) - fast).mean() < 2.5


@pytest.mark.parametrize(("kind", "name"), MODELS)
def test_the_number_of_the_look_says_how_much_and_a_table_what_is_usual(kind, name):
    table = {"it": {"layer": 2, "do": "ablate", "amount": 0.7}}
    usual, named = drawn(kind, name, table)[0], drawn(kind, name, {"it": {"layer": 2, "do": "ablate"}}, it=0.7)[0]
    assert np.array_equal(usual, named)
    assert np.array_equal(drawn(kind, name, table, it=0.0)[0], drawn(kind, name, {})[0])


def test_features_move_right_and_down_and_turn_against_the_clock():
    x = torch.zeros(1, 8, 32, 32)
    x[:, :, 8, 12] = 1.0

    def peak(y: torch.Tensor) -> tuple[int, int]:
        return divmod(int(y[0, 0].argmax()), 32)

    assert peak(done("translate_x", 0.25, x)) == (8, 20)
    assert peak(done("translate_y", 0.25, x)) == (16, 12)
    assert peak(done("rotate", np.pi / 2, x)) == (19, 8)  # from above the middle to its left
    assert peak(done("scale", 2.0, torch.roll(x, (4, 2), (2, 3)))) in {(8, 12), (9, 12), (8, 13), (9, 13)}


def test_a_picture_that_is_not_square_is_turned_and_not_sheared():
    x = torch.zeros(1, 8, 32, 48)
    x[:, :, 8, 24] = 1.0
    assert divmod(int(done("rotate", np.pi / 2, x)[0, 0].argmax()), 48) == (15, 16)
    assert divmod(int(done("translate_x", 0.25, x)[0, 0].argmax()), 48) == (8, 36)
    assert done("translate_y", 0.25, x)[0, 0, 20, 24] > 0.9


def test_scaling_keeps_what_is_in_the_middle(x):
    y = done("scale", 2.0, x)
    assert torch.allclose(y[..., 15:17, 15:17].mean(), x[..., 15:17, 15:17].mean(), atol=0.05)


def test_only_the_chosen_channels_are_bent(x):
    y = done("ablate", 1.0, x, channels=[1, 3])
    assert (y[:, [1, 3]] == 0).all()
    assert torch.equal(y[:, [0, 2, 4, 5, 6, 7]], x[:, [0, 2, 4, 5, 6, 7]])
    share = done("ablate", 1.0, x, channels=0.5, seed=3)
    gone = (share == 0).all(dim=(0, 2, 3))
    assert int(gone.sum()) == 4
    assert torch.equal(gone, (done("ablate", 1.0, x, channels=0.5, seed=3) == 0).all(dim=(0, 2, 3)))
    assert not torch.equal(gone, (done("ablate", 1.0, x, channels=0.5, seed=4) == 0).all(dim=(0, 2, 3)))


def test_a_threshold_leaves_two_levels(x):
    y = done("threshold", 0.5, x)
    assert all(len(channel.unique()) == 2 for channel in y[0])
    assert torch.equal(y > 0, x > 0.5 * x.std((2, 3), keepdim=True))


@pytest.mark.parametrize("amount", [1e9, -1e9, 0.0])
@pytest.mark.parametrize("do", ["translate_x", "scale", "rotate", "threshold", "ablate"])
def test_whatever_is_asked_the_features_stay_finite(x, do, amount):
    assert torch.isfinite(done(do, amount, x)).all()


def test_what_is_not_there_is_told():
    with pytest.raises(BadRequest, match="layer 2 is wanted, there are 0 to 1"):
        Bends({"it": BendSettings(layer=2, do="ablate")}, LAYERS)
    with pytest.raises(BadRequest, match="channel 8 is wanted, its layer has 0 to 7"):
        Bends({"it": bend("ablate", channels=[3, 8])}, LAYERS)
    for wrong in ({"channels": 0.0}, {"channels": 1.5}, {"channels": []}, {"do": "sobel"}, {"amount": float("nan")}):
        with pytest.raises(ValidationError):
            BendSettings.model_validate({"layer": 0, "do": "ablate", **wrong})


def test_the_generator_names_its_bends_as_controls():
    one = patch.part("generators", "stylegan2", {"bend": {"melt": {"layer": 5, "do": "scale"}}}, "test")
    assert "melt" in one.type(one.settings, bundled("models") / "skies.safetensors").info.controls
