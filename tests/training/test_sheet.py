"""Sheets have each picture in its place; the video shows them in order, the last one longest."""

import av
import numpy as np
import pytest
from PIL import Image

from livegan.training.sheet import COLUMNS, ROWS, enlarged, sheet, write_progress, write_sheet


def greys(step, size=16):
    """28 pictures that differ, darker or lighter by the step."""
    levels = np.linspace(0, 60, COLUMNS * ROWS) + step
    return np.broadcast_to(levels[:, None, None, None], (COLUMNS * ROWS, size, size, 3)).astype(np.uint8)


def test_pictures_are_in_rows_of_seven():
    found = sheet(greys(100))
    assert found.shape == (ROWS * 16, COLUMNS * 16, 3)
    assert (found[:16, 16:32] == greys(100)[1]).all()
    assert (found[16:32, :16] == greys(100)[7]).all()


def test_pictures_of_a_training_that_has_not_grown_yet_are_enlarged():
    found = enlarged(np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3), 4)
    assert found.shape == (1, 4, 4, 3)
    assert (found[0, :2, 2:] == [3, 4, 5]).all()


def test_a_sheet_is_a_picture_on_disk(tmp_path):
    write_sheet(tmp_path, 500, greys(50))
    with Image.open(tmp_path / "000500.jpg") as image:
        assert np.abs(np.asarray(image).astype(int) - sheet(greys(50))).max() < 12


def brightness(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray").mean() for frame in film.decode(video=0)]


@pytest.mark.parametrize("count", [1, 5, 200])
def test_the_video_goes_from_the_first_sheet_to_the_last(tmp_path, count):
    for step in range(count):
        Image.fromarray(sheet(greys(150 * step / max(1, count - 1), 2))).resize((42, 24)).save(
            tmp_path / f"{step:06d}.jpg"
        )
    write_progress(tmp_path, tmp_path / "progress.mp4")
    found = brightness(tmp_path / "progress.mp4")
    assert len(found) == min(count, 100) + 16
    assert np.ptp(found[-16:]) < 3
    assert (np.diff(found) > -3).all()
    if count > 1:
        assert found[-1] - found[0] > 100


def test_where_there_is_no_sheet_there_is_no_video(tmp_path):
    write_progress(tmp_path, tmp_path / "progress.mp4")
    assert list(tmp_path.iterdir()) == []
