"""Every input kind, found by itself, keeps the contract of inputs/base.py."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from pydantic import ValidationError

from livegan import patch
from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Input, InputSettings
from livegan.inputs.take import save_take

KINDS = patch.kinds("inputs")
NEEDED = {
    "audio": {"source": "device:default", "bands": 12},
    "camera": {"source": "clip:dancer.mp4", "delay": "20 ms"},
    "osc": {"port": 9000, "addresses": {"/a": "x, y", "/b": {"features": "go", "kind": "event"}}, "latency": 0.05},
    "pose": {"source": "clip:dancer.mp4"},
    "hands": {"source": "clip:dancer.mp4", "landmarks": ["index_tip"]},
    "people": {"source": "clip:dancer.mp4", "slots": 3},
    "face": {"source": "clip:dancer.mp4", "landmarks": ["nose_tip"]},
    "silhouette": {"source": "clip:dancer.mp4"},
    "holistic": {"source": "clip:dancer.mp4", "mask": True},
    "keys": {"keys": ["a", "space"]},
    "motion": {"source": "clip:dancer.mp4", "directions": True},
    "marker": {"source": "clip:dancer.mp4", "tags": [0, 2], "colours": {"ball": "#20c040", "flag": [340, 20]}},
    "lfo": {"waves": {"slow": {"period": "8 s"}, "bar": {"wave": "saw", "beats": 4}}},
}
"""What a kind cannot do without; a new kind that needs something is added here."""

HEAVY = {"torch", "mediapipe", "jax", "sounddevice", "glfw", "moderngl", "rtmidi", "livegan.show"}
ASK = """
import json, sys
import psutil
from livegan import patch
kind = patch.load_class("inputs", sys.argv[1])
settings = kind.Settings.model_validate_json(sys.argv[2])
open_before = psutil.Process().num_fds(), psutil.Process().num_threads()
features = [feature.name for feature in kind.features(settings)]
same = (psutil.Process().num_fds(), psutil.Process().num_threads()) == open_before
print(json.dumps([features, same, list(sys.modules)]))
"""


@pytest.fixture(scope="module")
def part(tmp_path_factory):
    take = tmp_path_factory.mktemp("takes") / "a.safetensors"
    save_take(take, [Feature("x")], [Frame(np.zeros(1, np.float32), n / 10, np.ones(1, bool)) for n in range(3)])
    needed = {**NEEDED, "take": {"file": str(take)}}
    return lambda kind: patch.part("inputs", kind, needed.get(kind, {}), "test")


def test_there_are_inputs():
    assert {"camera", "osc", "pointer", "pose", "steady", "take"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_class_and_settings_are_of_the_contract(kind, part):
    one = part(kind)
    assert issubclass(one.type, Input)
    assert issubclass(one.type.Settings, InputSettings)
    assert isinstance(one.settings, one.type.Settings)
    with pytest.raises(ValidationError):
        one.type.Settings.model_validate({**one.settings.model_dump(), "unheard_of": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_where_it_lives_and_what_it_is_are_declared(kind, part):
    one = part(kind).type
    assert one.where in ("process", "show")
    assert one.stale_after is None or 0 < one.stale_after <= 5
    assert not (one.pixels and one.detector)
    assert 0 <= one.mask_size(part(kind).settings) <= 1024
    if one.pixels or one.detector:
        assert "source" in one.Settings.model_fields
        assert one.where == "process"
        assert one.stale_after is not None


@pytest.mark.parametrize("kind", KINDS)
def test_its_features_are_named_once_and_can_be_used(kind, part):
    one = part(kind)
    features = one.type.features(one.settings)
    names = [feature.name for feature in features]
    assert len(set(names)) == len(names)
    assert bool(features) != one.type.pixels
    assert all(feature.kind in ("linear", "angle", "step", "event") for feature in features)
    assert all(feature.max_gap > 0 and feature.unit >= 0 for feature in features)
    assert len(groups(features)) <= len(features)
    assert features == one.type.features(one.settings)


@pytest.mark.parametrize("kind", KINDS)
def test_naming_its_features_opens_nothing_and_imports_nothing_heavy(kind, part):
    one = part(kind)
    told = subprocess.run(
        [sys.executable, "-c", ASK, kind, one.settings.model_dump_json()], capture_output=True, text=True, check=True
    )
    names, same, modules = json.loads(told.stdout)
    assert names == [feature.name for feature in one.type.features(one.settings)]
    assert same, "a file, a socket or a thread was left open"
    assert not HEAVY & set(modules)


@pytest.mark.parametrize("kind", KINDS)
def test_settings_reach_its_process_as_they_are(kind, part):
    one = part(kind)
    assert one.type.Settings.model_validate_json(one.settings.model_dump_json()) == one.settings


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_closed_before_it_was_opened_and_twice(kind, part):
    one, before = part(kind).type(), set(threading.enumerate())
    one.close()
    one.close()
    assert set(threading.enumerate()) == before
    assert one.complaint == ""
