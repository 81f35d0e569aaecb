"""Fitting: from what was taught to a file that plays, or one sentence that says what is missing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.latent.look import seeded_z
from livegan.mapping import fitted
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import MANY_LOOKS, fit, is_stale
from livegan.mapping.mapping import Mapping, MappingSettings, write_settings
from livegan.mapping.taught import TaughtLook
from tests.mapping.teaching import FEATURES, NUM_WS, POSES, W_DIM, Z_DIM, teach, teach_numbers, w_of


def test_few_looks_become_anchors_and_each_pose_gives_its_look(tmp_path):
    report = fit(teach(tmp_path / "dance"))
    assert (report.model, report.outputs, report.examples) == ("rbf", "anchors", 12)
    assert report.counts == {f"look {i}": 3 for i in range(4)}
    assert report.error < 0.1
    assert report.warnings == ()
    mapping = Mapping.load(tmp_path / "dance")
    assert [look.seed for look in mapping.looks] == [0, 1, 2, 3]
    for index, pose in enumerate(POSES):
        assert mapping(pose)[index] > 0.9


def test_many_looks_become_w(tmp_path):
    poses = np.arange(MANY_LOOKS)[:, None] * np.float32([1, 0.5, 0.2])
    report = fit(teach(tmp_path / "dance", poses), w_of=w_of, z_dim=Z_DIM)
    assert (report.model, report.outputs) == ("ridge", "w")


@pytest.mark.parametrize("own_layers", [False, True])
def test_w_is_that_of_the_looks_one_layer_where_all_are_alike(tmp_path, own_layers):
    def layered(z):
        return w_of(z) + own_layers * np.arange(NUM_WS, dtype=np.float32)[:, None]

    fit(teach(tmp_path / "dance", outputs="w"), w_of=layered, z_dim=Z_DIM)
    mapping = Mapping.load(tmp_path / "dance")
    for seed, pose in enumerate(POSES):
        wanted = layered(seeded_z(seed, Z_DIM)[None])[0]
        wanted = wanted if own_layers else wanted[0]
        assert mapping(pose).shape == (NUM_WS * W_DIM if own_layers else W_DIM,)
        np.testing.assert_allclose(mapping(pose), wanted.reshape(-1), atol=0.05)


def test_w_recorded_with_the_look_needs_no_generator(tmp_path):
    folder = teach(tmp_path / "dance", POSES[:1], outputs="w")
    w = np.full((NUM_WS, W_DIM), 0.5, np.float32)
    with Examples.open(folder / FILE) as examples:
        examples.keep(1, False)
        examples.add(examples.begin_round(examples.add_look(TaughtLook("mixed", w=w))), POSES[1])
    fit(folder)
    np.testing.assert_allclose(Mapping.load(folder)(POSES[1]), w[0], atol=1e-5)


@pytest.mark.parametrize("shape", ["normal", "uniform"])
def test_z_is_in_the_shape_that_was_asked_for(tmp_path, shape):
    fit(teach(tmp_path / "dance", outputs="z", shape=shape), z_dim=Z_DIM)
    mapping = Mapping.load(tmp_path / "dance")
    assert mapping.shape == shape
    wanted = seeded_z(2, Z_DIM)
    np.testing.assert_allclose(mapping(POSES[2]), ndtr(wanted) if shape == "uniform" else wanted, atol=0.05)


def test_numbers_are_learned_by_name(tmp_path):
    fit(teach_numbers(tmp_path / "dance", POSES, POSES[:, :2] / 2, ["psi", "glow"]))
    mapping = Mapping.load(tmp_path / "dance")
    assert mapping.outputs == ("psi", "glow")
    np.testing.assert_allclose(mapping(POSES[3]), POSES[3, :2] / 2, atol=0.03)


def test_one_look_alone_always_has_all_the_weight(tmp_path):
    fit(teach(tmp_path / "dance", POSES[:1]))
    assert Mapping.load(tmp_path / "dance")(POSES[3]).tolist() == [1.0]


def test_a_look_whose_rounds_were_left_out_is_not_there(tmp_path):
    folder = teach(tmp_path / "dance")
    with Examples.open(folder / FILE) as examples:
        examples.keep(2, False)
    fit(folder)
    assert [look.name for look in Mapping.load(folder).looks] == ["look 0", "look 2", "look 3"]


def test_poses_too_alike_are_named(tmp_path):
    report = fit(teach(tmp_path / "dance", POSES[[0, 1, 1]]))
    assert len(report.warnings) == 1
    assert '"look 1" and "look 2"' in report.warnings[0] or '"look 2" and "look 1"' in report.warnings[0]


def test_what_was_never_seen_is_told_and_ignored(tmp_path):
    poses = POSES.copy()
    poses[:, 2] = np.nan
    folder = teach(tmp_path / "dance", poses)
    assert fit(folder).unseen == ("body.turn",)
    assert Mapping.load(folder)(np.array([2, 0, 1.5], np.float32))[1] > 0.9


def test_a_mapping_may_use_some_of_the_features_that_were_recorded(tmp_path):
    folder = teach(tmp_path / "dance")
    write_settings(folder, MappingSettings(features=["body.y", "body.x"]))
    fit(folder)
    mapping = Mapping.load(folder).bind(["body.x", "mouse.x", "body.y"])
    assert mapping(np.array([0, np.nan, 3], np.float32))[2] > 0.9


def test_features_that_are_given_bring_their_own_units(tmp_path):
    folder = teach(tmp_path / "dance")
    fit(folder)
    before = Mapping.load(folder).distance(np.array([0, -1, 0], np.float32))
    fit(folder, [replace(feature, unit=feature.unit * 2) for feature in FEATURES])
    assert Mapping.load(folder).distance(np.array([0, -1, 0], np.float32)) == pytest.approx(before / 2, rel=0.01)


def test_a_fit_is_stale_as_soon_as_something_is_taught(tmp_path):
    folder = teach(tmp_path / "dance")
    fit(folder)
    assert not is_stale(folder)
    with Examples.open(folder / FILE) as examples:
        examples.add(1, POSES[0])
    assert is_stale(folder)


def test_the_same_examples_give_the_same_file(tmp_path):
    folder = teach(tmp_path / "dance")
    fit(folder)
    first = (folder / fitted.FILE).read_bytes()
    fit(folder)
    assert (folder / fitted.FILE).read_bytes() == first


def test_a_fit_that_fails_leaves_the_old_one(tmp_path):
    folder = teach(tmp_path / "dance")
    fit(folder)
    before = (folder / fitted.FILE).read_bytes()
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(), POSES[0], [1])
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES], outputs="anchors"))
    with pytest.raises(BadRequest, match="examples with no look"):
        fit(folder)
    assert (folder / fitted.FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"outputs": "w"}, 'the w of the look "look 0" comes from its model'),
        ({"outputs": "z"}, 'the z of the look "look 0" is not known'),
        ({"outputs": ["psi"]}, "an example with no numbers for psi"),
        ({"outputs": "anchors", "model": "ridge"}, 'anchors are fitted by "rbf", not by "ridge"'),
        ({"outputs": ["psi"], "model": "rbf"}, 'numbers are fitted by "ridge", not by "rbf"'),
        ({"model": "direct"}, "nothing to fit"),
    ],
)
def test_what_cannot_be_fitted_as_asked_is_one_sentence(tmp_path, settings, said):
    with pytest.raises(BadRequest, match=said):
        fit(teach(tmp_path / "dance", **settings))


def test_examples_that_do_not_suffice_are_one_sentence(tmp_path):
    folder = tmp_path / "dance"
    with pytest.raises(BadRequest, match=r"mapping.toml is missing"):
        fit(folder)
    write_settings(folder, MappingSettings(features=["body.x", "body.knee"]))
    with pytest.raises(BadRequest, match="teach a few looks first"):
        fit(folder)
    Examples.open(folder / FILE, FEATURES).close()
    with pytest.raises(BadRequest, match="no examples yet"):
        fit(folder)
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(examples.add_look(TaughtLook("sky", seed=1))), [1, 2, np.nan])
    with pytest.raises(BadRequest, match=r'without "body.knee"'):
        fit(folder)
    write_settings(folder, MappingSettings(features=["body.turn"]))
    with pytest.raises(BadRequest, match="saw none of its features"):
        fit(folder)
    with pytest.raises(BadRequest, match=r'without "mouse.x"'):
        fit(folder, [Feature("mouse.x")])


@pytest.mark.parametrize(
    ("outputs", "names", "said"),
    [
        ([[1, 2, 3]], ["psi", "glow"], "3 numbers for 2 outputs"),
        ([[1, np.nan]], ["psi", "glow"], "no example of dance has a number for output 2 of 2"),
    ],
)
def test_numbers_that_do_not_fit_the_names_are_one_sentence(tmp_path, outputs, names, said):
    with pytest.raises(BadRequest, match=said):
        fit(teach_numbers(tmp_path / "dance", POSES[:1], np.float32(outputs), names))


def test_numbers_with_no_names_are_asked_for(tmp_path):
    folder = teach_numbers(tmp_path / "dance", POSES, POSES[:, :1], ["psi"])
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES]))
    with pytest.raises(BadRequest, match=r"name them in mapping.toml"):
        fit(folder)
