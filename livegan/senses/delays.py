"""What was measured once of this machine's cameras: how long a picture is on its way to us, kept for all patches.

One small JSON file of the person's own. A file that is damaged counts as empty; it must never keep a camera shut.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from livegan.files import write_atomic

_LONGEST = 2.0


@dataclass(frozen=True)
class Delay:
    """Of one camera at one size of picture (its longest side, pixels), in seconds.

    spread: between the quarter of the measurements that is shortest and the quarter that is longest; 0 by hand.
    """

    camera: str
    size: int
    delay: float
    spread: float = 0.0


def place(surroundings: Mapping[str, str] = os.environ) -> Path:
    """The file; it need not be there."""
    usual = surroundings.get("APPDATA", "") if sys.platform == "win32" else surroundings.get("XDG_CONFIG_HOME", "")
    return (Path(usual) if usual else Path.home() / ".config") / "livegan" / "cameras.json"


def known(camera: str, size: int, path: Path | None = None) -> float:
    """Seconds of this camera's delay; 0 when it was not measured at this size."""
    return next((one.delay for one in _read(path or place()) if (one.camera, one.size) == (camera, size)), 0.0)


def keep(one: Delay, path: Path | None = None) -> Path:
    """Keep a delay in place of an older one of the same camera and size; returns the file. Raises Failure."""
    path = path or place()
    others = [other for other in _read(path) if (other.camera, other.size) != (one.camera, one.size)]
    write_atomic(path, json.dumps([asdict(each) for each in [*others, one]], indent=1).encode())
    return path


def _read(path: Path) -> list[Delay]:
    try:
        found = [Delay(**one) for one in json.loads(path.read_text("utf-8"))]
        return [one for one in found if 0 <= one.delay <= _LONGEST]
    except (OSError, ValueError, TypeError, RecursionError):
        return []
