"""The commands `livegan import-wekinator` and `livegan export-wekinator`: projects of Wekinator, in and out."""

from collections.abc import Callable
from pathlib import Path

from livegan import files
from livegan.errors import BadRequest
from livegan.mapping.wekinator.exported import export_project
from livegan.mapping.wekinator.imported import import_project

Say = Callable[[str], None]


def import_wekinator(project: Path, name: str, say: Say) -> None:
    """Make mappings/NAME of a project's folder and tell what is not as it was. Raises BadRequest or Failure."""
    if not name or Path(name).name != name or name.startswith(".") or not name.isprintable() or len(name) > 100:
        raise BadRequest(f'a mapping has a plain name such as "dance", found "{name}"')
    into = Path.cwd() / "mappings" / name
    notes = import_project(project, into)
    say(f"{project.resolve().name} is the mapping {name} now, in {into}.")
    for note in notes:
        say(f"- {note}")


def export_wekinator(name: str, out: Path, say: Say) -> None:
    """Write mappings/NAME as the project `out` and tell what Wekinator cannot do. Raises BadRequest or Failure."""
    notes = export_project(files.find("mappings", name), out)
    say(f"{name} is a Wekinator project now, in {out}.")
    for note in notes:
        say(f"- {note}")
