"""The picture of docs/inputs/derived.md: the bundled dancer, and what a few formulas make of her.

.venv/bin/python -m docs.make.inputs.derived
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livegan import files, patch
from livegan.inputs.pose import Pose
from tests.films import film, watched

PICTURE = Path(__file__).parents[2] / "pictures" / "input-derived.png"
FORMULAS = {
    "reach": "distance(left_wrist, right_wrist)",
    "quick": "smooth(higher(abs(speed(right_wrist.x)), abs(speed(right_wrist.y))), 100 ms)",
    "up": "above(right_wrist.y, 0.4, 0.1)",
    "hit": "rises(quick, 4)",
    "glow": "fade(hit, 500 ms)",
}
WATCHED = ("left_wrist", "right_wrist")
MOMENTS = (22, 55, 88, 152)
FRAMES = 190
LINE, DIM, SHEET, GLOW = (255, 196, 84), (120, 126, 138), (17, 18, 22), (110, 190, 255)
WIDTH, FACE, LANE, EDGE, NAMES = 1200, 336, 62, 14, 96


def told() -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    """The pictures of the clip, all features for each [N, F], and their names."""
    clip = files.bundled("media") / "dancer.mp4"
    table = {"source": f"clip:{clip}", "derived": FORMULAS}
    settings = patch.part("inputs", "pose", table, "picture").settings
    pictures, derived = film(clip, 1)[:FRAMES], Pose.derived(settings)
    rows = np.array([derived.step(frame).data for frame in watched(Pose(), settings, pictures)])
    return pictures, rows, [feature.name for feature in derived.features]


def moment(picture: np.ndarray, row: np.ndarray, names: list[str]) -> Image.Image:
    """A picture with the line that `reach` measures."""
    found = Image.fromarray(picture).point(lambda value: value * 0.75)
    found = found.resize((FACE * found.width // found.height, FACE), Image.Resampling.LANCZOS)
    at = [(found.width * row[names.index(f"raw.{n}.x")], FACE * row[names.index(f"raw.{n}.y")]) for n in WATCHED]
    pen = ImageDraw.Draw(found)
    pen.line(at, LINE, 2)
    for (x, y), colour in zip(at, (LINE, GLOW if row[names.index("up")] else LINE), strict=True):
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), SHEET, colour, 2)
    told = f"reach {row[names.index('reach')]:.2f}   up {row[names.index('up')]:.0f}"
    pen.text((10, FACE - 28), told, "white", ImageFont.load_default(16))
    return found


def lane(pen: ImageDraw.ImageDraw, top: int, name: str, values: np.ndarray) -> None:
    """One feature over time, as a line; events as strokes."""
    high = max(float(values.max()), 1e-6)
    xs = NAMES + (WIDTH - NAMES - 80) * np.arange(len(values)) / (len(values) - 1)
    ys = top + LANE - 10 - (LANE - 18) * np.clip(values, 0, None) / high
    pen.line((NAMES, top + LANE - 10, xs[-1], top + LANE - 10), (44, 46, 54))
    pen.text((EDGE, top + LANE / 2 - 4), name, "white", ImageFont.load_default(16))
    pen.text((xs[-1] + 8, top + 2), f"{high:.3g}", DIM, ImageFont.load_default(14))
    if name == "hit":
        for x in xs[values > 0]:
            pen.line((x, top + 8, x, top + LANE - 10), GLOW, 2)
        return
    colour = GLOW if name in ("up", "glow") else LINE
    steps = [(x, y) for a, b, x in zip(ys, ys[1:], xs[1:], strict=False) for y in (a, b)] if name == "up" else None
    pen.line(steps or [*zip(xs, ys, strict=True)], colour, 2, joint="curve")


def main() -> None:
    pictures, rows, names = told()
    faces = [moment(pictures[n], rows[n], names) for n in MOMENTS]
    gap = (WIDTH - 2 * EDGE - sum(face.width for face in faces)) // (len(faces) - 1)
    sheet = Image.new("RGB", (WIDTH, FACE + 2 * EDGE + LANE * len(FORMULAS) + EDGE), SHEET)
    pen = ImageDraw.Draw(sheet)
    for place, (face, n) in enumerate(zip(faces, MOMENTS, strict=True)):
        left = EDGE + place * (face.width + gap)
        sheet.paste(face, (left, EDGE))
        x = NAMES + (WIDTH - NAMES - 80) * n / (FRAMES - 1)
        pen.line((left + face.width / 2, EDGE + FACE, x, FACE + 2 * EDGE + 8), DIM)
        pen.line((x, FACE + 2 * EDGE + 8, x, sheet.height - EDGE), (60, 64, 74))
    for place, name in enumerate(FORMULAS):
        lane(pen, FACE + 2 * EDGE + 8 + place * LANE, name, rows[:, names.index(name)])
    PICTURE.parent.mkdir(exist_ok=True)
    sheet.quantize(128).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
