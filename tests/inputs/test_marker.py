from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame, groups
from livegan.inputs.marker import ANY, Marker
from livegan.senses.tags import placed
from tests.films import film, watched
from tests.props import Held, corners, tag, through_a_lens, with_shape, with_tag

DANCER = bundled("media") / "dancer.mp4"
PARK = Path(__file__).parent.parent / "media/park.mp4"
GREEN, PINK = (30, 200, 60), (230, 60, 190)


def settings(**changes: object) -> Marker.Settings:
    return Marker.Settings(kind="marker", source="camera:0", **changes)


def names(**changes: object) -> list[str]:
    return [feature.name for feature in Marker.features(settings(**changes))]


def there(frames: list[Frame], group: str, **changes: object) -> np.ndarray:
    at = groups(Marker.features(settings(**changes))).index(group)
    return np.array([bool(frame.present[at]) for frame in frames])


def values(frames: list[Frame], wanted: list[str], **changes: object) -> np.ndarray:
    at = [names(**changes).index(name) for name in wanted]
    return np.array([frame.data[at] for frame in frames])


def around(a: np.ndarray) -> np.ndarray:
    """Angles as the shorter way round, never negative."""
    return np.abs((a + np.pi) % (2 * np.pi) - np.pi)


@pytest.fixture(scope="module", params=["dancer", "park"])
def clip(request) -> list[np.ndarray]:
    return film(DANCER if request.param == "dancer" else PARK, 1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "what is looked for"),
        ({"tags": [50]}, "tags 0 to 49, found 50"),
        ({"tags": [1, 1]}, "twice"),
        ({"tags": [-1]}, "greater than or equal to 0"),
        ({"tags": [0], "dictionary": "DICT_9X9"}, 'found "DICT_9X9"'),
        ({"colours": {"ball": "rde"}}, 'found "rde"'),
        ({"colours": {"ball": "#909090"}}, "too pale"),
        ({"colours": {"ball": [10, 400]}}, "less than or equal to 360"),
        ({"colours": {"tag.0": "red"}}, "pattern"),
    ],
)
def test_wrong_settings_are_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        settings(**wrong)


def test_a_marker_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Marker().open(settings(tags=[0]))


def test_each_prop_is_a_group_and_any_of_them_speaks_for_the_input():
    features = Marker.features(settings(tags=[3], colours={"ball": "green"}))
    assert [(f.name, f.group, f.kind) for f in features] == [
        ("count", ANY, "step"),
        *((f"tag.3.{part}", "tag.3", "linear") for part in ("x", "y", "size")),
        ("tag.3.angle", "tag.3", "angle"),
        ("tag.3.tilt", "tag.3", "linear"),
        *((f"ball.{part}", "ball", "linear") for part in ("x", "y", "size")),
        ("ball.axis", "ball.axis", "angle"),
    ]


# Props in real footage, with blur, grain and light.


def waved(n: int, count: int) -> Held:
    """A prop moved in a circle, turned once round, nearer and farther, and leant to all sides."""
    share = 2 * np.pi * n / count
    return Held(0.5 + 0.22 * np.cos(share), 0.5 + 0.2 * np.sin(share), 0.2 + 0.1 * np.sin(3 * share), share - np.pi)


def leant(n: int, count: int) -> Held:
    held, share = waved(n, count), 2 * np.pi * n / count
    return Held(held.x, held.y, held.size, held.angle, 0.7 * abs(np.sin(2 * share)), 5 * share)


@pytest.mark.parametrize(
    ("way", "blur", "grain", "light"),
    [(waved, 0.6, 3, 1.0), (waved, 1.3, 6, 0.6), (waved, 1.0, 10, 1.2), (leant, 0.8, 5, 0.9)],
)
def test_a_tag_in_real_footage_is_found_placed_turned_and_measured(clip, way, blur, grain, light):
    clip, (height, width) = clip[::6], clip[0].shape[:2]
    how = [way(n, len(clip)) for n in range(len(clip))]
    pictures = [with_tag(picture, tag(1), held) for picture, held in zip(clip, how, strict=True)]
    pictures = [through_a_lens(one, n, blur, grain, light) for n, one in enumerate(pictures)]
    frames = watched(Marker(), settings(tags=[0, 1, 2], hold=0), pictures)
    found = there(frames, "tag.1", tags=[0, 1, 2])
    assert found.mean() >= 0.95
    told = values(frames, [f"tag.1.{part}" for part in ("x", "y", "size", "angle")], tags=[0, 1, 2])[found]
    right = np.array([placed(corners(held, width, height), width, height)[:4] for held in how])[found]
    assert np.abs(told - right)[:, :2].max() < 0.005
    assert np.abs(told[:, 2] / right[:, 2] - 1).max() < 0.03
    assert around(told[:, 3] - right[:, 3]).max() < 0.03


@pytest.mark.parametrize(("blur", "grain", "light"), [(0.6, 3, 1.0), (1.5, 8, 0.5), (1.0, 5, 1.3)])
def test_a_coloured_stick_in_real_footage_is_found_placed_turned_and_measured(clip, blur, grain, light):
    clip = clip[::6]
    how = [waved(n, len(clip)) for n in range(len(clip))]
    pictures = [with_shape(picture, PINK, held, 2.5) for picture, held in zip(clip, how, strict=True)]
    pictures = [through_a_lens(one, n, blur, grain, light) for n, one in enumerate(pictures)]
    asked = {"colours": {"stick": "pink"}}
    frames = watched(Marker(), settings(**asked, hold=0), pictures)
    assert there(frames, "stick", **asked).mean() >= 0.95
    assert there(frames, "stick.axis", **asked).mean() >= 0.95
    told = values(frames, ["stick.x", "stick.y", "stick.size", "stick.axis"], **asked)
    right = np.array([(held.x, held.y, held.size, 2 * held.angle) for held in how])
    assert np.abs(told - right)[:, :2].max() < 0.008
    assert np.abs(told[:, 2] / right[:, 2] - 1).max() < 0.12
    assert np.percentile(around(told[:, 3] - right[:, 3]) / 2, 95) < 0.06


def test_no_tag_is_seen_where_none_is(clip):
    frames = watched(Marker(), settings(tags=range(50)), clip)
    assert not any(frame.present.any() for frame in frames)


def test_what_comes_and_goes_is_there_and_not_there(clip):
    held, asked = Held(0.3, 0.4, 0.2, 0.5), {"tags": [0, 4], "colours": {"ball": "pink"}}
    clip = clip[::5]
    pictures = [
        with_tag(one, tag(4), held) if 5 <= n < 20 and n not in (10, 11, 12) else one for n, one in enumerate(clip)
    ]
    pictures = [with_shape(one, PINK, Held(0.7, 0.6, 0.1)) if 15 <= n < 30 else one for n, one in enumerate(pictures)]
    frames = watched(Marker(), settings(**asked), pictures)
    assert np.flatnonzero(there(frames, "tag.4", **asked)).tolist() == [*range(5, 24)]
    assert np.flatnonzero(there(frames, "ball", **asked)).tolist() == [*range(15, 34)]
    assert not there(frames, "tag.0", **asked).any()
    assert not there(frames, "ball.axis", **asked).any()
    assert np.flatnonzero(there(frames, ANY, **asked)).tolist() == [*range(5, 34)]
    count = values(frames, ["count"], **asked)[:, 0]
    assert (count[5:15] == 1).all()
    assert (count[15:24] == 2).all()
    assert np.array_equal(frames[-1].data, [1, *frames[29].data[1:]])


def test_nothing_is_held_across_a_cut(clip):
    asked = {"tags": [4], "colours": {"ball": "pink"}, "hold": 5}
    shown = with_shape(with_tag(clip[0], tag(4), Held(0.3, 0.4, 0.2)), PINK, Held(0.7, 0.6, 0.1))
    frames = watched(Marker(), settings(**asked), [shown, clip[1], clip[2]], cuts=(2,))
    assert [frame.present.tolist() for frame in frames] == [[True, True, True, False]] * 2 + [[False] * 4]
    assert [frame.cut for frame in frames] == [False, False, True]
    assert [frame.seen for frame in frames] == [10 + n / 30 for n in range(3)]


def test_several_props_in_one_mirrored_picture():
    scene = np.full((360, 640, 3), 140, np.uint8)
    scene = with_tag(with_tag(scene, tag(0), Held(0.2, 0.5, 0.25)), tag(2), Held(0.5, 0.4, 0.3, 1.0))
    scene = with_shape(scene, GREEN, Held(0.8, 0.5, 0.2))
    asked = {"tags": [0, 1, 2], "colours": {"ball": [110, 150], "flag": "#e03cbe"}}
    (frame,) = watched(Marker(), settings(**asked), [np.ascontiguousarray(scene[:, ::-1])])
    assert frame.present.tolist() == [True, True, False, True, True, False, False, False]
    told = values([frame], ["count", "tag.0.x", "tag.2.x", "tag.2.angle", "ball.x"], **asked)[0]
    assert np.allclose(told, (3, 0.8, 0.5, -1.0, 0.2), atol=0.01)
