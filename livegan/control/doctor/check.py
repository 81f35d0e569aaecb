"""What a check tells, what it may know of the machine, and the lines that install what is missing.

A check reads: it changes nothing, starts no device, and knows no other check.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "warn", "missing", "skip"]


@dataclass(frozen=True)
class Check:
    """What was found of one thing, in a sentence.

    state: "ok", "warn" (a show plays, but not as well), "missing" (it cannot play without) or "skip" (not there, not
    asked for, or not to be known here). mend: what to type or do, or "".
    """

    name: str
    state: State
    found: str
    mend: str = ""


@dataclass(frozen=True)
class Machine:
    """Where a check looks.

    root: of the file system. system: as `sys.platform`. patch: the name of one whose needs are checked too. open:
    whether cameras may be opened.
    """

    root: Path = Path("/")
    system: str = sys.platform
    patch: str | None = None
    open: bool = False

    @property
    def linux(self) -> bool:
        """Whether there are /proc and /sys to read."""
        return self.system == "linux"

    def text(self, path: str) -> str:
        """What a small file below the root says; "" when it cannot be read."""
        try:
            return (self.root / path).read_text("utf-8", "replace").strip()
        except OSError:
            return ""

    def install(self, apt: str, brew: str, windows: str) -> str:
        """The line that installs a package here; windows: a whole sentence; brew: "" where a Mac brings it along."""
        if self.linux and (self.root / "etc/debian_version").exists():
            return f"sudo apt install {apt}"
        if self.linux:
            return f"install what Debian calls {apt}, with this system's own package tool"
        return (f"brew install {brew}" if brew else "update macOS") if self.system == "darwin" else windows


def pip(*words: str, does: str = "install") -> str:
    """A line that has this Python's pip install something, or do something else."""
    python = os.path.relpath(sys.executable)
    return " ".join([sys.executable if python.startswith("..") else python, "-m pip", does, *words])


def said(*words: str, seconds: float = 5.0) -> str:
    """What a program of this machine prints; "" when it is not there, fails, or takes longer."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=seconds, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
