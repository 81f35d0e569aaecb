"""The faces among the emoji of the npm package @lobehub/fluent-emoji-3d, in a folder: what `emoji` was trained on.

npm pack @lobehub/fluent-emoji-3d@1.1.0 && tar xzf lobehub-fluent-emoji-3d-1.1.0.tgz
.venv/bin/python -m docs.make.emoji package/assets faces
"""

import shutil
import sys
from pathlib import Path

FACES = """
1f600-1f644 1f910-1f917 1f920-1f925 1f927-1f92f 1f970-1f976 1f978-1f97a 1f9d0 1fae0-1fae5 1fae8-1fae9 1f31a-1f31e
1f47d-1f47f 1f479-1f47b 1f416 1f42d-1f43c 1f981 1f98a 2639-263a 1f383
"""
"""Unicode's numbers, hexadecimal; first and last of each range."""


def main() -> None:
    assets, folder = map(Path, sys.argv[1:])
    folder.mkdir()
    for span in FACES.split():
        first, _, last = span.partition("-")
        for number in range(int(first, 16), int(last or first, 16) + 1):
            for found in (assets / f"{number:04x}.webp", assets / f"{number:04x}-fe0f.webp"):
                if found.exists():
                    shutil.copy(found, folder)


if __name__ == "__main__":
    main()
