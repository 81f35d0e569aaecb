"""The holistic input's picture: body and hands of the dancer, body and face of an astronaut, each from one graph.

.venv/bin/python docs/make/inputs/holistic.py
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan import files
from livegan.frame import Frame, groups
from livegan.inputs.camera import Camera
from livegan.inputs.holistic import Holistic
from livegan.senses import body, hand

ROOT = Path(__file__).parents[3]
OUT = ROOT / "docs/pictures/input-holistic.webp"
DANCER = files.bundled("media") / "dancer.mp4"
STILL = ROOT / "tests/media/astronaut.jpg"
SIDE = 520
COLOURS = {"body": (235, 240, 245), "left": (255, 190, 90), "right": (120, 235, 255)}
FONT = ImageFont.load_default(15)
SETTINGS = Holistic.Settings(kind="holistic", source=f"clip:{DANCER}")
FEATURES = Holistic.features(SETTINGS)
TOLD = {"left": ("openness", "pinch"), "right": ("openness", "pinch"), "face": ("smile", "turn", "tilt", "mouth_open")}


class Leaping:
    """A clock on which every wait is over at once, so that no frame of the clip is missed."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep_until(self, moment: float) -> None:
        self.time = max(self.time, moment)


class Pictures:
    """Pictures for the detector, thirty a second."""

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._pictures, self._count = pictures, 0

    def newer(self, count: int, timeout: float) -> Frame:
        self._count += 1
        return Frame(self._pictures[self._count - 1], self._count / 30, np.empty(0, bool), self._count)


def found(pictures: list[np.ndarray]) -> list[Frame]:
    """What the input says of each picture."""
    one = Holistic()
    one.open(SETTINGS, Pictures(pictures))
    frames = [one.read(1.0) for _ in pictures]
    one.close()
    return frames


def clip() -> list[np.ndarray]:
    """The whole dance."""
    camera = Camera(Leaping())
    camera.open(Camera.Settings(kind="camera", source=f"clip:{DANCER}", loop=False))
    pictures = []
    while frame := camera.read(10.0):
        pictures.append(frame.data)
    return pictures


def drawn(picture: np.ndarray, frame: Frame, left: float, top: float, side: float) -> Image.Image:
    """A square of the footage (in 0..1 of its height) with what was found in it, and some of its numbers."""
    height, width = picture.shape[:2]
    corner = np.array([left, top]) * height
    image = Image.fromarray(picture // 2 + 10)
    image = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS, (*corner, *(corner + side * height)))
    at = dict(zip((feature.name for feature in FEATURES), frame.data.tolist(), strict=True))
    here = dict(zip(groups(FEATURES), frame.present.tolist(), strict=True))
    pen = ImageDraw.Draw(image)

    def place(name: str) -> tuple[float, float]:
        point = np.array([at[f"{name}.x"] * width, at[f"{name}.y"] * height])
        return tuple((point - corner) * SIDE / (side * height))

    figures = {"body": ("body.raw.", body.CONNECTIONS, here["raw"])}
    figures |= {side: (f"hands.raw.{side}.", hand.CONNECTIONS, here[side]) for side in hand.SIDES}
    for part, (prefix, lines, seen) in figures.items():
        for a, b in lines if seen else ():
            pen.line([place(prefix + a), place(prefix + b)], COLOURS[part], 2 if part == "body" else 1)
    numbers = {part: [f"{name} {at[f'{part}.{name}']:.2f}" for name in names] for part, names in told(here)}
    rows = ["  ".join((part, *each)) for part, each in numbers.items()]
    pen.rectangle([0, SIDE - 16 - 20 * len(rows), SIDE, SIDE], (16, 18, 22))
    for n, row in enumerate(rows):
        pen.text((10, SIDE - 8 - 20 * (len(rows) - n)), row, COLOURS.get(row.split()[0], "white"), FONT)
    return image


def told(here: dict[str, bool]) -> list[tuple[str, tuple[str, ...]]]:
    """The parts that are there, and what is written of each."""
    return [(part, names) for part, names in TOLD.items() if here[part]]


def main() -> None:
    pictures, still = clip(), np.asarray(Image.open(STILL).convert("RGB"))
    frames, faces = found(pictures), found([still] * 12)
    places = {feature.name: n for n, feature in enumerate(FEATURES)}
    hands = [groups(FEATURES).index(side) for side in ("left", "right")]
    both = [n for n, frame in enumerate(frames) if frame.present[hands].all()]
    wrists = [places["body.raw.left_wrist.x"], places["body.raw.right_wrist.x"]]
    reach = {n: np.ptp(frames[n].data[wrists]) for n in both}
    moments = sorted((min(both, key=reach.get), max(both, key=reach.get)))
    columns = [drawn(pictures[n], frames[n], 0.09, 0.17, 0.67) for n in moments]
    columns.append(drawn(still, faces[-1], 0.0, 0.0, 1.0))
    Image.fromarray(np.hstack(columns)).save(OUT, quality=82, method=6)


if __name__ == "__main__":
    main()
