"""Devices that are plugged in while a file is there, and in whichever process: a camera, a sound card, MIDI, a gamepad.

The real inputs read them. Each holds a file handle while it is open, and what comes by itself comes by a thread; or, on
a clock with `pumps`, when time passes.
"""

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from livegan.clock import Clock
from livegan.inputs.audio import Audio, AudioSettings
from livegan.inputs.base import Input, Source
from livegan.inputs.camera import Camera, CameraSettings
from livegan.inputs.gamepad import Gamepad
from livegan.inputs.midi import Midi
from livegan.show import child
from livegan.show.child import Task
from tests.fakes import FakeClock

EVERY, RATE, BLOCK = 0.01, 44_100, 441


class PumpedClock(FakeClock):
    """A clock that obeys; when time has passed it runs what else would have run meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.pumps: list[Callable[[], None]] = []

    def sleep_until(self, moment: float) -> None:
        while self.time < moment:
            self.time = min(self.time + EVERY, moment)
            for pump in [*self.pumps]:
                pump()


class Pump:
    """Does it a hundred times a second."""

    def __init__(self, clock: Clock, do: Callable[[], None]) -> None:
        self._pumps, self._do, self._over = getattr(clock, "pumps", None), do, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        if self._pumps is None:
            self._thread.start()
        else:
            self._pumps.append(do)

    def _work(self) -> None:
        while not self._over.wait(EVERY):
            self._do()

    def close(self) -> None:
        if self._pumps is None:
            self._over.set()
            self._thread.join()
        else:
            self._pumps.remove(self._do)


class Capture:
    """A camera's driver, 30 noisy pictures a second; what the file says it does: "freeze" or "block"."""

    def __init__(self, settings: CameraSettings, clock: Clock) -> None:
        self._path, self._clock, self._number = Path(settings.device), clock, 0
        self._handle = os.open(self._path, os.O_RDONLY) if self._path.exists() else None

    def isOpened(self) -> bool:
        return self._handle is not None

    def grab(self) -> bool:
        self._clock.sleep_until(self._clock.now() + 1 / 30)
        fault = self._path.read_text() if self._path.exists() else "gone"
        if fault == "block":
            self._block()
        self._number += fault != "freeze"
        return fault != "gone"

    def _block(self) -> None:
        while isinstance(self._clock, FakeClock):
            self._clock.sleep_until(self._clock.now() + EVERY)
        os.read(os.pipe()[0], 1)

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.random.default_rng(self._number).integers(0, 255, (120, 160, 3), np.uint8)

    def get(self, _: int) -> float:
        return 0.0

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None


class Cards:
    """What sounddevice would know of one sound card."""

    PortAudioError = type("PortAudioError", (Exception,), {})

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock, self._initialized = path, clock, 1

    def _terminate(self) -> None:
        self._initialized -= 1

    def _initialize(self) -> None:
        self._initialized += 1

    def query_devices(self) -> list[dict[str, Any]]:
        one = {"name": str(self._path), "index": 0, "max_input_channels": 1, "default_samplerate": RATE}
        return [one] if self._path.exists() else []

    def InputStream(self, callback: Callable, **asked: object) -> "Sounding":
        return Sounding(self._path, self._clock, callback)


class Sounding:
    """An open sound card, which hisses."""

    latency = 0.02

    def __init__(self, path: Path, clock: Clock, callback: Callable) -> None:
        self._path, self._clock, self._callback = path, clock, callback
        self._noise = np.random.default_rng(0).normal(0, 0.1, (BLOCK, 1)).astype(np.float32)
        self._pump: Pump | None = None
        self._handle = os.open(path, os.O_RDONLY)

    def start(self) -> None:
        self._count, self._began = 0, self._clock.now()
        self._pump = Pump(self._clock, self._play)

    def _play(self) -> None:
        while self._path.exists() and self._clock.now() >= self._began + (self._count + 1) * EVERY:
            self._count += 1
            times = SimpleNamespace(currentTime=0.01, inputBufferAdcTime=0.0)
            self._callback(self._noise, BLOCK, times, SimpleNamespace(input_overflow=False))

    def close(self) -> None:
        if self._pump is not None:
            self._pump.close()
            os.close(self._handle)
        self._pump = None


class Port:
    """The MIDI ports of a machine with one, whose knob turns all the time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock, self._value = path, clock, 0
        self._pump: Pump | None = None

    def names(self) -> list[str]:
        return [str(self._path)] if self._path.exists() else []

    def listen(self, place: int, hear: Callable[[Sequence[int]], None]) -> None:
        self._hear, self._handle = hear, os.open(self._path, os.O_RDONLY)
        self._pump = Pump(self._clock, self._turn)

    def _turn(self) -> None:
        if self._path.exists():
            self._value = (self._value + 1) % 128
            self._hear((0xB0, 1, self._value))

    def close(self) -> None:
        if self._pump is not None:
            self._pump.close()
            os.close(self._handle)
        self._pump = None


class Pad:
    """The gamepads of a machine with one, whose stick goes around."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock

    def names(self) -> dict[int, str]:
        return {0: str(self._path)} if self._path.exists() else {}

    def state(self, number: int) -> tuple[list[int], list[float]] | None:
        turn = round(self._clock.now() / EVERY) * EVERY
        return ([0] * 15, [np.sin(turn), np.cos(turn), 0, 0, -1, -1]) if self._path.exists() else None


class PluggedCamera(Camera):
    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._open_device = partial(Capture, clock=self._clock)


class PluggedAudio(Audio):
    def open(self, settings: AudioSettings, source: Source | None = None) -> None:
        self._library = partial(Cards, Path(settings.source.removeprefix("device:")), self._clock)
        super().open(settings, source)


class PluggedMidi(Midi):
    def open(self, settings: Midi.Settings, source: Source | None = None) -> None:
        self._open_ports = partial(Port, Path(settings.port), self._clock)
        super().open(settings, source)


class PluggedPad(Gamepad):
    def open(self, settings: Gamepad.Settings, source: Source | None = None) -> None:
        self._open_pads = lambda mapping: Pad(Path(settings.pad), self._clock)
        super().open(settings, source)


PLUGGED: dict[str, type[Input]] = {
    "camera": PluggedCamera,
    "audio": PluggedAudio,
    "midi": PluggedMidi,
    "gamepad": PluggedPad,
}
"""The kinds that have a device, each with a device that can be unplugged."""


def table(kind: str, path: Path) -> dict[str, object]:
    """The settings that mean the device of this file."""
    tables = {
        "camera": {"source": f"camera:{path}"},
        "audio": {"source": f"device:{path}"},
        "midi": {"port": str(path), "controls": ["cc.1"]},
        "gamepad": {"pad": str(path)},
    }
    return tables[kind]


def main(task: Task) -> None:
    """The first function of a child whose device can be unplugged."""
    child.main(task, PLUGGED[task.kind])
