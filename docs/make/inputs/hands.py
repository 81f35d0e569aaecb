"""The picture of docs/inputs/hands.md: the real input on real footage, and what it told. Also says how long it took.

.venv/bin/python -m docs.make.inputs.hands
"""

import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan.frame import Frame
from livegan.inputs.base import Input, InputSettings
from livegan.inputs.hands import Hands
from livegan.senses.hand import CONNECTIONS, FINGERS
from tests.films import Pictures, film

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs/pictures"
DARK, LINE, SOFT, INK = (18, 20, 24), (58, 62, 70), (150, 156, 166), (236, 238, 242)
COLOURS = {"left": (96, 200, 255), "right": (255, 176, 64)}
SHOWN = {
    "size": (0, 0.5),
    "pinch": (0, 1.5),
    "openness": (0, 1),
    "spread": (-0.5, 1),
    "roll": (-np.pi, np.pi),
    "facing": (-1, 1),
    **{f"{finger}_curl": (0, 1) for finger in FINGERS},
}
Told = dict[str, float]
Colour = tuple[int, int, int]


def told(one: Input, settings: InputSettings, pictures: list[np.ndarray]) -> list[Told]:
    """What an input says about pictures, by name; prints how long each took, and of how much of the processor."""
    one.open(settings, Pictures(pictures))
    names = [feature.name for feature in one.features(settings)]
    frames: list[Frame] = []
    took, worked = [], []
    for _ in pictures:
        clock, work = time.perf_counter(), time.process_time()
        frames.append(one.read(1.0))
        took.append(1e3 * (time.perf_counter() - clock))
        worked.append(1e3 * (time.process_time() - work))
    one.close()
    here = np.mean([frame.present for frame in frames], axis=0).round(3).tolist()
    print(f"{settings.kind}: {np.median(took):.1f} ms a picture, {np.median(worked):.1f} ms of work, present {here}")
    return [dict(zip(names, frame.data.tolist(), strict=True)) for frame in frames]


def overlaid(
    picture: np.ndarray, lines: list[tuple[np.ndarray, tuple[int, int, int]]], dots: bool = True
) -> Image.Image:
    """The picture with thin lines, each [N, 2] in 0..1 of it."""
    high, wide = picture.shape[:2]
    large = cv2.resize(picture, (2 * wide, 2 * high), interpolation=cv2.INTER_CUBIC)
    image = Image.fromarray((0.8 * large).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for points, colour in lines:
        places = [tuple(point) for point in points * (2 * wide, 2 * high)]
        draw.line(places, colour, 3)
        for x, y in places:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), INK)
    return image.resize((wide, high), Image.Resampling.LANCZOS)


def bars(values: Told, shown: dict[str, tuple[float, float]], colour: Colour, size: tuple[int, int]) -> Image.Image:
    """Named numbers as bars from their zero."""
    image = Image.new("RGB", size, DARK)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    step, left, right = (size[1] - 12) / len(shown), 106, size[0] - 56
    for row, (name, (low, high)) in enumerate(shown.items()):
        y = 6 + step * (row + 0.5)
        zero, end = (left + (right - left) * np.clip((v - low) / (high - low), 0, 1) for v in (0.0, values[name]))
        draw.text((left - 10, y), name.replace("_", " "), SOFT, font, "rm")
        draw.rectangle((left, y - 1, right, y + 1), LINE)
        draw.rectangle((min(zero, end), y - 5, max(zero, end) + 1, y + 5), colour)
        draw.line((zero, y - 8, zero, y + 8), SOFT)
        draw.text((size[0] - 8, y), f"{values[name]:.2f}", INK, font, "rm")
    return image


def _hand(values: Told, side: str) -> list[tuple[np.ndarray, Colour]]:
    ends = [[(values[f"raw.{side}.{p}.x"], values[f"raw.{side}.{p}.y"]) for p in line] for line in CONNECTIONS]
    return [(np.array(line), COLOURS[side]) for line in ends]


def _of(values: Told, side: str) -> Told:
    return {name: values[f"{side}.{name}"] for name in SHOWN}


def main() -> None:
    clip = film(ROOT / "tests/media/hand.mp4", 1)
    settings = Hands.Settings(kind="hands", source="camera:0", mirrored=False)
    alone = told(Hands(), settings, clip)
    pairs = [np.concatenate([picture[:, ::-1], picture], axis=1) for picture in clip]
    both = told(Hands(), settings, pairs)
    sheet = Image.new("RGB", (1440, 720), DARK)
    for place, n in enumerate((8, 56)):
        sheet.paste(overlaid(clip[n], _hand(alone[n], "right")), (720 * place, 0))
        sheet.paste(bars(_of(alone[n], "right"), SHOWN, COLOURS["right"], (240, 360)), (720 * place + 480, 0))
    n = 100
    sheet.paste(bars(_of(both[n], "left"), SHOWN, COLOURS["left"], (240, 360)), (0, 360))
    sheet.paste(overlaid(pairs[n], _hand(both[n], "left") + _hand(both[n], "right")), (240, 360))
    sheet.paste(bars(_of(both[n], "right"), SHOWN, COLOURS["right"], (240, 360)), (1200, 360))
    sheet.save(PICTURES / "input-hands.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
