"""The command `livegan bench`: how fast each step of a show is here, and how many pictures a second that allows.

Measures one step after the other, alone; inputs take their share of the processor besides, and are measured too.
Synthesis is measured once more by a child process (this file as a program) that may use AVX2 only, as on most laptops.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from livegan import files, patch
from livegan.clock import SystemClock
from livegan.errors import Failure, Lost
from livegan.frame import Frame
from livegan.generators import weights
from livegan.generators.base import Generator, Info
from livegan.generators.counting import multiply_adds
from livegan.importers.convert import cached
from livegan.inputs.audio import AudioSettings
from livegan.inputs.camera import Camera, CameraSettings
from livegan.latent.look import Look, seeded_z
from livegan.mapping.mapping import Mapping
from livegan.senses.sound import Sound
from livegan.stage.base import Scene, StageSettings
from livegan.stage.offscreen import Offscreen

Say = Callable[[str], None]
PSI = 0.8
LOOKS = 24
MAPPING = "dance"
_LEAST = 3
CLIP = "dancer.mp4"
_FRAMES, _WATCH = 150, 4.0
"""How many frames an input is given, and for how many seconds at most."""

AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
"""What keeps oneDNN and torch to AVX2."""

_WHY = {
    "bfloat16": "this processor multiplies bfloat16 in hardware",
    "float32": "this processor has no bfloat16 in hardware, or is kept from it",
}


def bench(model: str, as_json: bool, say: Say, progress: Say) -> None:
    """Measure, and tell it as lines or as JSON of the same names. Raises BadRequest or Failure in one sentence."""
    found = measured(cached(files.find("models", model, suffix=".safetensors"), progress), progress)
    if as_json:
        say(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        say(f"{name:14} {_told(value)}")


def taken(count: int, do: Callable[[int], object], seconds: float = math.inf) -> np.ndarray:
    """Seconds that each of `count` calls took, after one more to warm up; fewer calls when they last over `seconds`."""
    clock, took = SystemClock(), []
    end = clock.now() + seconds
    for turn in range(count + 1):
        began = clock.now()
        do(turn)
        took.append(clock.now() - began)
        if clock.now() > end and turn >= _LEAST:
            break
    return np.array(took[1:])


def decibels(image: np.ndarray, pixels: np.ndarray) -> float:
    """PSNR of pixels uint8 [H, W, C] against a picture float32 [C, H, W] in about [-1, 1]."""
    exact = np.clip(image.transpose(1, 2, 0) * 127.5 + 127.5, 0, 255)
    return float(10 * np.log10(255**2 / max(float(np.mean((exact - pixels) ** 2)), 1e-9)))


def measured(model: Path, progress: Say) -> dict:
    """Everything, as JSON-able data; takes about a minute.

    Times are the median and what nine in ten stay below; those of inputs the median and what 99 in 100 stay below.
    """
    progress("how many threads draw fastest ...")
    threads = {str(count): _ms(_fast(_opened(model, count), 3.0)) for count in _counts()}
    generator = _opened(model, None)
    looks = _looks(generator)
    progress("the fast path and the plain one in turn ...")
    fast, plain, near = _compared(generator, looks)
    progress("the two once more, with the instructions held to AVX2 ...")
    lesser = _held_to_avx2(model, progress)
    progress("the mappings, and drawing on a stage ...")
    mapping = taken(200, lambda turn: generator.w(seeded_z(turn, generator.info.z_dim)[None]), 3.0)
    predicted = _predicted()
    drawn = _drawn([_pixels(generator, look) for look in looks[:2]], progress)
    generator.close()
    progress("a frame of the inputs that take most ...")
    inputs = {**{kind: _watched(kind, progress) for kind in ("pose", "holistic", "motion")}, "audio": _heard()}
    info = generator.info
    return {
        "model": info.name,
        "size": [info.size[1], info.size[0]],
        "device": info.device,
        "chosen": {"type": info.precision, "why": _why(info), "threads": _chosen_threads(), "of": _cores()},
        "mapping_ms": _ms(mapping),
        "fast_ms": _ms(fast),
        "plain_ms": _ms(plain),
        "ratio": _ratio(fast, plain),
        "decibels": round(near, 1),
        "avx2": lesser,
        "multiply_adds": multiply_adds(generator, looks[0]),
        "config": {name: value for name, value in weights.load(model).config.items() if isinstance(value, int | str)},
        "threads_ms": threads,
        "predict_us": _ms(1e3 * predicted),
        "draw_ms": None if drawn is None else _ms(drawn),
        "fps": _fps(fast, mapping, predicted, drawn),
        "inputs_ms": {kind: took if took is None else _ms(took, (50, 99)) for kind, took in inputs.items()},
    }


def _opened(model: Path, threads: int | None, device: str = "auto") -> Generator:
    kind = patch.load_class("generators", patch.architecture(model))
    return kind(kind.Settings(threads=threads, device=device), model)


def _cores() -> int:
    return os.cpu_count() or 1


def _counts() -> list[int]:
    """1, 2, 4, ... and as many as there are processors."""
    return sorted({*(2**power for power in range(_cores().bit_length()) if 2**power < _cores()), _cores()})


def _chosen_threads() -> int:
    """What a generator takes when nobody says: all but one, which is left to the inputs."""
    return max(1, _cores() - 1)


def _why(info: Info) -> str:
    return _WHY[info.precision] if info.device == "cpu" else "pictures are drawn on a GPU"


def _looks(generator: Generator) -> list[Look]:
    z = np.stack([seeded_z(seed, generator.info.z_dim) for seed in range(LOOKS)])
    return [Look(w, psi=PSI) for w in generator.w(z)]


def _pixels(generator: Generator, look: Look) -> np.ndarray:
    picture = generator.start(look)
    picture.wait()
    return picture.pixels


def _fast(generator: Generator, seconds: float) -> np.ndarray:
    looks = _looks(generator)
    try:
        return taken(4 * LOOKS, lambda turn: _pixels(generator, looks[turn % LOOKS]), seconds)
    finally:
        generator.close()


def _compared(generator: Generator, looks: list[Look]) -> tuple[np.ndarray, np.ndarray, float]:
    """Seconds of fast pictures and of plain ones, a few of each in turn, and the worst nearness of the two in dB."""
    fast, plain, near = [], [], []
    clock = SystemClock()
    end = clock.now() + 15.0
    for place, look in enumerate(looks):
        # Never the same look twice running: that would cost nothing.
        fast += [*taken(_LEAST, lambda turn, place=place: _pixels(generator, looks[(place + turn) % LOOKS]))]
        plain += [*taken(1, lambda _, look=look: generator.images([look]))]
        near.append(decibels(generator.images([look])[0], _pixels(generator, look)))
        if clock.now() > end:
            break
    return np.array(fast), np.array(plain), min(near)


def _ratio(fast: np.ndarray, plain: np.ndarray) -> float:
    return round(float(np.median(plain) / np.median(fast)), 2)


def _held_to_avx2(model: Path, progress: Say) -> dict | None:
    """Both paths in a process of its own, on as many threads as here; None where that does not end well."""
    command = [sys.executable, "-P", "-m", "livegan.control.benching", str(model)]
    environment = os.environ | AVX2 | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        progress(f"the process that measures with AVX2 alone ended with {done.returncode}: its line stays empty")
        return None
    return json.loads(done.stdout)


def _here(model: Path) -> dict:
    """Both paths as this process may compute."""
    generator = _opened(model, None, "cpu")
    fast, plain, _ = _compared(generator, _looks(generator))
    generator.close()
    chosen = {"type": generator.info.precision, "threads": _chosen_threads()}
    return chosen | {"fast_ms": _ms(fast), "plain_ms": _ms(plain), "ratio": _ratio(fast, plain)}


def _predicted() -> np.ndarray:
    """Seconds of a prediction by the mapping that comes with livegan."""
    mapping = Mapping.load(files.find("mappings", MAPPING))
    mapping = mapping.bind(list(mapping.features))
    rows = np.random.default_rng(0).standard_normal((64, len(mapping.features))).astype(np.float32)
    return taken(3000, lambda turn: mapping(rows[turn % len(rows)]), 3.0)


def _drawn(pictures: list[np.ndarray], progress: Say) -> np.ndarray | None:
    """Seconds to bring a picture on a stage of the usual size; None where that is not possible."""
    stage = Offscreen()
    try:
        stage.open(StageSettings(kind="offscreen"))
        return taken(200, lambda turn: stage.show(Scene(pictures[turn % 2])), 5.0)
    except Failure as error:
        progress(str(error))
        return None
    finally:
        stage.close()


class _Waitless:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep_until(self, moment: float) -> None:
        self._now = max(self._now, moment)


class _Film:
    """The bundled clip as what a detector reads: a new picture whenever it asks."""

    def __init__(self) -> None:
        camera = Camera(_Waitless())
        camera.open(CameraSettings(kind="camera", source=f"clip:{files.find('media', CLIP)}"))
        self._pictures = [camera.read(1.0).data for _ in range(48)]
        camera.close()

    def newer(self, count: int, timeout: float) -> Frame:
        data = self._pictures[count % len(self._pictures)]
        return Frame(data, count / 30, np.empty(0, bool), count + 1)


def _watched(kind: str, progress: Say) -> np.ndarray | None:
    """Seconds that an input takes for a picture of the clip; None where it does not start."""
    part = patch.part("inputs", kind, {"source": f"clip:{CLIP}"}, "bench")
    one = part.type()
    try:
        one.open(part.settings, _Film())
        return taken(_FRAMES, lambda _: one.read(0.0), _WATCH)
    except Lost as lost:
        progress(str(lost))
        return None
    finally:
        one.close()


def _heard() -> np.ndarray:
    """Seconds that the sound of a frame takes: a tone that rises and is struck four times a second, and some noise."""
    wanted, rate, beat = AudioSettings(kind="audio", source="device:default"), 48_000.0, 0.25
    sound = Sound(rate, wanted.bands, None, wanted.floor, wanted.pitch)
    at = np.arange(sound.hop * 10 * _FRAMES) / rate
    struck = np.exp(-8 * (at % beat)) * np.sin(2 * np.pi * (100 + 40 * at) * at)
    hops = (struck + np.random.default_rng(0).normal(0, 0.01, at.shape)).astype(np.float32).reshape(-1, sound.hop)
    return taken(len(hops) - 1, lambda turn: sound.step(hops[turn]), _WATCH)


def _fps(fast: np.ndarray, mapping: np.ndarray, predicted: np.ndarray, drawn: np.ndarray | None) -> int:
    """Pictures a second that nine in ten keep: one thread draws them, another does all else, where there are two."""
    else_ = sum(float(np.percentile(took, 90)) for took in (mapping, predicted, drawn) if took is not None)
    draws = float(np.percentile(fast, 90))
    return math.floor(1.0 / (max(draws, else_) if _cores() > 1 else draws + else_))


def _ms(seconds: np.ndarray, percents: tuple[int, ...] = (50, 90)) -> dict[str, float]:
    return {f"p{percent}": round(1e3 * float(np.percentile(seconds, percent)), 3) for percent in percents}


def _told(value: object) -> str:
    if isinstance(value, dict):
        parts = {name: f"({_told(one)})" if isinstance(one, dict) else _told(one) for name, one in value.items()}
        return ", ".join(f"{name} {told}" for name, told in parts.items())
    if type(value) is int:
        return f"{value:,}"
    return " x ".join(map(str, value)) if isinstance(value, list) else "-" if value is None else str(value)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_here(Path(sys.argv[1]))))
