"""Two performers who cross twice, in several compositions: in how many pictures each keeps her slot.

python -m tests.soak.crossing
"""

import sys

from tests.crossing import crossing
from tests.inputs.test_people import seen, swapped_in, there

COMPOSED = [
    {"count": 200, "lag": 37},
    {"count": 160, "lag": 90, "far": 0.85},
    {"count": 180, "lag": 60},
    {"count": 180, "lag": 20, "far": 0.9},
]
WANTED = 0.95


def main() -> None:
    kept = []
    for one in COMPOSED:
        pictures, truth = crossing(**one)
        frames = seen(pictures)
        kept.append(float((~swapped_in(frames, truth)).mean()))
        both = there(frames).all(axis=1).mean()
        sys.stdout.write(f"{one}: not swapped in {kept[-1]:.1%} of pictures, both seen in {both:.0%}\n")
    sys.exit(int(min(kept) < WANTED))


if __name__ == "__main__":
    main()
