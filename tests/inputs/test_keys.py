import pytest
from pydantic import ValidationError

from livegan.frame import groups
from livegan.inputs.keys import KeySwitches
from tests.fakes import FakeClock


def asked(*keys: str) -> KeySwitches.Settings:
    return KeySwitches.Settings(kind="keys", keys=keys)


def opened(*keys: str) -> KeySwitches:
    switches = KeySwitches(FakeClock(5.0))
    switches.open(asked(*keys))
    return switches


def rest(switches: KeySwitches) -> list[tuple[float, list[float]]]:
    found = []
    while frame := switches.read(0.0):
        assert frame.present.tolist() == [True]
        found.append((frame.seen, frame.data.tolist()))
    return found


def test_each_key_is_a_step():
    features = KeySwitches.features(asked("a", "space", "["))
    assert [(feature.name, feature.kind) for feature in features] == [("a", "step"), ("space", "step"), ("[", "step")]
    assert groups(features) == ["keys"]


def test_none_is_held_at_first_and_each_change_is_a_frame():
    switches = opened("a", "space")
    assert rest(switches) == [(5.0, [0, 0])]
    for at, (key, down) in enumerate([("a", True), ("space", True), ("a", False), ("space", False)], 6):
        switches.feed(key, down, float(at))
    assert rest(switches) == [(6, [1, 0]), (7, [1, 1]), (8, [0, 1]), (9, [0, 0])]


def test_other_keys_are_none_of_its():
    switches = opened("a")
    rest(switches)
    switches.feed("b", True, 6.0)
    assert rest(switches) == []


def test_what_nobody_reads_does_not_grow_for_ever_and_ends_as_it_should():
    switches = opened("a")
    for at in range(5_000):
        switches.feed("a", at % 2 == 0, 6.0 + at)
    frames = rest(switches)
    assert len(frames) < 2_000
    assert frames[-1] == (5_005.0, [0])


def test_before_it_is_open_and_after_opening_again_nothing_is_held():
    switches = KeySwitches(FakeClock(5.0))
    switches.feed("a", True, 1.0)
    assert switches.read(0) is None
    switches.open(asked("a"))
    switches.feed("a", True, 6.0)
    switches.open(asked("a"))
    assert rest(switches) == [(5.0, [0])]
    switches.close()


@pytest.mark.parametrize(
    ("keys", "said"), [([], "keys"), (["A"], '"A"'), (["page down"], "page_d"), (["a"] * 2, "once")]
)
def test_settings_that_cannot_be_meant_are_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        asked(*keys)
