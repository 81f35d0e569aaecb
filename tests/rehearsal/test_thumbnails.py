"""Thumbnails: only where the patch asks, of the camera and the look, beside the round that they show."""

import cv2
import numpy as np
import pytest

from livegan.frame import Frame
from livegan.rehearsal.thumbnails import SIZE, jpeg, small
from tests.rehearsal.rig import Rig

QUICK = "count = 1.0\nseconds = 1.0\n"


class Camera:
    """A camera's ring with one picture: its left half is red."""

    def __init__(self) -> None:
        self.picture = np.zeros((240, 320, 3), np.uint8)
        self.picture[:, :160, 0] = 255

    def newest(self):
        return type("Arrival", (), {"frame": Frame(self.picture, 1.0, np.empty(0, bool), 1)})


def taught(tmp_path, teach: str) -> Rig:
    rig = Rig(tmp_path, QUICK + teach, cameras={"camera:0": Camera()})
    rig.go(1.0)
    rig.ask(rig.rehearsal.choosing.seed, 3)
    rig.ask(rig.rehearsal.keep, "rose")
    rig.ask(rig.rehearsal.teach)
    rig.go(3.0)
    return rig


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_round_has_its_thumbnails_when_the_patch_asks(tmp_path):
    folder = taught(tmp_path, "thumbnails = true\n").rehearsal.lectern.rounds.folder / "thumbnails"
    assert sorted(path.name for path in folder.iterdir()) == ["1-camera.jpg", "1-look.jpg"]
    camera = cv2.cvtColor(cv2.imread(str(folder / "1-camera.jpg")), cv2.COLOR_BGR2RGB)
    assert camera.shape == (SIZE * 240 // 320, SIZE, 3)
    assert camera[:, :70, 0].min() > 200
    assert camera[:, 90:].max() < 60


def test_no_pixel_reaches_the_disk_otherwise(tmp_path):
    assert not (taught(tmp_path, "").rehearsal.lectern.rounds.folder / "thumbnails").exists()


def test_a_round_that_was_cancelled_leaves_none(tmp_path):
    rig = Rig(tmp_path, QUICK + "thumbnails = true\n", cameras={"camera:0": Camera()})
    rig.go(1.0)
    rig.ask(rig.rehearsal.choosing.seed, 3)
    rig.ask(rig.rehearsal.keep, "rose")
    rig.ask(rig.rehearsal.teach)
    rig.go(1.5)
    rig.ask(rig.rehearsal.cancel)
    rig.go(1.0)
    assert not (rig.rehearsal.lectern.rounds.folder / "thumbnails").exists()


def test_pictures_become_small_and_keep_their_shape():
    assert small(np.zeros((100, 50, 3), np.uint8)).shape == (100, 50, 3)
    assert small(np.zeros((1000, 500, 3), np.uint8)).shape == (SIZE, SIZE // 2, 3)
    assert jpeg(np.zeros((10, 10, 3), np.uint8))[:2] == b"\xff\xd8"
