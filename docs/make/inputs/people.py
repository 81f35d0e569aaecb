"""The picture and the numbers of docs/inputs/people.md: the real input on real footage and on performers who cross.

.venv/bin/python -m docs.make.inputs.people
"""

import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan.frame import Frame, groups
from livegan.inputs.people import People
from livegan.senses.body import CONNECTIONS
from tests.crossing import SIDES, crossing
from tests.films import Pictures, film

ROOT = Path(__file__).parents[3]
DARK, LINE, SOFT, INK = (18, 20, 24), (58, 62, 70), (150, 156, 166), (236, 238, 242)
COLOURS = {"1": (96, 200, 255), "2": (255, 176, 64)}
SETTINGS = People.Settings(kind="people", source="camera:0")
NAMES = [feature.name for feature in People.features(SETTINGS)]
GROUPS = groups(People.features(SETTINGS))
WIDE, HIGH = 480, 270
FRESH = [(180, 50, 1.0), (220, 130, 0.9), (260, 10, 1.0), (140, 170, 0.85), (300, 65, 1.0), (200, 75, 0.95)]
Told = tuple[dict[str, float], dict[str, bool]]


def told(pictures: list[np.ndarray], what: str) -> list[Told]:
    """Values and presence by name; prints how many were found, and what it cost by how many there were."""
    one = People()
    one.open(SETTINGS, Pictures(pictures))
    frames: list[Frame] = []
    took, worked = [], []
    for _ in pictures:
        clock, work = time.perf_counter(), time.process_time()
        frames.append(one.read(1.0))
        took.append(1e3 * (time.perf_counter() - clock))
        worked.append(1e3 * (time.process_time() - work))
    one.close()
    found = [
        (dict(zip(NAMES, frame.data.tolist(), strict=True)), dict(zip(GROUPS, frame.present.tolist(), strict=True)))
        for frame in frames
    ]
    here = np.array([present["1"] + present["2"] for _, present in found])
    for count in range(3):
        if (at := here == count).any():
            cost = f"{np.median(np.array(took)[at]):.1f} ms, {np.median(np.array(worked)[at]):.1f} ms of work"
            print(f"{what}: {count} found in {at.sum()} of {len(here)} pictures, {cost}")
    return found


def kept(found: list[Told], truth: np.ndarray) -> float:
    """The share of pictures in which no slot is nearer to the other performer than to its own."""
    own, wrong = {}, 0
    for (values, present), places in zip(found, truth, strict=True):
        swapped = False
        for slot in filter(present.get, "12"):
            middles = [[(values[f"{slot}.raw.left_{p}.{a}"] + values[f"{slot}.raw.right_{p}.{a}"]) / 2 for a in "xy"]
                       for p in SIDES]  # fmt: skip
            nearer = int(np.linalg.norm((places - middles) * (16 / 9, 1), axis=-1).mean(axis=-1).argmin())
            swapped |= own.setdefault(slot, nearer) != nearer
        wrong += swapped
    return 1 - wrong / len(found)


def overlaid(picture: np.ndarray, values: dict[str, float], present: dict[str, bool], label: str) -> Image.Image:
    """A picture with the skeletons of who is there, in their slots' colours."""
    large = cv2.resize(picture, (2 * WIDE, 2 * HIGH), interpolation=cv2.INTER_AREA)
    image = Image.fromarray((0.75 * large).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for slot, colour in COLOURS.items():
        if not present[slot]:
            continue
        for line in CONNECTIONS:
            ends = [(2 * WIDE * values[f"{slot}.raw.{p}.x"], 2 * HIGH * values[f"{slot}.raw.{p}.y"]) for p in line]
            draw.line(ends, colour, 4)
        x, y = 2 * WIDE * values[f"{slot}.raw.nose.x"], max(2 * HIGH * values[f"{slot}.raw.nose.y"], 90)
        draw.text((x, y - 40), slot, colour, ImageFont.load_default(44), "ms", stroke_width=3, stroke_fill=DARK)
    draw.text((20, 2 * HIGH - 16), label, INK, ImageFont.load_default(30), "ls", stroke_width=3, stroke_fill=DARK)
    return image.resize((WIDE, HIGH), Image.Resampling.LANCZOS)


def places(found: list[Told], size: tuple[int, int], marks: tuple[int, ...]) -> Image.Image:
    """Where each slot's person is from left to right, over time; a gap where nobody is seen."""
    image = Image.new("RGB", (2 * size[0], 2 * size[1]), DARK)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(28)
    left, right, top, bottom = 190, 2 * size[0] - 30, 24, 2 * size[1] - 56
    across = np.linspace(left, right, len(found))
    for n in marks:
        draw.line((across[n], top, across[n], bottom), SOFT, 2)
        draw.text((across[n], bottom + 10), f"{n / 30:.1f} s", SOFT, font, "ma")
    for row, text in ((top, "left"), (bottom, "right")):
        draw.line((left, row, right, row), LINE, 2)
        draw.text((left - 16, row), text, SOFT, font, "rm")
    draw.text((left - 16, (top + bottom) / 2), "1.x, 2.x", INK, font, "rm")
    for slot, colour in COLOURS.items():
        for n in range(1, len(found)):
            if found[n][1][slot] and found[n - 1][1][slot]:
                ends = [(across[k], top + (bottom - top) * found[k][0][f"{slot}.x"]) for k in (n - 1, n)]
                draw.line(ends, colour, 6)
    return image.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    for count, lag, far in FRESH:
        pictures, truth = crossing(count, lag=lag, far=far)
        share = kept(told(pictures, f"crossing {count}, {lag}, {far}"), truth)
        print(f"   nobody swapped in {share:.1%} of the pictures")
    pictures, _ = crossing(180, lag=50)
    park = film(ROOT / "tests/media/park.mp4", 1)
    sheet = Image.new("RGB", (3 * WIDE, 2 * HIGH + 2 * 150), DARK)
    for row, (clip, marks) in enumerate(((pictures, (20, 45, 75)), (park, (66, 112, 160)))):
        found, top = told(clip, ("crossing", "park")[row]), row * (HIGH + 150)
        for place, n in enumerate(marks):
            sheet.paste(overlaid(clip[n], *found[n], f"{n / 30:.1f} s"), (place * WIDE, top))
        sheet.paste(places(found, (3 * WIDE, 150), marks), (0, top + HIGH))
    sheet.save(ROOT / "docs/pictures/input-people.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
