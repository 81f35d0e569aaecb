"""A body and sound at once: how many pictures a second two cores keep, with the bundled skies.

    .venv/bin/python -m tests.soak.together [--seconds 60]

The bundled dancer and the drums of the tests, offscreen at 30 pictures a second, both live and both played by mappings.
Prints a table, ends with status 1 when fewer than 25 different pictures a second were shown, or more than one in
fifty came late.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from livegan.show.opening import Opened
from livegan.show.report import Meters
from tests.shows import rewritten, show_of
from tests.soak import Row, status

SETTLING = 10.0
LEAST, FPS = 25.0, 30
DRUMS = Path(__file__).parents[1] / "media" / "drums.flac"
SOUND = f"""[input.sound]
kind = "audio"
source = "clip:{DRUMS}"

[mapping.loudness]
features = "sound.level"
outputs = ["psi"]

[input.body]"""
CHANGES = {'kind = "window"': 'kind = "offscreen"', "[input.body]": SOUND}


class Counted:
    """Counts from when everything has settled, for so many seconds."""

    def __init__(self, one: Opened, seconds: float) -> None:
        self._one, self._clock = one, one.show.clock
        self._begin, self.seconds = self._clock.now() + SETTLING, seconds
        self._before: tuple[int, int, int] | None = None

    def go_on(self, meters: Meters) -> bool:
        """Asked before each picture."""
        now = self._clock.now()
        if now >= self._begin and self._before is None:
            self._before = meters.frames, meters.distinct, meters.late
        return now < self._begin + self.seconds

    def rows(self) -> Iterator[Row]:
        """What was found."""
        meters = self._one.show.meters
        now = meters.frames, meters.distinct, meters.late
        frames, distinct, late = (after - before for after, before in zip(now, self._before, strict=True))
        yield "different pictures a second", f"{distinct / self.seconds:.1f}", distinct >= LEAST * self.seconds
        yield "late pictures", f"{late} of {frames}", late <= 0.02 * frames
        for feed in self._one.show.feeds:
            state = feed.state(self._clock).state
            yield f"{feed.name} at the end", state, state == "live"


def run(seconds: float) -> list[Row]:
    """Play."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as opened:
        one = opened.enter_context(show_of(rewritten("dancer", Path(folder), CHANGES), fps=FPS))
        counted = Counted(one, seconds)
        one.show.run(counted.go_on)
        return list(counted.rows())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    sys.exit(status(run(asked.parse_args().seconds)))


if __name__ == "__main__":
    main()
