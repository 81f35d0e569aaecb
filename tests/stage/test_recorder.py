"""Recordings read back: every picture, its time, its colours; and what happens when writing goes wrong."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest

from livegan.errors import Failure
from livegan.stage.recorder import Recorder
from tests.stage.corners import BLUE, GREEN, RED, WHITE, corners, quarters


@pytest.fixture
def path(tmp_path):
    return tmp_path / "show.mp4"


def taken(recorder, picture, at):
    """Give a picture as a show does, but wait for room so that none is dropped; fails when there never is."""
    end = time.monotonic() + 20.0
    dropped = recorder.dropped
    recorder.take(picture, at)
    while recorder.dropped > dropped:
        assert time.monotonic() < end, recorder.error
        time.sleep(0.002)
        dropped = recorder.dropped
        recorder.take(picture, at)


def read_back(path):
    """The pictures uint8 [N, height, width, 3] and their times in seconds."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        times = [float(frame.pts * frame.time_base) for frame in frames]
        return np.stack([frame.to_ndarray(format="rgb24") for frame in frames]), times


def test_every_picture_comes_back_at_the_time_it_was_shown(path):
    moments = 1234.5 + np.cumsum(np.random.default_rng(1).uniform(0.004, 0.3, 60))
    recorder = Recorder(path, 30)
    for i, at in enumerate(moments):
        taken(recorder, np.full((32, 48, 3), i * 4, np.uint8), at)
    recorder.close()
    assert recorder.error == ""
    assert recorder.written == 60
    pictures, times = read_back(path)
    assert pictures.shape == (60, 32, 48, 3)
    assert np.abs(np.array(times) - (moments - moments[0])).max() < 0.001
    assert np.abs(pictures.mean((1, 2, 3)) - np.arange(60) * 4).max() < 4


def test_the_last_picture_lasts_as_long_as_the_rate_says(path):
    recorder = Recorder(path, 25)
    for at in (0.0, 1.0):
        taken(recorder, quarters(32, 32), at)
    recorder.close()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(1.04, abs=0.001)


def test_colours_and_places_are_kept(path):
    recorder = Recorder(path, 30)
    taken(recorder, quarters(64, 64), 0.0)
    recorder.close()
    seen = np.array(corners(read_back(path)[0][0]))
    assert np.abs(seen - np.array([RED, GREEN, BLUE, WHITE])).max() < 12


def test_the_file_says_which_colours_it_holds_and_needs_no_fragments(path):
    recorder = Recorder(path, 30)
    taken(recorder, quarters(64, 64), 0.0)
    recorder.close()
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.pix_fmt == "yuv420p"
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
    assert b"moof" not in path.read_bytes()


@pytest.mark.parametrize(("width", "height", "size"), [(33, 33, (32, 32)), (64, 35, (64, 34)), (2, 3, (2, 2))])
def test_odd_sizes_lose_their_last_row_or_column(path, width, height, size):
    recorder = Recorder(path, 30)
    taken(recorder, quarters(width, height), 0.0)
    recorder.close()
    assert recorder.error == ""
    assert read_back(path)[0].shape == (1, size[1], size[0], 3)


def test_pictures_of_another_size_are_fitted_to_the_file(path):
    recorder = Recorder(path, 30, size=(64, 48))
    for i, side in enumerate((32, 64, 128)):
        taken(recorder, np.full((side, side, 3), 200, np.uint8), i / 30)
    recorder.close()
    pictures, _ = read_back(path)
    assert pictures.shape == (3, 48, 64, 3)
    assert np.abs(pictures.astype(int) - 200).max() < 6


def test_times_that_stand_still_or_go_back_lose_no_picture(path):
    recorder = Recorder(path, 30)
    for at in (0.0, 0.1, 0.1, 0.05, 0.2):
        taken(recorder, quarters(32, 32), at)
    recorder.close()
    _, times = read_back(path)
    assert len(times) == 5
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert times[-1] == pytest.approx(0.2, abs=0.001)


def test_a_picture_may_be_overwritten_as_soon_as_it_was_taken(path):
    recorder, picture = Recorder(path, 30), np.full((32, 32, 3), 255, np.uint8)
    taken(recorder, picture, 0.0)
    picture[:] = 0
    recorder.close()
    assert read_back(path)[0].mean() > 250


def test_the_name_is_given_only_to_a_finished_file(path):
    path.write_bytes(b"an earlier recording")
    recorder = Recorder(path, 30)
    taken(recorder, quarters(32, 32), 0.0)
    assert path.read_bytes() == b"an earlier recording"
    assert path.with_name("show.mp4.part").exists()
    recorder.close()
    assert len(read_back(path)[1]) == 1
    assert [file.name for file in path.parent.iterdir()] == ["show.mp4"]


def test_a_recording_without_pictures_leaves_no_file(path):
    recorder = Recorder(path, 30)
    recorder.close()
    recorder.close()
    assert list(path.parent.iterdir()) == []
    assert recorder.error == ""


def test_what_comes_after_the_end_is_dropped_and_counted(path):
    recorder = Recorder(path, 30)
    taken(recorder, quarters(32, 32), 0.0)
    recorder.close()
    recorder.take(quarters(32, 32), 1.0)
    assert recorder.dropped == 1
    assert len(read_back(path)[1]) == 1


def test_a_place_that_cannot_be_written_is_told_at_once_in_one_sentence(tmp_path):
    with pytest.raises(Failure, match=r"cannot record to .*show\.mp4: No such file or directory; name a file"):
        Recorder(tmp_path / "nowhere" / "show.mp4", 30)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is played by /dev/full")
def test_a_full_disk_ends_the_recording_and_never_the_show(path):
    path.with_name("show.mp4.part").symlink_to("/dev/full")
    recorder = Recorder(path, 30)
    end = time.monotonic() + 20.0
    while not recorder.error:
        recorder.take(quarters(32, 32), time.monotonic())
        assert time.monotonic() < end
        time.sleep(0.002)
    assert "No space left" in recorder.error
    dropped = recorder.dropped
    recorder.take(quarters(32, 32), time.monotonic())
    assert recorder.dropped == dropped + 1
    recorder.close()
    assert not path.exists()


def test_pictures_of_a_wrong_shape_end_the_recording_and_never_the_show(path):
    recorder = Recorder(path, 30)
    recorder.take(np.zeros((32, 32), np.uint8), 0.0)
    recorder.close()
    assert "ended early" in recorder.error
    assert not path.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a disk that stands still is played by a pipe nobody reads")
def test_a_disk_that_stands_still_makes_pictures_drop_and_never_the_show_wait(path):
    pipe = path.with_name("show.mp4.part")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    recorder = Recorder(path, 30)
    picture = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    count, end = 0, time.monotonic() + 30.0
    while recorder.dropped < 50:
        recorder.take(picture, count / 30)
        count += 1
        assert time.monotonic() < end, recorder.error
        time.sleep(0.001)
    os.set_blocking(reader, True)
    drain = threading.Thread(target=lambda: all(iter(lambda: os.read(reader, 1 << 16), b"")), daemon=True)
    drain.start()
    recorder.close()
    drain.join(10.0)
    os.close(reader)
    assert recorder.written == count - recorder.dropped


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing kills so surely here")
def test_a_recording_cut_off_by_a_kill_plays_up_to_its_last_seconds(path):
    code = (
        "import os, sys, time\n"
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from livegan.stage.recorder import Recorder\n"
        "recorder = Recorder(Path(sys.argv[1]), 30)\n"
        "for i in range(200):\n"
        "    while recorder.written < i - 4: time.sleep(0.001)\n"
        "    recorder.take(np.full((32, 32, 3), i, np.uint8), i / 30)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)])
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
    assert len(read_back(path.with_name("show.mp4.part"))[1]) >= 120


def test_pictures_of_another_size_are_scaled_to_the_first(path):
    recorder = Recorder(path, 30)
    for i, size in enumerate([(64, 64), (128, 128), (31, 33), (64, 64)]):
        taken(recorder, quarters(*size), i / 30)
    recorder.close()
    assert recorder.error == ""
    pictures, _ = read_back(path)
    assert pictures.shape == (4, 64, 64, 3)
    for picture in pictures:
        assert np.abs(np.array(corners(picture)).astype(int) - (RED, GREEN, BLUE, WHITE)).max() < 40
