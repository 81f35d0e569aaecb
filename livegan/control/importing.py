"""The command `livegan import-model`: a stranger's checkpoint becomes a model file, and nothing of it is run."""

from collections.abc import Callable
from pathlib import Path

from livegan.importers.convert import convert

Say = Callable[[str], None]
_KINDS = {"stylegan2": "StyleGAN2", "stylegan3": "StyleGAN3"}


def import_model(src: Path, dst: Path, say: Say) -> None:
    """Import `src` as the model file `dst` and tell what it is. Raises BadRequest or Failure in one sentence."""
    found = convert(src, dst)
    classes = f", {found.classes} classes" if found.classes else ""
    height, width = found.size
    say(
        f"{src.name} is a {_KINDS[found.architecture]} of {width} x {height} pixels, {found.channels} channels"
        f"{classes}, {found.parameters / 1e6:.1f} million numbers; it is in {dst} now."
    )
    for note in found.notes:
        say(note)
