from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.files import bundled
from livegan.inputs.camera import FROZEN, Camera, device_index, devices, shrunk
from tests.fakes import FakeClock

DANCER = bundled("media") / "dancer.mp4"


def clip(clock: FakeClock, path: Path = DANCER, **changes: object) -> Camera:
    camera = Camera(clock)
    camera.open(Camera.Settings(kind="camera", source=f"clip:{path}", **changes))
    return camera


class Capture:
    """A driver: pictures made by `picture(n)` at 30 a second of the fake clock; stands in for cv2.VideoCapture."""

    def __init__(self, clock: FakeClock, picture, opened: bool = True, stamp: float = 0.0) -> None:
        self.clock, self.picture, self.opened, self.stamp = clock, picture, opened, stamp
        self.number, self.released = -1, 0

    def isOpened(self) -> bool:
        return self.opened

    def grab(self) -> bool:
        self.clock.time += 1 / 30
        self.number += 1
        return self.picture(self.number) is not False

    def retrieve(self):
        picture = self.picture(self.number)
        self.clock.time += 0.02  # decoding takes its time, and must not be in `seen`
        return picture is not None, picture

    def get(self, _: int) -> float:
        return 1000 * (self.clock.time - self.stamp) if self.stamp else 0.0

    def release(self) -> None:
        self.released += 1


def read_many(camera: Camera, count: int) -> None:
    for _ in range(count):
        camera.read(0.25)


def noise(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)


def live(clock: FakeClock, picture=noise, stamp: float = 0.0, opened: bool = True, **changes: object):
    capture = Capture(clock, picture, opened, stamp)
    camera = Camera(clock, lambda settings: capture)
    camera.open(Camera.Settings(kind="camera", source="camera:0", **changes))
    return camera, capture


def test_a_clip_plays_at_its_own_speed_and_cuts_where_it_begins_again():
    clock = FakeClock(100.0)
    camera = clip(clock)
    frames, had = [], []
    for _ in range(405):
        frames.append(camera.read(1.0))
        had.append(clock.now())
    seen = np.array([frame.seen for frame in frames])
    assert np.allclose(seen, 100 + np.arange(405) / 30, atol=1e-6)
    assert np.array_equal(seen, had)  # neither early nor, with time to spare, late
    assert [n for n, frame in enumerate(frames) if frame.cut] == [200, 400]
    assert np.array_equal(frames[3].data, frames[203].data)
    assert not np.array_equal(frames[3].data, frames[30].data)
    camera.close()
    camera.close()


def test_frames_are_contiguous_rgb_and_carry_no_presence():
    frame = clip(FakeClock()).read(1.0)
    truth = cv2.cvtColor(cv2.VideoCapture(str(DANCER)).read()[1], cv2.COLOR_BGR2RGB)
    assert frame.data.shape == (640, 532, 3)
    assert frame.data.dtype == np.uint8
    assert frame.data.flags.c_contiguous
    assert frame.present.shape == (0,)
    assert np.abs(frame.data.astype(int) - truth).mean() < 2


def test_a_frame_is_never_early():
    clock = FakeClock(10.0)
    camera = clip(clock)
    camera.read(0.0)
    assert camera.read(0.01) is None
    assert clock.now() == pytest.approx(10.01)
    assert camera.read(0.1).seen == pytest.approx(10 + 1 / 30)


def test_who_comes_late_gets_the_newest_frame_and_hears_of_the_cut():
    clock = FakeClock(0.0)
    camera = clip(clock)
    camera.read(0.0)
    clock.time = 1.01
    assert camera.read(0.0).seen == pytest.approx(1.0)
    clock.time = 200 / 30 + 0.51
    frame = camera.read(0.0)
    assert (frame.seen, frame.cut) == (pytest.approx(200 / 30 + 0.5), True)
    clock.time = 3600.0
    assert 3600 - camera.read(0.0).seen < 0.04
    assert camera.read(0.1).cut is False


def test_a_clip_that_does_not_loop_falls_silent():
    clock = FakeClock(0.0)
    camera = clip(clock, loop=False)
    frames = [camera.read(0.1) for _ in range(210)]
    assert all(frames[:200])
    assert frames[200:] == [None] * 10
    assert clock.now() == pytest.approx(199 / 30 + 1.0, abs=1e-3)


def test_large_pictures_shrink_and_small_ones_stay():
    assert clip(FakeClock(), size=320).read(0.0).data.shape == (320, 266, 3)
    assert clip(FakeClock(), size=4096).read(0.0).data.shape == (640, 532, 3)
    assert shrunk(np.zeros((10, 1000, 3), np.uint8), 64).shape == (1, 64, 3)


def test_devices_are_mirrored_and_clips_are_not_unless_asked():
    plain, mirrored = clip(FakeClock()).read(0.0).data, clip(FakeClock(), mirror=True).read(0.0).data
    assert np.array_equal(plain[:, ::-1], mirrored)
    assert np.array_equal(live(FakeClock())[0].read(0.0).data, noise(0)[:, ::-1, ::-1])
    assert np.array_equal(live(FakeClock(), mirror=False)[0].read(0.0).data, noise(0)[:, :, ::-1])


def test_a_clip_filmed_upright_is_turned(tmp_path):
    data = bytearray(DANCER.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    one = (1 << 16).to_bytes(4, "big")
    minus, nought = (-1 << 16).to_bytes(4, "big", signed=True), bytes(4)
    data[matrix : matrix + 20] = nought + one + nought + minus + nought  # a quarter turn clockwise
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    upright = clip(FakeClock(), turned).read(0.0).data
    assert np.array_equal(upright, np.rot90(clip(FakeClock()).read(0.0).data, -1))


@pytest.mark.parametrize("content", [b"", b"no film at all" * 100, DANCER.read_bytes()[:3000]])
def test_a_damaged_clip_is_lost_in_one_sentence(tmp_path, content):
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(Lost, match=r"^the clip .*broken\.mp4 [^\n]*$"):
        clip(FakeClock(), path)


def test_a_clip_that_went_away_is_lost(tmp_path):
    path = tmp_path / "gone.mp4"
    path.write_bytes(b"x")
    settings = Camera.Settings(kind="camera", source=f"clip:{path}")
    path.unlink()
    with pytest.raises(Lost, match="cannot be read"):
        Camera(FakeClock()).open(settings)


def test_a_device_is_seen_before_it_is_decoded():
    clock = FakeClock(50.0)
    camera, _ = live(clock, delay="30 ms")
    assert camera.read(0.0).seen == pytest.approx(50 + 1 / 30 - 0.03)


@pytest.mark.parametrize(("age", "believed"), [(0.012, True), (40.0, False), (-5.0, False)])
def test_the_drivers_stamp_is_believed_when_it_is_on_our_clock(age, believed):
    camera, _ = live(FakeClock(50.0), stamp=age)
    assert camera.read(0.0).seen == pytest.approx(50 + 1 / 30 - (age if believed else 0))


def broken(number: int):
    raise cv2.error("select() timeout")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda n: noise(n) if n < 5 else False, "no more pictures"),
        (lambda n: noise(n) if n % 2 == 0 else False, "no more pictures"),
        (lambda n: noise(n) if n < 5 else None, "no picture"),
        (lambda n: np.zeros(7, np.uint8), "no picture"),
        (lambda n: noise(min(n, 5)), "same picture"),
        (broken, "failed in its driver"),
    ],
)
def test_every_fault_of_a_driver_is_lost_in_one_sentence(fault, says):
    clock = FakeClock(0.0)
    camera, capture = live(clock, fault)
    with pytest.raises(Lost, match=says) as lost:
        read_many(camera, 100)
    assert "\n" not in str(lost.value)
    assert clock.now() < FROZEN + 0.6
    camera.close()
    assert capture.released == 1


def reopened(pictures) -> Camera:
    """A camera that hung at noise(5), and whose device shows these pictures when it is opened again."""
    clock, captures = FakeClock(), [lambda n: noise(min(n, 5)), pictures]
    camera = Camera(clock, lambda settings: Capture(clock, captures.pop(0)))
    settings = Camera.Settings(kind="camera", source="camera:0")
    camera.open(settings)
    with pytest.raises(Lost, match="same picture"):
        read_many(camera, 100)
    camera.close()
    camera.open(settings)
    return camera


@pytest.mark.parametrize(
    "pictures",
    [
        lambda n: noise(5),
        lambda n: noise(5 if n else 77),
        lambda n: noise(78 if n else 77),
        lambda n: noise(5 - (n < 9)),
    ],
    ids=["at the same", "after one of any kind", "at another", "after another"],
)
def test_a_hang_that_goes_on_after_opening_again_is_lost_before_a_picture_comes(pictures):
    with pytest.raises(Lost, match="same picture"):
        reopened(pictures)


@pytest.mark.parametrize("first", [5, 77], ids=["frozen", "any"])
@pytest.mark.parametrize("more", [2, 20])
def test_after_a_hang_the_picture_comes_as_soon_as_it_moves(first, more):
    camera = reopened(lambda n: noise(100 + n if n >= more else 5 if n else first))
    assert np.array_equal(camera.read(0.0).data, noise(100 + more + 1)[:, ::-1, ::-1])


def test_a_device_that_changes_its_size_goes_on():
    camera, _ = live(FakeClock(), lambda n: noise(n) if n < 2 else np.full((90, 160, 3), n, np.uint8), size=64)
    assert [camera.read(0.0).data.shape for _ in range(4)] == [(48, 64, 3)] * 2 + [(36, 64, 3)] * 2


def test_a_device_that_does_not_open_is_lost_and_released():
    with pytest.raises(Lost, match='camera "0" does not open'):
        live(FakeClock(), opened=False)


def test_a_real_capture_is_read_to_its_end():
    camera = Camera(FakeClock(), lambda settings: cv2.VideoCapture(str(DANCER)))
    camera.open(Camera.Settings(kind="camera", source="camera:film"))
    assert camera.read(0.1).data.shape == (640, 532, 3)
    with pytest.raises(Lost, match='"film" gives no more'):
        read_many(camera, 200)


@pytest.fixture
def machine(tmp_path):
    """A folder that looks like a Linux machine with two cameras, each with a second node without pictures."""
    for number, name in enumerate(["HD Pro Webcam C920", "HD Pro Webcam C920", "Stage Cam", "Stage Cam"]):
        folder = tmp_path / f"sys/class/video4linux/video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / f"dev/video{number}").touch()
    by_id = tmp_path / "dev/v4l/by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-046d_HD_Pro_Webcam_C920_D1FA-video-index0").symlink_to("../../video0")
    (by_id / "usb-046d_HD_Pro_Webcam_C920_D1FA-video-index1").symlink_to("../../video1")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("3", 3),
        ("/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_D1FA-video-index0", 0),
        ("/dev/video2", 2),
        ("stage", 2),
        ("C920", 0),
        ("046d_HD", 0),
    ],
)
def test_a_camera_is_found_by_number_path_or_name(machine, name, index):
    assert device_index(name, machine) == index


def test_a_camera_is_found_where_it_is_now(machine):
    link = machine / "dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_D1FA-video-index0"
    (machine / "dev/video7").touch()
    link.unlink()
    link.symlink_to("../../video7")
    assert device_index(f"/dev/v4l/by-id/{link.name}", machine) == 7


@pytest.mark.parametrize("name", ["nowhere", "/dev/v4l/by-id/usb-unplugged"])
def test_a_camera_that_is_not_there_is_told_with_those_that_are(machine, name):
    with pytest.raises(Lost, match=r"0: HD Pro Webcam C920.*2: Stage Cam"):
        device_index(name, machine)
    assert list(devices(machine)) == [0, 1, 2, 3]


@pytest.mark.parametrize("wrong", [{"source": "film.mp4"}, {"source": "clip:"}, {"size": 0}, {"delay": -1}, {"x": 1}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        Camera.Settings(**{"kind": "camera", "source": "camera:0"} | wrong)


@pytest.mark.parametrize("size", [640, 1280])
def test_a_device_that_is_not_there_is_lost_with_the_real_driver(size):
    with pytest.raises(Lost, match='camera "63" does not open'):
        Camera().open(Camera.Settings(kind="camera", source="camera:63", size=size))
