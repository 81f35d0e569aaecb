"""A mapping at work: it takes its own features wherever they are, and damage is one sentence."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from livegan.errors import BadRequest
from livegan.mapping import fitted
from livegan.mapping.fit import fit
from livegan.mapping.mapping import FILE, Mapping, MappingSettings, read_settings, write_settings
from livegan.mapping.models import Direct
from tests.mapping.teaching import FEATURES, POSES, Z_DIM, teach, w_of

NAMES = [feature.name for feature in FEATURES]


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A small mapping, as the bytes of its fit and what it gives at the poses."""
    folder = teach(tmp_path_factory.mktemp("whole") / "dance", POSES[:2], repeats=1)
    fit(folder)
    return (folder / fitted.FILE).read_bytes(), outputs_of(Mapping.load(folder))


@pytest.fixture
def folder(taught, tmp_path):
    """A folder with the settings and the fit, to be damaged."""
    write_settings(tmp_path / "dance", MappingSettings(features=NAMES))
    (tmp_path / "dance" / fitted.FILE).write_bytes(taught[0])
    return tmp_path / "dance"


def outputs_of(mapping):
    return np.array([mapping(pose) for pose in POSES])


def test_its_features_are_found_among_those_of_the_show(folder):
    mapping = Mapping.load(folder)
    assert (mapping.name, mapping.features, mapping.outputs) == ("dance", tuple(NAMES), "anchors")
    bound = mapping.bind(["mouse.x", *NAMES[::-1], "mouse.y"])
    for pose in POSES:
        show = np.array([9, *pose[::-1], np.nan], np.float32)
        np.testing.assert_array_equal(bound(show), mapping(pose))
        assert bound.distance(show) == mapping.distance(pose)


def test_confidence_is_whole_within_reach_and_goes_smoothly_to_nothing(folder):
    mapping = Mapping.load(folder).bind(["mouse.x", *NAMES])
    away = [np.array([np.nan, *(POSES[0] - [step, 0, 0])], np.float32) for step in np.linspace(0, 20, 400)]
    confidence = np.array([mapping.confidence(values) for values in away])
    far = np.array([mapping.distance(values) for values in away]) / mapping.reach
    assert (confidence[far <= 1] == 1).all()
    assert (confidence[far >= 3] == 0).all()
    assert confidence[np.searchsorted(far, 2)] == pytest.approx(0.5, abs=0.05)
    assert -0.05 < np.diff(confidence).min() <= np.diff(confidence).max() <= 0
    assert {mapping.confidence(np.array([0, *pose], np.float32)) for pose in POSES[:2]} == {1.0}


def test_a_direct_mapping_is_always_sure():
    assert Mapping.direct(["a", "b"]).confidence(np.array([1e9, np.nan], np.float32)) == 1.0


def test_a_patch_without_its_features_is_told_which(folder):
    mapping = Mapping.load(folder)
    with pytest.raises(BadRequest, match=r"needs body.x, body.y, .*give mouse.x, body.turn: use the inputs"):
        mapping.bind(["mouse.x", "body.turn"])
    with pytest.raises(BadRequest, match=r"needs body.x, body.y, body.turn, .* give nothing"):
        mapping.bind([])
    many = [f"mouse.{i}" for i in range(30)]
    with pytest.raises(BadRequest, match=r"mouse.3 and 26 more"):
        mapping.bind(many)


def test_an_output_that_is_not_finite_is_raised_not_given():
    mapping = Mapping.direct(["a", "b"])
    with pytest.raises(ValueError, match="not finite"):
        mapping(np.array([1, np.inf], np.float32))


def test_direct_takes_features_as_outputs_and_rests_in_the_middle(tmp_path):
    values = np.array([7, 0.25, np.nan], np.float32)
    normal = Mapping.direct(["b", "c"]).bind(["a", "b", "c"])
    np.testing.assert_array_equal(normal(values), [0.25, 0])
    assert (normal.outputs, normal.distance(values)) == ("z", 0.0)
    uniform = Mapping.direct(["b", "c"], "uniform").bind(["a", "b", "c"])
    np.testing.assert_array_equal(uniform(values), [0.25, 0.5])
    write_settings(tmp_path, MappingSettings(features=["b", "c"], outputs=["psi", "glow"], model="direct"))
    named = Mapping.load(tmp_path)
    assert isinstance(named.model, Direct)
    assert named.outputs == ("psi", "glow")


def test_direct_needs_as_many_features_as_outputs():
    with pytest.raises(BadRequest, match="2 features for 1 outputs"):
        Mapping.direct(["a", "b"], outputs=("psi",))
    with pytest.raises(BadRequest, match='not "anchors"'):
        Mapping.direct(["a", "b"], outputs="anchors")


def test_every_flipped_byte_of_a_fit_is_a_sentence_or_the_same_mapping(folder, taught):
    whole, outputs = taught
    same = 0
    for at in range(len(whole)):
        data = bytearray(whole)
        data[at] ^= 1 << (at % 8)
        (folder / fitted.FILE).write_bytes(data)
        same += loads_the_same_or_says_why(folder, outputs)
    assert same < 0.1 * len(whole)


def test_every_cut_of_a_fit_is_a_sentence(folder, taught):
    for length in range(len(taught[0])):
        (folder / fitted.FILE).write_bytes(taught[0][:length])
        with pytest.raises(BadRequest) as told:
            Mapping.load(folder)
        assert "\n" not in str(told.value)


def loads_the_same_or_says_why(folder, outputs) -> bool:
    said = ""
    try:
        mapping = Mapping.load(folder)
    except BadRequest as error:
        said = str(error)
    else:
        np.testing.assert_array_equal(outputs_of(mapping), outputs)
    assert "\n" not in said
    return not said


@given(st.binary(max_size=300))
def test_a_fit_of_any_bytes_is_a_sentence(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "any"
    write_settings(folder, MappingSettings(features=NAMES))
    (folder / fitted.FILE).write_bytes(data)
    with pytest.raises(BadRequest):
        Mapping.load(folder)


def test_a_stranger_who_signs_nonsense_is_told_what_is_wrong(folder):
    arrays, meta = opened(folder)
    assert fit_says(folder, arrays, meta) == ""
    assert "body.knee differs" in fit_says(folder, arrays, with_feature(meta, "body.knee"))
    assert "format 3, this livegan knows 2: update livegan" in fit_says(folder, arrays, meta | {"format": 3})
    assert "format 1, this livegan knows 2: run livegan fit" in fit_says(folder, arrays, meta | {"format": 1})
    assert "reach" in fit_says(folder, arrays, meta | {"reach": 0})
    assert "not weights" in fit_says(folder, arrays | {"targets": arrays["targets"] / 2}, meta)
    assert "not weights" in fit_says(folder, arrays | {"targets": 2 * arrays["targets"] - 0.5}, meta)
    assert "points" in fit_says(folder, arrays | {"points": arrays["points"] * np.nan}, meta)
    assert "targets has the shape" in fit_says(folder, arrays | {"points": arrays["points"][:1]}, meta)
    assert "names for" in fit_says(folder, arrays, meta | {"looks": meta["looks"][:1]})
    assert "not finite" in fit_says(folder, arrays | {"points": arrays["points"] * 0 + np.float32(3e38)}, meta)
    assert "look.0.z" not in arrays
    assert "wrong shape" in fit_says(folder, arrays | {"look.0.z": arrays["points"]}, meta)
    assert "shape" in fit_says(folder, arrays, meta | {"shape": "spiral"})
    assert "extra" in fit_says(folder, arrays, meta | {"extra": 1})
    assert "damaged" in fit_says(folder, arrays, [meta])
    assert "damaged" in fit_says(folder, arrays, json.loads("[" * 500 + "]" * 500))


def opened(folder):
    return fitted._opened((folder / fitted.FILE).read_bytes(), folder / fitted.FILE)


def with_feature(meta, name):
    features = [meta["features"][0] | {"name": name}, *meta["features"][1:]]
    return meta | {"features": features}


def fit_says(folder, arrays, meta) -> str:
    """What is said against a fit that carries these, rightly signed; nothing when it loads."""
    signed = meta | {"check": fitted._check(arrays, meta)} if isinstance(meta, dict) else meta
    data = save(arrays, metadata={"livegan": json.dumps(signed)})
    (folder / fitted.FILE).write_bytes(data)
    try:
        Mapping.load(folder)
    except BadRequest as error:
        return str(error)
    return ""


def test_a_fit_with_no_livegan_in_it_is_a_sentence(folder):
    (folder / fitted.FILE).write_bytes(save({"a": np.zeros(3, np.float32)}))
    with pytest.raises(BadRequest, match="damaged"):
        Mapping.load(folder)
    (folder / fitted.FILE).write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(BadRequest, match="damaged"):
        Mapping.load(folder)


@pytest.mark.parametrize(
    "changed",
    [
        {"features": ["body.x", "body.y"]},
        {"features": NAMES[::-1]},
        {"outputs": "w"},
        {"shape": "uniform"},
        {"model": "ridge"},
    ],
)
def test_settings_that_were_changed_since_the_fit_ask_for_another(folder, changed):
    write_settings(folder, MappingSettings(**({"features": NAMES} | changed)))
    with pytest.raises(BadRequest, match="run livegan fit dance"):
        Mapping.load(folder)


def test_a_mapping_that_was_never_fitted_is_told(folder):
    (folder / fitted.FILE).unlink()
    with pytest.raises(BadRequest, match="not fitted yet: run livegan fit dance"):
        Mapping.load(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("features = ", "could not be read as TOML"),
        ("features = []", "features: "),
        ('features = ["a", "a"]', '"a" is there twice'),
        ('features = ["a\\u0007"]', "printable"),
        ('features = ["a"]\nmodell = "rbf"', "modell: "),
        ('features = ["a"]\noutputs = "v"', "outputs"),
        ('features = ["a"]\nshape = "spiral"', "shape: "),
        ("\udcff", "could not be read as TOML"),
    ],
)
def test_settings_that_are_wrong_name_the_key(tmp_path, text, said):
    (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadRequest, match=said):
        read_settings(tmp_path)


@given(st.lists(st.text(min_size=1).filter(str.isprintable), min_size=1, max_size=4, unique=True))
def test_any_names_survive_mapping_toml(tmp_path_factory, names):
    folder = tmp_path_factory.getbasetemp() / "names"
    settings = MappingSettings(features=names, outputs=names[::-1], model="direct", shape="uniform")
    write_settings(folder, settings)
    assert read_settings(folder) == settings


def test_looks_come_back_with_their_numbers(tmp_path):
    folder = teach(tmp_path / "dance", outputs="w")
    fit(folder, w_of=w_of, z_dim=Z_DIM)
    fit_before = fitted.read(folder)
    again = fitted.unpacked(fitted.packed(fit_before), folder)
    assert [look.name for look in again.looks] == [look.name for look in fit_before.looks]
    assert again.version == fit_before.version == Mapping.load(folder).version
