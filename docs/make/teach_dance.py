"""Teach mappings/dance: five poses of the bundled dancer, five looks of the bundled skies.

    .venv/bin/python docs/make/teach_dance.py && .venv/bin/livegan fit dance

The poses are those of the clip that differ most from each other; a third of a second around each is its example.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from livegan import files, patch
from livegan.frame import Frame
from livegan.generators.stylegan2 import StyleGAN2
from livegan.inputs.camera import Camera
from livegan.inputs.pose import Pose
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import MappingSettings, write_settings
from livegan.mapping.taught import TaughtLook

FOLDER = Path(__file__).parents[2] / "mappings" / "dance"
SEEDS = {"aurora": 55, "rose": 70, "noon": 36, "ember": 35, "dawn": 67}
AROUND = 3


class Leaping:
    """A clock on which every wait is over at once, so that no frame of the clip is missed."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep_until(self, moment: float) -> None:
        self._now = max(self._now, moment)


class Pictures:
    """The clip's pictures, one after the other."""

    def __init__(self, camera: Camera) -> None:
        self._camera, self._count = camera, 0

    def newer(self, count: int, timeout: float) -> Frame | None:
        frame = self._camera.read(10.0)
        self._count += 1
        return replace(frame, count=self._count)


def poses() -> tuple[list, np.ndarray, np.ndarray]:
    """Features, values [frames, features] and presence [frames, groups] over one loop of the clip."""
    camera, pose = Camera(clock=Leaping()), Pose()
    source = f"clip:{files.bundled('media') / 'dancer.mp4'}"
    camera.open(patch.part("inputs", "camera", {"source": source}, "dance").settings)
    settings = patch.part("inputs", "pose", {"source": source, "features": "upper"}, "dance").settings
    pose.open(settings, Pictures(camera))
    frames = [pose.read(10.0) for _ in range(200)]
    chosen = [feature for feature in Pose.features(settings) if feature.group != "raw"]
    values = np.array([frame.data[: len(chosen)] for frame in frames])
    return chosen, values, np.array([frame.present for frame in frames])


def different(values: np.ndarray, units: np.ndarray, good: np.ndarray, count: int) -> list[int]:
    """Moments of calm as far from each other as can be, each the one farthest from all before."""
    scaled = values / units
    windows = [scaled[max(0, frame - AROUND) : frame + AROUND + 1] for frame in range(len(scaled))]
    stir = np.array([np.linalg.norm(window - window.mean(axis=0), axis=1).mean() for window in windows])
    good = good & (stir < np.percentile(stir[good], 70))
    start = int(np.argmin(np.linalg.norm(scaled - scaled[good].mean(axis=0), axis=1) + 1e9 * ~good))
    found = [start]
    while len(found) < count:
        nearest = np.min([np.linalg.norm(scaled - scaled[one], axis=1) for one in found], axis=0)
        apart = np.min([np.abs(np.arange(len(scaled)) - one) for one in found], axis=0) > 3 * AROUND
        found.append(int(np.argmax(np.where(good & apart, nearest, -1))))
    return found


def main() -> None:
    features, values, present = poses()
    units = np.array([feature.unit for feature in features])
    good = present.all(axis=1)
    good[:20] = good[-AROUND:] = False
    model = StyleGAN2(StyleGAN2.Settings(), files.bundled("models") / "skies.safetensors")
    shutil.rmtree(FOLDER, ignore_errors=True)
    named = [replace(feature, name=f"body.{feature.name}") for feature in features]
    write_settings(FOLDER, MappingSettings(features=[feature.name for feature in named], outputs="anchors"))
    with Examples.open(FOLDER / FILE, named) as examples:
        for frame, (name, seed) in zip(different(values, units, good, len(SEEDS)), SEEDS.items(), strict=True):
            look = examples.add_look(TaughtLook(name, seed=seed, psi=0.9, model=model.info.sha256))
            examples.add(examples.begin_round(look), values[frame - AROUND : frame + AROUND + 1])
            print(f"{name}: frame {frame}")


if __name__ == "__main__":
    main()
