import json
import sys
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from pydantic import ValidationError

from livegan.errors import Lost
from livegan.frame import Frame
from livegan.inputs.audio import Audio
from livegan.senses.sound import HOP
from tests import shows
from tests.fakes import FakeClock

DRUMS = Path(__file__).parents[1] / "media/drums.flac"
KNOWN = json.loads((Path(__file__).parents[1] / "data/drums.json").read_text("utf-8"))
NAMES = [feature.name for feature in Audio.features(Audio.Settings(kind="audio", source="device:default"))]
RATE = 44_100
START = 100.0


def settings(source: str = "device:Stage", **changes: object) -> Audio.Settings:
    return Audio.Settings(kind="audio", source=source, **changes)


def listened(audio: Audio, clock: FakeClock, seconds: float) -> list[Frame]:
    until, frames = clock.now() + seconds, []
    while clock.now() < until:
        frame = audio.read(0.05)
        frames += [frame] if frame else []
    return frames


def clip(path: Path, seconds: float, **changes: object) -> list[Frame]:
    clock = FakeClock(START)
    audio = Audio(clock)
    audio.open(settings(f"clip:{path}", **changes))
    frames = listened(audio, clock, seconds)
    audio.close()
    audio.close()
    return frames


def column(frames: list[Frame], name: str) -> np.ndarray:
    return np.array([frame.data[NAMES.index(name)] for frame in frames])


def seen(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.seen for frame in frames]) - START


def written(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((32767 * np.clip(sound, -1, 1)).astype("<i2").tobytes())
    return path


def agreement(told: np.ndarray, known: np.ndarray, within: float = 0.03) -> float:
    """F of two lists of times in order, each of which may be matched once."""
    left, matched = list(told), 0
    for at in known:
        near = [one for one in left if abs(one - at) <= within]
        if near:
            left.remove(min(near, key=lambda one: abs(one - at)))
            matched += 1
    return 2 * matched / (len(told) + len(known))


@pytest.fixture(scope="module")
def drums() -> list[Frame]:
    """Three laps of the drums."""
    return clip(DRUMS, 3 * KNOWN["seconds"])


@pytest.mark.parametrize("lap", [0, 1, 2])
def test_onsets_are_where_another_program_finds_them(drums, lap):
    at = seen(drums)[column(drums, "onset") > 0] - lap * KNOWN["seconds"]
    at = at[(at > -0.005) & (at < KNOWN["seconds"] - 0.005)]
    assert agreement(at, np.array(KNOWN["onsets"])) >= 0.95


def test_the_beat_of_the_drums_is_kept(drums):
    """Sixteen beats in each lap, the first of them at its beginning."""
    at, present = seen(drums), np.array([frame.present for frame in drums])
    later = at > 4
    assert present[later, 2].all()
    assert np.abs(column(drums, "tempo")[later] / 140 - 1).max() < 0.02
    off = (column(drums, "phase") / (2 * np.pi) - at * 140 / 60 + 0.5) % 1.0 - 0.5
    assert np.abs(off[later] * 60 / 140).max() < 0.03
    beats = at[later & (column(drums, "beat") > 0)] * 140 / 60
    assert np.abs(beats - np.round(beats)).max() * 60 / 140 < 0.03
    assert np.array_equal(np.diff(np.round(beats)), np.ones(len(beats) - 1))


def test_frames_come_every_hundredth_of_a_second_and_never_early(drums):
    clock = FakeClock(START)
    audio = Audio(clock)
    audio.open(settings(f"clip:{DRUMS}"))
    frames, ages = [], []
    for _ in range(300):
        frames.append(audio.read(1.0))
        ages.append(clock.now() - frames[-1].seen)
    assert np.allclose(np.diff(seen(frames)), HOP)
    assert np.allclose(ages, 2 * HOP)
    assert all(np.array_equal(one.data, same.data) for one, same in zip(frames, drums, strict=False))


def test_a_clip_cuts_where_it_begins_again(drums):
    cuts = [at for at, frame in zip(seen(drums), drums, strict=True) if frame.cut]
    assert cuts == pytest.approx([KNOWN["seconds"], 2 * KNOWN["seconds"]], abs=HOP)


def test_a_clip_that_does_not_loop_falls_silent():
    frames = clip(DRUMS, 9.0, loop=False)
    assert seen(frames)[-1] == pytest.approx(KNOWN["seconds"], abs=0.04)
    assert not any(frame.cut for frame in frames)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_glide_is_followed_to_ten_cents(tmp_path, rate):
    t = np.arange(4 * rate) / rate
    hertz = 100 * 10 ** (t / 4)
    frames = clip(written(tmp_path / "glide.wav", 0.5 * np.sin(2 * np.pi * np.cumsum(hertz) / rate), rate), 3.9)
    truth = 69 + 12 * np.log2(100 * 10 ** (seen(frames) / 4) / 440)
    assert all(frame.present[1] for frame in frames)
    assert np.abs(column(frames, "pitch") - truth).max() < 0.1
    assert column(frames, "onset").sum() == 0


def test_from_thirty_decibels_below_it_tells_the_same(tmp_path, drums):
    audio = Audio(FakeClock(START))
    audio.open(settings(f"clip:{DRUMS}"))
    loud = audio._from._taken(6 * RATE)
    near = clip(written(tmp_path / "near.wav", loud), 6)
    far = clip(written(tmp_path / "far.wav", loud * 10 ** (-30 / 20)), 6)
    later = seen(near) > 2
    for name in NAMES:
        assert np.abs(column(near, name) - column(far, name))[later].max() < 0.05, name


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 100, DRUMS.read_bytes()[:60]])
def test_a_damaged_clip_is_lost_in_one_sentence(tmp_path, content):
    (tmp_path / "broken.flac").write_bytes(content)
    with pytest.raises(Lost, match=r"^the clip .*broken\.flac [^\n]*$"):
        clip(tmp_path / "broken.flac", 1.0)


def test_a_film_without_sound_is_lost_in_one_sentence():
    with pytest.raises(Lost, match="has no sound"):
        clip(DRUMS.with_name("park.mp4"), 1.0)


def test_who_was_away_hears_what_is_played_now():
    clock = FakeClock(START)
    audio = Audio(clock)
    audio.open(settings(f"clip:{DRUMS}"))
    listened(audio, clock, 8.0)
    clock.time += 3600
    frame = audio.read(0.25)
    assert clock.now() - frame.seen < 0.1
    assert frame.cut


class Cards:
    """Sound cards behind the door of sounddevice: they play a tone, by a fake clock, as long as they are plugged in.

    PortAudio's list of them is as it was when it was started. age: seconds since a block's first sample was heard, as
    the driver says; None says nothing.
    """

    PortAudioError = type("PortAudioError", (Exception,), {})

    def __init__(self, clock: FakeClock, *names: str) -> None:
        self.clock, self.plugged, self.busy = clock, list(names), False
        self.age: float | None = 0.015
        self.muted = self.overflow = False
        self.streams: list[Stream] = []
        self._initialized, self.listed = 0, []
        self._initialize()
        clock.on_sleep = lambda moment: [stream.play(moment) for stream in self.streams if stream.running]

    def _initialize(self) -> None:
        self._initialized += 1
        self.listed = list(self.plugged)

    def _terminate(self) -> None:
        self._initialized -= 1

    def query_devices(self, kind: str | None = None):
        told = [
            {"name": name, "index": n, "max_input_channels": 0 if "Out" in name else 2, "default_samplerate": RATE}
            for n, name in enumerate(self.listed)
        ]
        return told if kind is None else next(one for one in told if one["max_input_channels"])

    def InputStream(self, **asked: object) -> "Stream":
        if self.busy:
            raise self.PortAudioError("Error opening InputStream:\n Device unavailable [PaErrorCode -9985]")
        self.streams.append(Stream(self, **asked))
        return self.streams[-1]


class Stream:
    """An open card."""

    latency = 0.025

    def __init__(self, cards: Cards, samplerate, device, channels, dtype, latency, callback) -> None:
        self.cards, self.name, self.channels, self.callback = cards, cards.listed[device], channels, callback
        self.rate, self.running, self.closed, self.count = int(samplerate), False, 0, 0

    def start(self) -> None:
        self.running, self.began = True, self.cards.clock.now()

    def close(self) -> None:
        self.running, self.closed = False, self.closed + 1

    def play(self, moment: float) -> None:
        """Hand over every block of 10 ms that is complete by `moment`, were it not for the cable."""
        size = self.rate // 100
        while self.name in self.cards.plugged and moment >= self.began + (self.count + size) / self.rate:
            t = (self.count + np.arange(size)) / self.rate
            tone = 0.0 if self.cards.muted else 0.3 * np.sin(2 * np.pi * 440 * t)
            block = np.repeat((tone + np.zeros(size)).astype(np.float32)[:, None], self.channels, axis=1)
            age = self.cards.age
            times = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0 if age is None else -age)
            self.callback(block, size, times, SimpleNamespace(input_overflow=self.cards.overflow))
            self.count += size


def device(*names: str, **changes: object) -> tuple[Audio, FakeClock, Cards]:
    clock = FakeClock(START)
    cards = Cards(clock, *(names or ("Main Out", "Laptop", "Stage Interface: USB (hw:1,0)")))
    return Audio(clock, lambda: cards), clock, cards


def test_a_card_is_heard_with_when_its_sound_was():
    audio, clock, _ = device()
    audio.open(settings())
    frames = listened(audio, clock, 2.0)
    assert len(frames) > 150
    assert column(frames, "pitch") == pytest.approx(69, abs=0.02)
    assert column(frames, "level") == pytest.approx(column(frames, "level")[0], abs=0.05)
    assert np.allclose(np.diff(seen(frames)), HOP, atol=1e-4)
    # The first sample of the first block was heard 15 ms before that block came, 10 ms after the start.
    assert seen(frames)[0] == pytest.approx(0.01 - 0.015 + 0.02, abs=0.003)


@pytest.mark.parametrize("said", [None, 40.0, -1.0])
def test_a_card_that_does_not_say_when_is_taken_to_be_as_late_as_it_admits(said):
    audio, clock, cards = device()
    cards.age = said
    audio.open(settings())
    assert seen(listened(audio, clock, 1.0))[0] == pytest.approx(0.01 - 0.01 - Stream.latency + 0.02, abs=0.003)


@pytest.mark.parametrize(
    ("asked", "name"),
    [("default", "Laptop"), ("stage", "Stage Interface: USB (hw:1,0)"), ("Laptop", "Laptop"), ("usb (hw", "Stage")],
)
def test_a_card_is_found_by_its_name(asked, name):
    audio, _, cards = device("Main Out", "Laptop Loopback 2", "Laptop", "Stage Interface: USB (hw:1,0)")
    cards.listed = cards.plugged = [one for one in cards.plugged if asked != "default" or "Loop" not in one]
    audio.open(settings(f"device:{asked}"))
    assert cards.streams[0].name.startswith(name)


def test_a_channel_can_be_chosen():
    audio, clock, cards = device()
    audio.open(settings(channel=2))
    assert cards.streams[0].channels == 2
    assert listened(audio, clock, 0.2)


@pytest.mark.parametrize("asked", ["Nowhere", "Main Out"])
def test_a_card_that_is_not_there_is_told_with_those_that_are(asked):
    audio, _, _ = device()
    with pytest.raises(Lost, match=r"no sound device .*found Laptop, Stage Interface.*plug it in"):
        audio.open(settings(f"device:{asked}"))


@pytest.mark.parametrize("asked", ["default", "Stage"])
def test_a_machine_without_cards_is_told_so(asked):
    audio, _, _ = device("Main Out")
    with pytest.raises(Lost, match="found none"):
        audio.open(settings(f"device:{asked}"))


def test_a_card_that_is_in_use_is_lost_in_one_sentence():
    audio, _, cards = device()
    cards.busy = True
    with pytest.raises(Lost, match=r"^the sound device \"Stage\" does not open \(Error.*-9985\]\)[^\n]*$"):
        audio.open(settings())


def test_without_portaudio_the_line_that_mends_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(Lost, match="sudo apt install libportaudio2"):
        Audio().open(settings())


def test_a_pulled_plug_is_noticed_in_half_a_second_and_the_card_found_again_at_another_place():
    audio, clock, cards = device()
    audio.open(settings())
    listened(audio, clock, 1.0)
    cards.plugged.remove("Stage Interface: USB (hw:1,0)")
    pulled = clock.now()
    with pytest.raises(Lost, match="gives no more sound"):
        listened(audio, clock, 5.0)
    assert clock.now() - pulled <= 0.52
    audio.close()
    with pytest.raises(Lost, match="no sound device"):
        audio.open(settings())
    cards.plugged.insert(0, "Stage Interface: USB (hw:1,0)")
    audio.open(settings())
    assert listened(audio, clock, 1.0)
    assert [stream.closed for stream in cards.streams] == [1, 0]


def test_a_card_that_never_says_a_word_is_lost():
    audio, clock, cards = device()
    audio.open(settings())
    cards.plugged.clear()
    with pytest.raises(Lost, match="gives no more sound"):
        listened(audio, clock, 5.0)
    assert clock.now() - START <= 2.1


def test_silence_is_no_fault():
    audio, clock, cards = device()
    audio.open(settings())
    cards.muted = True
    frames = listened(audio, clock, 5.0)
    assert len(frames) > 450
    assert not any(frame.present.any() for frame in frames)


def test_a_slow_reader_hears_what_is_new_and_of_every_event():
    audio, clock, cards = device()
    audio.open(settings())
    for n in range(600):
        cards.muted = n % 10 > 4
        clock.sleep_until(clock.now() + 10 * HOP)
        frame = audio.read(0.0)
        if n > 5:
            assert clock.now() - frame.seen < 0.1
            assert n % 10 or frame.data[NAMES.index("onset")] > 0


def test_sound_that_the_card_dropped_is_told():
    audio, clock, cards = device()
    audio.open(settings())
    listened(audio, clock, 0.5)
    assert audio.complaint == ""
    cards.overflow = True
    listened(audio, clock, 0.5)
    assert "dropped sound" in audio.complaint


def test_after_a_gap_there_is_a_cut_and_nothing_begins():
    audio, clock, cards = device()
    audio.open(settings())
    frames = listened(audio, clock, 1.0)
    cards.streams[0].began += 0.4  # the card was stopped for so long
    frames += listened(audio, clock, 1.5)
    assert sum(frame.cut for frame in frames) == 1
    assert np.diff(seen(frames)).max() == pytest.approx(0.4 + 4 * HOP, abs=0.03)
    assert column(frames, "onset").sum() == 0
    assert column(frames, "pitch") == pytest.approx(69, abs=0.02)


def test_two_hundred_cycles_leave_nothing_open():
    audio, clock, cards = device()
    process = psutil.Process()
    before = process.num_fds(), process.num_threads()
    for _ in range(200):
        audio.open(settings())
        listened(audio, clock, 0.05)
        audio.close()
    assert (process.num_fds(), process.num_threads()) == before
    assert [stream.closed for stream in cards.streams] == [1] * 200
    assert cards._initialized == 1


def test_the_real_library_is_asked_again_and_again_and_leaves_nothing_open():
    process, audio = psutil.Process(), Audio()
    counts = []
    for _ in range(5):
        with pytest.raises(Lost, match=r"no sound device|libportaudio2"):
            audio.open(settings("device:a name that no card has"))
        audio.close()
        counts.append((process.num_fds(), process.num_threads()))
    assert len(set(counts[1:])) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "drums.flac"},
        {"source": "clip:"},
        {"source": "camera:0"},
        {"source": "clip:nowhere.flac"},
        {"gain": "loud"},
        {"gain": float("inf")},
        {"gain": 4000},
        {"bands": 0},
        {"bands": 25},
        {"channel": 0},
        {"pitch": [500, 100]},
        {"pitch": [10, 1000]},
        {"floor": 0},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        Audio.Settings(**{"kind": "audio", "source": "device:default"} | wrong)


def test_as_many_bands_as_asked_for():
    names = [feature.name for feature in Audio.features(settings(bands=7))]
    assert [name for name in names if name.startswith("band.")] == [f"band.{n}" for n in range(1, 8)]


def test_a_show_hears_the_same_in_a_process_of_its_own(tmp_path, drums):
    text = shows.STEADY.replace('kind = "steady"\nrate = 60', f'kind = "audio"\nsource = "clip:{DRUMS}"')
    (tmp_path / "patch.toml").write_text(text)
    with shows.show_of(tmp_path / "patch.toml") as one:
        (feed,) = one.world.feeds
        feed.kept = []
        shows.play(one, lambda: len(feed.kept) >= 100)
    start = feed.kept[0].seen - 2 * HOP
    known = {round(at / HOP): frame.data for at, frame in zip(seen(drums), drums, strict=True)}
    level = NAMES.index("level")
    for frame in feed.kept:
        assert frame.data[level] == known[round((frame.seen - start) / HOP)][level]
