"""Settings of an output: what they forbid, and what they do to a number."""

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.mapping.outputs import OutputSettings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"min": 2}, "above its max"),
        ({"type": "class"}, "how many there are"),
        ({"type": "gesture"}, "how many there are"),
        ({"classes": 3}, 'for the types "class"'),
        ({"features": []}, "at least 1"),
        ({"features": ["a", "b", "a"]}, '"a" is there twice'),
        ({"model": "../net"}, "pattern"),
        ({"limits": "hrad"}, "hard"),
        ({"smoth": 1}, "Extra inputs"),
        ({"max": float("nan")}, "finite"),
        ({"messages": ["/a"]}, "messages are for gestures"),
        ({"type": "gesture", "classes": 2, "messages": ["/a"]}, "one for each"),
        ({"type": "gesture", "classes": 1, "messages": ["jump"]}, "pattern"),
        ({"type": "gesture", "classes": 1, "messages": ["/a b"]}, "pattern"),
        ({"type": "gesture", "classes": 1, "messages": ["/jump*"]}, "pattern"),
        ({"type": "gesture", "classes": 1, "messages": ["/größe"]}, "pattern"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, said):
    with pytest.raises(ValidationError, match=said):
        OutputSettings.model_validate(settings)


def test_each_type_has_its_usual_model_and_a_default():
    told = [
        OutputSettings(min=0.25),
        OutputSettings(type="class", classes=2),
        OutputSettings(type="gesture", classes=2),
    ]
    assert [one.kind for one in told] == ["rbf", "knn", "dtw"]
    assert [one.default for one in told] == [0.25, 1, 1]
    assert OutputSettings(model="net").kind == "net"


def test_what_an_example_may_ask_for():
    number, hard = OutputSettings(), OutputSettings(limits="hard")
    one = OutputSettings(type="class", classes=3)
    assert [number.allows(v) for v in (2.5, np.nan, np.inf)] == [True, True, False]
    assert [hard.allows(v) for v in (0, 1, 1.5, np.nan)] == [True, True, False, True]
    assert [one.allows(v) for v in (0, 3, 4, -1, 1.5, np.inf, np.nan)] == [True, True, *[False] * 4, True]


def test_a_gesture_is_told_by_its_own_message_or_the_usual_one():
    own = OutputSettings(type="gesture", classes=2, messages=["/jump", "/turn/left"])
    assert [own.message(number, "/it") for number in (1, 2)] == ["/jump", "/turn/left"]
    assert OutputSettings(type="gesture", classes=2).message(2, "/it_2") == "/it_2"
