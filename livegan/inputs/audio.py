"""Sound of a sound card, or a clip that plays as if it were one: numbers a hundred times a second.

Runs in its own process: PortAudio knows only devices that were there when it was started, and starting it again ends
all sound of its process. In the card's own thread nothing but a copy may happen.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator

from livegan.clock import Clock, SystemClock
from livegan.errors import Lost
from livegan.frame import Feature, Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.senses.samples import Heard, Samples, Timeline, mono
from livegan.senses.sound import Sound, chosen
from livegan.senses.soundclip import SoundClip
from livegan.senses.tracker import quiet
from livegan.settings import SoundSource

DEAF = 0.5
"""Seconds without a word from the sound card after which it counts as gone."""

STARTS = 1.5
"""Seconds more that it may take for its first."""

BUFFER = 0.02
"""Seconds of sound that a card is asked to gather before it hands them over."""

BEHIND = 0.05
"""Seconds of sound that may wait to be told of; when there are more, the newest is told, with all that happened."""

OLDEST = 0.5
"""Seconds; a driver that says its sound is older, or not yet, is not believed."""

POLL = 0.002
"""Seconds between two looks at what the card left."""


class AudioSettings(InputSettings):
    """Which sound, and how it is heard.

    source: "device:default", "device:PART OF THE DEVICE'S NAME" or "clip:FILE". channel: which one of the device's,
    from 1; None takes the mean of the first two. gain: "auto", or decibels. floor: decibels below which it is silent.
    bands: of the spectrum, evenly spaced in octaves. pitch: the lowest and the highest, in hertz. loop: of a clip.
    """

    source: SoundSource
    channel: int | None = Field(None, ge=1, le=128)
    gain: Literal["auto"] | Annotated[float, Field(ge=-120, le=120)] = "auto"
    floor: float = Field(-70.0, ge=-110, le=-20)
    bands: int = Field(4, ge=1, le=24)
    pitch: tuple[float, float] = (60.0, 1600.0)
    loop: bool = True

    @field_validator("pitch")
    @classmethod
    def _rising(cls, pitch: tuple[float, float]) -> tuple[float, float]:
        if not 50 <= pitch[0] < pitch[1] <= 3000:
            raise ValueError(f"pitch is [lowest, highest] within 50 to 3000 hertz, found {list(pitch)}")
        return pitch


class Audio(Input):
    """What a sound tells every hundredth of a second; its first group is the sound itself."""

    Settings = AudioSettings

    def __init__(self, clock: Clock | None = None, library: Callable[[], Any] | None = None) -> None:
        self._clock = clock or SystemClock()
        self._library = library or portaudio
        self._from: _Device | SoundClip | None = None

    @staticmethod
    def features(settings: AudioSettings) -> list[Feature]:
        return chosen(settings.bands)

    def open(self, settings: AudioSettings, source: Source | None = None) -> None:
        scheme, _, name = settings.source.partition(":")
        if scheme == "clip":
            self._from = SoundClip(Path(name), settings.channel, settings.loop, self._clock)
        else:
            self._from = opened_device(name, settings.channel, self._library(), self._clock)
        gain = None if settings.gain == "auto" else settings.gain
        self._sound = Sound(self._from.rate, settings.bands, gain, settings.floor, settings.pitch)
        self._event = np.array([feature.kind == "event" for feature in chosen(settings.bands)])
        self._happened = np.zeros(len(self._event), np.float32)
        self._began = self._from.began

    def read(self, timeout: float) -> Frame | None:
        until = self._clock.now() + timeout
        while heard := self._from.next(self._sound.hop, until):
            self.complaint = heard.complaint or self.complaint
            if heard.lost:
                self._sound.forget(heard.lost)
            told = self._sound.step(heard.samples)
            if told is None:
                continue
            self._happened = np.maximum(self._happened, told[0] * self._event)
            if heard.waiting <= BEHIND:
                return self._frame(*told, heard.end - self._sound.delay)
        return None

    def _frame(self, values: np.ndarray, present: np.ndarray, seen: float) -> Frame:
        values = np.where(self._event, self._happened, values)
        self._happened = np.zeros_like(values)
        cut = self._began < self._from.began <= seen
        if cut:
            self._began = self._from.began
        return Frame(values, seen, present, cut=cut)

    def close(self) -> None:
        if self._from is not None:
            self._from.close()
        self._from = None


def portaudio() -> Any:
    """The library that hears. Raises Lost."""
    try:
        # Imported late: it fails where there is no PortAudio.
        import sounddevice
    except (ImportError, OSError) as error:
        raise Lost(f"no sound can be heard ({error}): sudo apt install libportaudio2") from error
    return sounddevice


def opened_device(name: str, channel: int | None, library: Any, clock: Clock) -> "_Device":
    """The device whose name has `name` in it, among those that are there now. Raises Lost."""
    try:
        with quiet():
            # PortAudio looks for devices only when it is started.
            while library._initialized:
                library._terminate()
            library._initialize()
            return _Device(_wanted(name, library), channel, library, clock)
    except (library.PortAudioError, ValueError, OSError) as error:
        said = " ".join(str(error).split())
        raise Lost(
            f'the sound device "{name}" does not open ({said}): plug it in, or close what else uses it'
        ) from error


def _wanted(name: str, library: Any) -> dict[str, Any]:
    """What PortAudio knows of the device. Raises Lost."""
    ears = [device for device in library.query_devices() if device["max_input_channels"] > 0]
    if name == "default" and ears:
        return library.query_devices(kind="input")
    alike = [device for device in ears if name.lower() in device["name"].lower()]
    if not alike:
        found = ", ".join(device["name"] for device in ears) or "none"
        raise Lost(f'there is no sound device "{name}" (found {found}): plug it in, or name another in the patch')
    return min(alike, key=lambda device: len(device["name"]))  # the whole name before longer ones that contain it


class _Device:
    """An open sound card. began: seconds, when its sound began again after a gap."""

    def __init__(self, found: dict[str, Any], channel: int | None, library: Any, clock: Clock) -> None:
        self._name, self._channel, self._clock = found["name"], channel, clock
        self.rate, self.began = float(found["default_samplerate"]), -np.inf
        channels = channel or min(2, found["max_input_channels"])
        self._samples, self._timeline = Samples(self.rate, channels), Timeline(self.rate)
        self._number = self._dropped = self._told = 0
        self._stream = library.InputStream(
            samplerate=self.rate,
            device=found["index"],
            channels=channels,
            dtype="float32",
            latency=BUFFER,
            callback=self._take,
        )
        self._delay = self._stream.latency
        self._samples.heard = clock.now() + STARTS
        try:
            self._stream.start()
        except BaseException:
            self._stream.close()
            raise

    def _take(self, block: np.ndarray, count: int, time: Any, status: Any) -> None:
        """In the card's thread: copy, and note when the first sample was heard."""
        now, lasts = self._clock.now(), count / self.rate
        age = time.currentTime - time.inputBufferAdcTime
        if not 0 < age < OLDEST:
            age = lasts + self._delay
        self._dropped += bool(status.input_overflow)
        self._samples.put(block, now - max(age, lasts), now)

    def next(self, count: int, until: float) -> Heard | None:
        """The next `count` samples once they are there; None if that is not before `until`. Raises Lost."""
        while self._samples.count < self._number + count:
            now = self._clock.now()
            if now - self._samples.heard > DEAF:
                raise Lost(f'the sound device "{self._name}" gives no more sound: check its cable')
            if now >= until:
                return None
            self._clock.sleep_until(min(until, now + POLL))
        return self._heard(count)

    def _heard(self, count: int) -> Heard:
        lost = self._timeline.hear(*self._samples.first)
        samples = self._samples.since(self._number, count)
        if samples is None:
            newest = self._samples.count - count
            lost += (newest - self._number) / self.rate
            self._number, samples = newest, self._samples.since(newest, count)
        if lost:
            self.began = self._timeline.at(self._number)
        self._number += count
        waiting = (self._samples.count - self._number) / self.rate
        end = self._timeline.at(self._number)
        return Heard(mono(samples, self._channel), end, waiting, lost, self._complaint())

    def _complaint(self) -> str:
        """That the card dropped sound since the last call, or ""."""
        told, self._told = self._told, self._dropped
        return "" if told == self._told else f'the sound device "{self._name}" dropped sound: this machine is too busy'

    def close(self) -> None:
        self._stream.close()
