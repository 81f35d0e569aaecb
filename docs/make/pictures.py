"""The README's pictures, all rendered by livegan itself.

.venv/bin/python docs/make/pictures.py
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan import files, patch
from livegan.clock import SystemClock
from livegan.control.control import Control
from livegan.frame import Frame
from livegan.generators.stylegan2 import StyleGAN2
from livegan.inputs.camera import Camera
from livegan.inputs.pose import Pose
from livegan.latent.look import Look, seeded_z
from livegan.latent.space import Anchors
from livegan.mapping.mapping import Mapping
from livegan.rehearsal.opening import rehearsing
from livegan.show.opening import opened
from livegan.show.operator import SIZE, Operator
from livegan.stage.offscreen import Offscreen

FOLDER = Path(__file__).parents[1] / "pictures"
HEIGHT = 320


class Leaping:
    """A clock on which every wait is over at once, so that no frame of the clip is missed."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep_until(self, moment: float) -> None:
        self._now = max(self._now, moment)


class Kept:
    """The clip's pictures, one after the other, which also stay to be shown beside what they play."""

    def __init__(self, camera: Camera) -> None:
        self._camera, self._count = camera, 0

    def newer(self, count: int, timeout: float) -> Frame | None:
        self._count += 1
        self.last = replace(self._camera.read(10.0), count=self._count)
        return self.last


def taught(generator: StyleGAN2, mapping: Mapping) -> np.ndarray:
    """w [K, num_ws, w_dim] of the taught looks, as this model draws them."""
    return np.concatenate([generator.w(seeded_z(look.seed, 512)[None]) for look in mapping.looks])


def looks(generator: StyleGAN2, mapping: Mapping) -> None:
    """A sheet of the taught looks with their names."""
    w = taught(generator, mapping)
    sheet = Image.new("RGB", (256 * len(w), 296), "white")
    for place, (look, one) in enumerate(zip(mapping.looks, w, strict=True)):
        sheet.paste(Image.fromarray(generator.start(Look(one, psi=look.psi)).pixels), (256 * place, 0))
        ImageDraw.Draw(sheet).text((256 * place + 8, 264), look.name, "black", ImageFont.load_default(22))
    sheet.save(FOLDER / "looks.png")


def dance(generators: Sequence[StyleGAN2], mapping: Mapping, name: str) -> None:
    """The dancer beside the pictures that the body plays, one for each model, one loop of the clip."""
    source = f"clip:{files.bundled('media') / 'dancer.mp4'}"
    camera, pose = Camera(clock=Leaping()), Pose()
    camera.open(patch.part("inputs", "camera", {"source": source}, "pictures").settings)
    settings = patch.part("inputs", "pose", {"source": source}, "pictures").settings
    clip = Kept(camera)
    pose.open(settings, clip)
    bound = mapping.bind([f"body.{feature.name}" for feature in Pose.features(settings)])
    psi = np.array([look.psi for look in mapping.looks], np.float32)
    spaces = [Anchors(taught(generator, mapping), psi) for generator in generators]
    frames = []
    for _ in range(200):
        outputs = bound(pose.read(10.0).data)
        person = Image.fromarray(clip.last.data)
        person = person.resize((HEIGHT * person.width // person.height, HEIGHT))
        whole = Image.new("RGB", (person.width + HEIGHT * len(generators), HEIGHT))
        whole.paste(person, (0, 0))
        for place, (generator, space) in enumerate(zip(generators, spaces, strict=True)):
            pixels = generator.start(space.look(outputs, Look(space.looks_w[0]))).pixels
            whole.paste(Image.fromarray(pixels).resize((HEIGHT, HEIGHT)), (person.width + HEIGHT * place, 0))
        frames.append(whole)
    rest = frames[2::2]
    frames[0].save(FOLDER / f"{name}.webp", save_all=True, append_images=rest, duration=67, loop=0, quality=55)


def operator() -> None:
    """The operator's view over a running show."""
    plan = patch.read(files.find("patches", "dancer.toml"))
    part = patch.part("stage", "offscreen", {"size": SIZE}, "pictures")
    stage = Offscreen()
    stage.open(part.settings)
    clock = SystemClock()
    with opened(plan, clock, stage) as one, rehearsing(one, clock) as rehearsal:
        control = Control(rehearsal, plan, lambda: None, [], clock, print)
        view = Operator(one.show, one.world.cameras, "dancer", one.notes, lambda: control.board, one.world.eyes)
        one.show.overlay, one.show.aside, one.show.observe = view.overlay, control.step, control.observe
        threading.Timer(25.0, view.toggle).start()
        end = time.monotonic() + 29.0
        one.show.run(lambda meters: time.monotonic() < end)
        Image.fromarray(stage.read()).save(FOLDER / "operator.png", optimize=True)
        view.close()
        control.close()
    stage.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    settings, models = StyleGAN2.Settings(threads=2), files.bundled("models")
    skies, emoji = (StyleGAN2(settings, models / f"{name}.safetensors") for name in ("skies", "emoji"))
    mapping = Mapping.load(files.find("mappings", "dance"))
    looks(skies, mapping)
    dance([skies], mapping, "dance")
    dance([skies, emoji], mapping, "worlds")
    operator()


if __name__ == "__main__":
    main()
