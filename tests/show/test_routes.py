from dataclasses import replace

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.generators.pattern import DIM, Pattern
from livegan.latent.look import Look, seeded_z
from livegan.latent.space import Anchors, Layers, Numbers, PcaSpace, WSpace, ZSpace
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import Mapping, MappingSettings, write_settings
from livegan.mapping.taught import TaughtLook
from livegan.patch import WireSettings
from livegan.show import routes
from livegan.show.feed import Feed
from tests.mapping.teaching import FEATURES, POSES, teach, teach_numbers

GENERATOR = Pattern(Pattern.Settings(kind="pattern", size=32), None)
PLAIN = WireSettings()


def feed(name: str, *features: str) -> Feed:
    return Feed(name, [Feature(one) for one in features], lambda count: [], None, 0.5, 0.1, 2.0)


DESK = feed("desk", "psi", *(f"z.{n}" for n in range(DIM)))
BODY = feed("body", "x", "y", "turn")


def names(feeds) -> list[str]:
    return [feature.name for feed in feeds for feature in feed.features]


def direct(features, outputs, *feeds: Feed, shape="normal") -> Mapping:
    wire = WireSettings(features=features, outputs=outputs, shape=shape)
    return routes.mapping("straight", wire, None, names(feeds))


def taught(folder, name="dance", **wire) -> Mapping:
    return routes.mapping(name, WireSettings(**wire), folder, names([DESK, BODY]))


def test_a_name_stands_for_all_that_begin_with_it_and_a_dot():
    one = direct("desk.z", "z", BODY, DESK)
    assert one.features == tuple(f"desk.z.{n}" for n in range(DIM))
    assert one.places.tolist() == [*range(4, 4 + DIM)]
    assert direct(("desk.psi", "body.x"), ("psi", "glow"), BODY, DESK).features == ("desk.psi", "body.x")


def test_a_name_that_nothing_has_is_told():
    with pytest.raises(BadRequest, match=r'mapping\.straight\.features: no input of this patch gives "desk\.zz"'):
        direct("desk.zz", "z", DESK)


def test_a_route_knows_whose_presence_counts():
    feeds = [feed("a", "x"), BODY, DESK]
    assert routes.route(direct("desk.z", "z", *feeds), feeds, GENERATOR, PLAIN).inputs == (2,)
    assert routes.route(direct(("a.x", "desk.psi"), ("psi", "glow"), *feeds), feeds, GENERATOR, PLAIN).inputs == (0, 2)
    assert routes.route(direct(("body.turn",), ("psi",), *feeds), feeds, GENERATOR, PLAIN).inputs == (1,)


def test_outputs_choose_the_space(tmp_path):
    def space(one: Mapping):
        return routes.route(one, [DESK, BODY], GENERATOR, PLAIN).space

    z = space(direct("desk.z", "z", DESK, BODY, shape="uniform"))
    assert isinstance(z, ZSpace)
    assert z.shape == "uniform"
    assert isinstance(space(direct("desk.z", "w", DESK, BODY)), WSpace)
    assert space(direct("desk.psi", ("psi",), DESK, BODY)) == Numbers(("psi",))
    fit(teach(tmp_path / "dance"))
    assert isinstance(space(taught(tmp_path)), Anchors)


def test_taught_looks_are_drawn_again_in_the_shows_model(tmp_path):
    fit(teach(tmp_path / "dance"))
    space = routes.route(taught(tmp_path), [DESK, BODY], GENERATOR, PLAIN).space
    wanted = [GENERATOR.w(seeded_z(seed, DIM)[None])[0] for seed in range(len(POSES))]
    assert np.array_equal(space.looks_w, np.stack(wanted))


def test_a_look_known_only_by_the_w_of_another_model_is_told(tmp_path):
    folder = tmp_path / "dance"
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES]))
    with Examples.open(folder / FILE, FEATURES) as examples:
        for n in range(2):
            look = examples.add_look(TaughtLook(f"sky {n}", w=np.ones((3, 5), np.float32)))
            examples.add(examples.begin_round(look), POSES[n : n + 1])
    fit(folder)
    with pytest.raises(
        BadRequest, match=r'the look "sky 0" comes from another kind of model and cannot be drawn by pattern'
    ):
        routes.route(taught(tmp_path), [DESK, BODY], GENERATOR, PLAIN)


def test_a_patch_may_ask_for_what_the_fit_gives_and_for_nothing_else(tmp_path):
    fit(teach(tmp_path / "dance"))
    assert taught(tmp_path, outputs="anchors").outputs == "anchors"
    with pytest.raises(BadRequest, match=r"mapping\.dance: the patch wants outputs z, it has anchors"):
        taught(tmp_path, outputs="z")


def test_a_mapping_made_for_other_features_is_told(tmp_path):
    fit(teach(tmp_path / "dance"))
    with pytest.raises(BadRequest, match=r"the mapping dance needs body\.x, body\.y, body\.turn, the inputs .* desk"):
        routes.mapping("dance", WireSettings(), tmp_path, names([DESK]))


@pytest.mark.parametrize("outputs", ["z", "w"])
def test_another_count_than_the_model_takes_is_told(outputs):
    one = direct(("desk.z.0", "desk.z.1", "desk.z.2"), outputs, DESK)
    with pytest.raises(BadRequest, match=rf"gives 3 numbers for {outputs}, the model pattern takes {DIM}"):
        routes.route(one, [DESK], GENERATOR, PLAIN)


def test_a_taught_z_counts_its_outputs_not_its_features(tmp_path):
    folder = tmp_path / "dance"
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES], outputs="z"))
    with Examples.open(folder / FILE, FEATURES) as examples:
        for n, pose in enumerate(POSES):
            look = examples.add_look(TaughtLook(f"look {n}", z=seeded_z(n, DIM)))
            examples.add(examples.begin_round(look), pose[None])
    fit(folder)
    assert routes.route(taught(tmp_path), [DESK, BODY], GENERATOR, PLAIN).space.shape == "normal"


def test_taught_numbers_are_wired_by_name(tmp_path):
    fit(teach_numbers(tmp_path / "dance", POSES, POSES[:, :1], ["psi"]))
    assert routes.route(taught(tmp_path), [DESK, BODY], GENERATOR, PLAIN).space.names == ("psi",)


class Layered(Pattern):
    """Five layers of the same w."""

    def __init__(self) -> None:
        super().__init__(Pattern.Settings(kind="pattern", size=32), None)
        self.info = replace(self.info, num_ws=5)

    def w(self, z: np.ndarray, label: np.ndarray | None = None) -> np.ndarray:
        return np.repeat(super().w(z), 5, axis=1)


@pytest.mark.parametrize(
    ("layers", "found"), [("coarse", (0, 1)), ("middle", (2, 2)), ("fine", (3, 4)), ((1, 3), (1, 3)), ((4, 4), (4, 4))]
)
def test_layers_are_thirds_or_numbers(layers, found):
    wire = WireSettings(layers=layers)
    space = routes.route(direct("desk.z", "z", DESK), [DESK], Layered(), wire).space
    assert isinstance(space, Layers)
    assert (space.first, space.last) == found
    assert isinstance(space.space, ZSpace)


def test_layers_that_are_not_there_are_told():
    one = direct("desk.z", "z", DESK)
    with pytest.raises(BadRequest, match=r"straight\.layers: \[3, 5\] is wanted, the model pattern has layers 0 to 4"):
        routes.route(one, [DESK], Layered(), WireSettings(layers=(3, 5)))
    with pytest.raises(BadRequest, match=r"layers: coarse is wanted, the model pattern has layers 0 to 0"):
        routes.route(one, [DESK], GENERATOR, WireSettings(layers="coarse"))
    with pytest.raises(BadRequest, match=r"layers: its outputs are numbers by name"):
        routes.route(direct("desk.psi", ("psi",), DESK), [DESK], Layered(), WireSettings(layers="fine"))


def test_two_mappings_play_different_layers():
    mapping = direct(("desk.z",), "z", DESK)
    low, high = (routes.route(mapping, [DESK], Layered(), WireSettings(layers=one)) for one in ("coarse", "fine"))
    values, one = np.append(0.5, seeded_z(4, DIM)).astype(np.float32), np.ones(1)
    base = Look(np.zeros((5, DIM), np.float32))
    look, _ = high.look(values, one, low.look(values, one, base)[0])
    assert np.abs(look.w).sum(axis=1).astype(bool).tolist() == [True, True, False, True, True]


def test_principal_directions_are_those_of_the_shows_model():
    one = direct(("desk.z.0", "desk.z.1", "desk.z.2"), "pca:3", DESK)
    space = routes.route(one, [DESK], GENERATOR, PLAIN).space
    assert isinstance(space, PcaSpace)
    assert np.array_equal(space.directions.steps, GENERATOR.directions.steps[:3])
    with pytest.raises(BadRequest, match=r"gives 3 numbers for pca:4, the model pattern takes 4"):
        routes.route(direct(one.features, "pca:4", DESK), [DESK], GENERATOR, PLAIN)
    with pytest.raises(BadRequest, match=r"gives 99 principal directions, the model pattern has 16: ask for fewer"):
        routes.route(direct(one.features, "pca:99", DESK), [DESK], GENERATOR, PLAIN)


def test_looks_taught_along_all_directions_are_those_taught_as_w(tmp_path):
    found, base = {}, Look(np.zeros((1, DIM), np.float32))
    for outputs in ("w", "pca:16", "pca:2"):
        folder = teach(tmp_path / outputs.replace(":", "") / "dance", outputs=outputs)
        fit(folder, w_of=GENERATOR.w, z_dim=DIM, directions=GENERATOR.directions)
        one = taught(folder.parent)
        assert one.outputs == outputs
        space = routes.route(one, [DESK, BODY], GENERATOR, PLAIN).space
        found[outputs] = np.array([space.look(one.model.predict(pose), base).w[0] for pose in POSES])
    assert np.allclose(found["pca:16"], found["w"], atol=0.05)
    few = GENERATOR.directions.first(2)
    assert np.allclose(found["pca:2"], [few.mean + few.along(w[None]) @ few.steps for w in found["w"]], atol=0.1)
