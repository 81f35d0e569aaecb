from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.frame import Frame
from livegan.inputs.motion import Motion
from tests.films import film, watched

DANCER = bundled("media") / "dancer.mp4"
PARK = Path(__file__).parent.parent / "media/park.mp4"


def settings(**changes: object) -> Motion.Settings:
    return Motion.Settings(kind="motion", source="camera:0", **changes)


def named(frames: list[Frame], **changes: object) -> dict[str, np.ndarray]:
    """What each feature does over the frames."""
    names = [feature.name for feature in Motion.features(settings(**changes))]
    return dict(zip(names, np.array([frame.data for frame in frames]).T, strict=True))


@pytest.fixture(scope="module")
def dancer() -> list[np.ndarray]:
    return film(DANCER, 1)[:100]


@pytest.fixture(scope="module")
def park() -> list[np.ndarray]:
    return film(PARK, 1)


@pytest.mark.parametrize(
    "wrong", [{"grid": [0, 3]}, {"grid": [17, 3]}, {"grid": [4, 13]}, {"grid": [4]}, {"size": 20}, {"floor": 0}]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_features_are_the_whole_picture_and_then_the_cells_row_by_row():
    assert [f.name for f in Motion.features(settings(grid=(2, 1)))] == [
        *("amount", "x", "y", "expansion", "turning"),
        *("cell.0.0.amount", "cell.1.0.amount"),
    ]
    with_directions = Motion.features(settings(directions=True))
    assert len(with_directions) == 5 + 4 * 3 * 3
    assert [f.name for f in with_directions[5:9]] == ["cell.0.0.amount", "cell.0.0.x", "cell.0.0.y", "cell.1.0.amount"]
    assert {f.group for f in with_directions} == {"motion"}


def test_motion_without_pictures_is_lost():
    with pytest.raises(Lost, match="source"):
        Motion().open(settings())


def test_one_picture_tells_no_motion_and_a_cut_is_never_looked_across(dancer, park):
    scenes = [*(picture[:360, :500] for picture in dancer[:10]), *(picture[:360, :500] for picture in park[:10])]
    frames = watched(Motion(), settings(), scenes, cuts=(10,))
    assert [bool(frame.present[0]) for frame in frames] == [False] + 19 * [True]
    assert [n for n, frame in enumerate(frames) if frame.cut] == [10]
    assert np.array_equal(frames[10].data, frames[9].data)
    assert [frame.seen for frame in frames] == [10 + n / 30 for n in range(20)]
    alone = watched(Motion(), settings(), scenes[10:])
    assert all(np.array_equal(a.data, b.data) for a, b in zip(frames[11:], alone[1:], strict=True))


def test_the_dancer_moves_in_the_middle_and_not_in_the_corners(dancer):
    frames = watched(Motion(), settings(grid=(4, 4)), dancer)
    told = named(frames, grid=(4, 4))
    assert all(np.isfinite(frame.data).all() for frame in frames)
    assert 0.005 < np.median(told["amount"][1:]) < 0.05
    middle = np.mean([told[f"cell.{c}.{r}.amount"] for c in (1, 2) for r in (1, 2)])
    corners = np.mean([told[f"cell.{c}.{r}.amount"] for c in (0, 3) for r in (0, 3)])
    assert middle > 8 * corners


def test_the_clip_played_backwards_moves_the_other_way(dancer):
    there = named(watched(Motion(), settings(), dancer[:40]))
    back = named(watched(Motion(), settings(), dancer[:40][::-1]))
    for name in ("x", "y", "expansion", "turning"):
        assert np.corrcoef(there[name][1:], -back[name][1:][::-1])[0, 1] > 0.95
    assert np.corrcoef(there["amount"][1:], back["amount"][1:][::-1])[0, 1] > 0.95


def test_walkers_are_motion_where_they_walk_and_an_empty_path_is_none(park):
    told = named(watched(Motion(), settings(grid=(8, 1), directions=True), park), grid=(8, 1), directions=True)
    amount = told["amount"][1:]
    assert np.percentile(amount, 10) < 0.002
    assert np.percentile(amount, 90) > 0.01
    walking = np.array([told[f"cell.{c}.0.amount"] for c in range(8)])[:, 1:] > 0.02
    assert walking.any(axis=1).sum() >= 5
    assert walking.sum(axis=0).max() < 8


def test_half_as_many_pictures_a_second_tell_the_same(park):
    every = named(watched(Motion(), settings(), park[60:160]))["amount"]

    class Halved:
        count = 0

        def newer(self, count: int, timeout: float) -> Frame | None:
            self.count += 1
            if 2 * self.count >= 100:
                return None
            return Frame(park[60 + 2 * self.count], 2 * self.count / 30, np.empty(0, bool), self.count)

    motion, half = Motion(), []
    motion.open(settings(), Halved())
    while frame := motion.read(0.1):
        half.append(frame.data[0])
    assert np.mean(half[1:]) == pytest.approx(np.mean(every[1:]), rel=0.25)
