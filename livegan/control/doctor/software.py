"""Python and the packages: whether they are there, and those that livegan was tried with.

Imports none of them: a package that does not start would take the check with it.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

from livegan.control.doctor.check import Check, Machine, pip

_CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
_OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
_OLDEST, _BEYOND = (3, 11), (3, 13)


def python(machine: Machine, version: tuple[int, ...] = sys.version_info[:3]) -> list[Check]:
    """The version of Python that runs."""
    told = "Python " + ".".join(map(str, version))
    if _OLDEST <= version[:2] < _BEYOND:
        return [Check("python", "ok", told)]
    mend = machine.install("python3.11 python3.11-venv", "python@3.12", "install Python 3.12 from python.org")
    return [Check("python", "missing", f"{told}; MediaPipe is built for 3.11 and 3.12 only", f"{mend}, then make play")]


def packages(machine: Machine, constraints: Path = _CONSTRAINTS) -> list[Check]:
    """Whether what livegan stands on is there, in the versions that it was tried with (`constraints`)."""
    needed, tried, there = _needed(), _tried(constraints), _there()
    gone = [name for name in needed if name not in there]
    other = {name: there[name] for name in needed if name in there and there[name] != tried.get(name, there[name])}
    twice = [name for name in _OPENCV if name in there]
    if gone:
        lines = pip(*(f'"{name}=={tried[name]}"' if name in tried else name for name in gone))
        return [Check("packages", "missing", f"not installed: {', '.join(gone)}", lines)]
    if twice:
        away = pip(*twice, "opencv-contrib-python", does="uninstall -y")
        found = f"{', '.join(twice)} and opencv-contrib-python, which alone is wanted, write over each other"
        return [Check("packages", "warn", found, f"{away} && {pip('-c constraints.txt opencv-contrib-python')}")]
    if other:
        found = ", ".join(f"{name} {version} (tried with {tried[name]})" for name, version in other.items())
        return [Check("packages", "warn", found, pip(*(f"{name}=={tried[name]}" for name in other)))]
    against = "in the versions that livegan is tried with" if tried else "there is no constraints.txt to compare with"
    return [Check("packages", "ok", f"all {len(needed)} are there; {against}")]


def _needed() -> list[str]:
    lines = [line for line in metadata.requires("livegan") or [] if "extra ==" not in line]
    return sorted(_plain(re.split(r"[<>=!~;\s\[]", line)[0]) for line in lines)


def _tried(path: Path) -> dict[str, str]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return {_plain(name): version.strip() for name, _, version in (line.partition("==") for line in lines) if version}


def _there() -> dict[str, str]:
    """Every package and its version, without the local label of builds such as +cpu."""
    found = ((one.metadata["Name"], one.version) for one in metadata.distributions())
    return {_plain(name): version.partition("+")[0] for name, version in found if name}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
