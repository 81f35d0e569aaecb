"""The flash of a stage, seen by a camera that is late by what we know; where the delay is kept and who takes it."""

import contextlib
import json

import numpy as np
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.control import latency as measuring
from livegan.control.flash import SHORTEST, Edge, seen
from livegan.control.latency import Wanted, chosen, flashed, latency, seconds, told, watching
from livegan.errors import BadRequest, Failure
from livegan.frame import Frame
from livegan.inputs.camera import Camera, CameraSettings, stable_name
from livegan.senses import delays
from livegan.senses.delays import Delay
from livegan.stage.base import Event, Scene, Stage, StageSettings
from livegan.stage.offscreen import Offscreen
from livegan.stage.window import Window, WindowSettings
from tests.fakes import FakeClock
from tests.inputs.test_camera import Capture, noise
from tests.shows import livegan

COUNT = 40


class Watched(Stage):
    """A stage, and what was lit on it since when, by a fake clock."""

    def __init__(self, inner: Stage, clock: FakeClock, presses: tuple[Event, ...] = ()) -> None:
        self.inner, self.clock, self.presses = inner, clock, list(presses)
        self.lit: list[tuple[float, float]] = [(-np.inf, 0.0)]
        self.scene: Scene | None = None

    def open(self, settings: StageSettings, title: str = "") -> None:
        self.inner.open(settings, title)

    def show(self, scene: Scene) -> None:
        self.inner.show(scene)
        if scene is not self.scene:
            self.scene = scene
            self.lit.append((self.clock.now(), self.inner.read().mean() / 255))

    def events(self) -> list[Event]:
        return [*self.inner.events(), *self.presses]

    def read(self) -> np.ndarray:
        return self.inner.read()

    def close(self) -> None:
        self.inner.close()


class Filming:
    """A camera that looks at a stage: 30 pictures a second, stamped `delay` after the middle of their exposure.

    dim: levels of 255 by which the stage is lighter. exposure: seconds. auto: how strongly it evens brightness out.
    """

    def __init__(self, stage: Watched, clock: FakeClock, delay: float, dim=120.0, exposure=1 / 30, auto=0.0, fps=30):
        self.stage, self.clock, self.delay, self.dim, self.exposure = stage, clock, delay, dim, exposure
        self.auto, self.gain, self.fps = auto, 1.0, fps
        self.chance, self.next, self.count = np.random.default_rng(5), clock.now() + 0.0117, 0

    def watch(self) -> list[Frame]:
        frames = []
        while self.next <= self.clock.now():
            self.count += 1
            frames.append(Frame(self._picture(self.next), self.next, np.empty(0, bool), self.count))
            self.next += 1 / self.fps * (1 + 1e-4)  # no two crystals agree
        return frames

    def _picture(self, stamp: float) -> np.ndarray:
        moments = stamp - self.delay + self.exposure * (np.arange(40) / 40 - 0.5)
        starts, levels = np.array(self.stage.lit).T
        light = levels[np.searchsorted(starts, moments, side="right") - 1].mean()
        picture = np.full((36, 48, 3), 40.0)
        picture[8:28, 10:34] += self.dim * light
        picture *= self.gain
        self.gain += self.auto / self.fps * (60 / max(picture.mean(), 1.0) - self.gain)
        return np.clip(picture + self.chance.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def found(stage: Stage, settings: StageSettings, seed: int = 1, count: int = COUNT, **camera):
    clock = FakeClock()
    one = Watched(stage, clock)
    filming = Filming(one, clock, **camera)
    with contextlib.closing(one):
        one.open(settings)
        return seen(*flashed(one, filming.watch, clock, count, np.random.default_rng(seed)))


def offscreen(seed: int = 1, count: int = COUNT, **camera):
    return found(Offscreen(), StageSettings(kind="offscreen", size=(64, 64), fit="cover"), seed, count, **camera)


CAMERAS = {
    "a usual one": {"delay": 0.087},
    "a quick one in bright light": {"delay": 0.031, "exposure": 0.004},
    "a slow one": {"delay": 0.21, "exposure": 0.02},
    "a dim screen": {"delay": 0.087, "dim": 6.0},
    "automatic exposure": {"delay": 0.087, "auto": 3.0},
    "60 pictures a second": {"delay": 0.055, "exposure": 1 / 60, "fps": 60},
}


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS.keys())
def test_the_delay_of_a_camera_is_found_within_5_ms(camera):
    one = offscreen(**camera)
    assert one.middle == pytest.approx(camera["delay"], abs=0.005)
    assert one.low < one.high
    assert one.count >= 0.9 * one.of == 0.9 * COUNT


def test_the_same_in_a_window(display):
    settings = WindowSettings(kind="window", size=(320, 240), fit="cover")
    assert found(Window(), settings, count=30, delay=0.12).middle == pytest.approx(0.12, abs=0.005)


@pytest.mark.parametrize("seed", range(3))
def test_a_camera_that_looks_elsewhere_is_told_and_no_delay_made_up(seed):
    with pytest.raises(Failure, match=r"does not see the stage flash.*--set"):
        offscreen(seed, delay=0.08, dim=0.0, count=20)


def test_a_lamp_that_flickers_is_not_the_stage():
    edges = [Edge(10 + 0.7 * n + 0.1 * (n % 3), n % 2 == 0) for n in range(30)]
    stamps = np.arange(9.0, 32.0, 1 / 30)
    lamp = 80 + 60 * np.sign(np.sin(2 * np.pi * 1.37 * stamps))[:, None, None] * np.ones((1, 6, 8))
    with pytest.raises(Failure, match="--set"):
        seen(lamp.astype(np.float32), stamps, edges)


def test_a_camera_without_pictures_is_told():
    with pytest.raises(Failure, match="gave no pictures"):
        seen(np.zeros((2, 4, 4), np.float32), np.array([9.0, 9.1]), [Edge(10.0, True), Edge(10.6, False)])


def test_the_screen_never_flashes_quickly_and_a_key_ends_it():
    clock = FakeClock()
    one = Watched(Offscreen(), clock)
    with contextlib.closing(one):
        one.open(StageSettings(kind="offscreen", size=(64, 64)))
        _, _, edges = flashed(one, Filming(one, clock, 0.1).watch, clock, 12, np.random.default_rng(0))
        assert np.diff([edge.at for edge in edges]).min() >= SHORTEST - 1e-6
        assert [edge.light for edge in edges] == [True, False] * 6
        one.presses.append(Event("key", "escape", down=True))
        with pytest.raises(Failure, match="nothing is changed"):
            flashed(one, Filming(one, clock, 0.1).watch, clock, 12, np.random.default_rng(0))


def test_a_camera_that_is_not_there_is_told_in_its_own_words():
    settings = CameraSettings(kind="camera", source="camera:not plugged in")
    clock = SystemClock()

    def waited():
        with watching(settings, clock) as watch:
            while not watch():
                clock.sleep_until(clock.now() + 0.05)

    with pytest.raises(Failure, match=r"there is no camera \"not plugged in\""):
        waited()


def test_a_camera_in_its_own_process_is_watched():
    settings = CameraSettings(kind="camera", source=f"clip:{measuring.files.bundled('media') / 'dancer.mp4'}")
    clock, counts = SystemClock(), []
    with watching(settings, clock) as watch:
        while len(counts) < 5:
            counts += [frame.count for frame in watch()]
            clock.sleep_until(clock.now() + 0.01)
    assert counts == sorted(set(counts))


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def patched(folder, text: str) -> str:
    (folder / "show.toml").write_text(text)
    return "show.toml"


POSE = '[input.body]\nkind = "pose"\nsource = "camera:0"\n'
TABLE = '[input.cam]\nkind = "camera"\nsource = "camera:0"\nsize = 1280\ndelay = "40 ms"\n'


def test_a_delay_by_hand_is_kept_and_the_camera_takes_it(home):
    said = []
    latency(Wanted(set="85ms"), said.append)
    assert 'delay = "85 ms"' in said[-1]
    clock = FakeClock()
    camera = Camera(clock, lambda settings: Capture(clock, noise))
    camera.open(CameraSettings(kind="camera", source="camera:0"))
    frame = camera.read(1.0)
    assert clock.now() - 0.02 - frame.seen == pytest.approx(0.085)


def test_the_command_line_keeps_it(home):
    running = livegan("latency", "--camera", "camera:3", "--set", "85ms", cwd=home)
    out, err = running.communicate(timeout=120)
    assert (running.returncode, err) == (0, "")
    assert "85 ms are kept for 3 at 640 pixels" in out
    wrong = livegan("latency", "--set", "soon", cwd=home)
    assert "0 to 2 seconds" in wrong.communicate(timeout=120)[1]
    assert wrong.returncode == 2


@pytest.mark.parametrize(("table", "taken"), [({"delay": 0.0}, 0.0), ({"delay": 0.2}, 0.2), ({"size": 320}, 0.0)])
def test_the_patch_rules_and_another_size_is_another_camera(home, table, taken):
    delays.keep(Delay("0", 640, 0.085))
    clock = FakeClock()
    camera = Camera(clock, lambda settings: Capture(clock, noise))
    camera.open(CameraSettings(kind="camera", source="camera:0", **table))
    assert clock.now() + 1 / 30 - camera.read(1.0).seen == pytest.approx(taken)


def test_it_is_told_when_the_patch_says_otherwise(home):
    said = []
    latency(Wanted(patched(home, POSE + TABLE), set="90 ms"), said.append)
    assert "input.cam.delay, 40 ms, rules" in said[1]
    kept = json.loads((home / "livegan/cameras.json").read_text())
    assert kept == [{"camera": "0", "size": 1280, "delay": 0.09, "spread": 0.0}]
    assert "40 ms" in (home / "show.toml").read_text()


def test_which_camera_is_meant(home):
    plan = patch.read(home / patched(home, POSE + TABLE))
    assert chosen(plan, None) == ("cam", plan.inputs["cam"].settings)
    assert chosen(plan, "camera:2")[1].source == "camera:2"
    assert chosen(None, None)[1].source == "camera:0"
    with pytest.raises(BadRequest, match="--camera camera:0"):
        chosen(patch.read(home / patched(home, POSE.replace("camera:0", "clip:dancer.mp4"))), None)
    with pytest.raises(BadRequest, match="only a device"):
        chosen(None, "clip:dancer.mp4")


@pytest.mark.parametrize("text", ["3 s", "-1 ms", "85", "abc", "", "85 parsecs", "nan"])
def test_a_delay_is_0_to_2_seconds(text):
    with pytest.raises(BadRequest, match="0 to 2 seconds"):
        seconds(text)


def test_a_delay_may_be_said_with_or_without_a_space():
    assert [seconds(text) for text in ("85ms", " 85 ms", "0.085s", "0.085 s")] == [pytest.approx(0.085)] * 4


def test_what_is_known_of_the_display_is_taken_off_and_what_is_not_is_said():
    one = measuring.Seen(0.087, 0.08, 0.09, 39, 40)
    assert "cannot be seen from here" in told(one, 0.0)
    assert "display is said to take 12 ms" in told(one, 0.012)


def test_measured_on_a_stage_it_is_kept(home, monkeypatch):
    monkeypatch.setattr(measuring, "measured", lambda *_: measuring.Seen(0.087, 0.08, 0.092, 39, 40))
    said = []
    latency(Wanted(camera="camera:1", display="12ms"), said.append)
    kept = Delay(**json.loads((home / "livegan/cameras.json").read_text())[0])
    assert kept == Delay("1", 640, 0.075, 0.012)
    with pytest.raises(BadRequest, match="--display"):
        latency(Wanted(camera="camera:1", display="100ms"), said.append)


@pytest.mark.parametrize("damage", ["", "{}", "[1]", "[[]]", '[{"camera": 1}]', "nonsense", '{"a": [', "[" * 3000])
def test_a_damaged_file_counts_as_empty(home, damage):
    delays.place().parent.mkdir()
    delays.place().write_text(damage)
    assert delays.known("0", 640) == 0.0
    delays.keep(Delay("0", 640, 0.05))
    delays.keep(Delay("1", 640, 0.07))
    delays.keep(Delay("0", 640, 0.06))
    assert (delays.known("0", 640), delays.known("1", 640)) == (0.06, 0.07)


def test_a_camera_keeps_its_name_where_its_number_changes(tmp_path):
    (tmp_path / "dev/v4l/by-id").mkdir(parents=True)
    (tmp_path / "sys/class/video4linux/video2").mkdir(parents=True)
    (tmp_path / "sys/class/video4linux/video2/name").write_text("C920\n")
    (tmp_path / "dev/video2").touch()
    assert stable_name("c920", tmp_path) == "C920"
    (tmp_path / "dev/v4l/by-id/usb-C920-video-index0").symlink_to("../../video2")
    assert stable_name("2", tmp_path) == stable_name("C920", tmp_path) == "usb-C920-video-index0"
    assert stable_name("gone", tmp_path) == "gone"
