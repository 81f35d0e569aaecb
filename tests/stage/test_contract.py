"""Every stage kind, found by itself, keeps the contract of stage/base.py."""

import inspect
import subprocess
import sys

import pytest
from pydantic import ValidationError

from livegan import patch
from livegan.stage.base import Stage, StageSettings

KINDS = patch.kinds("stage")


def test_there_are_stages():
    assert {"offscreen", "window"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_class_and_settings_are_of_the_contract(kind):
    one = patch.part("stage", kind, {}, "test")
    assert issubclass(one.type, Stage)
    assert not inspect.isabstract(one.type)
    assert issubclass(one.type.Settings, StageSettings)
    assert one.type.Settings.model_validate_json(one.settings.model_dump_json()) == one.settings
    with pytest.raises(ValidationError):
        one.type.Settings(kind=kind, sise=(10, 10))


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_closed_before_it_was_opened_and_twice(kind):
    one = patch.part("stage", kind, {}, "test").type()
    assert one.period is None
    one.close()
    one.close()


@pytest.mark.parametrize("kind", KINDS)
def test_it_knows_nothing_of_learning_or_bodies(kind):
    code = f"import sys; from livegan import patch; patch.load_class('stage', {kind!r}); print(' '.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "mediapipe", "cv2", "sklearn", "livegan.show", "livegan.inputs"} & set(told.stdout.split())
