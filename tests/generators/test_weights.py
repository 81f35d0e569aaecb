import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from livegan.errors import BadRequest
from livegan.generators import weights
from tests.generators.models import opened, path_of

GOOD = path_of("stylegan2-ada-cond-32").read_bytes()
(HEADER,) = struct.unpack("<Q", GOOD[:8])
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(MANY, max_examples=40)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("models") / "broken.safetensors"


@pytest.fixture(scope="module")
def tensors():
    return load_file(path_of("stylegan2-ada-cond-32"))


def about() -> dict:
    return json.loads(json.loads(GOOD[8 : 8 + HEADER])["__metadata__"]["livegan"])


def refusal(place, data: bytes) -> str | None:
    """What a person is told about a file of these bytes; None when it opens. Anything else is a failure."""
    place.write_bytes(data)
    try:
        generator = opened(place)
    except BadRequest as error:
        said = str(error)
        assert "\n" not in said
        assert 20 < len(said) < 500
        return said
    assert np.isfinite(generator.info.w_std).all()
    return None


def rebuilt(tensors: dict, changes: dict | None = None, config: dict | None = None) -> bytes:
    described = about() | (changes or {})
    described["config"] = described["config"] | (config or {})
    return save(tensors, {"livegan": json.dumps(described)})


def test_what_is_dumped_is_loaded(tmp_path):
    model = replace(weights.load(path_of("stylegan2-ada-cond-32")), licence="CC0-1.0")
    weights.dump(tmp_path / "copy.safetensors", model, {"file": "a.pkl"})
    copy = weights.load(tmp_path / "copy.safetensors")
    assert (copy.name, copy.architecture, copy.config) == ("copy", "stylegan2", model.config)
    assert copy.licence == "CC0-1.0"
    assert len(copy.sha256) == 64
    assert copy.tensors.keys() == model.tensors.keys()
    assert all(np.array_equal(copy.tensors[name], model.tensors[name]) for name in model.tensors)


def test_half_precision_is_read_as_float32(place, tensors):
    halves = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    assert refusal(place, rebuilt(halves)) is None
    assert {tensor.dtype for tensor in weights.load(place).tensors.values()} == {np.dtype(np.float32)}


def names_the_file(told: str | None) -> bool:
    return told is None or "broken" in told


@given(length=st.integers(0, len(GOOD) - 1))
@FEW
def test_a_file_that_was_cut_short_is_refused(place, length):
    assert "copy it again" in refusal(place, GOOD[:length])


@given(at=st.integers(0, 8 + HEADER - 1), value=st.integers(1, 255))
@MANY
def test_a_header_with_a_wrong_byte_is_refused_or_harmless(place, at, value):
    data = bytearray(GOOD)
    data[at] ^= value
    assert names_the_file(refusal(place, bytes(data)))


@given(flips=st.lists(st.tuples(st.integers(8 + HEADER, len(GOOD) - 1), st.integers(1, 255)), min_size=1, max_size=50))
@FEW
def test_wrong_numbers_are_refused_or_harmless(place, flips):
    data = bytearray(GOOD)
    for at, value in flips:
        data[at] ^= value
    assert names_the_file(refusal(place, bytes(data)))


@given(data=st.binary(max_size=200))
@FEW
def test_any_other_file_is_refused(place, data):
    assert refusal(place, data)


@given(
    name=st.sampled_from(sorted(json.loads(GOOD[8 : 8 + HEADER]).keys() - {"__metadata__"})),
    lie=st.sampled_from(
        [
            {"dtype": "BF16"},
            {"dtype": "F8_E4M3"},
            {"dtype": "I64"},
            {"dtype": "?"},
            {"shape": [2**40]},
            {"shape": [-1]},
            {"shape": []},
            {"data_offsets": [0, 2**60]},
            {"data_offsets": [8, 0]},
            {"data_offsets": "all"},
        ]
    ),
)
@MANY
def test_a_header_that_lies_about_a_tensor_is_refused(place, name, lie):
    header = json.loads(GOOD[8 : 8 + HEADER])
    header[name] |= lie
    text = json.dumps(header).encode()
    scalar = lie == {"shape": []} and json.loads(GOOD[8 : 8 + HEADER])[name]["shape"] == []
    assert scalar or refusal(place, struct.pack("<Q", len(text)) + text + GOOD[8 + HEADER :])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused_by_name(place, tensors, wrong):
    bias = tensors["synthesis.b8.conv1.bias"].copy()
    bias[3] = wrong
    said = refusal(place, rebuilt(tensors | {"synthesis.b8.conv1.bias": bias}))
    assert "synthesis.b8.conv1.bias" in said


def test_finite_numbers_that_overflow_are_refused(place, tensors):
    huge = {f"mapping.fc{i}.weight": np.full_like(tensors[f"mapping.fc{i}.weight"], 1e38) for i in range(2)}
    assert "not finite" in refusal(place, rebuilt(tensors | huge))


def test_every_tensor_that_is_missing_is_named(place, tensors):
    for name in tensors:
        said = refusal(place, rebuilt({other: tensor for other, tensor in tensors.items() if other != name}))
        assert name in said or name.endswith("conv1.weight")


def test_every_tensor_of_a_wrong_shape_is_refused(place, tensors):
    for name, tensor in tensors.items():
        assert "shape" in refusal(place, rebuilt(tensors | {name: np.concatenate([tensor.reshape(-1)] * 2)}))
        assert refusal(place, rebuilt(tensors | {name: tensor[:0] if tensor.ndim else tensor[None]}))


def test_tensors_that_nobody_asked_for_do_no_harm(place, tensors):
    assert refusal(place, rebuilt(tensors | {"discriminator.b4.weight": np.ones(3, np.float32)})) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "update livegan"),
        ({"format": None}, "update livegan"),
        ({"architecture": "stylegan3"}, "stylegan3"),
        ({"architecture": 7}, "architecture"),
    ],
)
def test_metadata_of_another_kind_is_refused(place, tensors, changes, said):
    assert said in refusal(place, rebuilt(tensors, changes))


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "[" * 50_000, '{"format": 1}', '{"format": 1, "config": []}', "9" * 9999]
)
def test_metadata_that_is_no_description_is_refused(place, tensors, text):
    assert refusal(place, save(tensors, {"livegan": text}))


def test_a_file_without_our_metadata_must_be_imported(place, tensors):
    assert "imported" in refusal(place, save(tensors))


@pytest.mark.parametrize(
    "config",
    [
        {"depth": 3},
        {"img_resolution": 48},
        {"img_resolution": 64},
        {"img_resolution": 10**9},
        {"start": [4, 5]},
        {"start": [0, 4]},
        {"start": [4, 10**9]},
        {"start": [4]},
        {"img_channels": 4},
        {"architecture": "resnet"},
        {"z_dim": 10**12},
        {"z_dim": 0},
        {"c_dim": 0},
        {"w_dim": "wide"},
        {"resample_filter": []},
        {"resample_filter": [1, -1]},
        {"resample_filter": [1e30, 1e30]},
        {"resample_filter": [1] * 33},
        {"conv_clamp": -1},
        {"conv_clamp": float("nan")},
        {"mapping": {"num_layers": 3}},
        {"mapping": {"num_layers": 10**9}},
        {"mapping": {"lr_multiplier": 1e300}},
        {"mapping": {"activation": "relu"}},
        {"mapping": None},
    ],
    ids=str,
)
def test_a_config_that_is_wrong_is_refused(place, tensors, config):
    assert "broken" in refusal(place, rebuilt(tensors, config=config))


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(BadRequest, match="no model file"):
        weights.load(tmp_path / "none.safetensors")
    with pytest.raises(BadRequest, match="whole"):
        weights.load(tmp_path)
