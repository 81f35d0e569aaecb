"""The picture of docs/inputs/marker.md: the real input on props drawn into real footage, and what it told of them.

.venv/bin/python -m docs.make.inputs.marker                       also says how long it took
.venv/bin/python -m docs.make.inputs.marker --tags                the page of tags, docs/pictures/tags.png
.venv/bin/python -m docs.make.inputs.marker --tags 0 7 --side 120 --to mine.pdf      of your own; side in millimetres
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from docs.make.inputs.hands import DARK, PICTURES, ROOT, Told, bars, overlaid, told
from docs.make.inputs.motion import SIZE, framed
from livegan.inputs.marker import Marker
from tests.films import film
from tests.props import Held, tag, through_a_lens, with_shape, with_tag

ORANGE, BLUE, PINK, GREEN = (255, 176, 64), (96, 200, 255), (230, 60, 190), (30, 200, 60)
TURNS, LEANS, HALF = (-np.pi, np.pi), (0.0, 1.0), (0.0, 0.5)
WELL_APART = 0, 1, 2, 4, 6, 7
"""Tags that look least like their own or each other's mirror images."""

DOTS, PAGE = 150, (210, 297)
"""Dots an inch and the page in millimetres (A4)."""


def outline(values: Told, prop: str) -> np.ndarray:
    """A tag's square, with a stroke from its middle to its upper side; [N, 2] in 0..1 of the picture."""
    x, y, size, angle = (values[f"{prop}.{part}"] for part in ("x", "y", "size", "angle"))
    c, s = size / 2 * np.cos(angle), size / 2 * np.sin(angle)
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (0, -1), (0, 0)]) @ np.array([(c, s), (-s, c)])
    return np.array((x, y)) + square * (SIZE[1] / SIZE[0], 1)


def stroke(values: Told, prop: str) -> np.ndarray:
    """A coloured prop's long axis, as long as the circle of its area is wide."""
    x, y, size, axis = (values[f"{prop}.{part}"] for part in ("x", "y", "size", "axis"))
    way = size / 2 * np.array((np.cos(axis / 2) * SIZE[1] / SIZE[0], np.sin(axis / 2)))
    return np.array((x, y)) + np.outer((-1, 0, 1), way)


def tagged(picture: np.ndarray, n: int) -> np.ndarray:
    """Two tags on their way through a scene."""
    one = with_tag(picture, tag(0), Held(0.22 + 0.002 * n, 0.62, 0.26, -0.4 + 0.02 * n, 0.5, 1.2))
    return through_a_lens(with_tag(one, tag(1), Held(0.72, 0.34, 0.13, 2.2)), n, 0.8, 4)


def coloured(picture: np.ndarray, n: int) -> np.ndarray:
    """A pink stick and a green ball on their way through a scene."""
    one = with_shape(picture, PINK, Held(0.28, 0.7, 0.16, -0.7 - 0.02 * n), 5)
    return through_a_lens(with_shape(one, GREEN, Held(0.66 + 0.003 * n, 0.3, 0.14)), n, 1.0, 5, 0.85)


def drawn(pictures: list[np.ndarray], settings: Marker.Settings, shown: dict[str, tuple[float, float]]) -> Image.Image:
    """The last picture with what was found on it, over its numbers."""
    values, sheet = told(Marker(), settings, pictures)[-1], Image.new("RGB", (SIZE[0], 660), DARK)
    lines = [(outline(values, f"tag.{n}"), colour) for n, colour in zip(settings.tags, (ORANGE, BLUE), strict=False)]
    lines += [(stroke(values, name), ORANGE if name == "stick" else BLUE) for name in settings.colours]
    sheet.paste(overlaid(pictures[-1], lines), (0, 0))
    sheet.paste(bars(values, shown, ORANGE, (SIZE[0], 300)), (0, 360))
    return sheet


def picture() -> None:
    park = [framed(one, 0.1, 0.0, 1.0) for one in film(ROOT / "tests/media/park.mp4", 1)[140:152]]
    dancer = [framed(one, 0.0, 0.1, 0.62) for one in film(ROOT / "livegan/media/dancer.mp4", 1)[28:40]]
    parts = {"x": LEANS, "y": LEANS, "size": HALF, "angle": TURNS, "tilt": LEANS}
    tags = {f"tag.{n}.{part}": reach for n in (0, 1) for part, reach in parts.items()}
    props = {f"{name}.{part}": parts[part] for name in ("stick", "ball") for part in ("x", "y", "size")}
    sheet = Image.new("RGB", (2 * SIZE[0], 660), DARK)
    for place, (pictures, asked, shown) in enumerate(
        (
            ([tagged(one, n) for n, one in enumerate(park)], {"tags": (0, 1)}, tags),
            (
                [coloured(one, n) for n, one in enumerate(dancer)],
                {"colours": {"stick": "pink", "ball": "#20c040"}},
                props | {"stick.axis": TURNS},
            ),
        )
    ):
        settings = Marker.Settings(kind="marker", source="camera:0", **asked)
        sheet.paste(drawn(pictures, settings, shown), (place * SIZE[0], 0))
    sheet.save(PICTURES / "input-marker.webp", quality=84, method=6)


def page(numbers: list[int], dictionary: str, side: float, to: Path) -> None:
    """Tags to print, as many as fit on pages of A4, each with its number; a tag needs the white around it."""
    pitch = side + max(12, side / 4)
    fit = [max(1, int((length - 2 * 12 + pitch - side) // pitch)) for length in PAGE]
    margins = [(length - (n - 1) * pitch - side) / 2 for n, length in zip(fit, PAGE, strict=True)]
    whole = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    dots, module = DOTS / 25.4, round(side * DOTS / 25.4 / (whole.markerSize + 2))
    font, pages = ImageFont.load_default(round(4 * dots)), []
    for place, number in enumerate(numbers):
        if place % np.prod(fit) == 0:
            pages.append(Image.new("L", tuple(round(length * dots) for length in PAGE), 255))
        row, column = divmod(place % np.prod(fit), fit[0])
        ink = cv2.aruco.generateImageMarker(whole, number, module * (whole.markerSize + 2))
        at = [round((margin + n * pitch) * dots) for margin, n in zip(margins, (column, row), strict=True)]
        pages[-1].paste(Image.fromarray(ink), tuple(at))
        words = f"{number}  {dictionary.removeprefix('DICT_')}  {side:g} mm"
        ImageDraw.Draw(pages[-1]).text((at[0], at[1] + len(ink) + 3 * dots), words, 90, font)
    first, *others = [one.convert("1", dither=Image.Dither.NONE) for one in pages]
    more = {"save_all": True, "append_images": others} if to.suffix == ".pdf" else {}
    first.save(to, dpi=(DOTS, DOTS), **more) if more else first.save(to, dpi=(DOTS, DOTS), optimize=True)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--tags", nargs="*", type=int)
    asked.add_argument("--dictionary", default="DICT_4X4_50")
    asked.add_argument("--side", type=float, default=75)
    asked.add_argument("--to", type=Path, default=PICTURES / "tags.png")
    given = asked.parse_args()
    if given.tags is None:
        picture()
    else:
        page(given.tags or list(WELL_APART), given.dictionary, given.side, given.to)


if __name__ == "__main__":
    main()
