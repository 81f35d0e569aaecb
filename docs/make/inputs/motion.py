"""The picture of docs/inputs/motion.md: the real input on real footage, and what it told. Also says how long it took.

.venv/bin/python -m docs.make.inputs.motion
"""

import colorsys

import cv2
import numpy as np
from PIL import Image, ImageDraw

from docs.make.inputs.hands import DARK, PICTURES, ROOT, Told, bars, told
from livegan.inputs.motion import Motion
from tests.films import film

SIZE, GRID, ORANGE = (480, 360), (16, 12), (255, 176, 64)
SHOWN = {"amount": (0.0, 0.25), "x": (-0.1, 0.1), "y": (-0.1, 0.1), "expansion": (-0.5, 0.5), "turning": (-0.5, 0.5)}
SECONDS = 0.12
"""How far the arrows go ahead of what they show."""


def framed(picture: np.ndarray, left: float, top: float, height: float) -> np.ndarray:
    """The part of a picture that begins there and is so high, in 0..1 of its size, four by three."""
    high, wide = picture.shape[:2]
    y, x, rows = round(top * high), round(left * wide), round(height * high)
    return cv2.resize(picture[y : y + rows, x : x + rows * 4 // 3], SIZE, interpolation=cv2.INTER_AREA)


def nearing(picture: np.ndarray, steps: int) -> list[np.ndarray]:
    """A camera that goes towards a scene: 1.5 % a picture."""
    middle = SIZE[0] / 2, SIZE[1] / 2
    turns = [cv2.getRotationMatrix2D(middle, 0.3 * n, 1.015**n) for n in range(steps)]
    return [cv2.warpAffine(picture, turn, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT) for turn in turns]


def arrows(picture: np.ndarray, values: Told) -> Image.Image:
    """The picture with an arrow in each cell that moves, its hue the way."""
    image = Image.fromarray((0.65 * cv2.resize(picture, (2 * SIZE[0], 2 * SIZE[1]))).astype(np.uint8))
    draw, cell = ImageDraw.Draw(image), np.array(image.size) / GRID
    for column, row in np.ndindex(*GRID):
        amount, x, y = (values[f"cell.{column}.{row}.{part}"] for part in ("amount", "x", "y"))
        if amount < 0.02:
            continue
        start = (np.array((column, row)) + 0.5) * cell
        end = start + SECONDS * image.height * np.array((x, -y))
        hue = colorsys.hsv_to_rgb(np.arctan2(y, x) / (2 * np.pi) % 1, 0.65, 1.0)
        arrow(draw, start, end, tuple(round(255 * part) for part in hue))
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def arrow(draw: ImageDraw.ImageDraw, start: np.ndarray, end: np.ndarray, colour: tuple[int, ...]) -> None:
    """A thin arrow with a small head."""
    way = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
    side = np.array((-way[1], way[0]))
    draw.line((*start, *end), colour, 4)
    draw.polygon([tuple(end + 10 * way), tuple(end + 6 * side), tuple(end - 6 * side)], colour)


def main() -> None:
    dancer = [framed(one, 0.0, 0.1, 0.62) for one in film(ROOT / "livegan/media/dancer.mp4", 1)]
    park = [framed(one, 0.1, 0.0, 1.0) for one in film(ROOT / "tests/media/park.mp4", 1)]
    settings = Motion.Settings(kind="motion", source="camera:0", grid=GRID, directions=True)
    sheet = Image.new("RGB", (3 * SIZE[0], SIZE[1] + 150), DARK)
    for place, (pictures, n) in enumerate(((dancer, 28), (park, 150), (nearing(park[0], 12), 8))):
        values = told(Motion(), settings, pictures)
        sheet.paste(arrows(pictures[n], values[n]), (place * SIZE[0], 0))
        plain = {name: round(value, 2) + 0.0 for name, value in values[n].items()}  # no minus before a zero
        sheet.paste(bars(plain, SHOWN, ORANGE, (SIZE[0], 150)), (place * SIZE[0], SIZE[1]))
    sheet.save(PICTURES / "input-motion.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
