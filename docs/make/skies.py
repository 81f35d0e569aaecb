"""The contact sheet of docs/training.md: the first pictures of the painted set, as livegan dataset makes them.

.venv/bin/python -m docs.make.skies
"""

from pathlib import Path

from livegan.training.dataset import sheet
from livegan.training.skies.drawing import drawn
from livegan.training.skies.scene import scene

PICTURE = Path(__file__).parents[1] / "pictures/skies-set.webp"
COLUMNS, ROWS, SIDE = 8, 6, 160


def main() -> None:
    pictures = [drawn(scene(0, number), 256) for number in range(COLUMNS * ROWS)]
    sheet(pictures, COLUMNS, SIDE).save(PICTURE, quality=92, method=6)


if __name__ == "__main__":
    main()
