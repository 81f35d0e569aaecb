from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame
from livegan.inputs.base import Source
from livegan.inputs.pose import Pose
from livegan.inputs.silhouette import Silhouette
from livegan.senses.outline import SIDE
from tests.films import Pictures, film, watched

DANCER = bundled("media") / "dancer.mp4"
PARK = Path(__file__).parent.parent / "media/park.mp4"
NAMES = [feature.name for feature in Silhouette.features(None)]
BOX = [NAMES.index(name) for name in ("left", "top", "right", "bottom")]


def settings(**changes: object) -> Silhouette.Settings:
    return Silhouette.Settings(kind="silhouette", source="camera:0", **changes)


class Seeing(Silhouette):
    """The real detector, with every mask that it gave."""

    def open(self, settings: Silhouette.Settings, source: Source | None = None) -> None:
        super().open(settings, source)
        self.masks: list[np.ndarray] = []

    def read(self, timeout: float) -> Frame | None:
        frame = super().read(timeout)
        if frame is not None:
            self.masks.append(self.mask)
        return frame


def seen(pictures: list[np.ndarray], **changes: object) -> tuple[list[Frame], list[np.ndarray]]:
    one = Seeing()
    return watched(one, settings(**changes), pictures), one.masks


def there(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.present[0] for frame in frames])


def pose_boxes(pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes [N, 4] around the landmarks of another input (left, top, right, bottom), and whether there is one."""
    wanted = Pose.Settings(kind="pose", source="camera:0", features="body")
    frames = watched(Pose(), wanted, pictures)
    points = np.array([frame.data[-66:].reshape(-1, 2) for frame in frames])
    return np.concatenate((points.min(axis=1), points.max(axis=1)), axis=1), np.array([f.present[-1] for f in frames])


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes [N, 4]."""
    common = np.maximum(0, np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])).prod(axis=1)
    return common / ((a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1) - common)


def centres(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


@pytest.fixture(scope="module")
def dancer() -> list[np.ndarray]:
    return film(DANCER, 4)


@pytest.fixture(scope="module")
def danced(dancer) -> tuple[list[Frame], list[np.ndarray]]:
    return seen(dancer)


@pytest.mark.parametrize("wrong", [{"model": "pose"}, {"smallest": 0.0}, {"smallest": 1.0}, {"size": 3}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_a_silhouette_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Silhouette().open(settings())


def test_the_outline_of_the_dancer_is_where_his_pose_is(danced, dancer):
    boxes, found = pose_boxes(dancer)
    own = np.array([frame.data for frame in danced[0]])[:, BOX]
    assert there(danced[0]).all()
    assert found.all()
    assert np.median(overlap(own, boxes)) >= 0.8
    assert np.abs(centres(own) - centres(boxes)).max() < 0.1


def test_the_mask_is_the_dancer_and_black_around_him(danced, dancer):
    frames, masks = danced
    boxes, _ = pose_boxes(dancer)
    assert len(masks) == len(frames) == len(dancer)
    shares = []
    for mask, frame, box in zip(masks, frames, boxes, strict=True):
        assert mask.shape[2] == 1
        assert mask.dtype == np.uint8
        assert max(mask.shape) <= SIDE
        assert mask.mean() / 255 == pytest.approx(frame.data[NAMES.index("area")], rel=0.1)
        height, width = mask.shape[:2]
        (left, top), (right, bottom) = (box[:2] - 0.1) * (width, height), (box[2:] + 0.1) * (width, height)
        inside = mask[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
        shares.append(inside.sum() / mask.sum())
    assert np.mean(np.array(shares) > 0.98) >= 0.95  # a pose may miss a hand that its mask has


def test_the_selfie_model_sees_the_dancer_too_though_less_well(dancer):
    frames, _ = seen(dancer, model="selfie")
    own = np.array([frame.data for frame in frames])[:, BOX]
    boxes, _ = pose_boxes(dancer)
    assert there(frames).mean() >= 0.95
    assert np.median(np.abs(centres(own) - centres(boxes)).max(axis=1)) < 0.1


@pytest.mark.parametrize("model", ["body", "selfie"])
def test_nobody_is_on_empty_pictures_and_no_mask_either(dancer, model):
    height, width = dancer[0].shape[:2]
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    frames, masks = seen([np.zeros_like(noise), np.full_like(noise, 90), noise], model=model)
    assert not there(frames).any()
    assert not any(mask.any() for mask in masks)


def test_who_leaves_leaves_his_numbers_and_takes_his_mask(dancer):
    empty = np.full_like(dancer[0], 90)
    frames, masks = seen(dancer[:5] + [empty] * 5)
    assert there(frames)[:5].all()
    assert not there(frames)[-3:].any()
    assert not any(mask.any() for mask in masks[-3:])
    assert frames[-1].data[NAMES.index("area")] > 0.05
    assert {mask.shape for mask in masks} == {masks[0].shape}


def test_walkers_far_away_are_found_and_another_one_is_a_cut():
    frames, _ = seen(film(PARK, 4))
    assert there(frames).mean() > 0.8
    x = np.array([frame.data[NAMES.index("x")] for frame in frames])
    jumps = np.flatnonzero(np.abs(np.diff(x)) > 0.2) + 1
    assert len(jumps) >= 1
    assert all(frames[n].cut for n in jumps)


def test_a_smallest_outline_keeps_those_who_are_too_far_out():
    frames, masks = seen(film(PARK, 8), smallest=0.05)
    assert not there(frames).any()
    assert not any(mask.any() for mask in masks)


def test_a_clip_that_loops_is_a_cut(dancer):
    frames = watched(Silhouette(), settings(), dancer[:6], cuts=(3,))
    assert [n for n, frame in enumerate(frames) if frame.cut] == [0, 3]
    assert Pictures(dancer, (3,)).newer(0, 0.1).cut is False
