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
from livegan.mapping.fit import fit, fitted_to, is_stale, taught_in
from livegan.mapping.mapping import Mapping, MappingSettings, write_settings
from livegan.mapping.targets import MANY_LOOKS
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


def mixed(folder, rows, weights):
    """A round of weights over the looks so far."""
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(), rows, weights)
    return folder


BETWEEN = (POSES[0] + POSES[1]) / 2


def test_weights_over_the_looks_become_anchors_also_when_looks_were_added_later(tmp_path):
    folder = mixed(teach(tmp_path / "dance", POSES[:2]), BETWEEN, [3, 1])
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(examples.add_look(TaughtLook("late", seed=9))), POSES[2])
    report = fit(folder)
    assert (report.outputs, report.counts) == ("anchors", {"look 0": 3, "look 1": 3, "late": 1})
    mapping = Mapping.load(folder)
    np.testing.assert_allclose(mapping(BETWEEN), [0.75, 0.25, 0], atol=0.1)
    for look in range(3):
        assert mapping(POSES[look])[look] > 0.9


def test_a_look_that_is_only_asked_for_in_mixtures_is_there_too(tmp_path):
    folder = mixed(teach(tmp_path / "dance"), POSES[[0, 1]], [[0.5, 0, 0, 0.5], [0, 1, 0, 0]])
    with Examples.open(folder / FILE) as examples:
        for round_id in range(1, 5):
            examples.keep(round_id, False)
    report = fit(folder)
    assert report.counts == {"look 0": 0, "look 1": 0, "look 3": 0}
    np.testing.assert_allclose(Mapping.load(folder)(POSES[0]), [0.5, 0, 0.5], atol=0.1)


@pytest.mark.parametrize("outputs", ["w", "z"])
def test_weights_mix_the_w_or_z_of_the_looks(tmp_path, outputs):
    folder = mixed(teach(tmp_path / "dance", POSES[:2], outputs=outputs), BETWEEN, [1, 3])
    fit(folder, w_of=w_of, z_dim=Z_DIM)
    ends = [seeded_z(seed, Z_DIM) for seed in (0, 1)]
    ends = ends if outputs == "z" else [w_of(z[None])[0, 0] for z in ends]
    np.testing.assert_allclose(Mapping.load(folder)(BETWEEN), 0.25 * ends[0] + 0.75 * ends[1], atol=0.05)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1, 0, 0, 0, 1], "5 weights for 4 looks: leave its round out"),
        ([1, -0.5], "weights are not all 0 or more"),
        ([1, np.nan], "weights are not all 0 or more"),
        ([0, 0], "or all 0"),
    ],
)
def test_weights_that_are_none_are_one_sentence(tmp_path, weights, said):
    with pytest.raises(BadRequest, match=said):
        fit(mixed(teach(tmp_path / "dance"), BETWEEN, weights))


def test_looks_of_two_kinds_of_model_are_one_sentence(tmp_path):
    folder = teach(tmp_path / "dance", outputs="w")
    with pytest.raises(BadRequest, match="two kinds of model"):
        fit_with(folder, {f"look {i}": np.ones((NUM_WS, W_DIM + i // 3), np.float32) for i in range(4)})


def fit_with(folder, looks_w, progress=lambda share: None):
    return fitted_to(*taught_in(folder), folder.name, looks_w=looks_w, progress=progress)


def test_a_fit_that_writes_nothing_gives_the_same_file_and_tells_how_far_it_is(tmp_path):
    folder = teach(tmp_path / "dance", outputs="w")
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(1), POSES[0])
    told = []
    looks_w = {f"look {i}": w_of(seeded_z(i, Z_DIM)[None])[0] for i in range(4)}
    data, report = fit_with(folder, looks_w, told.append)
    assert not (folder / fitted.FILE).exists()
    assert fit(folder, w_of=w_of, z_dim=Z_DIM) == report
    assert (folder / fitted.FILE).read_bytes() == data
    assert told == sorted(set(told))
    assert (told[0], told[-1]) == (0, 1)
    assert len(told) > 3


def test_the_newest_round_is_told_what_it_contradicts(tmp_path):
    folder = teach(tmp_path / "dance", POSES[[0, 1, 2, 0]])
    assert fit(folder).against == ((1, "look 0"),)
    with Examples.open(folder / FILE) as examples:
        examples.keep(1, False)
    assert fit(folder).against == ()


def test_a_round_left_out_is_missed_by_little_when_it_was_taught_alike(tmp_path):
    folder = teach(tmp_path / "dance")
    assert fit(folder).held_out is None
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(1), POSES[0] + 0.02)
    assert fit(folder).held_out < 0.1
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(1), POSES[1] + 0.05)
    assert fit(folder).held_out > 0.2


def test_what_was_taught_is_within_reach(tmp_path):
    for looks, least in ((4, 2), (1, 0)):
        folder = teach(tmp_path / str(looks), POSES[:looks])
        fit(folder)
        mapping = Mapping.load(folder)
        assert mapping.reach > least
        assert all(mapping.confidence(pose) == 1 for pose in POSES[:looks])


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
        examples.add(examples.begin_round(), POSES[0])
    write_settings(folder, MappingSettings(features=[f.name for f in FEATURES], outputs="anchors"))
    with pytest.raises(BadRequest, match="neither a look nor weights"):
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
        ([[np.nan] * 2], ["psi", "glow"], "no example of dance has a number for output 1 of 2"),
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
