"""The silhouette input's picture: what it finds of the dancer, and the same moments masked on a stage.

.venv/bin/python docs/make/inputs/silhouette.py
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan import files
from livegan.frame import Frame
from livegan.generators.stylegan2 import StyleGAN2
from livegan.inputs.camera import Camera
from livegan.inputs.silhouette import Silhouette
from livegan.latent.look import Look, seeded_z
from livegan.stage.base import Mask, Scene, StageSettings
from livegan.stage.offscreen import Offscreen

OUT = Path(__file__).parents[2] / "pictures/input-silhouette.webp"
DANCER = files.bundled("media") / "dancer.mp4"
MOMENTS = (60, 84, 108, 132)
SEEDS = (3, 21, 5, 14)
HEIGHT, LINE = 470, (120, 235, 255)
FONT = ImageFont.load_default(15)


class Leaping:
    """A clock on which every wait is over at once, so that no frame of the clip is missed."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep_until(self, moment: float) -> None:
        self.time = max(self.time, moment)


class Clip:
    """The clip's pictures for the detector; the last one stays to be drawn."""

    def __init__(self) -> None:
        self._camera, self._count = Camera(Leaping()), 0
        self._camera.open(Camera.Settings(kind="camera", source=f"clip:{DANCER}"))

    def newer(self, count: int, timeout: float) -> Frame:
        self.last, self._count = self._camera.read(10.0), self._count + 1
        return Frame(self.last.data, self.last.seen, self.last.present, self._count)


def drawn(picture: np.ndarray, told: dict[str, float]) -> Image.Image:
    """The footage with box, centre and direction."""
    image = Image.fromarray(picture // 2 + 12)
    image = image.resize((HEIGHT * image.width // image.height, HEIGHT), Image.Resampling.LANCZOS)
    pen, (width, height) = ImageDraw.Draw(image), image.size
    box = [told["left"] * width, told["top"] * height, told["right"] * width, told["bottom"] * height]
    pen.rectangle(box, outline=LINE)
    x, y = told["x"] * width, told["y"] * height
    reach = 0.3 * height * np.array([np.sin(told["lean"]), -np.cos(told["lean"])])
    pen.line([x - reach[0], y - reach[1], x + reach[0], y + reach[1]], fill=(255, 190, 90), width=2)
    pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=LINE)
    names = (("area", "width", "height"), ("lean", "stretch", "fill"))
    for row, line in enumerate(names):
        text = "   ".join(f"{name} {told[name]:.2f}" for name in line)
        pen.text((10, height - 46 + 20 * row), text, "white", FONT)
    return image


def over(picture: Image.Image, mask: np.ndarray) -> Image.Image:
    """The mask's outline as a thin line over the footage."""
    there = Image.fromarray(mask[..., 0]).resize(picture.size, Image.Resampling.BICUBIC)
    edge = np.abs(np.asarray(there).astype(int) - 128) < 60
    pixels = np.asarray(picture).copy()
    pixels[edge] = LINE
    return Image.fromarray(pixels)


def main() -> None:
    clip, one = Clip(), Silhouette()
    settings = Silhouette.Settings(kind="silhouette", source=f"clip:{DANCER}")
    names = [feature.name for feature in Silhouette.features(settings)]
    one.open(settings, clip)
    generator = StyleGAN2(StyleGAN2.Settings(threads=2), files.bundled("models") / "skies.safetensors")
    stage, columns = Offscreen(), []
    for n in range(MOMENTS[-1] + 1):
        frame = one.read(10.0)
        if n not in MOMENTS:
            continue
        found = over(drawn(clip.last.data, dict(zip(names, frame.data.tolist(), strict=True))), one.mask)
        if not columns:
            stage.open(StageSettings(kind="offscreen", size=found.size, fit="cover"))
        w = generator.w(seeded_z(SEEDS[len(columns)], 512)[None])[0]
        pixels = generator.start(Look(w, psi=0.8)).pixels
        stage.show(Scene(pixels, mask=Mask(one.mask)))
        columns.append(np.vstack([np.asarray(found), stage.read()]))
    one.close()
    stage.close()
    Image.fromarray(np.hstack(columns)).save(OUT, quality=80, method=6)


if __name__ == "__main__":
    main()
